"""One reader of the log serves all who follow it, and nobody misses anything for that."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from itertools import product
from typing import Any

import pytest

from domain.actor import Actor
from domain.events import EventFilter, LoggedEvent, find_last_seq, list_events
from domain.ids import new_id
from domain.runs.events import RunProgressed
from domain.work import unit_of_work
from domain.workspaces.events import WorkspaceUpdated
from resolvers import tails
from resolvers.following import cursor_of, follow
from tests.steps.happening import followers_of, happen, until_followed
from tests.waiting import in_time, until
from tests.world import World


async def heard(stream: AsyncIterator[LoggedEvent], count: int) -> list[int]:
    """Return the numbers of the next events."""
    async with in_time():
        return [(await anext(stream)).seq for _ in range(count)]


async def test_a_stream_shows_what_its_statement_finds(world: World) -> None:
    run_ids = [new_id(), new_id()]
    async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
        for run_id in run_ids:
            work.emit(RunProgressed(subject_id=run_id, run_id=run_id, stage="DRAFTING", lead_ids=()))
        work.emit(WorkspaceUpdated(subject_id=world.workspace_id))

    async def found(where: EventFilter) -> list[LoggedEvent]:
        return await list_events(workspace_id=world.workspace_id, after=0, where=where)

    everything = await found(EventFilter())
    choices: Any = (
        (None, run_ids[0], new_id()),
        (None, run_ids[1], world.workspace_id),
        (None, (), ("RunProgressed",), ("RunProgressed", "WorkspaceUpdated")),
        (None, ("run",), ("run", "workspace")),
    )
    for run_id, subject_id, types, kinds in product(*choices):
        where = EventFilter(run_id=run_id, subject_id=subject_id, types=types, subject_kinds=kinds)
        assert [event for event in everything if where.includes(event)] == await found(where), where


async def test_many_followers_read_the_log_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    reads = 0

    async def counted(**options: Any) -> list[LoggedEvent]:
        nonlocal reads
        reads += 1
        return await list_events(**options)

    monkeypatch.setattr(tails, "list_events", counted)
    start = await find_last_seq(workspace_id=world.workspace_id)
    streams = [follow(world.context(), where=EventFilter(), after=None) for _ in range(50)]
    waiting = [asyncio.create_task(heard(stream, 3)) for stream in streams]
    streams.append(follow(world.context(), where=EventFilter(), after=cursor_of(world.context(), start)))
    waiting.append(asyncio.create_task(heard(streams[-1], 3)))
    await until_followed(world, times=51)
    await happen(world, 3)

    for told in await asyncio.gather(*waiting):
        assert told == [start + 1, start + 2, start + 3]
    assert 0 < reads < 50
    for stream in streams:
        await stream.aclose()  # type: ignore[attr-defined]


async def test_who_falls_far_behind_reads_by_itself(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tails, "KEPT", 3)
    start = await find_last_seq(workspace_id=world.workspace_id)
    slow = follow(world.context(), where=EventFilter(), after=cursor_of(world.context(), start))
    quick = follow(world.context(), where=EventFilter(), after=cursor_of(world.context(), start))
    await happen(world)
    assert await heard(slow, 1) == await heard(quick, 1) == [start + 1]
    await happen(world, 10)
    expected = list(range(start + 2, start + 12))
    assert await heard(quick, 10) == expected
    assert await heard(slow, 10) == expected
    for stream in (slow, quick):
        await stream.aclose()  # type: ignore[attr-defined]


async def test_a_database_that_is_away_for_a_moment_ends_no_stream(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = [OSError("connection reset by peer"), OSError("connection refused")]

    async def shaky(**options: Any) -> list[LoggedEvent]:
        if failures:
            raise failures.pop()
        return await list_events(**options)

    monkeypatch.setattr(tails, "list_events", shaky)
    monkeypatch.setattr(tails, "LOOK_S", 0.01)
    start = await find_last_seq(workspace_id=world.workspace_id)
    async with aclosing(
        follow(world.context(), where=EventFilter(), after=cursor_of(world.context(), start))  # type: ignore[type-var]
    ) as stream:
        hearing = asyncio.create_task(heard(stream, 1))
        await until(lambda: not failures)
        await happen(world)
        assert await hearing == [start + 1]


async def test_the_last_follower_ends_the_reading(world: World) -> None:
    await happen(world)
    streams = [
        follow(world.context(), where=EventFilter(), after=cursor_of(world.context(), 0)) for _ in range(2)
    ]
    for stream in streams:
        await heard(stream, 1)
    read = world.services.tails._read[world.workspace_id]
    for left, stream in zip((2, 1), streams, strict=True):
        assert (followers_of(world), read.reader.done()) == (left, False)
        await stream.aclose()  # type: ignore[attr-defined]
    with pytest.raises(asyncio.CancelledError):
        await read.reader
    assert followers_of(world) == 0
