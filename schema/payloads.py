"""The payload of a mutation: the use case runs field by field, and the object it changed is read by a plan.

The document is executed without the object's selection; the planned JSON takes its place in the answer. So every
error, of the use case or of the payload, is ordinary execution's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import strawberry
from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLObjectType,
    NameNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
)

from resolvers.context import Context
from resolvers.outcome import OperationKind
from resolvers.reading.describe import Single
from resolvers.reading.engine import ReadEngine, Reading
from schema.documents import PreparedOperation
from schema.mutations import subject_of
from schema.nodes import entity_of
from schema.planning import SchemaVocabulary

_KEPT = "payload"


@dataclass(frozen=True, slots=True)
class Payload:
    """Where a mutation's answer shows the object that it changed.

    Attributes:
        document: the operation's, without the object's selection.
        place: response keys of the payload and of the object in it.
    """

    document: DocumentNode
    place: tuple[str, str]
    selected: FieldNode
    type_: type


class Payloads:
    """Plans payloads for one schema."""

    def __init__(
        self, schema: strawberry.Schema, *, vocabulary: SchemaVocabulary, engine: ReadEngine
    ) -> None:
        self._schema = schema._schema
        self._vocabulary = vocabulary
        self._engine = engine

    def of(
        self, operation: PreparedOperation, variables: Mapping[str, Any] | None, context: Context
    ) -> "tuple[Payload, Reading] | None":
        """Return the payload and what it is read with; None when ordinary execution must answer all of it."""
        if operation.kind is not OperationKind.MUTATION:
            return None
        if _KEPT not in operation.plans:
            operation.plans[_KEPT] = self._find(operation)
        payload: Payload | None = operation.plans[_KEPT]
        coerced = self._vocabulary.variables_of(operation.definition, variables)
        if payload is None or coerced is None or context.viewer.workspace_id is None:
            return None
        info = Reading(context, coerced)
        can_read = self._engine.can_read(operation, [payload.selected], entity_of(payload.type_), info)
        return (payload, info) if can_read else None

    async def fill(self, payload: Payload, data: Any, operation: PreparedOperation, info: Reading) -> None:
        """Put the object into the executed answer, if there is one."""
        key, object_key = payload.place
        changed_id = info.context.changed_id
        if not data or not data.get(key) or data[key].get(object_key) is None or changed_id is None:
            return
        single = Single(entity_of(payload.type_), changed_id)
        answer = await self._engine.read_object(operation, [payload.selected], single, info)
        data[key][object_key] = orjson.Fragment(answer)

    def _find(self, operation: PreparedOperation) -> Payload | None:
        root = _only(operation.definition.selection_set)
        mutation: Any = self._schema.mutation_type
        if root is None or root.selection_set is None or root.name.value not in mutation.fields:
            return None
        shown: Any = get_named_type(mutation.fields[root.name.value].type)
        definition = (
            shown.extensions.get("strawberry-definition") if isinstance(shown, GraphQLObjectType) else None
        )
        name, type_ = subject_of(definition.origin) if definition is not None else (None, None)
        selected = [
            node
            for node in root.selection_set.selections
            if isinstance(node, FieldNode) and _python_name(shown, node) == name
        ]
        plain = all(isinstance(node, FieldNode) for node in root.selection_set.selections)
        if name is None or type_ is None or not plain or len(selected) != 1:
            return None
        place = (_key(root), _key(selected[0]))
        return Payload(_without(operation, root, selected[0]), place, selected[0], type_)


def _only(selections: SelectionSetNode) -> FieldNode | None:
    found = selections.selections
    return found[0] if len(found) == 1 and isinstance(found[0], FieldNode) else None


def _key(node: FieldNode) -> str:
    return node.alias.value if node.alias else node.name.value


def _python_name(type_: GraphQLObjectType, node: FieldNode) -> str | None:
    field = type_.fields.get(node.name.value)
    return field.extensions["strawberry-definition"].python_name if field is not None else None


def _without(operation: PreparedOperation, root: FieldNode, selected: FieldNode) -> DocumentNode:
    """Return the document with nothing selected of the object but that it is there."""
    typename = SelectionSetNode(selections=(FieldNode(name=NameNode(value="__typename")),))
    bare = _copy(selected, selection_set=typename)
    selections: Any = root.selection_set
    fields = tuple(bare if node is selected else node for node in selections.selections)
    root = _copy(root, selection_set=SelectionSetNode(selections=fields))
    definition: OperationDefinitionNode = _copy(
        operation.definition, selection_set=SelectionSetNode(selections=(root,))
    )
    definitions = tuple(
        definition if node is operation.definition else node for node in operation.document.definitions
    )
    return DocumentNode(definitions=definitions)


def _copy(node: Any, **changes: Any) -> Any:
    return type(node)(**{key: getattr(node, key) for key in node.keys} | changes)
