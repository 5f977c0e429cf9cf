"""Writing a message by hand, where no drafter could: it goes the same way through checks and review."""

from datetime import datetime
from typing import Final
from uuid import UUID

from domain.actor import Actor, require
from domain.errors import Conflict
from domain.ids import new_id
from domain.sequences.assignments import Assignment, Plan, load_plan
from domain.sequences.controlling import EnrollmentOver
from domain.sequences.draft_records import NewMessage, insert_message
from domain.sequences.draft_writing import mark_drafted
from domain.sequences.editing import check_thread_subject, parse_wording
from domain.sequences.events import MessageDrafted
from domain.work import Work, unit_of_work
from domain.workspaces.rules import Permission

BY_HAND: Final = "person"


class StepHasMessage(Conflict):
    """The step has a message already; edit that one."""

    code = "STEP_HAS_MESSAGE"


async def write_message(
    *, actor: Actor, enrollment_id: UUID, step_id: UUID, subject: str, body: str, now: datetime
) -> UUID:
    """Write a step's message by hand; it waits for review like any other.

    Raises:
        StepHasMessage, EnrollmentOver, NotFound, Invalid.
    """
    require(actor, Permission.EDIT_MESSAGES)
    subject, body = parse_wording(subject, body)
    async with unit_of_work(actor, now=now) as work:
        plan = await load_plan(
            work.connection,
            workspace_id=work.workspace_id,
            enrollment_id=enrollment_id,
            now=now,
            again=True,
        )
        if plan is None:
            raise EnrollmentOver("this lead has left the sequence")
        assignment = plan.assignment_of(step_id)
        check_thread_subject(plan, assignment, subject=subject)
        message = _message(plan, assignment, subject=subject, body=body, by=actor.user_id or actor.id)
        if not await insert_message(work, plan, message):
            raise StepHasMessage("this step has a message already; edit that one")
        _announce(work, plan, assignment, message)
        if not any(other.is_wanted for other in plan.assignments if other is not assignment):
            await mark_drafted(work, plan)
        work.audit("message.write", target_kind="message", target_id=message.id)
    return message.id


def _message(plan: Plan, assignment: Assignment, *, subject: str, body: str, by: UUID | None) -> NewMessage:
    previous = plan.previous_subjects(assignment.position, drafted={})
    composed = plan.setting.compose(
        plan.setting.brief(assignment.step, previous_subjects=previous),
        subject=subject,
        body=body,
        claims=(),
        is_first_contact=plan.is_first(assignment),
        is_edited_by_person=True,
    )
    return NewMessage(
        id=new_id(),
        step_id=assignment.step_id,
        variant_id=assignment.variant_id,
        composed=composed,
        drafted_by=BY_HAND,
        edited_by=by,
    )


def _announce(work: Work, plan: Plan, assignment: Assignment, message: NewMessage) -> None:
    work.emit(
        MessageDrafted(
            subject_id=message.id,
            run_id=plan.run_id,
            enrollment_id=plan.enrollment_id,
            lead_id=plan.lead_id,
            position=assignment.position,
            readiness=message.composed.readiness.result,
            drafted_by=BY_HAND,
        )
    )
