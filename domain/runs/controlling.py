"""Pause, resume and cancel runs, by a person or because something is used up or broken."""

from datetime import datetime
from uuid import UUID

from domain.actor import Actor, require
from domain.errors import Invalid, NotFound
from domain.plays.rules import Budget
from domain.runs.events import RunCancelled, RunCancelling, RunPaused, RunResumed
from domain.runs.models import Run
from domain.runs.rules import RUN_STATES, PauseReason, RunState, can_resume
from domain.runs.tasks import ContinueRun, LetGoOfLeads
from domain.states import IllegalTransition
from domain.work import Work, unit_of_work
from domain.workspaces.rules import Permission


async def pause_run(*, actor: Actor, run_id: UUID, now: datetime) -> UUID:
    """Pause a run by hand; what is with a mail server already is finished. Repeating is safe.

    Raises:
        NotFound.
        IllegalTransition: it has ended.
    """
    require(actor, Permission.CONTROL_RUNS)
    async with unit_of_work(actor, now=now) as work:
        run = await _lock(work, run_id)
        if run.status != RunState.PAUSED:
            RUN_STATES.require(RunState(run.status), RunState.PAUSED)
            await pause(work, run_id=run_id, reason=PauseReason.USER)
            work.audit("run.pause", target_kind="run", target_id=run_id)
    return run_id


async def resume_run(*, actor: Actor, run_id: UUID, budget_credits: int | None, now: datetime) -> UUID:
    """Let a run go on where it was paused, or where it failed. Repeating is safe.

    Args:
        budget_credits: a higher cap for a run that has used up its own; None keeps it.

    Raises:
        NotFound.
        IllegalTransition: it isn't paused, and hasn't failed in a way that may be retried.
        Invalid: the new cap is lower than the old one.
    """
    require(actor, Permission.CONTROL_RUNS)
    async with unit_of_work(actor, now=now) as work:
        run = await _lock(work, run_id)
        if budget_credits is not None:
            await _raise_budget(run, budget_credits)
            work.audit("run.raise_budget", target_kind="run", target_id=run_id, budget_credits=budget_credits)
        if run.status not in {RunState.QUEUED, RunState.RUNNING}:
            RUN_STATES.require(RunState(run.status), RunState.RUNNING)
            if run.status == RunState.FAILED and not run.is_retryable:
                raise IllegalTransition("this run has failed for good; launch its play anew")
            await resume(work, run_id=run_id, by_user=True)
            work.audit("run.resume", target_kind="run", target_id=run_id)
    return run_id


async def cancel_run(*, actor: Actor, run_id: UUID, now: datetime) -> UUID:
    """Cancel a run at whatever stage it is. Repeating is safe.

    Nothing of it begins any more from now on; its sequences are stopped and unsent messages taken back in the
    background, and then it is CANCELLED. What a mail server has in its hands at this moment is finished.

    Raises:
        NotFound.
        IllegalTransition: it has ended otherwise.
    """
    require(actor, Permission.CONTROL_RUNS)
    async with unit_of_work(actor, now=now) as work:
        run = await _lock(work, run_id)
        if run.status in {RunState.CANCELLING, RunState.CANCELLED}:
            return run_id
        waits = run.status == RunState.QUEUED
        target = RunState.CANCELLED if waits else RunState.CANCELLING
        RUN_STATES.require(RunState(run.status), target)
        await Run.filter(workspace_id=work.workspace_id, id=run_id).update(
            status=target,
            pause_reason=None,
            failure=None,
            is_retryable=False,
            finished_at=now if waits else None,
        )
        work.emit((RunCancelled if waits else RunCancelling)(subject_id=run_id, run_id=run_id))
        work.audit("run.cancel", target_kind="run", target_id=run_id)
        if not waits:
            await work.enqueue(LetGoOfLeads(run_id=run_id))
    return run_id


async def pause(work: Work, *, run_id: UUID, reason: PauseReason) -> bool:
    """Pause a run that is queued or running; False when it isn't, whatever the cause."""
    paused = await work.connection.fetchval(
        """
        UPDATE run SET status = 'PAUSED', pause_reason = $3
        WHERE workspace_id = $1 AND id = $2 AND status IN ('QUEUED', 'RUNNING') RETURNING true
        """,
        work.workspace_id,
        run_id,
        reason,
    )
    if paused:
        work.emit(RunPaused(subject_id=run_id, run_id=run_id, reason=reason))
    return bool(paused)


async def resume(work: Work, *, run_id: UUID, by_user: bool) -> bool:
    """Let a paused run go on, by itself only one whose cause can be seen to be gone; by a person a failed one, too."""
    by_itself = [reason for reason in PauseReason if can_resume(paused_for=reason, by_user=by_user)]
    resumed = await work.connection.fetchval(
        """
        UPDATE run SET status = 'RUNNING', pause_reason = NULL, failure = NULL, is_retryable = false,
                       started_at = coalesce(started_at, $3), finished_at = NULL
        WHERE workspace_id = $1 AND id = $2
          AND (status = 'PAUSED' AND pause_reason = ANY ($4) OR $5 AND status = 'FAILED' AND is_retryable)
        RETURNING true
        """,
        work.workspace_id,
        run_id,
        work.now,
        by_itself,
        by_user,
    )
    if resumed:
        work.emit(RunResumed(subject_id=run_id, run_id=run_id))
        await work.enqueue(ContinueRun(run_id=run_id))
    return bool(resumed)


async def _raise_budget(run: Run, budget_credits: int) -> None:
    if budget_credits < run.budget_credits:
        raise Invalid("a run's budget can only be raised", field=("budgetCredits",))
    run.budget_credits = Budget(max_credits=budget_credits, max_leads=run.max_leads).max_credits
    await run.save(update_fields=["budget_credits"])


async def _lock(work: Work, run_id: UUID) -> Run:
    run = await Run.filter(workspace_id=work.workspace_id, id=run_id).select_for_update(no_key=True).first()
    if run is None:
        raise NotFound("no such run", field=("id",))
    return run
