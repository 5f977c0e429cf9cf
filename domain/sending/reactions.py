"""What sending does, in the same transaction, when something happens before it in the pipeline."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from domain.credits.events import CreditsGranted
from domain.plays.events import PlayResumed
from domain.runs.events import RunResumed
from domain.senders.events import SenderResumed, SenderVerified
from domain.sending.cancelling import Of, cancel_deliveries
from domain.sending.gate import Gate, TerminalOutcome
from domain.sending.scheduling import schedule_messages, schedule_next, wake
from domain.sequences.events import (
    EnrollmentAdvanced,
    EnrollmentEnded,
    EnrollmentResumed,
    MessageApproved,
    MessageCancelled,
    MessageEdited,
    MessageRejected,
)
from domain.suppression.events import AddressSuppressed
from domain.suppression.queries import find_recipients
from domain.work import Work, reacts_to, reacts_to_all

_OPT_OUTS = frozenset({"SUPPRESSED", "OPTED_OUT"})


@reacts_to_all(MessageApproved)
async def schedule_approved(work: Work, events: Sequence[MessageApproved]) -> None:
    """Queue approved messages, those whose turn it is."""
    await schedule_messages(work, message_ids=[event.subject_id for event in events])


@reacts_to_all(EnrollmentAdvanced)
async def schedule_following(work: Work, events: Sequence[EnrollmentAdvanced]) -> None:
    """Queue the next messages of enrollments whose last ones have left."""
    waiting = [event.subject_id for event in events if event.next_position is not None]
    if waiting:
        await schedule_next(work, enrollment_ids=waiting)


@reacts_to_all(MessageEdited)
async def cancel_edited(work: Work, events: Sequence[MessageEdited]) -> None:
    """Take back what was approved before the edit."""
    await _take_back(work, events, reason="the message was edited")


@reacts_to_all(MessageRejected)
async def cancel_rejected(work: Work, events: Sequence[MessageRejected]) -> None:
    """Take back messages that somebody refused after all."""
    await _take_back(work, events, reason="the message was rejected")


@reacts_to_all(MessageCancelled)
async def cancel_cancelled(work: Work, events: Sequence[MessageCancelled]) -> None:
    """Take back messages that are no longer wanted."""
    await _take_back(work, events, reason="the message was cancelled")


@reacts_to_all(EnrollmentEnded)
async def cancel_ended(work: Work, events: Sequence[EnrollmentEnded]) -> None:
    """Take back what waits for leads that have left their sequences; after the last message nothing does."""
    ended: defaultdict[str, list[UUID]] = defaultdict(list)
    for event in events:
        ended[event.status].append(event.subject_id)
    ended.pop("FINISHED", None)
    for status, enrollment_ids in ended.items():
        is_opt_out = status in _OPT_OUTS
        await cancel_deliveries(
            work,
            Of.ENROLLMENTS,
            enrollment_ids,
            outcome=TerminalOutcome.SUPPRESSED if is_opt_out else TerminalOutcome.CANCELLED,
            reason=f"the lead has left the sequence: {status}",
            with_answers=is_opt_out,
        )


@reacts_to(AddressSuppressed)
async def cancel_suppressed(work: Work, event: AddressSuppressed) -> None:
    """Take back what waits for everybody whom a new suppression concerns."""
    lead_ids = await find_recipients(work.connection, suppression_id=event.subject_id)
    scope = await work.connection.fetchval(
        "SELECT scope FROM suppression WHERE workspace_id = $1 AND id = $2",
        work.workspace_id,
        event.subject_id,
    )
    if scope == "WORKSPACE":  # a narrower one is judged at the gate, which knows play and sender
        await cancel_deliveries(
            work, Of.LEADS, lead_ids, outcome=TerminalOutcome.SUPPRESSED, reason=event.reason
        )


@reacts_to(SenderResumed)
async def wake_resumed(work: Work, event: SenderResumed) -> None:
    """Let what waited for a paused sender ask again."""
    await wake(work, gate=Gate.SENDER, sender_id=event.subject_id)


@reacts_to(SenderVerified)
async def wake_verified(work: Work, event: SenderVerified) -> None:
    """Let what waited for a mailbox to be connected anew ask again."""
    await wake(work, gate=Gate.SENDER, sender_id=event.subject_id)


@reacts_to(CreditsGranted)
async def wake_paid(work: Work, event: CreditsGranted) -> None:
    """Let what waited for credits ask again."""
    await wake(work, gate=Gate.CREDITS)


@reacts_to(EnrollmentResumed)
async def wake_enrolled(work: Work, event: EnrollmentResumed) -> None:
    """Let what waited for a paused lead ask again."""
    await wake(work, gate=Gate.ENROLLMENT, run_id=event.run_id)


@reacts_to(RunResumed)
async def wake_run(work: Work, event: RunResumed) -> None:
    """Let what waited for a paused run ask again."""
    for gate in (Gate.RUN, Gate.CREDITS):
        await wake(work, gate=gate, run_id=event.subject_id)


@reacts_to(PlayResumed)
async def wake_play(work: Work, event: PlayResumed) -> None:
    """Let what waited for a paused play ask again."""
    await wake(work, gate=Gate.PLAY)


async def _take_back(
    work: Work, events: Sequence[MessageEdited | MessageRejected | MessageCancelled], *, reason: str
) -> None:
    await cancel_deliveries(
        work,
        Of.MESSAGES,
        [event.subject_id for event in events],
        outcome=TerminalOutcome.CANCELLED,
        reason=reason,
    )
