"""What the read engine must know of the schema, read from the Strawberry types themselves.

Nothing is declared here: a field that is declared with ``column``, ``one``, ``latest``, ``many`` … is planned by that.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, cast

import strawberry
from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    OperationDefinitionNode,
    Undefined,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_scalar_type,
)
from graphql.execution.values import VariableValues, get_argument_values, get_variable_values
from strawberry.schema.schema_converter import get_arguments
from strawberry.types.field import StrawberryField

from resolvers.reading.describe import Entity, Listing
from resolvers.reading.plan import Complete, Describe
from resolvers.reading.planner import FieldReading, Selecting
from resolvers.reading.preparing import DescribeRoot, RootReading, RootResolving
from schema.completing import completer
from schema.nodes import ENTITIES
from schema.scopes import scopes_of

_AS_IT_IS = frozenset(
    [
        "ID",
        "String",
        "Int",
        "Float",
        "Boolean",
        "BigInt",
        "Credits",
        "EmailAddress",
        "URL",
        "TimeZone",
        "JSON",
        "Date",
    ]
)
"""Scalars that PostgreSQL writes into JSON as the API shows them."""


class SchemaVocabulary:
    """Answers the engine's questions about one schema."""

    def __init__(self, schema: strawberry.Schema) -> None:
        self._schema = schema
        self._core = schema._schema
        self._fields: dict[tuple[str, str], FieldReading] = {}
        self._roots: dict[str, RootReading | RootResolving | None] = {}

    def field_of(self, type_name: str, field_name: str) -> FieldReading:
        """Return how a field is read."""
        identity = (type_name, field_name)
        if identity not in self._fields:
            self._fields[identity] = self._read_field(type_name, field_name)
        return self._fields[identity]

    def is_of(self, type_name: str, condition: str) -> bool:
        """Tell whether a fragment on ``condition`` applies to the type."""
        if type_name == condition:
            return True
        abstract, type_ = self._core.get_type(condition), self._core.get_type(type_name)
        return is_abstract_type(abstract) and self._core.is_sub_type(abstract, type_)  # type: ignore[arg-type]

    def node_type_of(self, page_type: str) -> str | None:
        """Return the type of a connection's nodes; None when it isn't a connection."""
        type_: Any = self._core.get_type(page_type)
        nodes = type_.fields.get("nodes") if page_type.endswith("Connection") else None
        return None if nodes is None else get_named_type(nodes.type).name

    def type_name_of(self, entity: Entity) -> str:
        """Return the type that shows an entity."""
        name: str = ENTITIES[entity.prefix].__strawberry_definition__.name  # type: ignore[attr-defined]
        return name

    def root_of(self, field_name: str) -> RootReading | RootResolving | None:
        """Return how a field of Query is answered; None when only ordinary execution knows."""
        if field_name not in self._roots:
            self._roots[field_name] = self._read_root(field_name)
        return self._roots[field_name]

    def variables_of(
        self, operation: OperationDefinitionNode, variables: Mapping[str, Any] | None
    ) -> VariableValues | None:
        """Return the coerced variables; None when they are wrong."""
        if not operation.variable_definitions:
            return _NO_VARIABLES
        found = get_variable_values(
            self._core, operation.variable_definitions, dict(variables or {}), max_errors=1
        )
        return found if isinstance(found, VariableValues) else None

    def _read_root(self, field_name: str) -> RootReading | RootResolving | None:
        if field_name.startswith("__"):  # introspection
            return None
        core, field = self._definition("Query", field_name)
        method = field.metadata.get("describes")
        if method is None:
            return RootResolving(
                scopes_of(field_name),
                lambda nodes, selecting: completer(self._schema, "Query", nodes, selecting),
            )

        def describe(node: FieldNode) -> DescribeRoot:
            arguments = self._arguments(core, field, node)
            return lambda variables, info: method(None, info, **arguments(variables, info))

        return RootReading(get_named_type(core.type).name, field.metadata["permission"], describe)

    def _read_field(self, type_name: str, field_name: str) -> FieldReading:
        core, field = self._definition(type_name, field_name)
        describes = field.metadata.get("describes") if field is not None else None

        def describe(node: FieldNode) -> Describe:
            arguments, method = self._arguments(core, field, node), cast("Callable[..., Listing]", describes)
            return lambda variables, info: method(None, info, **arguments(variables, info))

        def complete(nodes: Sequence[FieldNode], selecting: Selecting) -> Complete:
            return completer(self._schema, type_name, nodes, selecting)

        is_plain = field is not None and field.base_resolver is None
        return FieldReading(
            name=field.python_name if field is not None else field_name,
            type_name=get_named_type(core.type).name,
            render=_renderer(core.type) if is_plain and is_leaf_type(get_named_type(core.type)) else None,
            describe=describe if describes is not None else None,
            complete=complete,
        )

    def _definition(self, type_name: str, field_name: str) -> tuple[Any, Any]:
        type_: Any = self._core.get_type(type_name)
        core = type_.fields[field_name]
        return core, core.extensions.get("strawberry-definition")

    def _arguments(
        self, core: Any, field: StrawberryField, node: FieldNode
    ) -> Callable[[VariableValues, Any], dict[str, Any]]:
        """Return a function from variables to the arguments a method gets; what is constant is read once."""
        if not node.arguments and not any(_has_default(argument) for argument in core.args.values()):
            return lambda _variables, _info: {}
        converter = self._schema.schema_converter
        if all(is_scalar_type(get_nullable_type(argument.type)) for argument in core.args.values()):
            name_of = converter.config.name_converter.from_argument
            names = {name_of(argument): argument.python_name for argument in field.arguments}
            return lambda variables, _info: {  # a scalar has the value that graphql-core gave it
                names[name]: value for name, value in get_argument_values(core, node, variables).items()
            }

        def read(variables: VariableValues, info: Any) -> dict[str, Any]:
            _, arguments = get_arguments(
                field=field,
                source=None,
                info=info,
                kwargs=get_argument_values(core, node, variables),
                config=converter.config,
                scalar_registry=converter.scalar_registry,
            )
            arguments.pop("info", None)
            return arguments

        return read


_NO_VARIABLES = VariableValues({}, {})


def _has_default(argument: Any) -> bool:
    return argument.default_value is not None and argument.default_value is not Undefined


def _renderer(type_: Any) -> Callable[[str], str] | None:
    """Return how SQL of a column becomes SQL of the answer's value; None when Python must do it."""
    match type_:
        case GraphQLNonNull():
            return _renderer(type_.of_type)
        case GraphQLList():
            return _same if _renderer(type_.of_type) is _same else None
        case GraphQLEnumType():
            return _enum_renderer(type_)
        case GraphQLScalarType() if type_.name == "DateTime":
            return _moment
        case GraphQLScalarType() if type_.name in _AS_IT_IS:
            return _same
    return None


def _same(sql: str) -> str:
    return sql


def _moment(sql: str) -> str:
    """RFC 3339 in UTC: the session's zone is UTC, so the text ends in +00."""
    return f"replace(replace(({sql})::text, ' ', 'T'), '+00', 'Z')"


@cache
def _enum_renderer(type_: GraphQLEnumType) -> Callable[[str], str]:
    stored = {name: getattr(value.value, "value", value.value) for name, value in type_.values.items()}
    if all(name == value for name, value in stored.items()):
        return _same
    cases = " ".join(f"WHEN '{value}' THEN '{name}'" for name, value in stored.items())
    return lambda sql: f"CASE {sql} {cases} END"
