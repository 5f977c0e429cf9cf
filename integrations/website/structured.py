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


@dataclass(frozen=True, slots=True)
class Node:
    """One typed thing.

    Args:
        types: the schema.org types, without their prefix.
        relation: the property it hangs on: ``founder``, ``address``; empty at the top.
        owner: index of the node it hangs on, -1 at the top.
        texts: its scalar properties; of a list the first scalar.
        lists: all scalars per property.
        line: the texts in one line, the evidence snippets are cut from.
    """

    types: frozenset[str]
    relation: str
    owner: int
    texts: dict[str, str]
    lists: dict[str, tuple[str, ...]]
    line: str


def read_structured(blocks: Iterable[str]) -> tuple[Node, ...]:
    """Return the typed nodes of the page's JSON-LD blocks; what isn't JSON is passed over."""
    nodes: list[Node] = []
    for block in blocks:
        try:
            content = json.loads(block) if len(block) <= _BLOCK_MAX else None
        except (ValueError, RecursionError):
            continue
        _collect(content, nodes, relation="", owner=-1, depth=0)
    return tuple(nodes)


def _collect(value: Any, nodes: list[Node], *, relation: str, owner: int, depth: int) -> None:
    if depth > _DEPTH_MAX or len(nodes) >= _NODES_MAX:
        return
    if isinstance(value, list):
        for item in value:
            _collect(item, nodes, relation=relation, owner=owner, depth=depth + 1)
    elif isinstance(value, dict):
        node = _node(value, relation=relation, owner=owner)
        if node is not None:
            owner = len(nodes)
            nodes.append(node)
        for key, item in value.items():
            inner = relation if key == "@graph" else key
            if isinstance(item, (dict, list)):
                _collect(item, nodes, relation=inner, owner=owner, depth=depth + 1)


def _node(value: dict[str, Any], *, relation: str, owner: int) -> Node | None:
    types = frozenset(str(kind).rpartition("/")[2] for kind in _scalars(value.get("@type")))
    if not types:
        return None
    lists = {key: tuple(_scalars(item)) for key, item in value.items() if not key.startswith("@")}
    lists = {key: items for key, items in lists.items() if items}
    texts = {key: items[0] for key, items in lists.items()}
    line = "; ".join(f"{key}: {', '.join(items)}" for key, items in lists.items())
    return Node(types, relation, owner, texts, lists, line)


def _scalars(value: Any) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str | int | float) and not isinstance(item, bool):
            text = " ".join(strip_invisible(html.unescape(str(item)[:_TEXT_MAX])).split())
            if text and "<" not in text:
                yield text
