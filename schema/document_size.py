"""How large a document is with its fragments written out, told without writing them out.

One pass counts how many selections each definition has, and remembers the answer for each fragment, so that a bomb of
chained fragments is seen without being set off.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Final

from graphql import (
    DocumentNode,
    FieldNode,
    FloatValueNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
)

DOCUMENT_BYTES_MAX: Final = 65_536
TOKENS_MAX: Final = 5_000
SELECTIONS_MAX: Final = 10_000
"""Selections of a document with its fragments written out."""
ALIASES_MAX: Final = 30
"""Aliases of one field in one document."""
INPUT_LIST_MAX: Final = 250


class TooComplex(Exception):
    """The document asks for more than one request may; says what and how much."""


def check_size(document: DocumentNode) -> tuple[FragmentDefinitionNode, ...]:
    """Refuse a document that is too large to be looked at closely; linear in its text.

    Returns:
        The fragments that nothing spreads, which no operation's measure covers.

    Raises:
        TooComplex: it is too large.
        GraphQLError: fragments share a name or spread themselves, so that it has no size; or a value is one that
            nobody can keep.
    """
    _check_nodes(document)
    count = _SelectionCount(fragments_of(document))
    try:
        total = sum(
            count.selections(definition.selection_set)
            for definition in document.definitions
            if isinstance(definition, OperationDefinitionNode)
        )
        total += sum(count.fragment(name) for name in count.fragments if name not in count.counted)
    except RecursionError:
        raise TooComplex("fragments are nested too deeply") from None
    if total > SELECTIONS_MAX:
        raise TooComplex(f"at most {SELECTIONS_MAX:,} selections with all fragments written out")
    return tuple(node for name, node in count.fragments.items() if name not in count.spread)


def _check_nodes(document: DocumentNode) -> None:
    """Refuse what is too much wherever it stands, and values that nobody further in can keep."""
    aliases: Counter[str] = Counter()
    for node in _nodes(document):
        if isinstance(node, FieldNode):
            if node.alias is not None:
                aliases[node.name.value] += 1
                if aliases[node.name.value] > ALIASES_MAX:
                    raise TooComplex(f"at most {ALIASES_MAX} aliases of one field")
        elif isinstance(node, ListValueNode):
            if len(node.values) > INPUT_LIST_MAX:
                raise TooComplex(f"at most {INPUT_LIST_MAX} values in one list")
        elif isinstance(node, StringValueNode):
            if "\x00" in node.value:
                raise GraphQLError("A text has the character U+0000.", node)
        elif isinstance(node, IntValueNode):
            if len(node.value) > 20 or not -(2**63) <= int(node.value) < 2**63:
                raise GraphQLError("A whole number doesn't fit 64 bits.", node)
        elif isinstance(node, FloatValueNode) and not isfinite(float(node.value)):
            raise GraphQLError("A number is too large.", node)


@dataclass(slots=True)
class _SelectionCount:
    """Counts selections with fragments written out, each fragment once."""

    fragments: Mapping[str, FragmentDefinitionNode]
    counted: dict[str, int | None] = field(default_factory=dict)
    spread: set[str] = field(default_factory=set)

    def selections(self, selection_set: SelectionSetNode | None) -> int:
        total = 0
        for selection in selection_set.selections if selection_set else ():
            total += 1
            if isinstance(selection, FragmentSpreadNode):
                self.spread.add(selection.name.value)
                total += self.fragment(selection.name.value)
            elif isinstance(selection, (FieldNode, InlineFragmentNode)):
                total += self.selections(selection.selection_set)
        return total

    def fragment(self, name: str) -> int:
        if name not in self.counted and name in self.fragments:
            self.counted[name] = None
            self.counted[name] = self.selections(self.fragments[name].selection_set)
        count = self.counted.get(name, 0)
        if count is None:
            raise GraphQLError(f"Fragment {name[:80]!r} spreads itself.", self.fragments[name])
        return count


def _nodes(root: Node) -> Iterator[Node]:
    """Every node that can matter, without recursion."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        for key in node.keys:
            child = getattr(node, key, None)
            if isinstance(child, Node):
                waiting.append(child)
            elif isinstance(child, (list, tuple)):
                waiting.extend(child)


def fragments_of(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """Return the document's fragments by name; raises GraphQLError when two share one."""
    fragments: dict[str, FragmentDefinitionNode] = {}
    for definition in document.definitions:
        if isinstance(definition, FragmentDefinitionNode):
            name = definition.name.value
            if name in fragments:
                raise GraphQLError(f"Several fragments are called {name[:80]!r}.", definition)
            fragments[name] = definition
    return fragments
