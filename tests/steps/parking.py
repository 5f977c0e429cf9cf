"""Tasks that are given up."""

from typing import Any

from jobs import queue
from jobs.registry import JOBS
from tests.world import World


async def park(world: World, kind: str) -> None:
    """Give up on the waiting tasks of this kind, as the runner does."""
    job = JOBS[kind]
    rows = await world.fetch("SELECT id FROM task WHERE kind = $1 AND state = 'READY'", kind)
    assert rows
    for row in rows:
        claimed = await queue.claim(workspace_id=world.workspace_id, task_id=row["id"], now=world.now())
        assert claimed is not None

        async def tell(work: Any, payload: dict[str, Any] = claimed.payload) -> None:
            assert job.when_parked is not None
            await job.when_parked(work, job.task.from_payload(payload), "boom")

        await queue.park(claimed, now=world.now(), error="boom", tell=tell)
