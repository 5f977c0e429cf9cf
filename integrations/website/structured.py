"""JSON-LD of a page (schema.org), flattened into a bounded number of nodes."""

import html
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from domain.enrichment.rules.evidence import strip_invisible

_BLOCK_MAX = 200_000
_NODES_MAX = 200
_DEPTH_MAX = 8
_TEXT_MAX = 1000
# Properties through which a page names its own company.
OWN_RELATIONS = frozenset({"publisher", "provider", "mainEntity", "about", "worksFor", "sourceOrganization"})


@dataclass(frozen=True, slots=True)
class Node:
    """One typed thing.

    Args:
        types: the schema.org types, without their prefix.
        path: the properties it hangs on, outermost first: ``("publisher", "address")``; empty at the top.
        texts: its scalar properties; of a list the first scalar.
        lists: all scalars per property.
        line: the texts in one line, the evidence snippets are cut from.
    """

    types: frozenset[str]
    path: tuple[str, ...]
    texts: dict[str, str]
    lists: dict[str, tuple[str, ...]]
    line: str

    @property
    def relation(self) -> str:
        """The property it hangs on, empty at the top."""
        return self.path[-1] if self.path else ""

    def is_own(self, *relations: str) -> bool:
        """Tell whether the page speaks of its own company here, not of a client, an author or a reviewer.

        Args:
            relations: what the node may hang on, if not directly on the company's place in the page.
        """
        if relations:
            return self.relation in relations and OWN_RELATIONS.issuperset(self.path[:-1])
        return OWN_RELATIONS.issuperset(self.path)


def read_structured(blocks: Iterable[str]) -> tuple[Node, ...]:
    """Return the typed nodes of the page's JSON-LD blocks; what isn't JSON is passed over."""
    nodes: list[Node] = []
    for block in blocks:
        try:
            content = json.loads(block) if len(block) <= _BLOCK_MAX else None
        except (ValueError, RecursionError):
            continue
        _collect(content, nodes, path=(), depth=0)
    return tuple(nodes)


def _collect(value: Any, nodes: list[Node], *, path: tuple[str, ...], depth: int) -> None:
    if depth > _DEPTH_MAX or len(nodes) >= _NODES_MAX:
        return
    if isinstance(value, list):
        for item in value:
            _collect(item, nodes, path=path, depth=depth + 1)
    elif isinstance(value, dict):
        node = _node(value, path=path)
        if node is not None:
            nodes.append(node)
        for key, item in value.items():
            if isinstance(item, (dict, list)):
                _collect(item, nodes, path=path if key == "@graph" else (*path, key), depth=depth + 1)


def _node(value: dict[str, Any], *, path: tuple[str, ...]) -> Node | None:
    types = frozenset(str(kind).rpartition("/")[2] for kind in _scalars(value.get("@type")))
    if not types:
        return None
    lists = {key: tuple(_scalars(item)) for key, item in value.items() if not key.startswith("@")}
    lists = {key: items for key, items in lists.items() if items}
    texts = {key: items[0] for key, items in lists.items()}
    line = "; ".join(f"{key}: {', '.join(items)}" for key, items in lists.items())
    return Node(types, path, texts, lists, line)


def _scalars(value: Any) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str | int | float) and not isinstance(item, bool):
            text = " ".join(strip_invisible(html.unescape(str(item)[:_TEXT_MAX])).split())
            if text and "<" not in text:
                yield text
