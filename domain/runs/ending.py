"""What follows a resumption and a cancellation, and how a run ends."""

from datetime import datetime
from typing import Final
from uuid import UUID

from domain.actor import Actor
from domain.runs import queries
from domain.runs.progress import ask_for_end, end_run, move_leads
from domain.runs.rules import LeadStage, let_go_reason
from domain.runs.tasks import DiscoverLeads, EnrichRunLeads
from domain.sequences.enrollments import stop_many
from domain.sequences.rules import EnrollmentStatus
from domain.work import Work, unit_of_work

PAGE: Final = 1_000


async def continue_run(*, actor: Actor, run_id: UUID, now: datetime) -> bool:
    """Take up again what a pause has stopped.

    Returns:
        False while work from before the pause is still coming to its end: ask again soon. It would swallow
        what is enqueued here under its own key.
    """
    async with unit_of_work(actor, now=now) as work:
        run = await queries.lock_inputs(work.connection, run_id=run_id)
        if not run.goes_on:
            return True
        if await _is_at_work(work, run_id):
            return False
        if not run.is_discovered:
            await work.enqueue(DiscoverLeads(run_id=run_id))
        for batch in await queries.list_open_batches(work.connection, run_id=run_id):
            await work.enqueue(EnrichRunLeads(run_id=run_id, batch=batch))
        await ask_for_end(work, run_id=run_id, closed=0)
    return True


async def let_go_page(*, actor: Actor, run_id: UUID, now: datetime) -> bool:
    """Stop some sequences of a run that was cancelled, or failed for good, and close their leads.

    Returns:
        True while there are more.
    """
    async with unit_of_work(actor, now=now) as work:
        run = await queries.get_inputs(work.connection, run_id=run_id)
        reason = let_go_reason(run.status, is_retryable=run.is_retryable)
        if reason is None:
            return False
        enrollments = await work.connection.fetch(
            """
            SELECT id FROM enrollment
            WHERE workspace_id = $1 AND run_id = $2 AND status IN ('PENDING', 'ACTIVE', 'PAUSED') LIMIT $3
            """,
            work.workspace_id,
            run_id,
            PAGE,
        )
        if enrollments:
            ids = [row["id"] for row in enrollments]
            await stop_many(work, enrollment_ids=ids, status=EnrollmentStatus.REMOVED)
            return True
        leads = await work.connection.fetch(
            """
            SELECT lead_id FROM run_lead
            WHERE workspace_id = $1 AND run_id = $2 AND stage NOT IN ('DONE', 'DROPPED') LIMIT $3
            """,
            work.workspace_id,
            run_id,
            PAGE,
        )
        await move_leads(
            work,
            run_id=run_id,
            lead_ids=[row["lead_id"] for row in leads],
            target=LeadStage.DROPPED,
            reason=reason,
        )
        if not leads:
            await ask_for_end(work, run_id=run_id, closed=0)
    return bool(leads)


async def finish_run(*, actor: Actor, run_id: UUID, now: datetime) -> None:
    """End a run of which nothing is left; see ``progress.end_run``."""
    async with unit_of_work(actor, now=now) as work:
        await end_run(work, run_id=run_id)


async def _is_at_work(work: Work, run_id: UUID) -> bool:
    found = await work.connection.fetchval(
        """
        SELECT true FROM task WHERE workspace_id = $1 AND state = 'LEASED' AND payload ->> 'run_id' = $2
          AND kind IN ('DiscoverLeads', 'EnrichRunLeads', 'DraftRunLeads') LIMIT 1
        """,
        work.workspace_id,
        str(run_id),
    )
    return bool(found)
