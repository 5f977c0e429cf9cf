"""The task table as a queue: claim, finish, put back. Postgres is the record; nothing here needs Valkey."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domain import tenancy
from domain.actor import Actor
from domain.work import Work, unit_of_work

BACK_OFF = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 3600))
LEASE_S = 30.0
"""A worker renews its lease while it runs; when it dies, others take the task after this long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A task that this worker alone may run until its lease ends.

    Attributes:
        epoch: rises with every claim; a worker whose lease was taken over can't finish the task any more.
    """

    id: UUID
    workspace_id: UUID
    kind: str
    payload: dict[str, Any]
    attempts: int
    epoch: int


async def find_due(*, limit: int) -> list[tuple[UUID, UUID]]:
    """Return (workspace_id, id) of tasks that wait or whose worker died, longest due first."""
    async with tenancy.looking_across_workspaces() as connection:
        rows = await connection.fetch(
            """
            SELECT workspace_id, id FROM task
            WHERE (state = 'READY' AND due_at <= clock_timestamp())
               OR (state = 'LEASED' AND lease_until < clock_timestamp())
            ORDER BY due_at LIMIT $1
            """,
            limit,
        )
    return [(row["workspace_id"], row["id"]) for row in rows]


async def count_open() -> list[tuple[str, str, int]]:
    """Return kind, state and number of the tasks that aren't done, in all workspaces."""
    async with tenancy.looking_across_workspaces() as connection:
        rows = await connection.fetch(
            "SELECT kind, state, count(*) AS found FROM task WHERE state <> 'DONE' GROUP BY kind, state"
        )
    return [(row["kind"], row["state"], row["found"]) for row in rows]


async def measure_overdue_s() -> float:
    """Return for how many seconds the oldest due task has waited for a worker; 0 when none waits."""
    async with tenancy.looking_across_workspaces() as connection:
        seconds = await connection.fetchval(
            """
            SELECT extract(epoch FROM clock_timestamp() - min(due_at)) FROM task
            WHERE state = 'READY' AND due_at <= clock_timestamp()
            """
        )
    return float(seconds or 0)


async def claim(*, workspace_id: UUID, task_id: UUID, now: datetime) -> Claim | None:
    """Take a task; None when somebody else has it or it isn't due."""
    async with unit_of_work(Actor.job(workspace_id), now=now) as work:
        row = await work.connection.fetchrow(
            """
            UPDATE task SET state = 'LEASED', attempts = attempts + 1, epoch = epoch + 1,
                            lease_until = clock_timestamp() + make_interval(secs => $3)
            WHERE workspace_id = $1 AND id = $2
              AND ((state = 'READY' AND due_at <= clock_timestamp())
                OR (state = 'LEASED' AND lease_until < clock_timestamp()))
            RETURNING id, workspace_id, kind, payload, attempts, epoch
            """,
            workspace_id,
            task_id,
            LEASE_S,
        )
    return Claim(**row) if row else None


async def renew(claim: Claim, *, now: datetime) -> bool:
    """Keep a task for another lease; False when somebody else has taken it over."""
    async with unit_of_work(Actor.job(claim.workspace_id), now=now) as work:
        found = await work.connection.fetchval(
            """
            UPDATE task SET lease_until = clock_timestamp() + make_interval(secs => $4)
            WHERE workspace_id = $1 AND id = $2 AND epoch = $3 AND state = 'LEASED' RETURNING true
            """,
            claim.workspace_id,
            claim.id,
            claim.epoch,
            LEASE_S,
        )
    return bool(found)


async def finish(claim: Claim, *, now: datetime, error: str | None = None) -> None:
    """Mark a task as done; ``error`` tells why it stopped early, when it did."""
    async with unit_of_work(Actor.job(claim.workspace_id), now=now) as work:
        await _settle(work, claim, state="DONE", error=error)


async def park(
    claim: Claim, *, now: datetime, error: str, tell: Callable[[Work], Awaitable[None]] | None = None
) -> None:
    """Give up on a task and keep its reason for a person.

    Args:
        tell: also done in this transaction, with the task closed already; not when others have the task now.
    """
    async with unit_of_work(Actor.job(claim.workspace_id), now=now) as work:
        if await _settle(work, claim, state="DEAD", error=error) and tell is not None:
            await tell(work)


async def put_back(claim: Claim, *, due_at: datetime, now: datetime, error: str | None, counts: bool) -> None:
    """Run a task again later; ``counts`` tells whether this try counts as a failure."""
    async with unit_of_work(Actor.job(claim.workspace_id), now=now) as work:
        await work.connection.execute(
            """
            UPDATE task SET state = 'READY', due_at = $4, lease_until = NULL, error = $5, attempts = attempts - $6
            WHERE workspace_id = $1 AND id = $2 AND epoch = $3 AND state = 'LEASED'
            """,
            claim.workspace_id,
            claim.id,
            claim.epoch,
            due_at,
            error,
            0 if counts else 1,
        )


def back_off(attempts: int) -> timedelta:
    """Return how long to wait after the given number of failures (1, 2, …)."""
    return BACK_OFF[min(attempts, len(BACK_OFF)) - 1]


async def _settle(work: Work, claim: Claim, *, state: str, error: str | None) -> bool:
    """Close a task; False when somebody else has taken it over."""
    found = await work.connection.fetchval(
        """
        UPDATE task SET state = $4, error = $5, finished_at = $6, lease_until = NULL
        WHERE workspace_id = $1 AND id = $2 AND epoch = $3 AND state = 'LEASED' RETURNING true
        """,
        claim.workspace_id,
        claim.id,
        claim.epoch,
        state,
        error,
        work.now,
    )
    return bool(found)
