"""Leads in sequences: put them in, pause, resume, advance, and take them out for good.

All of these are pieces of a larger use case and safe to repeat. Until its messages are drafted an enrollment is
PENDING; pausing it then passes through ACTIVE, as the state machine has it.
"""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

from domain.ids import new_id
from domain.sequences.events import (
    EnrollmentAdvanced,
    EnrollmentEnded,
    EnrollmentPaused,
    EnrollmentResumed,
    LeadEnrolled,
    MessageCancelled,
)
from domain.sequences.queries import LEFT_STATES
from domain.sequences.rules import ENROLLMENT_STATES, EnrollmentStatus, PauseReason
from domain.sequences.tasks import ResumeEnrollment
from domain.work import Work


class SentStep(NamedTuple):
    """A step of an enrollment whose message has left."""

    enrollment_id: UUID
    position: int
    sent_at: datetime


async def enroll(
    work: Work, *, run_id: UUID, lead_id: UUID, sequence_id: UUID, sender_id: UUID
) -> UUID | None:
    """Put a lead into a sequence.

    Returns:
        The enrollment; None when the lead is in a sequence already, or has left this run's.
    """
    enrollment_id: UUID | None = await work.connection.fetchval(
        """
        INSERT INTO enrollment (id, workspace_id, run_id, lead_id, sequence_id, sender_id)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING id
        """,
        new_id(),
        work.workspace_id,
        run_id,
        lead_id,
        sequence_id,
        sender_id,
    )
    if enrollment_id is not None:
        work.emit(LeadEnrolled(subject_id=enrollment_id, run_id=run_id, lead_id=lead_id))
        return enrollment_id
    found: UUID | None = await work.connection.fetchval(
        """
        SELECT id FROM enrollment WHERE workspace_id = $1 AND run_id = $2 AND lead_id = $3
           AND status IN ('PENDING', 'ACTIVE', 'PAUSED')
        """,
        work.workspace_id,
        run_id,
        lead_id,
    )
    return found


async def stop(work: Work, *, enrollment_id: UUID, status: EnrollmentStatus) -> bool:
    """End an enrollment for good and cancel its messages that haven't left.

    Returns:
        False when it had ended before; its status stays then.
    """
    return bool(await stop_many(work, enrollment_ids=[enrollment_id], status=status))


async def stop_many(work: Work, *, enrollment_ids: Sequence[UUID], status: EnrollmentStatus) -> list[UUID]:
    """Like ``stop`` for many; returns those that were open."""
    ENROLLMENT_STATES.require(EnrollmentStatus.ACTIVE, status)
    rows = await work.connection.fetch(
        """
        UPDATE enrollment SET status = $3, ended_at = $4, pause_reason = NULL, resume_at = NULL, next_at = NULL
        WHERE workspace_id = $1 AND id = ANY ($2) AND status IN ('PENDING', 'ACTIVE', 'PAUSED')
        RETURNING id, run_id, lead_id
        """,
        work.workspace_id,
        list(enrollment_ids),
        status,
        work.now,
    )
    for row in rows:
        work.emit(
            EnrollmentEnded(subject_id=row["id"], run_id=row["run_id"], lead_id=row["lead_id"], status=status)
        )
    ended = [row["id"] for row in rows]
    await _cancel_messages(work, enrollment_ids=ended)
    return ended


async def snooze(work: Work, *, enrollment_id: UUID, until: datetime | None, reason: PauseReason) -> bool:
    """Pause an open enrollment; with ``until`` it resumes by itself then.

    A pause is never made shorter: one without an end stays until a person resumes it, and of two ends the
    later one holds.
    """
    row = await work.connection.fetchrow(
        """
        UPDATE enrollment SET status = 'PAUSED', pause_reason = $3,
            resume_at = CASE WHEN $4::timestamptz IS NULL THEN NULL ELSE greatest(resume_at, $4) END
        WHERE workspace_id = $1 AND id = $2
          AND (status IN ('PENDING', 'ACTIVE')
            OR status = 'PAUSED' AND (resume_at IS NOT NULL OR $3 = 'MANUAL') AND pause_reason <> 'MANUAL')
        RETURNING run_id, resume_at
        """,
        work.workspace_id,
        enrollment_id,
        reason,
        until,
    )
    if row is None:
        return False
    work.emit(
        EnrollmentPaused(
            subject_id=enrollment_id, run_id=row["run_id"], reason=reason, resume_at=row["resume_at"]
        )
    )
    if row["resume_at"] is not None:
        await work.enqueue(ResumeEnrollment(enrollment_id=enrollment_id), due_at=row["resume_at"])
    return True


async def resume(work: Work, *, enrollment_id: UUID, only_if_due: bool = False) -> bool:
    """End a pause; with ``only_if_due`` only one whose end has come."""
    run_id = await work.connection.fetchval(
        """
        UPDATE enrollment SET status = 'ACTIVE', pause_reason = NULL, resume_at = NULL
        WHERE workspace_id = $1 AND id = $2 AND status = 'PAUSED' AND (NOT $3 OR resume_at <= $4)
        RETURNING run_id
        """,
        work.workspace_id,
        enrollment_id,
        only_if_due,
        work.now,
    )
    if run_id is not None:
        work.emit(EnrollmentResumed(subject_id=enrollment_id, run_id=run_id))
    return run_id is not None


async def advance(work: Work, *, enrollment_id: UUID, sent_position: int, sent_at: datetime) -> None:
    """Note that a step was sent; after the last one the enrollment is FINISHED.

    A late report about an enrollment that has ended moves its position (opt-outs are counted by it) and
    nothing else.
    """
    await advance_many(work, [SentStep(enrollment_id, sent_position, sent_at)])


async def advance_many(work: Work, sent: Sequence[SentStep]) -> None:
    """Like ``advance`` for many; of two steps of one enrollment the later one counts."""
    steps = {step.enrollment_id: step for step in sorted(sent, key=attrgetter("position"))}
    if not steps:
        return
    rows = await work.connection.fetch(
        """
        UPDATE enrollment e SET current_position = sent.position,
            status = CASE e.status WHEN 'PENDING' THEN 'ACTIVE' ELSE e.status END
        FROM unnest($2::uuid[], $3::int[]) AS sent (id, position)
        WHERE e.workspace_id = $1 AND e.id = sent.id AND e.current_position < sent.position
        RETURNING e.id, e.run_id, e.lead_id, e.status, (
            SELECT min(s.position) FROM sequence_step s
            WHERE s.workspace_id = $1 AND s.sequence_id = e.sequence_id AND s.kind = 'EMAIL'
              AND s.position > sent.position
        ) AS next_position
        """,
        work.workspace_id,
        list(steps),
        [step.position for step in steps.values()],
    )
    going_on = [row for row in rows if not ENROLLMENT_STATES.is_terminal(EnrollmentStatus(row["status"]))]
    for row in going_on:
        step = steps[row["id"]]
        work.emit(
            EnrollmentAdvanced(
                subject_id=row["id"],
                run_id=row["run_id"],
                lead_id=row["lead_id"],
                sent_position=step.position,
                sent_at=step.sent_at,
                next_position=row["next_position"],
            )
        )
    last = [row["id"] for row in going_on if row["next_position"] is None]
    if last:
        await stop_many(work, enrollment_ids=last, status=EnrollmentStatus.FINISHED)


async def _cancel_messages(work: Work, *, enrollment_ids: Sequence[UUID]) -> None:
    rows = await work.connection.fetch(
        """
        UPDATE message m SET status = 'CANCELLED'
        WHERE m.workspace_id = $1 AND m.enrollment_id = ANY ($2) AND m.status IN ('IN_REVIEW', 'APPROVED')
          AND NOT EXISTS (SELECT FROM delivery d WHERE d.workspace_id = $1 AND d.message_id = m.id
                          AND d.state = ANY ($3))
        RETURNING m.id, m.run_id, m.enrollment_id
        """,
        work.workspace_id,
        list(enrollment_ids),
        list(LEFT_STATES),
    )
    for row in rows:
        work.emit(
            MessageCancelled(subject_id=row["id"], run_id=row["run_id"], enrollment_id=row["enrollment_id"])
        )
