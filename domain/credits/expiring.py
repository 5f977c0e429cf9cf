"""What ends by the clock: grants past their end, and holds that nobody settled or released."""

from datetime import datetime
from uuid import UUID

from domain import tenancy
from domain.actor import Actor
from domain.credits import queries
from domain.credits.events import CreditsExpired
from domain.credits.ledger import EntryKind
from domain.credits.posting import Movement, post
from domain.credits.releasing import close_holds
from domain.credits.rules import Allocation, HoldStatus
from domain.work import Work, unit_of_work

HOLDS_AT_ONCE = 500


async def list_workspaces_due(*, now: datetime) -> list[UUID]:
    """Return the workspaces in which a grant or a hold has come to its end."""
    async with tenancy.looking_across_workspaces() as connection:
        rows = await connection.fetch(
            """
            SELECT workspace_id FROM credit_grant WHERE status = 'ACTIVE' AND expires_at <= $1
            UNION SELECT workspace_id FROM credit_hold WHERE status = 'HELD' AND expires_at <= $1
            """,
            now,
        )
    return [row["workspace_id"] for row in rows]


async def expire_due(*, workspace_id: UUID, now: datetime) -> None:
    """Give back holds past their end, then end grants past theirs; running it again changes nothing."""
    async with unit_of_work(Actor.job(workspace_id), now=now) as work:
        await queries.lock_balance(work.connection, workspace_id=workspace_id)
        await _expire_holds(work)
        await _expire_grants(work)


async def _expire_holds(work: Work) -> None:
    rows = await work.connection.fetch(
        """
        SELECT id, operation_key, run_id, allocations, settled, status FROM credit_hold
        WHERE workspace_id = $1 AND status = 'HELD' AND expires_at <= $2 ORDER BY expires_at LIMIT $3
        """,
        work.workspace_id,
        work.now,
        HOLDS_AT_ONCE,
    )
    await close_holds(work, {queries.read_hold(row): HoldStatus.EXPIRED for row in rows})


async def _expire_grants(work: Work) -> None:
    rows = await work.connection.fetch(
        """
        UPDATE credit_grant SET status = 'EXPIRED' WHERE workspace_id = $1 AND status = 'ACTIVE' AND expires_at <= $2
        RETURNING id, remaining
        """,
        work.workspace_id,
        work.now,
    )
    for row in rows:
        lost = Movement(
            kind=EntryKind.EXPIRE,
            allocations=(Allocation(row["id"], row["remaining"]),),
            operation_key=f"expire:{row['id']}",
        )
        await post(work, lost)
        work.emit(CreditsExpired(subject_id=row["id"], amount=row["remaining"]))
