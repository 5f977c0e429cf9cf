"""The runner: what happens to a task that works, fails, waits, dies or is shared."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from domain.errors import Invalid, ProviderUnavailable
from domain.tasks import Task
from domain.work import Work, unit_of_work
from jobs import queue
from jobs.registry import JOBS, Again, JobContext, job
from jobs.runner import TELLINGS_MAX, Runner
from tests.waiting import HANGS_S, until
from tests.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Try(Task):
    """Does what the test says."""

    label: str

    @property
    def unique_key(self) -> str:
        return f"try:{self.label}"


class Script:
    """What the handler does, call by call."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.told: list[tuple[str, str]] = []
        self.tell: Callable[[Work], Any] = lambda _work: None
        self.act: Callable[[JobContext, Try], Any] = lambda _context, _task: None


@pytest.fixture
def script() -> Iterator[Script]:
    script = Script()

    async def tell(work: Work, task: Try, reason: str) -> None:
        script.told.append((task.label, reason))
        result = script.tell(work)
        if asyncio.iscoroutine(result):
            await result

    @job(Try, max_tries=2, timeout_s=HANGS_S, when_parked=tell)
    async def handle(context: JobContext, task: Try) -> None:
        script.calls.append(task.label)
        result = script.act(context, task)
        if asyncio.iscoroutine(result):
            await result

    yield script
    del JOBS["Try"]


@pytest_asyncio.fixture
async def runner(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Runner]:
    find_due = queue.find_due

    async def find_ours(**_: int) -> list[tuple[UUID, UUID]]:
        """Leave out what other tests have left."""
        return [found for found in await find_due(limit=1_000_000) if found[0] == world.workspace_id]

    monkeypatch.setattr(queue, "find_due", find_ours)
    runner = Runner(ports=world.services.ports, clock=world.clock, concurrency=4, sweep_interval_s=0.02)
    yield runner
    await runner.drain(timeout_s=HANGS_S)


async def _enqueue(world: World, label: str = "a", **options: Any) -> Any:
    async with unit_of_work(world.actor, now=world.now()) as work:
        await work.enqueue(Try(label=label), **options)
    return work.tasks[0].id


async def _settled(world: World, task_id: Any, *, state: str) -> dict[str, Any]:
    find = "SELECT state, attempts, error FROM task WHERE id = $1 AND state = $2"
    [row] = await until(lambda: world.fetch(find, task_id, state))
    return dict(row)


async def _kill(world: World, task_id: Any, *, times: int) -> None:
    """Let workers die with the task."""
    for _ in range(times):
        await queue.claim(workspace_id=world.workspace_id, task_id=task_id, now=world.now())
        await world.fetch(
            "UPDATE task SET lease_until = clock_timestamp() - interval '1 s' WHERE id = $1", task_id
        )


async def _called(script: Script) -> None:
    await until(lambda: script.calls)


async def test_the_sweeper_runs_a_task_without_any_bell(world: World, runner: Runner, script: Script) -> None:
    task_id = await _enqueue(world)
    runner.start()
    assert await _settled(world, task_id, state="DONE") == {"state": "DONE", "attempts": 1, "error": None}
    assert script.calls == ["a"]


async def test_ringing_often_runs_once(world: World, runner: Runner, script: Script) -> None:
    may_end = asyncio.Event()
    script.act = lambda _context, _task: may_end.wait()
    task_id = await _enqueue(world)
    for _ in range(3):
        runner.ring(world.workspace_id, task_id)
    await _called(script)
    for _ in range(3):
        runner.ring(world.workspace_id, task_id)
    may_end.set()
    await runner.drain(timeout_s=HANGS_S)
    assert (await _settled(world, task_id, state="DONE"))["attempts"] == 1
    runner.ring(world.workspace_id, task_id)
    await runner.drain(timeout_s=HANGS_S)
    assert script.calls == ["a"]


async def test_two_workers_share_a_task_once(world: World, script: Script) -> None:
    task_id = await _enqueue(world)
    claims = await asyncio.gather(
        *(queue.claim(workspace_id=world.workspace_id, task_id=task_id, now=world.now()) for _ in range(8))
    )
    assert [claim is not None for claim in claims].count(True) == 1


async def test_a_task_that_is_not_due_waits(world: World, runner: Runner, script: Script) -> None:
    task_id = await _enqueue(world, due_at=world.now() + timedelta(hours=1))
    runner.ring(world.workspace_id, task_id)
    await runner.drain(timeout_s=HANGS_S)
    assert script.calls == []


async def test_a_mendable_error_stops_without_another_try(
    world: World, runner: Runner, script: Script
) -> None:
    def refuse(_context: JobContext, _task: Try) -> None:
        raise Invalid("not like this")

    script.act = refuse
    task_id = await _enqueue(world)
    runner.ring(world.workspace_id, task_id)
    row = await _settled(world, task_id, state="DONE")
    assert row["error"] == "BAD_USER_INPUT: not like this"
    assert script.calls == ["a"]


async def test_provider_trouble_is_tried_again_later_and_then_parked(
    world: World, runner: Runner, script: Script
) -> None:
    def fail(_context: JobContext, _task: Try) -> None:
        raise ProviderUnavailable("down")

    script.act = fail
    task_id = await _enqueue(world)
    runner.ring(world.workspace_id, task_id)
    await _called(script)
    row = await _settled(world, task_id, state="READY")
    assert (row["attempts"], row["error"]) == (1, "ProviderUnavailable: down")
    await world.fetch("UPDATE task SET due_at = clock_timestamp() WHERE id = $1", task_id)
    runner.ring(world.workspace_id, task_id)
    row = await _settled(world, task_id, state="DEAD")
    assert (row["attempts"], row["error"]) == (2, "ProviderUnavailable: down")
    assert script.told == [("a", "ProviderUnavailable: down")]


async def test_again_does_not_count_as_a_failure(world: World, runner: Runner, script: Script) -> None:
    def later(context: JobContext, _task: Try) -> None:
        raise Again(context.now() + timedelta(hours=1))

    script.act = later
    task_id = await _enqueue(world)
    runner.ring(world.workspace_id, task_id)
    await _called(script)
    assert await _settled(world, task_id, state="READY") == {"state": "READY", "attempts": 0, "error": None}


async def test_a_dead_workers_task_is_taken_over_and_the_dead_one_cannot_finish_it(
    world: World, runner: Runner, script: Script
) -> None:
    task_id = await _enqueue(world)
    dead = await queue.claim(workspace_id=world.workspace_id, task_id=task_id, now=world.now())
    assert dead is not None
    await world.fetch(
        "UPDATE task SET lease_until = clock_timestamp() - interval '1 second' WHERE id = $1", task_id
    )
    blocked = asyncio.Event()
    script.act = lambda _context, _task: blocked.wait()
    runner.start()
    await _called(script)
    await queue.finish(dead, now=world.now(), error="from the grave")
    assert (await world.fetch("SELECT state FROM task WHERE id = $1", task_id)) == [{"state": "LEASED"}]
    blocked.set()
    row = await _settled(world, task_id, state="DONE")
    assert (row["attempts"], row["error"]) == (2, None)


async def test_a_task_that_kills_its_worker_is_parked_after_its_tries(
    world: World, runner: Runner, script: Script
) -> None:
    task_id = await _enqueue(world)
    await _kill(world, task_id, times=2)
    runner.ring(world.workspace_id, task_id)
    row = await _settled(world, task_id, state="DEAD")
    assert row["error"] == "gave up after 2 tries"
    assert script.calls == []
    assert script.told == [("a", "gave up after 2 tries")]


async def test_whoever_is_told_that_a_task_is_parked_may_ask_for_it_again(
    world: World, runner: Runner, script: Script
) -> None:
    task_id = await _enqueue(world)
    await _kill(world, task_id, times=2)
    script.tell = lambda work: work.enqueue(Try(label="a"), due_at=world.now() + timedelta(hours=1))
    runner.ring(world.workspace_id, task_id)
    await _settled(world, task_id, state="DEAD")
    rows = await world.fetch("SELECT state, attempts FROM task ORDER BY id")
    assert rows == [{"state": "DEAD", "attempts": 3}, {"state": "READY", "attempts": 0}]


async def test_a_task_whose_end_cannot_be_told_is_not_parked_until_that_is_hopeless(
    world: World, runner: Runner, script: Script
) -> None:
    def fail(_work: Work) -> None:
        raise RuntimeError("nobody listens")

    script.tell = fail
    task_id = await _enqueue(world)
    await _kill(world, task_id, times=2)
    runner.ring(world.workspace_id, task_id)
    await runner.drain(timeout_s=HANGS_S)
    assert await _settled(world, task_id, state="LEASED") == {"state": "LEASED", "attempts": 3, "error": None}
    await world.fetch(
        "UPDATE task SET lease_until = clock_timestamp() - interval '1 s', attempts = $2 WHERE id = $1",
        task_id,
        2 + TELLINGS_MAX - 1,
    )
    runner.ring(world.workspace_id, task_id)
    await _settled(world, task_id, state="DEAD")
    assert len(script.told) == 1


async def test_a_worker_that_lost_its_task_parks_nothing_and_tells_nobody(
    world: World, script: Script
) -> None:
    task_id = await _enqueue(world)
    lost = await queue.claim(workspace_id=world.workspace_id, task_id=task_id, now=world.now())
    assert lost is not None
    await world.fetch("UPDATE task SET epoch = epoch + 1 WHERE id = $1", task_id)

    async def tell(_work: Work) -> None:
        script.told.append(("a", "lost"))

    await queue.park(lost, now=world.now(), error="lost", tell=tell)
    assert script.told == []
    assert await world.fetch("SELECT state FROM task WHERE id = $1", task_id) == [{"state": "LEASED"}]


async def test_draining_lets_running_work_end(world: World, runner: Runner, script: Script) -> None:
    may_end = asyncio.Event()
    script.act = lambda _context, _task: may_end.wait()
    task_id = await _enqueue(world)
    runner.ring(world.workspace_id, task_id)
    await _called(script)
    draining = asyncio.create_task(runner.drain(timeout_s=HANGS_S))
    await asyncio.sleep(0)
    assert not draining.done()
    may_end.set()
    await draining
    assert (await world.fetch("SELECT state FROM task WHERE id = $1", task_id)) == [{"state": "DONE"}]
