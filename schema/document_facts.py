"""What is known of an operation before anybody sends it: whom it is for, what it costs, what of it will go."""

from typing import Any

from graphql import (
    DocumentNode,
    EnumValueNode,
    FieldNode,
    GraphQLSchema,
    ObjectFieldNode,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    separate_operations,
    visit,
)

from domain.api_clients.rules import DocumentFacts, DocumentKind
from domain.workspaces.rules import Permission
from schema.cost import COST_MAX, Measure
from schema.directives import RequiresScope


def facts_of(
    definition: OperationDefinitionNode, *, document: DocumentNode, measured: Measure, schema: GraphQLSchema
) -> DocumentFacts:
    """Return the facts of one operation of a valid document.

    Its cost is at most what one operation may cost: with variables that make it dearer it is refused.
    """
    name = definition.name.value if definition.name else None
    return DocumentFacts(
        name=name,
        kind=DocumentKind(definition.operation.value),
        cost=min(measured.cost, COST_MAX),
        scopes=_scopes_of(definition, measured, schema),
        deprecated_fields=_deprecated_in(separate_operations(document)[name or ""], schema),
    )


def _scopes_of(
    definition: OperationDefinitionNode, measured: Measure, schema: GraphQLSchema
) -> tuple[Permission, ...]:
    """Return what `@requiresScope` says of the fields at the top."""
    root: Any = schema.get_root_type(definition.operation)
    scopes: set[Permission] = set()
    for name in measured.root_fields & root.fields.keys():
        field = root.fields[name].extensions.get("strawberry-definition")
        for directive in getattr(field, "directives", ()):
            if isinstance(directive, RequiresScope):
                scopes.update(directive.scopes)
    return tuple(sorted(scopes))


def _deprecated_in(document: DocumentNode, schema: GraphQLSchema) -> tuple[str, ...]:
    info = TypeInfo(schema)
    deprecated = _Deprecated(info)
    visit(document, TypeInfoVisitor(info, deprecated))
    return tuple(sorted(deprecated.found))


class _Deprecated(Visitor):
    """Finds what is used and deprecated, by its coordinate: `Lead.phone`, `Query.leads(by:)`, `Status.OLD`.

    graphql-core's own rule names arguments by the SDL that a schema was built from, and ours was built from none.
    """

    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self.found: set[str] = set()
        self._info = info

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        definition = self._info.get_field_def()
        coordinate = f"{self._info.get_parent_type()}.{node.name.value}"
        self._note(definition, coordinate)
        for argument in node.arguments or ():
            name = argument.name.value
            self._note(definition.args.get(name) if definition else None, f"{coordinate}({name}:)")

    def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> None:
        type_: Any = get_named_type(self._info.get_parent_input_type())
        fields = getattr(type_, "fields", {})  # a scalar such as JSON takes objects, too
        self._note(fields.get(node.name.value), f"{type_}.{node.name.value}")

    def enter_enum_value(self, node: EnumValueNode, *_: Any) -> None:
        type_ = get_named_type(self._info.get_input_type())
        self._note(self._info.get_enum_value(), f"{type_}.{node.value}")

    def _note(self, definition: Any, coordinate: str) -> None:
        if definition is not None and definition.deprecation_reason is not None:
            self.found.add(coordinate)
