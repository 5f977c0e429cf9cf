"""Documents, prepared once: parsed, measured, validated, and kept by their text."""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    parse,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from domain.api_clients.rules import DocumentFacts
from resolvers.outcome import OperationKind
from schema.cost import COST_MAX, Measure, measure
from schema.document_facts import facts_of
from schema.document_size import DOCUMENT_BYTES_MAX, TOKENS_MAX, TooComplex, check_size, fragments_of
from schema.errors import ERRORS_MAX
from schema.scopes import may_change_callers

RULES: Final = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)
SIZES_KEPT: Final = 32


class BadDocument(Exception):
    """The document or the choice of its operation is refused; ``code`` says on what ground.

    Attributes:
        operations: what stands in a document that doesn't validate.
    """

    def __init__(
        self,
        code: str,
        errors: list[GraphQLError],
        *,
        operations: Sequence[OperationDefinitionNode] = (),
    ) -> None:
        super().__init__(code)
        self.code = code
        self.errors = errors
        self.operations = operations


@dataclass(slots=True, kw_only=True)
class PreparedOperation:
    """One operation of a valid document, ready to run any number of times.

    Attributes:
        text: the document's.
        sha256: of the text, in hexadecimal.
        cost: what it costs at most, in points.
        plans: what is kept with it by whoever answers it: plans of the read engine most of all.
    """

    text: str
    sha256: str
    document: DocumentNode
    definition: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    kind: OperationKind
    measured: Measure
    schema: GraphQLSchema
    plans: dict[Any, Any] = field(default_factory=dict)
    _costs: dict[tuple[Any, ...], int] = field(default_factory=dict)
    _facts: DocumentFacts | None = None

    @property
    def name(self) -> str | None:
        """What the document calls it."""
        return self.definition.name.value if self.definition.name else None

    @property
    def may_change_callers(self) -> bool:
        """Whether it may change who callers are or what they may do."""
        return self.kind is OperationKind.MUTATION and any(
            may_change_callers(field) for field in self.measured.root_fields
        )

    @property
    def facts(self) -> DocumentFacts:
        """What is known of it before it runs; found out when somebody asks."""
        if self._facts is None:
            self._facts = facts_of(
                self.definition, document=self.document, measured=self.measured, schema=self.schema
            )
        return self._facts

    def cost(self, variables: Mapping[str, Any] | None) -> int:
        """Return what it costs with these variables; raises TooComplex when that is more than one may."""
        cost = self.measured.cost
        if self.measured.size_variables:
            cost = self._cost_of_sizes(variables or {})
        if cost > COST_MAX:
            raise TooComplex(f"it costs {cost:,} points, and one operation may cost {COST_MAX:,}")
        return cost

    def _cost_of_sizes(self, variables: Mapping[str, Any]) -> int:
        sizes = {name: _size(variables.get(name)) for name in self.measured.size_variables}
        key = tuple(sizes.values())
        if key not in self._costs:
            if len(self._costs) >= SIZES_KEPT:
                self._costs.clear()
            self._costs[key] = measure(
                self.definition, schema=self.schema, fragments=self.fragments, sizes=sizes
            ).cost
        return self._costs[key]


def _size(value: Any) -> int | None:
    """A list counts by its length."""
    if isinstance(value, list):
        return len(value)
    return value if isinstance(value, int) else None


@dataclass(slots=True, kw_only=True)
class PreparedDocument:
    """A valid document."""

    text: str
    operations: dict[str | None, PreparedOperation]

    def choose(self, name: str | None) -> PreparedOperation:
        """Return the named operation, or the only one; raises BadDocument."""
        if name is not None and name in self.operations:
            return self.operations[name]
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        reason = (
            f"the document has no operation {name[:80]!r}"
            if name is not None
            else "the document has several operations: say which by operationName"
            if self.operations
            else "the document has no operation"
        )
        raise BadDocument("OPERATION_RESOLUTION_FAILURE", [GraphQLError(reason)])


class Documents:
    """Prepares documents and keeps the ones used last, up to a number and a sum of their texts' bytes.

    Args:
        suggestions: whether errors may say what the caller might have meant.
    """

    def __init__(
        self, schema: GraphQLSchema, *, suggestions: bool, kept_max: int = 1_000, bytes_max: int = 4_000_000
    ) -> None:
        self._schema = schema
        self._suggestions = suggestions
        self._kept_max = kept_max
        self._bytes_max = bytes_max
        self._kept: OrderedDict[str, PreparedDocument] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, text: str) -> bool:
        return text in self._kept

    def prepare(self, text: str) -> PreparedDocument:
        """Return the prepared document; raises BadDocument."""
        kept = self._kept.get(text)
        if kept is not None:
            self._kept.move_to_end(text)
            return kept
        prepared = self._prepare(text)
        self._keep(prepared)
        return prepared

    def _prepare(self, text: str) -> PreparedDocument:
        try:
            document = self._parse(text)
            unused = check_size(document)
            operations = self._operations(text, document, unused)
        except TooComplex as reason:
            raise BadDocument("QUERY_TOO_COMPLEX", [GraphQLError(str(reason))]) from None
        except GraphQLError as error:
            raise BadDocument("GRAPHQL_VALIDATION_FAILED", [error]) from None
        errors = validate(
            self._schema, document, RULES, max_errors=ERRORS_MAX, hide_suggestions=not self._suggestions
        )
        if errors:
            definitions = [operation.definition for operation in operations.values()]
            raise BadDocument("GRAPHQL_VALIDATION_FAILED", errors[:ERRORS_MAX], operations=definitions)
        return PreparedDocument(text=text, operations=operations)

    def _parse(self, text: str) -> DocumentNode:
        if len(text) > DOCUMENT_BYTES_MAX or len(text.encode()) > DOCUMENT_BYTES_MAX:
            raise TooComplex(f"a document has at most {DOCUMENT_BYTES_MAX >> 10} KiB")
        try:
            return parse(text, max_tokens=TOKENS_MAX)
        except GraphQLSyntaxError as error:
            if "tokens. Parsing aborted" in error.message:
                raise TooComplex(f"a document has at most {TOKENS_MAX:,} tokens") from None
            raise BadDocument("GRAPHQL_PARSE_FAILED", [error]) from None

    def _operations(
        self, text: str, document: DocumentNode, unused: tuple[FragmentDefinitionNode, ...]
    ) -> dict[str | None, PreparedOperation]:
        fragments = fragments_of(document)
        for fragment in unused:
            measure(fragment, schema=self._schema, fragments=fragments)
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        return {
            definition.name.value if definition.name else None: PreparedOperation(
                text=text,
                sha256=sha256,
                document=document,
                definition=definition,
                fragments=fragments,
                kind=OperationKind(definition.operation.value),
                measured=measure(definition, schema=self._schema, fragments=fragments),
                schema=self._schema,
            )
            for definition in document.definitions
            if isinstance(definition, OperationDefinitionNode)
        }

    def _keep(self, prepared: PreparedDocument) -> None:
        self._kept[prepared.text] = prepared
        self._bytes += len(prepared.text)
        while len(self._kept) > self._kept_max or self._bytes > self._bytes_max:
            text, _ = self._kept.popitem(last=False)
            self._bytes -= len(text)
