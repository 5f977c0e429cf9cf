"""What came of drafting, written down: messages for review, AI calls, credits, and failures."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.actor import Actor
from domain.credits.prices import Operation, price_list_at
from domain.credits.service import release, settle
from domain.errors import DomainError
from domain.ids import new_id
from domain.sequences.assignments import Assignment, Plan
from domain.sequences.briefing import Composed
from domain.sequences.draft_records import NewMessage, insert_ai_calls, insert_message
from domain.sequences.events import DraftingFailed, EnrollmentDrafted, MessageDrafted
from domain.sequences.ports import AiUsage, Draft
from domain.work import Work, unit_of_work


@dataclass(slots=True, kw_only=True)
class Attempt:
    """One step's question and what came of it; ``message_id`` also names its hold of credits."""

    assignment: Assignment
    message_id: UUID = field(default_factory=new_id)
    draft: Draft | None = None
    composed: Composed | None = None
    usage: tuple[AiUsage, ...] = ()
    is_held: bool = False

    @property
    def operation_key(self) -> str:
        """Name of the hold, one per attempt."""
        return f"draft:{self.message_id}"


async def write_attempts(
    actor: Actor, plan: Plan, attempts: list[Attempt], failure: DomainError | None, *, now: datetime
) -> list[UUID]:
    """Write what was drafted and book what it cost, in one transaction."""
    if not attempts:
        return []
    async with unit_of_work(actor, now=now) as work:
        status = await work.connection.fetchval(
            "SELECT status FROM enrollment WHERE workspace_id = $1 AND id = $2 FOR UPDATE",
            work.workspace_id,
            plan.enrollment_id,
        )
        is_open = status in {"PENDING", "ACTIVE", "PAUSED"}
        written = [
            attempt.message_id
            for attempt in attempts
            if await _write_attempt(work, plan, attempt, is_open=is_open)
        ]
        if failure is not None:
            position = attempts[-1].assignment.position
            await emit_failure(work, enrollment_id=plan.enrollment_id, position=position, failure=failure)
        elif is_open:
            await mark_drafted(work, plan)
    return written


async def emit_failure(work: Work, *, enrollment_id: UUID, position: int, failure: DomainError) -> None:
    """Say that a step has no message, and why; the run sees it."""
    row = await work.connection.fetchrow(
        "SELECT run_id, lead_id FROM enrollment WHERE workspace_id = $1 AND id = $2",
        work.workspace_id,
        enrollment_id,
    )
    if row is not None:
        work.emit(DraftingFailed(subject_id=enrollment_id, position=position, code=failure.code, **row))


async def mark_drafted(work: Work, plan: Plan) -> None:
    """Note that every step has its message."""
    await work.connection.execute(
        "UPDATE enrollment SET status = 'ACTIVE' WHERE workspace_id = $1 AND id = $2 AND status = 'PENDING'",
        work.workspace_id,
        plan.enrollment_id,
    )
    work.emit(EnrollmentDrafted(subject_id=plan.enrollment_id, run_id=plan.run_id, lead_id=plan.lead_id))


async def _write_attempt(work: Work, plan: Plan, attempt: Attempt, *, is_open: bool) -> bool:
    """Write one message; False when none came out, the lead has left, or somebody else was faster."""
    is_new = False
    if is_open and attempt.draft is not None and attempt.composed is not None:
        message = NewMessage(
            id=attempt.message_id,
            step_id=attempt.assignment.step_id,
            variant_id=attempt.assignment.variant_id,
            composed=attempt.composed,
            drafted_by=attempt.draft.drafted_by,
            model=attempt.draft.model,
            prompt_version=attempt.draft.prompt_version,
        )
        is_new = await insert_message(work, plan, message)
    if is_new and attempt.composed is not None and attempt.draft is not None:
        work.emit(
            MessageDrafted(
                subject_id=attempt.message_id,
                run_id=plan.run_id,
                enrollment_id=plan.enrollment_id,
                lead_id=plan.lead_id,
                position=attempt.assignment.position,
                readiness=attempt.composed.readiness.result,
                drafted_by=attempt.draft.drafted_by,
            )
        )
    await _book(work, plan, attempt, message_id=attempt.message_id if is_new else None)
    return is_new


async def _book(work: Work, plan: Plan, attempt: Attempt, *, message_id: UUID | None) -> None:
    """Keep a row per AI call; the last one is paid for when it gave a message."""
    price = price_list_at(work.now).prices[Operation.MESSAGE_DRAFTED]
    call_ids = await insert_ai_calls(
        work,
        plan,
        attempt.usage,
        message_id=message_id,
        prompt_version=attempt.draft.prompt_version if attempt.draft else None,
        cost_credits=price if message_id is not None else 0,
    )
    if attempt.is_held and call_ids and message_id is not None:
        await settle(work, operation_key=attempt.operation_key, amount=price, ai_call_id=call_ids[-1])
    if attempt.is_held:
        await release(work, operation_key=attempt.operation_key)
