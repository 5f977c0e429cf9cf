"""Forget what has served its purpose: answered idempotency keys and finished tasks."""

from datetime import datetime, timedelta
from uuid import UUID

from domain.actor import Actor
from domain.work import unit_of_work

KEYS_KEPT = timedelta(days=7)
"""Callers may rely on 72 hours."""

TASKS_KEPT = timedelta(days=14)
"""Finished ones; parked ones wait for a person."""


async def forget_finished(*, workspace_id: UUID, now: datetime) -> None:
    """Delete old idempotency records and finished tasks of a workspace; safe to repeat."""
    async with unit_of_work(Actor.job(workspace_id), now=now) as work:
        await work.connection.execute(
            "DELETE FROM idempotency_record WHERE workspace_id = $1 AND created_at < $2",
            workspace_id,
            now - KEYS_KEPT,
        )
        await work.connection.execute(
            "DELETE FROM task WHERE workspace_id = $1 AND state = 'DONE' AND finished_at < $2",
            workspace_id,
            now - TASKS_KEPT,
        )
