"""What a member does to an enrollment by hand: pause, resume, remove."""

from datetime import datetime
from uuid import UUID

from domain.actor import Actor, require
from domain.errors import Conflict, NotFound
from domain.sequences.enrollments import resume, snooze, stop
from domain.sequences.rules import ENROLLMENT_STATES, EnrollmentStatus, PauseReason
from domain.sequences.tasks import DraftEnrollments
from domain.work import Work, unit_of_work
from domain.workspaces.rules import Permission


class EnrollmentOver(Conflict):
    """The lead has left the sequence for good."""

    code = "ENROLLMENT_OVER"


async def pause_enrollment(*, actor: Actor, enrollment_id: UUID, now: datetime) -> UUID:
    """Pause by hand until somebody resumes it; twice changes nothing."""
    require(actor, Permission.CONTROL_RUNS)
    async with unit_of_work(actor, now=now) as work:
        await _require_open(work, enrollment_id)
        await snooze(work, enrollment_id=enrollment_id, until=None, reason=PauseReason.MANUAL)
        work.audit("enrollment.pause", target_kind="enrollment", target_id=enrollment_id)
    return enrollment_id


async def resume_enrollment(*, actor: Actor, enrollment_id: UUID, now: datetime) -> UUID:
    """End a pause, whatever its reason; an enrollment that isn't paused stays as it is."""
    require(actor, Permission.CONTROL_RUNS)
    async with unit_of_work(actor, now=now) as work:
        await _require_open(work, enrollment_id)
        await resume(work, enrollment_id=enrollment_id)
        work.audit("enrollment.resume", target_kind="enrollment", target_id=enrollment_id)
    return enrollment_id


async def remove_enrollment(*, actor: Actor, enrollment_id: UUID, now: datetime) -> UUID:
    """Take a lead out of its sequence; one that has left already stays as it is."""
    require(actor, Permission.CONTROL_RUNS)
    async with unit_of_work(actor, now=now) as work:
        await _get_status(work, enrollment_id)
        await stop(work, enrollment_id=enrollment_id, status=EnrollmentStatus.REMOVED)
        work.audit("enrollment.remove", target_kind="enrollment", target_id=enrollment_id)
    return enrollment_id


async def redraft_enrollment(*, actor: Actor, enrollment_id: UUID, now: datetime) -> UUID:
    """Draft in the background what has no message: after a failure was mended, or a message was rejected."""
    require(actor, Permission.EDIT_MESSAGES)
    async with unit_of_work(actor, now=now) as work:
        await _require_open(work, enrollment_id)
        await work.enqueue(DraftEnrollments(enrollment_ids=(enrollment_id,), again=True))
        work.audit("enrollment.draft", target_kind="enrollment", target_id=enrollment_id)
    return enrollment_id


async def resume_due(*, actor: Actor, enrollment_id: UUID, now: datetime) -> None:
    """End a pause whose time has come; it may have been made longer, or ended by hand."""
    async with unit_of_work(actor, now=now) as work:
        await resume(work, enrollment_id=enrollment_id, only_if_due=True)


async def _get_status(work: Work, enrollment_id: UUID) -> EnrollmentStatus:
    status = await work.connection.fetchval(
        "SELECT status FROM enrollment WHERE workspace_id = $1 AND id = $2 FOR UPDATE",
        work.workspace_id,
        enrollment_id,
    )
    if status is None:
        raise NotFound("no such enrollment", field=("id",))
    return EnrollmentStatus(status)


async def _require_open(work: Work, enrollment_id: UUID) -> None:
    status = await _get_status(work, enrollment_id)
    if ENROLLMENT_STATES.is_terminal(status):
        raise EnrollmentOver(f"this lead has left the sequence: {status.value}")
