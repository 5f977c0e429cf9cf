"""Taking in one mail: understand it outside, then store it with everything it does in one unit of work.

The mailbox's cursor moves in the same transaction, so a crash anywhere neither loses a mail nor takes one twice;
a mail that is read again all the same (renumbered folder, second worker) is known by its Message-ID.
"""

from datetime import datetime, timedelta
from uuid import UUID

from domain.actor import Actor
from domain.ids import new_id
from domain.replies import cursors, effects
from domain.replies.bounces import BounceAction
from domain.replies.cursors import Claim
from domain.replies.events import BounceReceived, ComplaintReceived, PrivacyRequested, ReplyReceived
from domain.replies.filing import file_reply
from domain.replies.labels import Label, Nuance
from domain.replies.matching import MatchBy, Participant
from domain.replies.rules import Effect, decide_effect
from domain.replies.storing import has_reply, key_of, store_bounce, store_reply
from domain.replies.understanding import Understood, understand
from domain.senders.ports import FetchedMail, FolderCursor
from domain.sending.reconciling import confirm_sent
from domain.work import Work, unit_of_work

_NO_REPLIES = frozenset({Label.CALENDAR, Label.READ_RECEIPT, Label.LIST_MAIL})


async def receive_mail(
    *,
    actor: Actor,
    sender_id: UUID,
    fetched: FetchedMail,
    claim: Claim | None,
    identity_key: bytes,
    now: datetime,
) -> UUID | None:
    """Take in a mail and let it act; repeating it changes nothing.

    Args:
        claim: the caller's hold of the mailbox, whose cursor moves past this mail; None leaves the cursor alone.

    Returns:
        The stored reply; None for a mail that was known or is none of our business.

    Raises:
        LeaseLost: another worker reads this mailbox; nothing was done.
    """
    found = await understand(fetched, workspace_id=actor.workspace_id, sender_id=sender_id)
    async with unit_of_work(actor, now=now) as work:
        if claim is not None:
            await cursors.advance(work, claim, cursor=_cursor_after(fetched))
        if found is None or await has_reply(work, sender_id=sender_id, key=key_of(found.mail)):
            return None
        return await _take_in(work, found, identity_key=identity_key)


async def _take_in(work: Work, found: Understood, *, identity_key: bytes) -> UUID:
    """Store a mail and let it act; locks in sending's order: enrollment, sender, delivery, then message and thread."""
    reply_id = new_id()
    enrollment_id = await effects.lock_enrollment(work, lead_id=found.lead_id)
    effect = await _decide(work, found)
    await effects.apply_effect(
        work,
        effect,
        concern=_concern(found, reply_id=reply_id),
        enrollment_id=enrollment_id,
        identity_key=identity_key,
    )
    if found.match.delivery_id is not None:
        await _note_on_delivery(work, found, delivery_id=found.match.delivery_id)
    thread_id = await file_reply(work, found, needs_review=effect.needs_review)
    await store_reply(work, found, reply_id=reply_id, thread_id=thread_id, needs_review=effect.needs_review)
    if found.bounce is not None:
        await store_bounce(work, found, found.bounce, reply_id=reply_id)
    label = found.classification.label
    if found.lead_id and found.participant is Participant.LEAD and label.is_human and not label.is_binding:
        await effects.note_engagement(work, lead_id=found.lead_id)
    _announce(work, found, effect, reply_id=reply_id, thread_id=thread_id)
    return reply_id


async def _decide(work: Work, found: Understood) -> Effect:
    since = found.received_on - timedelta(days=effects.SOFT_BOUNCE_MEMORY_DAYS)
    days = await effects.list_soft_bounce_days(work, lead_id=found.lead_id, since=since)
    return decide_effect(
        found.classification,
        participant=found.participant,
        rules=found.rules,
        received_on=found.received_on,
        bounce=found.bounce,
        soft_bounced_on=days,
    )


async def _note_on_delivery(work: Work, found: Understood, *, delivery_id: UUID) -> None:
    """Mark the delivery; whoever quotes our Message-ID proves that the message left."""
    if found.match.by is MatchBy.REFERENCES:
        await confirm_sent(work, delivery_id=delivery_id)
    if found.bounce is not None and found.bounce.action is BounceAction.DELAYED:
        return  # the server still tries: it hasn't bounced
    await effects.mark_delivery(
        work,
        delivery_id=delivery_id,
        label=found.classification.label,
        by_lead=found.participant is Participant.LEAD,
        at=found.received_at,
    )


def _concern(found: Understood, *, reply_id: UUID) -> effects.Concern:
    return effects.Concern(
        reply_id=reply_id,
        sender_id=found.sender_id,
        lead_id=found.lead_id,
        delivery_id=found.match.delivery_id,
        writer=found.mail.sender.address,
        lead_address=found.sent["to_address"] if found.sent else None,
        zone=found.zone,
    )


def _announce(work: Work, found: Understood, effect: Effect, *, reply_id: UUID, thread_id: UUID) -> None:
    label, run_id = found.classification.label, found.sent["run_id"] if found.sent else None
    delivery_id = found.match.delivery_id
    if label is Label.BOUNCE and found.bounce is not None and delivery_id is not None:
        work.emit(
            BounceReceived(
                subject_id=reply_id,
                run_id=run_id,
                bounce_class=found.bounce.bounce_class,
                remedy=effect.remedy or found.bounce.remedy,
                delivery_id=delivery_id,
                sender_id=found.sender_id,
                lead_id=found.lead_id,
            )
        )
    elif label is Label.COMPLAINT:
        work.emit(
            ComplaintReceived(
                subject_id=reply_id,
                run_id=run_id,
                delivery_id=delivery_id,
                sender_id=found.sender_id,
                lead_id=found.lead_id,
            )
        )
    elif label not in _NO_REPLIES:
        work.emit(
            ReplyReceived(
                subject_id=reply_id,
                run_id=run_id,
                label=label,
                participant=found.participant,
                thread_id=thread_id,
                lead_id=found.lead_id,
            )
        )
    if label is Label.DSR:
        wanted = found.classification.nuance or Nuance.OBJECTION
        work.emit(PrivacyRequested(subject_id=reply_id, run_id=run_id, wanted=wanted, lead_id=found.lead_id))


def _cursor_after(fetched: FetchedMail) -> FolderCursor:
    return FolderCursor(
        since=fetched.received_at, folder=fetched.folder, uidvalidity=fetched.uidvalidity, uid=fetched.uid
    )
