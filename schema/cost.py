"""What an operation asks for, measured before anything runs: how deep, how often, how dear.

Its document has passed ``schema.document_size`` and so has few enough selections to be walked once as the executor
would: selections of the same response name merged, each with its field's cost.

An object costs 1, a scalar nothing, a list its size times what one element costs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    Node,
    NullValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
)

from schema.connections import PAGE_DEFAULT, PAGE_MAX
from schema.document_size import INPUT_LIST_MAX, TooComplex
from schema.weights import weight_of

DEPTH_MAX: Final = 12
INTROSPECTION_DEPTH_MAX: Final = 20
MERGES_MAX: Final = 30_000
"""Sum of the squares of how often a field is selected at one place: what comparing them pairwise costs."""
COST_MAX: Final = 25_000
"""A page of 100 objects with a page of 100 for each fits; a third list inside doesn't."""

INTROSPECTION_COST: Final = 100
LIST_SIZE: Final = 10
"""Assumed of lists that have no page."""


@dataclass(slots=True, kw_only=True)
class Measure:
    """What one operation asks for.

    Attributes:
        depth: levels of fields; introspection counts apart and isn't in it.
        merges: see ``MERGES_MAX``.
        cost: points, with pages of unknown size taken at their largest.
        fixed: the part of the cost that doesn't depend on how much there is to answer.
        size_variables: names of the variables that set the size of a page.
        root_fields: names of the fields at the top.
    """

    depth: int = 0
    merges: int = 0
    cost: int = 0
    fixed: int = 0
    size_variables: tuple[str, ...] = ()
    root_fields: frozenset[str] = frozenset()


def measure(
    definition: OperationDefinitionNode | FragmentDefinitionNode,
    *,
    schema: GraphQLSchema,
    fragments: Mapping[str, FragmentDefinitionNode],
    sizes: Mapping[str, Any] | None = None,
) -> Measure:
    """Measure an operation, or a fragment that none uses; needs no valid document, only a checked size.

    Args:
        sizes: the variables, where they are known.
    """
    return _Walk(schema=schema, fragments=fragments, sizes=sizes).measure(definition)


_Selected = list[tuple[GraphQLNamedType | None, FieldNode]]
"""Fields of one response name at one place, each with the type it is selected on."""


@dataclass(slots=True)
class _Walk:
    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    sizes: Mapping[str, Any] | None
    defaults: dict[str, Any] = field(default_factory=dict)
    merges: int = 0
    depth: int = 0
    fixed: int = 0
    size_variables: dict[str, None] = field(default_factory=dict)

    def measure(self, definition: OperationDefinitionNode | FragmentDefinitionNode) -> Measure:
        root: GraphQLNamedType | None
        if isinstance(definition, OperationDefinitionNode):
            root = self.schema.get_root_type(definition.operation)
            self.defaults = {
                variable.variable.name.value: variable.default_value
                for variable in definition.variable_definitions or ()
            }
        else:
            root = self.schema.get_type(definition.type_condition.name.value)
        groups = self._merged([(root, definition.selection_set)])
        if root is not None:
            self.fixed += sum(weight_of(root.name, selected[0][1].name.value) for selected in groups.values())
        cost = self._level(groups, depth=1, page=None)
        return Measure(
            depth=self.depth,
            merges=self.merges,
            cost=cost + self.fixed,
            fixed=self.fixed,
            size_variables=tuple(self.size_variables),
            root_fields=frozenset(selected[0][1].name.value for selected in groups.values()),
        )

    def _merged(self, places: list[tuple[GraphQLNamedType | None, SelectionSetNode]]) -> dict[str, _Selected]:
        """Return the fields of one place by response name, fragments written out once each."""
        groups: dict[str, _Selected] = {}
        seen: set[str] = set()
        waiting = list(reversed(places))
        while waiting:
            type_, selection_set = waiting.pop()
            for selection in selection_set.selections:
                if isinstance(selection, FieldNode):
                    name = selection.alias.value if selection.alias else selection.name.value
                    groups.setdefault(name, []).append((type_, selection))
                elif isinstance(selection, InlineFragmentNode):
                    condition = selection.type_condition
                    on = self.schema.get_type(condition.name.value) if condition else type_
                    waiting.append((on, selection.selection_set))
                elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in seen:
                    seen.add(selection.name.value)
                    fragment = self.fragments.get(selection.name.value)
                    if fragment is not None:
                        on = self.schema.get_type(fragment.type_condition.name.value)
                        waiting.append((on, fragment.selection_set))
        return groups

    def _level(self, groups: dict[str, _Selected], *, depth: int, page: int | None) -> int:
        """Return the cost of the fields of one place; lists among them have ``page`` elements if that is known."""
        cost = 0
        for selected in groups.values():
            self.merges += len(selected) ** 2
            if self.merges > MERGES_MAX:
                raise TooComplex("the same fields are selected too often")
            cost += self._field(selected, depth=depth, page=page)
        return cost

    def _field(self, selected: _Selected, *, depth: int, page: int | None) -> int:
        parent, node = selected[0]
        if node.name.value in _INTROSPECTION:
            self.fixed += INTROSPECTION_COST
            self._introspection(selected, depth=1)
            return 0
        self.depth = max(self.depth, depth)
        if depth > DEPTH_MAX:
            raise TooComplex(f"at most {DEPTH_MAX} levels of fields")
        definition = _definition(parent, node)
        named = get_named_type(definition.type) if definition else None
        below = self._merged([(named, each.selection_set) for _, each in selected if each.selection_set])
        own_page = self._page(definition, node) if definition else None
        inner = self._level(below, depth=depth + 1, page=own_page)
        if definition is None or not is_composite_type(named):
            return 0
        if not is_list_type(get_nullable_type(definition.type)):
            return 1 + inner
        return (page or self._length(node) or LIST_SIZE) * (1 + inner)

    def _introspection(self, selected: _Selected, *, depth: int) -> None:
        """Bound what introspection selects; what it costs doesn't depend on that."""
        if depth > INTROSPECTION_DEPTH_MAX:
            raise TooComplex(f"at most {INTROSPECTION_DEPTH_MAX} levels of introspection")
        below = self._merged([(None, each.selection_set) for _, each in selected if each.selection_set])
        for group in below.values():
            self.merges += len(group) ** 2
            if self.merges > MERGES_MAX:
                raise TooComplex("the same fields are selected too often")
            self._introspection(group, depth=depth + 1)

    def _page(self, definition: GraphQLField, node: FieldNode) -> int | None:
        """Return the size of the page a field answers; None when it has no pages."""
        if "first" not in definition.args:
            return None
        for argument in node.arguments or ():
            if argument.name.value in {"first", "last"} and not isinstance(argument.value, NullValueNode):
                return min(max(self._size(argument.value), 1), PAGE_MAX)
        return PAGE_DEFAULT

    def _length(self, node: FieldNode) -> int | None:
        """Return how many objects are asked for by their ids."""
        for argument in node.arguments or ():
            if argument.name.value == "ids":
                return min(self._size(argument.value), INPUT_LIST_MAX)
        return None

    def _size(self, value: Node | None) -> int:
        if isinstance(value, VariableNode):
            return self._variable(value.name.value)
        if isinstance(value, IntValueNode) and len(value.value) < 10:
            return int(value.value)
        return len(value.values) if isinstance(value, ListValueNode) else PAGE_DEFAULT

    def _variable(self, name: str) -> int:
        self.size_variables[name] = None
        if self.sizes is None:
            return PAGE_MAX
        value = self.sizes.get(name)
        if isinstance(value, int):
            return value
        return len(value) if isinstance(value, list) else self._size(self.defaults.get(name))


def _definition(parent: GraphQLNamedType | None, node: FieldNode) -> GraphQLField | None:
    fields: Mapping[str, GraphQLField] = getattr(parent, "fields", {})
    return fields.get(node.name.value)


_INTROSPECTION: Final = frozenset({"__schema", "__type"})
