"""Writing a mail down: the reply, how it was classified, and the bounce it reports."""

from typing import TYPE_CHECKING
from uuid import UUID

import orjson

from domain.ids import new_id
from domain.replies.labels import Classification, EvidenceSpan
from domain.replies.rules import ReplyStatus
from domain.work import Work

if TYPE_CHECKING:
    from domain.replies.bounces import Bounce
    from domain.replies.mime import InboundMail
    from domain.replies.understanding import Understood


def key_of(mail: "InboundMail") -> str:
    """Return what a mail is known by: its Message-ID in brackets, as deliveries have it, or a digest without."""
    return f"<{mail.message_id}>" if mail.message_id else mail.dedupe_key


async def has_reply(work: Work, *, sender_id: UUID, key: str) -> bool:
    """Tell whether this mail is stored."""
    return bool(
        await work.connection.fetchval(
            "SELECT true FROM reply WHERE workspace_id = $1 AND sender_id = $2 AND rfc_message_id = $3",
            work.workspace_id,
            sender_id,
            key,
        )
    )


async def store_reply(
    work: Work, found: "Understood", *, reply_id: UUID, thread_id: UUID, needs_review: bool
) -> None:
    """Store a mail with its first classification."""
    mail, label, referred = found.mail, found.classification, found.classification.referred_contact
    await work.connection.execute(
        """
        INSERT INTO reply (id, workspace_id, sender_id, thread_id, lead_id, enrollment_id, delivery_id,
            run_id, folder, uid_validity, uid, rfc_message_id, rfc_references, from_address, from_name, subject,
            text_body, stripped_text, received_at, matched_by, match_score, participant, truncated,
            label, label_confidence, label_method, label_status, nuance, evidence_span, return_on,
            referred_name, referred_address, needs_review, status)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
            $22, $23, $24, $25, $26, $27, $28, $29::jsonb, $30, $31, $32, $33, $34)
        """,
        reply_id,
        work.workspace_id,
        found.sender_id,
        thread_id,
        found.lead_id,
        found.sent["enrollment_id"] if found.sent else None,
        found.match.delivery_id,
        found.sent["run_id"] if found.sent else None,
        found.fetched.folder,
        found.fetched.uidvalidity,
        found.fetched.uid,
        key_of(mail),
        list(dict.fromkeys((*mail.references, *mail.in_reply_to))),
        mail.sender.address,
        mail.sender.name or None,
        mail.subject,
        mail.text_body,
        mail.stripped_text,
        found.received_at,
        found.match.by,
        found.match.score,
        found.participant,
        found.fetched.truncated or mail.is_truncated,
        label.label,
        label.confidence,
        label.method,
        label.status,
        label.nuance,
        evidence_json(label.evidence_span),
        label.return_on,
        (referred.name or None) if referred else None,
        referred.address if referred else None,
        needs_review,
        ReplyStatus.CLASSIFIED,
    )
    await store_classification(work, label, reply_id=reply_id, decided_by=None)


async def store_classification(
    work: Work, classification: Classification, *, reply_id: UUID, decided_by: UUID | None
) -> None:
    """Add a classification to a mail's history."""
    await work.connection.execute(
        """
        INSERT INTO classification (id, workspace_id, reply_id, label, confidence, method, nuance, evidence_span,
                                    return_on, decided_by, status)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, $10, $11)
        """,
        new_id(),
        work.workspace_id,
        reply_id,
        classification.label,
        classification.confidence,
        classification.method,
        classification.nuance,
        evidence_json(classification.evidence_span),
        classification.return_on,
        decided_by,
        classification.status,
    )


async def store_bounce(work: Work, found: "Understood", bounce: "Bounce", *, reply_id: UUID) -> None:
    """Store what a server said about our recipient."""
    await work.connection.execute(
        """
        INSERT INTO bounce (id, workspace_id, reply_id, delivery_id, recipient, enhanced_code, bounce_class,
                            action, remedy, diagnostic, bounced_on)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """,
        new_id(),
        work.workspace_id,
        reply_id,
        found.match.delivery_id,
        bounce.recipient,
        bounce.enhanced_code,
        bounce.bounce_class,
        bounce.action,
        bounce.remedy,
        bounce.diagnostic,
        found.received_on,
    )


def evidence_json(span: EvidenceSpan | None) -> str | None:
    """Return ``{source, start, end, quote}`` as JSON text."""
    if span is None:
        return None
    return orjson.dumps(
        {"source": span.source, "start": span.start, "end": span.end, "quote": span.quote}
    ).decode()
