"""Move leads through a run's stages, and end the run when the last one is closed.

Only a lead's own row is written, never the run's, so that thousands of leads don't queue up behind one row.
Whoever closes a lead while few are open asks for ``EndRun``; that task looks after the commit, with a lock on
the open rows, so that of two transactions which close the last two leads at once none can be overlooked.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from domain.runs.events import RunCancelled, RunCompleted, RunProgressed
from domain.runs.rules import DropReason, LeadStage, RunState, close_lead, let_go_reason, stages_before
from domain.runs.tasks import EndRun
from domain.sequences.rules import EnrollmentStatus
from domain.work import Work

FEW_OPEN = 200
"""More leads than can be in the act of being closed, one by one, at the same moment in all workers."""
TOLD_AT_ONCE = 500
"""Most leads that one event names."""

_CLOSED = {LeadStage.DONE, LeadStage.DROPPED}


async def move_leads(
    work: Work,
    *,
    run_id: UUID,
    lead_ids: Sequence[UUID],
    target: LeadStage,
    reason: DropReason | None = None,
) -> list[UUID]:
    """Move leads to a stage; those that can't go there stay. Returns the moved ones; safe to repeat.

    Args:
        reason: why the run lets go of them; given for DROPPED only.
    """
    rows = await work.connection.fetch(
        """
        UPDATE run_lead SET
            stage = $3::text, dropped_reason = $4,
            enriched_at = CASE WHEN stage = 'ENRICHING' AND $3 = 'DRAFTING' THEN $6 ELSE enriched_at END,
            drafted_at = CASE WHEN $3 = 'IN_REVIEW' THEN coalesce(drafted_at, $6) ELSE drafted_at END
        WHERE workspace_id = $7 AND run_id = $1 AND lead_id = ANY ($2) AND stage = ANY ($5) RETURNING lead_id
        """,
        run_id,
        list(lead_ids),
        target,
        reason,
        list(stages_before(target)),
        work.now,
        work.workspace_id,
    )
    moved: list[UUID] = [row["lead_id"] for row in rows]
    for start in range(0, len(moved), TOLD_AT_ONCE):
        some = tuple(moved[start : start + TOLD_AT_ONCE])
        work.emit(RunProgressed(subject_id=run_id, run_id=run_id, stage=target, lead_ids=some, reason=reason))
    if moved and target in _CLOSED:
        await ask_for_end(work, run_id=run_id, closed=len(moved))
    return moved


async def close_by_enrollment(work: Work, *, run_id: UUID, ended: Mapping[UUID, EnrollmentStatus]) -> None:
    """Close leads of a run whose sequences have ended, each as it did."""
    rows = await work.connection.fetch(
        """
        SELECT rl.lead_id, rl.stage, r.status, r.is_retryable FROM run_lead rl
        JOIN run r ON (r.workspace_id, r.id) = (rl.workspace_id, rl.run_id)
        WHERE rl.workspace_id = $3 AND rl.run_id = $1 AND rl.lead_id = ANY ($2)
        ORDER BY rl.lead_id FOR UPDATE OF rl
        """,
        run_id,
        list(ended),
        work.workspace_id,
    )
    closing: defaultdict[tuple[LeadStage, DropReason | None], list[UUID]] = defaultdict(list)
    for row in rows:
        if row["stage"] not in _CLOSED:
            end = close_lead(
                stage=LeadStage(row["stage"]),
                ended=ended[row["lead_id"]],
                let_go=let_go_reason(RunState(row["status"]), is_retryable=row["is_retryable"]),
            )
            closing[end].append(row["lead_id"])
    for (target, reason), lead_ids in closing.items():
        await move_leads(work, run_id=run_id, lead_ids=lead_ids, target=target, reason=reason)


async def follow_review(work: Work, *, enrollment_ids: Sequence[UUID]) -> None:
    """Put leads where the next message they would get is: in review, or approved and so scheduled.

    A rejected message is still in review, until a person has it drafted anew or removes the lead.
    """
    rows = await work.connection.fetch(
        """
        SELECT DISTINCT ON (e.id) e.run_id, e.lead_id, m.status FROM enrollment e
        JOIN message m ON (m.workspace_id, m.enrollment_id) = (e.workspace_id, e.id)
        JOIN sequence_step s ON (s.workspace_id, s.id) = (m.workspace_id, m.step_id)
        WHERE e.workspace_id = $1 AND e.id = ANY ($2) AND e.status IN ('PENDING', 'ACTIVE', 'PAUSED')
          AND s.position > e.current_position AND m.status <> 'CANCELLED'
        ORDER BY e.id, s.position, m.status = 'REJECTED', m.created_at DESC
        """,
        work.workspace_id,
        list(enrollment_ids),
    )
    leads: defaultdict[tuple[UUID, LeadStage], list[UUID]] = defaultdict(list)
    for row in rows:
        target = LeadStage.SCHEDULED if row["status"] == "APPROVED" else LeadStage.IN_REVIEW
        leads[row["run_id"], target].append(row["lead_id"])
    for (run_id, target), lead_ids in leads.items():
        await move_leads(work, run_id=run_id, lead_ids=lead_ids, target=target)


async def ask_for_end(work: Work, *, run_id: UUID, closed: int) -> None:
    """Have it looked whether the run is over, if it may be.

    Args:
        closed: leads that this transaction closes; many at once are always followed by a look.
    """
    look = await work.connection.fetchrow(
        """
        SELECT count(*) AS open_leads, pg_current_xact_id()::text AS transaction_id FROM (
            SELECT 1 FROM run_lead
            WHERE workspace_id = $3 AND run_id = $1 AND stage NOT IN ('DONE', 'DROPPED') LIMIT $2
        ) AS open_ones
        """,
        run_id,
        FEW_OPEN,
        work.workspace_id,
    )
    if look is not None and (closed > 1 or look["open_leads"] < FEW_OPEN):
        await work.enqueue(EndRun(run_id=run_id, asked_in=look["transaction_id"]))


async def end_run(work: Work, *, run_id: UUID) -> RunState | None:
    """Complete a run, or finish its cancellation; None when something is left. Safe to repeat.

    The lock waits for transactions that are closing a lead right now, and looks again when they are done.
    """
    row = await work.connection.fetchrow(
        "SELECT status, discovered_at FROM run WHERE workspace_id = $1 AND id = $2", work.workspace_id, run_id
    )
    ending = {RunState.RUNNING: RunState.COMPLETED, RunState.CANCELLING: RunState.CANCELLED}
    if row is None or row["status"] not in ending:
        return None
    if row["status"] == RunState.RUNNING and row["discovered_at"] is None:
        return None
    if await _has_open_work(work, run_id):
        return None
    target = ending[RunState(row["status"])]
    ended = await work.connection.fetchval(
        """
        UPDATE run SET status = $3, finished_at = $4 WHERE workspace_id = $5 AND id = $1 AND status = $2
        RETURNING true
        """,
        run_id,
        row["status"],
        target,
        work.now,
        work.workspace_id,
    )
    if not ended:
        return None
    event = RunCompleted if target is RunState.COMPLETED else RunCancelled
    work.emit(event(subject_id=run_id, run_id=run_id))
    return target


async def _has_open_work(work: Work, run_id: UUID) -> bool:
    for statement in (
        """
        SELECT true FROM run_lead
        WHERE workspace_id = $1 AND run_id = $2 AND stage NOT IN ('DONE', 'DROPPED') LIMIT 1 FOR SHARE
        """,
        """
        SELECT true FROM enrollment
        WHERE workspace_id = $1 AND run_id = $2 AND status IN ('PENDING', 'ACTIVE', 'PAUSED') LIMIT 1
        """,
    ):
        if await work.connection.fetchval(statement, work.workspace_id, run_id):
            return True
    return False
