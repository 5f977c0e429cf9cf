"""Answers a query by one planned statement, or declines, and then ordinary execution answers it.

Declining is always right: whatever can't be planned, and whatever goes wrong here, ends there, so that errors are the
specification's. ``Tally`` counts how often and why.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast
from uuid import UUID

import structlog
from asyncpg import PostgresError
from graphql import FieldNode, FragmentDefinitionNode, OperationDefinitionNode, OperationType
from graphql.execution.values import VariableValues

from domain.actor import require
from domain.errors import DomainError
from domain.workspaces.rules import Permission
from resolvers.reading import sql
from resolvers.reading.describe import EVERYTHING, Entity, Listing, Single
from resolvers.reading.finish import finish
from resolvers.reading.plan import (
    Below,
    Branches,
    ObjectPlan,
    PagePlan,
    Unplannable,
)
from resolvers.reading.planner import Planner, Selecting, Vocabulary
from resolvers.reading.statement import Bound, Root, statement_of, values_of

if TYPE_CHECKING:
    from resolvers.context import Context

log = structlog.get_logger(__name__)

STATEMENTS_MAX = 64
"""Statements one operation may keep: a filter with many forms has many; beyond, they are written anew."""


@dataclass(frozen=True, slots=True)
class RootReading:
    """What the schema says about a root field.

    Attributes:
        type_name: the type of the object or the connection that it shows.
        describe: a field node -> a function of variables and info that returns the description.
    """

    type_name: str
    permission: Permission
    describe: Callable[[FieldNode], Callable[[VariableValues, Any], Listing | Single | None]]


class RootVocabulary(Vocabulary, Protocol):
    """What the engine must know of the schema."""

    def root_of(self, field_name: str) -> RootReading | None:
        """Return how a field of Query is read; None when only its resolver knows."""

    def variables_of(
        self, operation: OperationDefinitionNode, variables: Mapping[str, Any] | None
    ) -> VariableValues | None:
        """Return the coerced variables; None when they are wrong."""


class Operation(Protocol):
    """A document that was validated, and the operation that was chosen in it."""

    definition: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    plans: dict[Any, Any]


@dataclass(slots=True)
class Tally:
    """How many operations were answered by a plan, and why the others weren't."""

    planned: int = 0
    declined: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a field's resolver gets as ``info``: enough for descriptions and completions."""

    context: "Context"
    variables: VariableValues


T = TypeVar("T")
_Planned = tuple[ObjectPlan | PagePlan, tuple[Branches, ...]]


@dataclass(slots=True)
class _RootPlan:
    """A root field of one operation: its plans, one for each entity that it was found to show."""

    key: str
    nodes: Sequence[FieldNode]
    reading: RootReading
    describe: Callable[[VariableValues, Any], Listing | Single | None]
    plans: dict[str, "_Planned | str"] = field(default_factory=dict)


@dataclass(slots=True)
class _Prepared:
    roots: list["_RootPlan | tuple[str, str]"]
    selecting: Selecting
    statements: dict[Any, str] = field(default_factory=dict)


class ReadEngine:
    """Reads for the whole process."""

    def __init__(self, vocabulary: RootVocabulary) -> None:
        self._vocabulary = vocabulary
        self.tally = Tally()

    async def answer(
        self, operation: Operation, variables: Mapping[str, Any] | None, context: "Context"
    ) -> bytes | None:
        """Return the operation's ``data`` as JSON, or None when ordinary execution must answer."""
        try:
            data = await self._answer(operation, variables, context)
        except Unplannable as reason:
            self._decline(str(reason), context)
            return None
        except (DomainError, PostgresError) as error:
            self._decline(type(error).__name__, context)
            return None
        except Exception as error:  # a fault of ours must not cost the caller the answer
            self._decline(type(error).__name__, context)
            log.warning("plan_failed", exc_info=True)
            return None
        if data is not None:
            self.tally.planned += 1
        return data

    async def read_object(
        self, operation: Operation, nodes: Sequence[FieldNode], single: Single, info: Reading
    ) -> bytes:
        """Return one object, selected by ``nodes`` of an operation that isn't a query; ``null`` when it is absent.

        Raises:
            Unplannable: something of it only ordinary execution can answer; ``can_read`` tells before.
        """
        prepared, root = self._object(operation, nodes, single.entity, info)
        bound = self._bound(prepared, root, single, info)
        statement = self._statement(prepared, [(root.key, bound)])
        values = values_of(info.context.reader.workspace_id, [bound])
        [answer] = await info.context.services.reads.fetchrow(statement, values)
        return await _finished(bound, answer, info)

    def can_read(
        self, operation: Operation, nodes: Sequence[FieldNode], entity: Entity, info: Reading
    ) -> bool:
        """Tell whether ``read_object`` can answer."""
        try:
            prepared, root = self._object(operation, nodes, entity, info)
            self._bound(prepared, root, Single(entity, NO_ID), info)
        except (Unplannable, DomainError) as reason:
            self.tally.declined[str(reason)] += 1
            return False
        return True

    def _object(
        self, operation: Operation, nodes: Sequence[FieldNode], entity: Entity, info: Reading
    ) -> tuple["_Prepared", "_RootPlan"]:
        """Return what is kept with the operation about an object of it."""
        key = (entity.prefix, *self._conditions(operation, info.variables))
        kept: tuple[_Prepared, _RootPlan] | None = operation.plans.get(key)
        if kept is None:
            selecting = Selecting(operation.fragments, info.variables.coerced, self._vocabulary)
            reading = RootReading(
                self._vocabulary.type_name_of(entity), Permission.READ, _described_elsewhere
            )
            root = _RootPlan("object", nodes, reading, _described_elsewhere(nodes[0]))
            kept = operation.plans[key] = _Prepared([], selecting), root
        return kept

    def _decline(self, reason: str, context: "Context") -> None:
        self.tally.declined[reason] += 1
        context.declined = reason

    def explain(
        self, operation: Operation, variables: Mapping[str, Any] | None, context: "Context"
    ) -> tuple[str, list[Any]]:
        """Return the statement and its values; raises Unplannable, and DomainError for wrong arguments."""
        prepared, roots, _ = self._plan(operation, variables, context)
        return self._statement(prepared, roots), values_of(
            context.reader.workspace_id, [root for _, root in roots]
        )

    async def _answer(
        self, operation: Operation, variables: Mapping[str, Any] | None, context: "Context"
    ) -> bytes | None:
        if operation.definition.operation is not OperationType.QUERY:
            raise Unplannable(operation.definition.operation.value)
        prepared, roots, info = self._plan(operation, variables, context)
        answers: dict[str, bytes] = {}
        if roots:
            values = values_of(context.reader.workspace_id, [root for _, root in roots])
            row = await context.services.reads.fetchrow(self._statement(prepared, roots), values)
            for (key, root), answer in zip(roots, row, strict=True):
                answers[key] = await _finished(root, answer, info)
        return _spliced(prepared, answers)

    def _plan(
        self, operation: Operation, variables: Mapping[str, Any] | None, context: "Context"
    ) -> tuple[_Prepared, list[tuple[str, Root]], Reading]:
        coerced = self._vocabulary.variables_of(operation.definition, variables)
        if coerced is None:
            raise Unplannable("variables")
        info = Reading(context, coerced)
        prepared = self._prepared(operation, coerced)
        roots = []
        for root in prepared.roots:
            if isinstance(root, _RootPlan):
                require(context.actor, root.reading.permission)
                description = root.describe(coerced, info)
                if description is not None:
                    roots.append((root.key, self._bound(prepared, root, description, info)))
        return prepared, roots, info

    def _prepared(self, operation: Operation, coerced: VariableValues) -> _Prepared:
        key = self._conditions(operation, coerced)
        return _kept(operation.plans, key, lambda: self._prepare(operation, coerced))

    def _conditions(self, operation: Operation, coerced: VariableValues) -> tuple[Any, ...]:
        conditions = operation.plans.get(_CONDITIONS)
        if conditions is None:
            conditions = operation.plans[_CONDITIONS] = _condition_variables(operation)
        return tuple(coerced.coerced.get(name) for name in conditions)

    def _prepare(self, operation: Operation, coerced: VariableValues) -> _Prepared:
        selecting = Selecting(operation.fragments, coerced.coerced, self._vocabulary)
        found: dict[str, list[FieldNode]] = {}
        selecting.collect("Query", operation.definition.selection_set, found)
        roots: list[_RootPlan | tuple[str, str]] = []
        for key, nodes in found.items():
            name = nodes[0].name.value
            if name == "__typename":
                roots.append((key, "Query"))
                continue
            reading = self._vocabulary.root_of(name)
            if reading is None:
                raise Unplannable(f"Query.{name}")
            roots.append(_RootPlan(key, nodes, reading, reading.describe(nodes[0])))
        return _Prepared(roots, selecting)

    def _bound(
        self, prepared: _Prepared, root: _RootPlan, description: Listing | Single, info: Reading
    ) -> Root:
        entity = description.entity

        def make() -> _Planned:
            planner = Planner(prepared.selecting)
            plan: ObjectPlan | PagePlan
            if isinstance(description, Listing):
                plan = planner.page(entity, root.reading.type_name, root.nodes)
            else:
                plan = planner.object(entity, self._vocabulary.type_name_of(entity), root.nodes)
            return plan, tuple(sorted(_branches(plan), key=lambda item: item.slot))

        plan, branches = _kept(root.plans, entity.prefix, make)
        if isinstance(description, Single) or isinstance(plan, ObjectPlan):
            first = Bound(description)
        else:
            first = _bind(description, plan, info.context, children_of=None)
        return Root(plan, [first, *(_bind_below(item, info) for item in branches)])

    def _statement(self, prepared: _Prepared, roots: Sequence[tuple[str, Root]]) -> str:
        shape = tuple((key, tuple(slot.shape for slot in root.slots)) for key, root in roots)
        statement = prepared.statements.get(shape)
        if statement is None:
            if len(prepared.statements) >= STATEMENTS_MAX:
                prepared.statements.clear()
            statement = prepared.statements[shape] = statement_of([root for _, root in roots])
        return statement


async def _finished(root: Root, answer: bytes | None, info: Reading) -> bytes:
    """Return what PostgreSQL wrote for a root, with what Python adds; ``null`` when there is nothing."""
    if answer is None:
        return b"null"
    return await finish(root.plan, answer, info) if root.plan.is_finished_by_python else answer


def _kept(kept: dict[Any, Any], key: Any, make: Callable[[], T]) -> T:
    """Return what was made before, or make it; that it can't be made is kept, too, as the reason."""
    found = kept.get(key)
    if found is None:
        try:
            found = kept[key] = make()
        except Unplannable as reason:
            found = kept[key] = str(reason)
    if isinstance(found, str):
        raise Unplannable(found)
    return cast(T, found)


def _bind_below(branches: Branches, info: Reading) -> Bound:
    listing = branches.describe(info.variables, info)
    if listing.page.cursor is not None:
        raise Unplannable("a cursor below an object")
    return _bind(listing, branches.plan, info.context, children_of=branches.reading.key)


def _bind(listing: Listing, plan: PagePlan, context: "Context", *, children_of: str | None) -> Bound:
    if not plan.shows_cursors and listing.page.cursor is None:
        return Bound(listing)
    tag = context.services.cursor_key.tag(
        listing, workspace_id=context.reader.workspace_id, children_of=children_of
    )
    further = EVERYTHING if listing.page.cursor is None else sql.after_cursor(listing, tag=tag)
    return Bound(listing, further, tag if plan.shows_cursors else None)


def _described_elsewhere(_node: FieldNode) -> Callable[[VariableValues, Any], Listing | Single | None]:
    """The object is known already: a mutation has changed it."""
    return lambda _variables, _info: None


NO_ID = UUID(int=0)
_CONDITIONS = "conditions"


def _spliced(prepared: _Prepared, answers: Mapping[str, bytes]) -> bytes:
    parts = []
    for root in prepared.roots:
        if isinstance(root, _RootPlan):
            parts.append(b'"%b":%b' % (root.key.encode(), answers.get(root.key, b"null")))
        else:
            parts.append(b'"%b":"%b"' % (root[0].encode(), root[1].encode()))
    return b"{" + b",".join(parts) + b"}"


def _branches(plan: ObjectPlan | PagePlan) -> list[Branches]:
    found: list[Branches] = []
    for of in plan.objects if isinstance(plan, PagePlan) else (plan,):
        for item in of.items:
            if isinstance(item, Branches):
                found.append(item)
            if isinstance(item, Below):
                found.extend(_branches(item.plan))
    return found


def _condition_variables(operation: Operation) -> tuple[str, ...]:
    """Return the variables that ``@include`` and ``@skip`` look at, anywhere in the operation."""
    names: set[str] = set()
    waiting: list[Any] = [operation.definition.selection_set, *operation.fragments.values()]
    while waiting:
        node = waiting.pop()
        for directive in getattr(node, "directives", None) or ():
            for argument in directive.arguments or ():
                if hasattr(argument.value, "name"):
                    names.add(argument.value.name.value)
        selections = getattr(node, "selection_set", None)
        waiting.extend(getattr(node, "selections", ()) or (selections.selections if selections else ()))
    return tuple(sorted(names))
