"""Correcting by hand what a mail is; the new label acts like one found when the mail came."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.actor import Actor, require
from domain.errors import NotFound
from domain.replies import effects
from domain.replies.events import PrivacyRequested, ReplyClassified
from domain.replies.labels import (
    Classification,
    ClassificationIsBinding,
    ClassificationStatus,
    Label,
    Method,
    Nuance,
    correct_by_hand,
)
from domain.replies.matching import Participant
from domain.replies.rules import Effect, decide_effect
from domain.replies.storing import store_classification
from domain.sequences.reply_rules import ReplyRules
from domain.work import Work, unit_of_work
from domain.workspaces.rules import Permission

if TYPE_CHECKING:
    from asyncpg import Record

_GET_REPLY: Final = """
    SELECT r.*, d.to_address, coalesce(q.ruleset, '{}') AS ruleset,
           coalesce(l.time_zone, w.default_time_zone) AS time_zone
    FROM reply r
    JOIN workspace w ON w.id = r.workspace_id
    LEFT JOIN delivery d ON (d.workspace_id, d.id) = (r.workspace_id, r.delivery_id)
    LEFT JOIN enrollment e ON (e.workspace_id, e.id) = (r.workspace_id, r.enrollment_id)
    LEFT JOIN sequence q ON (q.workspace_id, q.id) = (e.workspace_id, e.sequence_id)
    LEFT JOIN lead l ON (l.workspace_id, l.id) = (r.workspace_id, r.lead_id)
    WHERE r.workspace_id = $1 AND r.id = $2 FOR UPDATE OF r
"""


async def classify_reply(
    *, actor: Actor, reply_id: UUID, label: Label, identity_key: bytes, now: datetime
) -> UUID:
    """Confirm what a mail is, or correct it; the same label again changes nothing more.

    A correction may stop, pause or suppress at once. It never resumes a sequence and never lifts a suppression.

    Raises:
        ClassificationIsBinding: an opt-out, complaint, legal threat or privacy request can't be made less.
        NotFound.
    """
    require(actor, Permission.HANDLE_REPLIES)
    async with unit_of_work(actor, now=now) as work:
        lead_id = await _lead_of(work, reply_id)
        enrollment_id = await effects.lock_enrollment(work, lead_id=lead_id)  # first, as in receiving
        row = await _get(work, reply_id)
        current = _classification_of(row)
        if current.label.is_binding and not label.is_binding:
            raise ClassificationIsBinding(
                f"{current.label} was acted on and stays; lift the suppression if it was wrong",
                field=("input", "label"),
            )
        new = correct_by_hand(current=current, label=label)
        if new == current:
            return reply_id
        await _store(work, row, new)
        if label is not current.label:
            await _act(work, row, new, enrollment_id=enrollment_id, identity_key=identity_key)
        work.emit(
            ReplyClassified(
                subject_id=reply_id, run_id=row["run_id"], label=label, previous_label=current.label
            )
        )
        work.audit("reply.classify", target_kind="reply", target_id=reply_id, label=label)
    return reply_id


async def _lead_of(work: Work, reply_id: UUID) -> UUID | None:
    lead_id: UUID | None = await work.connection.fetchval(
        "SELECT lead_id FROM reply WHERE workspace_id = $1 AND id = $2", work.workspace_id, reply_id
    )
    return lead_id


async def _get(work: Work, reply_id: UUID) -> "Record":
    row = await work.connection.fetchrow(_GET_REPLY, work.workspace_id, reply_id)
    if row is None:
        raise NotFound("no such reply", field=("input", "id"))
    return row


def _classification_of(row: "Record") -> Classification:
    return Classification(
        label=Label(row["label"]),
        confidence=row["label_confidence"],
        method=Method(row["label_method"]),
        return_on=row["return_on"],
        nuance=Nuance(row["nuance"]) if row["nuance"] else None,
        status=ClassificationStatus(row["label_status"]),
    )


async def _store(work: Work, row: "Record", new: Classification) -> None:
    """Keep the decision in the history, and make it what the mail counts as."""
    await store_classification(work, new, reply_id=row["id"], decided_by=work.actor.user_id or work.actor.id)
    is_other = new.label != row["label"]
    await work.connection.execute(
        """
        UPDATE reply SET label = $3, label_confidence = $4, label_method = $5, label_status = $6, nuance = $7,
               return_on = $8, evidence_span = CASE WHEN $9 THEN NULL ELSE evidence_span END
        WHERE workspace_id = $1 AND id = $2
        """,
        work.workspace_id,
        row["id"],
        new.label,
        new.confidence,
        new.method,
        new.status,
        new.nuance,
        new.return_on,
        is_other,
    )


async def _act(
    work: Work, row: "Record", new: Classification, *, enrollment_id: UUID | None, identity_key: bytes
) -> None:
    participant, zone = Participant(row["participant"]), ZoneInfo(row["time_zone"])
    effect: Effect = decide_effect(
        new,
        participant=participant,
        rules=ReplyRules.of(row["ruleset"]),
        received_on=row["received_at"].astimezone(zone).date(),
    )
    await effects.apply_effect(
        work,
        effect,
        concern=_concern(row, zone),
        enrollment_id=enrollment_id,
        identity_key=identity_key,
    )
    by_lead = participant is Participant.LEAD
    if row["delivery_id"] is not None:
        await effects.mark_delivery(
            work, delivery_id=row["delivery_id"], label=new.label, by_lead=by_lead, at=row["received_at"]
        )
    if row["lead_id"] and by_lead and new.label.is_human and not new.label.is_binding:
        await effects.note_engagement(work, lead_id=row["lead_id"])
    if new.label is Label.DSR:
        wanted = new.nuance or Nuance.OBJECTION
        work.emit(
            PrivacyRequested(
                subject_id=row["id"], run_id=row["run_id"], wanted=wanted, lead_id=row["lead_id"]
            )
        )


def _concern(row: Any, zone: ZoneInfo) -> effects.Concern:
    return effects.Concern(
        reply_id=row["id"],
        sender_id=row["sender_id"],
        lead_id=row["lead_id"],
        delivery_id=row["delivery_id"],
        writer=row["from_address"],
        lead_address=row["to_address"],
        zone=zone,
    )
