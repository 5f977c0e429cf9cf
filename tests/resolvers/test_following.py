"""Streams replay and go live without gap or repeat."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from domain.events import EventFilter, LoggedEvent, find_last_seq
from resolvers.following import cursor_of, follow
from resolvers.reading.cursors import CursorInvalid
from tests.steps.happening import happen, until_followed
from tests.waiting import in_time
from tests.world import World, new_world


async def _hear(stream: AsyncIterator[LoggedEvent], count: int) -> list[int]:
    async with in_time():
        return [(await anext(stream)).seq for _ in range(count)]


async def _take(stream: AsyncIterator[LoggedEvent], count: int) -> list[int]:
    seqs = await _hear(stream, count)
    await stream.aclose()  # type: ignore[attr-defined]
    return seqs


async def test_a_stream_replays_after_the_cursor_and_then_goes_live(world: World) -> None:
    context = world.context()
    start = await find_last_seq(workspace_id=world.workspace_id)
    await happen(world, 3)
    stream = follow(context, where=EventFilter(), after=cursor_of(context, start))
    assert await _hear(stream, 3) == [start + n for n in (1, 2, 3)]

    live = asyncio.create_task(_take(stream, 2))
    await happen(world, 2)
    assert await live == [start + n for n in (4, 5)]


async def test_without_a_cursor_only_what_happens_from_now_on_is_heard(world: World) -> None:
    await happen(world, 2)
    last_seq = await find_last_seq(workspace_id=world.workspace_id)
    stream = follow(world.context(), where=EventFilter(), after=None)
    task = asyncio.create_task(_take(stream, 1))
    await until_followed(world)
    await happen(world)
    assert await task == [last_seq + 1]


async def test_reconnecting_with_the_last_cursor_gives_no_gap_and_no_repeat(world: World) -> None:
    context = world.context()
    end = await find_last_seq(workspace_id=world.workspace_id) + 30
    writing = asyncio.create_task(happen(world, 30))
    heard: list[int] = []
    while len(heard) < end:
        seen = cursor_of(context, heard[-1] if heard else 0)
        heard += await _take(follow(context, where=EventFilter(), after=seen), min(7, end - len(heard)))
    await writing
    assert heard == list(range(1, end + 1))


async def test_a_cursor_of_another_workspace_is_refused(world: World) -> None:
    other = await new_world(world.app)
    foreign = cursor_of(other.context(), 1)
    with pytest.raises(CursorInvalid):
        await anext(follow(world.context(), where=EventFilter(), after=foreign))


async def test_garbage_is_no_cursor(world: World) -> None:
    for garbage in ("", "x", "AAAA", "é" * 10, "=" * 300):
        with pytest.raises(CursorInvalid):
            await anext(follow(world.context(), where=EventFilter(), after=garbage))


async def test_two_workspaces_never_hear_each_other(world: World) -> None:
    other = await new_world(world.app)
    stream = follow(other.context(), where=EventFilter(), after=cursor_of(other.context(), 0))
    await happen(world, 5)
    async with in_time(), aclosing(stream):  # type: ignore[type-var]
        events = [await anext(stream) for _ in range(2)]
    assert {event.workspace_id for event in events} == {other.workspace_id}
    assert [event.seq for event in events] == [1, 2]
