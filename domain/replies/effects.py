"""Doing what ``rules.decide_effect`` decided, inside the unit of work that stores the mail. Safe to repeat.

The lead's open enrollment is locked before it changes; the hand-off gate reads it under the same lock. So a reply
and a follow-up that meet are put in order: the reply first stops the follow-up, the follow-up first has left.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.errors import Invalid
from domain.identity import email_identity
from domain.replies.bounce_policy import BounceRemedy
from domain.replies.labels import Label
from domain.replies.rules import Effect, Subject
from domain.senders.service import pause as pause_sender
from domain.sequences import enrollments
from domain.sequences.rules import PauseReason
from domain.suppression.rules import SuppressionKind
from domain.suppression.service import suppress
from domain.work import Work

SOFT_BOUNCE_MEMORY_DAYS: Final = 30
"""Soft bounces longer ago say nothing about the address today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """Whom a mail's effect reaches.

    Attributes:
        reply_id: the mail, named as evidence of a suppression.
        writer: who wrote, lower case; may be no address at all.
        lead_address: where our message went; None when the mail belongs to no delivery.
        zone: whose days a snooze is counted in.
    """

    reply_id: UUID
    sender_id: UUID
    lead_id: UUID | None
    delivery_id: UUID | None
    writer: str
    lead_address: str | None
    zone: ZoneInfo


async def lock_enrollment(work: Work, *, lead_id: UUID | None) -> UUID | None:
    """Lock and return the lead's open enrollment, whichever sequence the mail answers."""
    if lead_id is None:
        return None
    found: UUID | None = await work.connection.fetchval(
        """
        SELECT id FROM enrollment
        WHERE workspace_id = $1 AND lead_id = $2 AND status IN ('PENDING', 'ACTIVE', 'PAUSED') FOR UPDATE
        """,
        work.workspace_id,
        lead_id,
    )
    return found


async def apply_effect(
    work: Work, effect: Effect, *, concern: Concern, enrollment_id: UUID | None, identity_key: bytes
) -> None:
    """Stop, pause, snooze, suppress, and do what a bounce asks for.

    Args:
        enrollment_id: from ``lock_enrollment``; None when the lead is in no sequence.
    """
    if enrollment_id is not None:
        await _change_enrollment(work, effect, enrollment_id=enrollment_id, zone=concern.zone)
    if effect.remedy is BounceRemedy.PAUSE_SENDER:
        reason = "a receiving server refused this mailbox or its messages; see the bounce"
        await pause_sender(work, sender_id=concern.sender_id, reason=reason, automatic=True)
    if effect.suppress is not None:
        for address in sorted(_addresses(effect.suppress.subjects, concern)):
            await suppress(
                work,
                kind=SuppressionKind.EMAIL,
                value=address,
                reason=effect.suppress.reason,
                scope=effect.suppress.scope,
                identity_key=identity_key,
                evidence=f"reply {concern.reply_id}",
            )
    if effect.remedy is BounceRemedy.INVALIDATE_ADDRESS and concern.lead_id and concern.lead_address:
        await _invalidate_address(work, lead_id=concern.lead_id, address=concern.lead_address)


async def note_engagement(work: Work, *, lead_id: UUID) -> None:
    """Note that a lead has written; a lead that went further stays there."""
    await work.connection.execute(
        """
        UPDATE lead SET status = 'ENGAGED'
        WHERE workspace_id = $1 AND id = $2
          AND status IN ('NEW', 'ENRICHING', 'QUALIFIED', 'ENROLLED', 'CONTACTED')
        """,
        work.workspace_id,
        lead_id,
    )


async def mark_delivery(work: Work, *, delivery_id: UUID, label: Label, by_lead: bool, at: datetime) -> None:
    """Note on a delivery that it was answered by a person, returned or complained about; the first time counts."""
    column = {Label.BOUNCE: "bounced_at", Label.COMPLAINT: "complained_at"}.get(label)
    if column is None and label.is_human and by_lead:
        column = "replied_at"
    if column is not None:
        await work.connection.execute(_MARK[column], work.workspace_id, delivery_id, at)


async def list_soft_bounce_days(work: Work, *, lead_id: UUID | None, since: date) -> list[date]:
    """Return the days on which messages to a lead bounced softly."""
    rows = await work.connection.fetch(
        """
        SELECT DISTINCT b.bounced_on FROM bounce b
        JOIN delivery d ON (d.workspace_id, d.id) = (b.workspace_id, b.delivery_id)
        WHERE b.workspace_id = $1 AND d.lead_id = $2 AND b.remedy = 'RETRY_LATER' AND b.bounced_on >= $3
        """,
        work.workspace_id,
        lead_id,
        since,
    )
    return [row["bounced_on"] for row in rows]


_MARK: Final = {
    column: f"UPDATE delivery SET {column} = $3 WHERE workspace_id = $1 AND id = $2 AND {column} IS NULL"  # noqa: S608
    for column in ("bounced_at", "complained_at", "replied_at")
}


async def _change_enrollment(work: Work, effect: Effect, *, enrollment_id: UUID, zone: ZoneInfo) -> None:
    if effect.stop is not None:
        await enrollments.stop(work, enrollment_id=enrollment_id, status=effect.stop)
    elif effect.pause is not None:
        await enrollments.snooze(work, enrollment_id=enrollment_id, until=None, reason=effect.pause)
    elif effect.snooze_until is not None:
        until = datetime.combine(effect.snooze_until, time.min, zone).astimezone(UTC)
        await enrollments.snooze(work, enrollment_id=enrollment_id, until=until, reason=PauseReason.OOO)


def _addresses(subjects: frozenset[Subject], concern: Concern) -> set[str]:
    """Return the addresses to suppress; a writer without a usable address can't be."""
    named = {Subject.LEAD: concern.lead_address, Subject.WRITER: concern.writer}
    return {address for subject in subjects if (address := named[subject]) and _is_address(address)}


def _is_address(text: str) -> bool:
    try:
        email_identity(text)
    except Invalid:
        return False
    return True


async def _invalidate_address(work: Work, *, lead_id: UUID, address: str) -> None:
    """Note that an address bounces, unless the lead has got another one since."""
    await work.connection.execute(
        """
        UPDATE lead SET email_status = 'INVALID', email_status_reason = 'bounced', email_checked_at = $4
        WHERE workspace_id = $1 AND id = $2 AND email = lower($3)
        """,
        work.workspace_id,
        lead_id,
        address,
        work.now,
    )
