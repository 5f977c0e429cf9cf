"""What Python adds to an answer that PostgreSQL wrote: fields that are computed from the row.

Most operations have none and their bytes pass through untouched.
"""

import asyncio
import inspect
from collections.abc import Iterator
from typing import Any

import orjson

from resolvers.reading.cursors import revive
from resolvers.reading.plan import Below, Completion, Edges, Nodes, ObjectPlan, PagePlan
from resolvers.reading.statement import HIDDEN


async def finish(plan: ObjectPlan | PagePlan, answer: bytes, info: Any) -> bytes:
    """Return the answer with its completions; what they await runs together, so that their loaders batch."""
    value = orjson.loads(answer)
    waiting: list[tuple[dict[str, Any], str, Any]] = []
    for of, found in _objects(plan, value):
        _complete(of, found, info, waiting)
    results = await asyncio.gather(*(awaitable for _, _, awaitable in waiting))
    for (found, key, _), result in zip(waiting, results, strict=True):
        found[key] = result
    return orjson.dumps(value)


def _complete(plan: ObjectPlan, found: dict[str, Any], info: Any, waiting: list[Any]) -> None:
    row = {key[1:]: revive(key[1:], value) for key, value in found.items() if key.startswith(HIDDEN)}
    ordered: dict[str, Any] = {}
    for item in plan.items:
        if not isinstance(item, Completion):
            ordered[item.key] = found[item.key]
            continue
        result = item.complete(row, info)
        if inspect.isawaitable(result):
            waiting.append((found, item.key, result))
            result = None  # keeps the key's place
        ordered[item.key] = result
    found.clear()
    found.update(ordered)


def _objects(plan: ObjectPlan | PagePlan, value: Any) -> Iterator[tuple[ObjectPlan, dict[str, Any]]]:
    """Yield every object that has completions, children first."""
    if value is None or not plan.is_finished_by_python:
        return
    if isinstance(value, list):
        for one in value:
            yield from _objects(plan, one)
        return
    if isinstance(plan, PagePlan):
        for below, found in _page_objects(plan, value):
            yield from _objects(below, found)
        return
    for item in plan.items:
        if isinstance(item, Below):
            yield from _objects(item.plan, value[item.key])
    if any(isinstance(item, Completion) for item in plan.items):
        yield plan, value


def _page_objects(plan: PagePlan, page: dict[str, Any]) -> Iterator[tuple[ObjectPlan, dict[str, Any]]]:
    for item in plan.items:
        match item:
            case Nodes(key, below):
                yield from ((below, found) for found in page[key])
            case Edges(key):
                for edge in page[key]:
                    yield from ((nodes.plan, edge[nodes.key]) for nodes in item.nodes)
