"""The bell rings at once, and comes back by itself when Valkey was away."""

import asyncio
from contextlib import suppress
from uuid import UUID, uuid4

from domain.tasks import PendingTask
from domain.work import Committed
from jobs.bell import Bell
from tests.world import World


class Listener:
    """Stands in for the runner."""

    def __init__(self) -> None:
        self.rung: list[tuple[UUID, UUID]] = []

    def ring(self, workspace_id: UUID, task_id: UUID) -> None:
        self.rung.append((workspace_id, task_id))


async def test_a_commit_is_heard_by_the_worker(world: World) -> None:
    bell = Bell(str(world.app.settings.redis_url))
    listener = Listener()
    listening = asyncio.create_task(bell.listen(listener))  # type: ignore[arg-type]
    task = PendingTask(id=uuid4(), workspace_id=world.workspace_id, due_at=world.now())
    try:
        await bell.ring(Committed(workspace_id=world.workspace_id, last_seq=None, tasks=(task,)))
        async with asyncio.timeout(5):
            while (world.workspace_id, task.id) not in listener.rung:
                await asyncio.sleep(0.01)
    finally:
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening
        await bell.close()


async def test_without_tasks_nothing_is_rung_and_no_connection_is_made() -> None:
    bell = Bell("redis://127.0.0.1:1")
    await bell.ring(Committed(workspace_id=uuid4(), last_seq=3, tasks=()))
    await bell.close()
