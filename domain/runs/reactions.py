"""What earlier features' events do to runs, in the same transaction."""

from collections import defaultdict
from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

from domain.credits.budgets import is_used_up
from domain.credits.events import CreditsGranted
from domain.plays.events import PlayResumed
from domain.runs.controlling import pause, resume
from domain.runs.progress import close_by_enrollment, follow_review, move_leads
from domain.runs.rules import LeadStage, PauseReason
from domain.runs.tasks import ContinueRun
from domain.senders.events import (
    SenderDisconnected,
    SenderPaused,
    SenderReauthRequired,
    SenderResumed,
    SenderVerified,
)
from domain.senders.rules import CAN_SEND
from domain.sequences.events import (
    EnrollmentAdvanced,
    EnrollmentEnded,
    MessageApproved,
    MessageDrafted,
    MessageEdited,
    MessageRejected,
)
from domain.sequences.rules import EnrollmentStatus
from domain.work import Work, reacts_to, reacts_to_all

Happened = TypeVar("Happened", EnrollmentAdvanced, EnrollmentEnded)


@reacts_to_all(MessageDrafted)
@reacts_to_all(MessageApproved)
@reacts_to_all(MessageEdited)
@reacts_to_all(MessageRejected)
async def put_where_their_messages_are(
    work: Work, events: Sequence[MessageDrafted | MessageApproved | MessageEdited | MessageRejected]
) -> None:
    """Move leads between drafting, review and schedule with the next message they would get."""
    enrollment_ids = {event.enrollment_id for event in events if event.run_id and event.enrollment_id}
    if enrollment_ids:
        await follow_review(work, enrollment_ids=sorted(enrollment_ids))


@reacts_to_all(EnrollmentAdvanced)
async def note_sent(work: Work, events: Sequence[EnrollmentAdvanced]) -> None:
    """Move leads on when their first messages have left."""
    for run_id, some in _by_run(events).items():
        lead_ids = [event.lead_id for event in some]
        await move_leads(work, run_id=run_id, lead_ids=lead_ids, target=LeadStage.SENDING)


@reacts_to_all(EnrollmentEnded)
async def close_leads_of(work: Work, events: Sequence[EnrollmentEnded]) -> None:
    """Close leads whose sequences have ended, for whatever reason."""
    for run_id, some in _by_run(events).items():
        ended = {event.lead_id: EnrollmentStatus(event.status) for event in some}
        await close_by_enrollment(work, run_id=run_id, ended=ended)


@reacts_to(PlayResumed)
async def go_on_with_play(work: Work, event: PlayResumed) -> None:
    """Take up again what the play's pause has stopped; runs that were paused themselves stay so."""
    rows = await work.connection.fetch(
        "SELECT id FROM run WHERE workspace_id = $1 AND play_id = $2 AND status = 'RUNNING'",
        work.workspace_id,
        event.subject_id,
    )
    for row in rows:
        await work.enqueue(ContinueRun(run_id=row["id"]))


@reacts_to(CreditsGranted)
async def resume_with_credits(work: Work, event: CreditsGranted) -> None:
    """Resume runs that had run out of credits, unless they have used up their own budget."""
    for run_id in await _paused_for(work, PauseReason.BUDGET):
        if not await is_used_up(work.connection, workspace_id=work.workspace_id, run_id=run_id):
            await resume(work, run_id=run_id, by_user=False)


@reacts_to(SenderVerified)
@reacts_to(SenderResumed)
async def resume_with_sender(work: Work, event: SenderVerified | SenderResumed) -> None:
    """Resume runs that had no sender left, now that one can send."""
    for run_id in await _paused_for(work, PauseReason.AUTH, sender_id=event.subject_id):
        await resume(work, run_id=run_id, by_user=False)


@reacts_to(SenderReauthRequired)
@reacts_to(SenderDisconnected)
async def pause_without_sender(work: Work, event: SenderReauthRequired | SenderDisconnected) -> None:
    """Pause runs that no sender is left for."""
    await _pause_without_sender(work, event.subject_id, PauseReason.AUTH)


@reacts_to(SenderPaused)
async def pause_after_refusals(work: Work, event: SenderPaused) -> None:
    """Pause runs whose only sender was stopped because providers refuse it; a person looks before it goes on."""
    if event.automatic:
        await _pause_without_sender(work, event.subject_id, PauseReason.BOUNCE)


def _by_run(events: Sequence[Happened]) -> dict[UUID, list[Happened]]:
    """Return what happened in each run, in order; what belongs to none is left out."""
    runs: defaultdict[UUID, list[Happened]] = defaultdict(list)
    for event in events:
        if event.run_id is not None:
            runs[event.run_id].append(event)
    return runs


async def _pause_without_sender(work: Work, sender_id: UUID, reason: PauseReason) -> None:
    rows = await work.connection.fetch(
        """
        SELECT r.id FROM run r
        WHERE r.workspace_id = $3 AND r.status = 'RUNNING'
          AND EXISTS (SELECT 1 FROM play_sender ps WHERE ps.workspace_id = r.workspace_id AND ps.play_id = r.play_id
                      AND ps.sender_id = $1)
          AND NOT EXISTS (SELECT 1 FROM play_sender ps
                          JOIN sender s ON (s.workspace_id, s.id) = (ps.workspace_id, ps.sender_id)
                          WHERE ps.workspace_id = r.workspace_id AND ps.play_id = r.play_id AND s.id <> $1
                            AND s.status = ANY ($2))
        ORDER BY r.id
        """,
        sender_id,
        sorted(CAN_SEND),
        work.workspace_id,
    )
    for row in rows:
        await pause(work, run_id=row["id"], reason=reason)


async def _paused_for(work: Work, reason: PauseReason, *, sender_id: UUID | None = None) -> list[UUID]:
    """Return the runs paused for a reason; with a sender, those of plays that use it."""
    rows = await work.connection.fetch(
        """
        SELECT r.id FROM run r WHERE r.workspace_id = $3 AND r.status = 'PAUSED' AND r.pause_reason = $1
          AND ($2::uuid IS NULL OR EXISTS (
            SELECT 1 FROM play_sender ps
            WHERE ps.workspace_id = r.workspace_id AND ps.play_id = r.play_id AND ps.sender_id = $2))
        ORDER BY r.id
        """,
        reason,
        sender_id,
        work.workspace_id,
    )
    return [row["id"] for row in rows]
