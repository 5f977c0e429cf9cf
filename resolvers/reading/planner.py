"""From a selection to a plan: collects fields as the specification does, and asks the schema how each is read."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Protocol

from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, SelectionSetNode
from graphql.language import DirectiveNode, VariableNode

from resolvers.reading.describe import (
    Column,
    Computed,
    Entity,
    Latest,
    Many,
    One,
    Part,
    Reference,
    Rows,
)
from resolvers.reading.plan import (
    Branch,
    Branches,
    Complete,
    Completion,
    Constant,
    Cursor,
    Describe,
    Edges,
    Info,
    Inline,
    Item,
    Leaf,
    Nodes,
    ObjectPlan,
    PageItem,
    PagePlan,
    Total,
    Unplannable,
)

NAME_BYTES_MAX = 63
"""PostgreSQL cuts longer names."""


@dataclass(frozen=True, slots=True)
class FieldReading:
    """What the schema says about a field, in the planner's words.

    Attributes:
        name: what the entity calls it.
        type_name: the named type that it shows.
        render: for leaves, from SQL over ``t`` to SQL of the value as it goes into the answer.
        describe: for lists of children, binds a field node to its ``Describe``.
        complete: binds field nodes to their ``Complete``; raises Unplannable.
    """

    name: str
    type_name: str
    render: Callable[[str], str] | None
    describe: Callable[[FieldNode], Describe] | None
    complete: Callable[[Sequence[FieldNode], "Selecting"], Complete]


class Vocabulary(Protocol):
    """What a plan must know of the schema."""

    def field_of(self, type_name: str, field_name: str) -> FieldReading:
        """Return how a field is read."""

    def is_of(self, type_name: str, condition: str) -> bool:
        """Tell whether a fragment on ``condition`` applies to the type."""

    def node_type_of(self, page_type: str) -> str | None:
        """Return the type of a connection's nodes; None when it isn't a connection."""

    def type_name_of(self, entity: Entity) -> str:
        """Return the type that shows an entity."""


@dataclass(frozen=True, slots=True)
class Selecting:
    """Collects the fields of selections as the specification does, for given values of the variables."""

    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]
    vocabulary: Vocabulary

    def fields(self, type_name: str, nodes: Sequence[FieldNode]) -> dict[str, list[FieldNode]]:
        """Return response key -> field nodes, in the order of the answer, of all selections below ``nodes``."""
        found: dict[str, list[FieldNode]] = {}
        for node in nodes:
            if node.selection_set is not None:
                self.collect(type_name, node.selection_set, found)
        return found

    def collect(
        self, type_name: str, selections: SelectionSetNode, found: dict[str, list[FieldNode]]
    ) -> None:
        """Add the fields of one selection set to ``found``."""
        for selection in selections.selections:
            if not self._is_included(selection.directives):
                continue
            if isinstance(selection, FieldNode):
                key = selection.alias.value if selection.alias else selection.name.value
                found.setdefault(key, []).append(selection)
                continue
            if isinstance(selection, FragmentSpreadNode):
                fragment: Any = self.fragments[selection.name.value]
            else:
                fragment = selection
            condition = fragment.type_condition
            if condition is None or self.vocabulary.is_of(type_name, condition.name.value):
                self.collect(type_name, fragment.selection_set, found)

    def _is_included(self, directives: Sequence[DirectiveNode] | None) -> bool:
        for directive in directives or ():
            name = directive.name.value
            if name not in {"skip", "include"}:
                raise Unplannable(f"@{name}")
            value: Any = (directive.arguments or ())[0].value
            holds = self.variables[value.name.value] if isinstance(value, VariableNode) else value.value
            if holds is (name == "skip"):
                return False
        return True


@dataclass(slots=True)
class Planner:
    """Makes the plan of one root field."""

    selecting: Selecting
    _slots: Iterator[int] = field(default_factory=lambda: count(1))  # slot 0 is the root's

    def object(self, entity: Entity, type_name: str, nodes: Sequence[FieldNode]) -> ObjectPlan:
        """Plan an object of an entity."""
        fields = self.selecting.fields(type_name, nodes)
        return ObjectPlan(
            entity, tuple(self._item(entity, type_name, key, found) for key, found in fields.items())
        )

    def page(self, entity: Entity, page_type: str, nodes: Sequence[FieldNode]) -> PagePlan:
        """Plan a connection."""
        items: list[PageItem] = []
        for key, found in self.selecting.fields(page_type, nodes).items():
            match found[0].name.value:
                case "__typename":
                    items.append(Constant(key, page_type))
                case "nodes":
                    items.append(Nodes(key, self._node(entity, page_type, found)))
                case "edges":
                    items.append(self._edges(key, entity, page_type, found))
                case "pageInfo":
                    items.append(self._info(key, found))
                case _:
                    items.append(Total(key))
        return PagePlan(entity, tuple(items))

    def _item(self, entity: Entity, type_name: str, key: str, nodes: Sequence[FieldNode]) -> Item:
        if len(key) > NAME_BYTES_MAX:
            raise Unplannable("a key of more than 63 bytes")
        name = nodes[0].name.value
        if name == "__typename":
            return Constant(key, type_name)
        if name == "id":
            return Leaf(key, f"'{entity.prefix}_' || t.id")
        known = self.selecting.vocabulary.field_of(type_name, name)
        match entity.readings.get(known.name):
            case Column(sql) if known.render is not None:
                return Leaf(key, known.render(sql))
            case Column():
                return Completion(key, (known.name,), known.complete(nodes, self.selecting))
            case Computed(needs):
                return Completion(key, needs, known.complete(nodes, self.selecting))
            case Reference(sql, prefix):
                return Leaf(key, f"'{prefix()}_' || {sql}")
            case Part(target):
                return self._part(key, target(), known, nodes)
            case Rows(sql, target):
                return Inline(key, self.object(target(), known.type_name, nodes), sql)
            case One() | Latest() as reading:
                return Branch(key, reading, self.object(reading.target(), known.type_name, nodes))
            case Many() as reading if known.describe is not None:
                slot = next(self._slots)
                plan = self.page(reading.target(), known.type_name, nodes)
                return Branches(key, reading, plan, slot, known.describe(nodes[0]))
        raise Unplannable(f"{type_name}.{name}")

    def _part(self, key: str, entity: Entity, known: FieldReading, nodes: Sequence[FieldNode]) -> Item:
        try:
            return Inline(key, self.object(entity, known.type_name, nodes))
        except Unplannable:
            return Completion(key, ("id",), known.complete(nodes, self.selecting))

    def _node(self, entity: Entity, page_type: str, nodes: Sequence[FieldNode]) -> ObjectPlan:
        type_name = self.selecting.vocabulary.node_type_of(page_type)
        if type_name is None:
            raise Unplannable(page_type)
        return self.object(entity, type_name, nodes)

    def _edges(self, key: str, entity: Entity, page_type: str, nodes: Sequence[FieldNode]) -> Edges:
        edge_type = self.selecting.vocabulary.field_of(page_type, "edges").type_name
        items: list[Constant | Cursor | Nodes] = []
        for name, found in self.selecting.fields(edge_type, nodes).items():
            match found[0].name.value:
                case "cursor":
                    items.append(Cursor(name))
                case "node":
                    items.append(Nodes(name, self._node(entity, page_type, found)))
                case _:
                    items.append(Constant(name, edge_type))
        return Edges(key, tuple(items))

    def _info(self, key: str, nodes: Sequence[FieldNode]) -> Info:
        fields = self.selecting.fields("PageInfo", nodes)
        return Info(key, {name: found[0].name.value for name, found in fields.items()})
