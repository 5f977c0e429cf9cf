"""The bell rings at once, and comes back by itself when Valkey was away."""

import asyncio
import gc
import warnings
from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from redis.exceptions import RedisError
from structlog.testing import capture_logs

from domain.tasks import PendingTask
from domain.work import Committed
from jobs.bell import Bell
from operations.embedded.valkey import start_valkey
from tests.servers import scratch_folder, scratch_valkey
from tests.waiting import in_time, until


class Listener:
    """Stands in for the runner."""

    def __init__(self) -> None:
        self.rung: list[tuple[UUID, UUID]] = []

    def ring(self, workspace_id: UUID, task_id: UUID) -> None:
        self.rung.append((workspace_id, task_id))


async def test_a_commit_is_heard_by_the_worker() -> None:
    with scratch_valkey() as url:  # in the session's, what other tests have rung would come first
        bell, listener = Bell(url), Listener()
        listening = asyncio.create_task(bell.listen(listener))  # type: ignore[arg-type]
        task = PendingTask(id=uuid4(), workspace_id=uuid4(), due_at=datetime.now(UTC))
        try:
            await bell.ring(Committed(workspace_id=task.workspace_id, last_seq=None, tasks=(task,)))
            await until(lambda: listener.rung)
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening
            await bell.close()
    assert listener.rung == [(task.workspace_id, task.id)]


async def test_without_tasks_nothing_is_rung_and_no_connection_is_made() -> None:
    bell = Bell("redis://127.0.0.1:1")
    await bell.ring(Committed(workspace_id=uuid4(), last_seq=3, tasks=()))
    await bell.close()


async def test_a_valkey_that_dies_while_many_ring_costs_rings_and_no_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("jobs.bell.RECONNECT_S", 0.05)
    with scratch_folder() as folder, warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        valkey = start_valkey(data_dir=folder, append_only=False)
        bell, listener = Bell(valkey.url), Listener()
        listening = asyncio.create_task(bell.listen(listener))  # type: ignore[arg-type]
        try:
            await _rung(bell, listener, times=9)
            with capture_logs() as logs:
                valkey.kill()
                await until(lambda: "bell_lost" in {entry["event"] for entry in logs})
            valkey.restart()
            await _rung(bell, listener, times=1)
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening
            await bell.close()
            valkey.stop()
        gc.collect()
    assert [str(warning.message) for warning in warned if warning.category is ResourceWarning] == []


async def _rung(bell: Bell, listener: Listener, *, times: int) -> None:
    """Ring until every task was heard of; a ring into a broken connection is lost, as the sweeper knows."""
    due_at, workspace_id = datetime.now(UTC), uuid4()
    tasks = tuple(PendingTask(id=uuid4(), workspace_id=workspace_id, due_at=due_at) for _ in range(times))
    async with in_time():
        while not {(workspace_id, task.id) for task in tasks} <= set(listener.rung):
            with suppress(ConnectionError, RedisError):
                await bell.ring(Committed(workspace_id=workspace_id, last_seq=None, tasks=tasks))
            await asyncio.sleep(0.1)
