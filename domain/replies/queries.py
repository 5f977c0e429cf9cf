"""What is looked up to understand a mail: which of ours it may belong to, and what it then concerns."""

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from domain.errors import Invalid, NotFound
from domain.identity import email_identity
from domain.replies.bounces import find_original_message_id, parse_bounces
from domain.replies.complaints import parse_feedback
from domain.replies.matching import SUBJECT_WINDOW, SentMail
from domain.replies.mime import InboundMail
from domain.sequences.queries import LEFT_STATES

if TYPE_CHECKING:
    from datetime import datetime

    from domain.tenancy import Connection

_CANDIDATES_MAX: Final = 200

_LIST_CANDIDATES: Final = """
    WITH wanted AS (
        SELECT id FROM delivery
        WHERE workspace_id = $1 AND sender_id = $2
          AND (rfc_message_id = ANY ($3) OR rfc_message_id_final = ANY ($3))
        UNION
        SELECT delivery_id FROM reply
        WHERE workspace_id = $1 AND sender_id = $2 AND rfc_message_id = ANY ($3) AND delivery_id IS NOT NULL
        UNION (
            SELECT id FROM delivery
            WHERE workspace_id = $1 AND sender_id = $2 AND state = ANY ($8)
              AND to_domain = ANY ($4) AND lower(to_address) = ANY ($5) AND coalesce(sent_at, due_at) > $6
            ORDER BY coalesce(sent_at, due_at) DESC LIMIT $9
        ) UNION (
            SELECT id FROM delivery
            WHERE workspace_id = $1 AND sender_id = $2 AND state = ANY ($8)
              AND to_domain = $7 AND coalesce(sent_at, due_at) > $6
            ORDER BY coalesce(sent_at, due_at) DESC LIMIT $9
        )
    )
    SELECT d.id, d.rfc_message_id, d.rfc_message_id_final, d.to_address, m.subject,
           coalesce(d.sent_at, d.due_at) AS sent_at,
           array(SELECT r.rfc_message_id FROM reply r
                 WHERE r.workspace_id = $1 AND r.delivery_id = d.id AND r.rfc_message_id = ANY ($3)) AS answers
    FROM wanted JOIN delivery d ON d.workspace_id = $1 AND d.id = wanted.id
    JOIN message m ON (m.workspace_id, m.id) = (d.workspace_id, d.message_id)
"""
_GET_CONCERN: Final = """
    SELECT d.id AS delivery_id, d.to_address, d.lead_id, d.enrollment_id, d.sent_at,
           m.thread_id, m.subject, m.text_body, m.run_id,
           coalesce(l.time_zone, w.default_time_zone) AS time_zone, coalesce(q.ruleset, '{}') AS ruleset
    FROM delivery d
    JOIN message m ON (m.workspace_id, m.id) = (d.workspace_id, d.message_id)
    JOIN workspace w ON w.id = d.workspace_id
    LEFT JOIN lead l ON (l.workspace_id, l.id) = (d.workspace_id, d.lead_id)
    LEFT JOIN enrollment e ON (e.workspace_id, e.id) = (d.workspace_id, d.enrollment_id)
    LEFT JOIN sequence q ON (q.workspace_id, q.id) = (e.workspace_id, e.sequence_id)
    WHERE d.workspace_id = $1 AND d.id = $2
"""


async def list_candidates(
    connection: "Connection",
    *,
    workspace_id: UUID,
    sender_id: UUID,
    mail: InboundMail,
    received_at: "datetime",
) -> list[SentMail]:
    """Return what this mailbox has sent that the mail may answer, return or complain about.

    By Message-ID without limit of time, also through mails received earlier: a thread goes on when somebody answers
    their own mail. By address and company within ``SUBJECT_WINDOW``, of what has left or may have.
    """
    addresses = _addresses_in(mail)
    rows = await connection.fetch(
        _LIST_CANDIDATES,
        workspace_id,
        sender_id,
        _message_ids_in(mail),
        sorted({address.rpartition("@")[2] for address in addresses}),
        sorted(addresses),
        received_at - SUBJECT_WINDOW,
        mail.sender.domain,
        list(LEFT_STATES),
        _CANDIDATES_MAX,
    )
    return [
        SentMail(
            delivery_id=row["id"],
            message_ids=(row["rfc_message_id"], row["rfc_message_id_final"] or "", *row["answers"]),
            recipient=row["to_address"],
            subject=row["subject"],
            sent_at=row["sent_at"],
        )
        for row in rows
    ]


async def get_concern(connection: "Connection", *, workspace_id: UUID, delivery_id: UUID) -> Any:
    """Return the delivery with its message, the lead's time zone and the sequence's ruleset; raises NotFound."""
    row = await connection.fetchrow(_GET_CONCERN, workspace_id, delivery_id)
    if row is None:
        raise NotFound("no such delivery")
    return row


async def find_lead(connection: "Connection", *, workspace_id: UUID, address: str) -> UUID | None:
    """Return the lead with this address, however it is spelled."""
    try:
        identity = email_identity(address)
    except Invalid:
        return None
    found: UUID | None = await connection.fetchval(
        "SELECT id FROM lead WHERE workspace_id = $1 AND email_identity = $2", workspace_id, identity
    )
    return found


async def list_our_addresses(connection: "Connection", *, workspace_id: UUID) -> frozenset[str]:
    """Return the addresses of all senders, lower case, those that are gone too."""
    rows = await connection.fetch("SELECT address FROM sender WHERE workspace_id = $1", workspace_id)
    return frozenset(row["address"] for row in rows)


async def get_time_zone(connection: "Connection", *, workspace_id: UUID, lead_id: UUID | None) -> str:
    """Return the lead's time zone, else the workspace's."""
    zone: str = await connection.fetchval(
        """
        SELECT coalesce(
            (SELECT time_zone FROM lead WHERE workspace_id = $1 AND id = $2),
            (SELECT default_time_zone FROM workspace WHERE id = $1)
        )
        """,
        workspace_id,
        lead_id,
    )
    return zone


def _message_ids_in(mail: InboundMail) -> list[str]:
    """Return every Message-ID the mail names, bare and in brackets."""
    named = {*mail.in_reply_to, *mail.references, find_original_message_id(mail) or ""} - {""}
    return sorted({*named, *(f"<{each}>" for each in named)})


def _addresses_in(mail: InboundMail) -> set[str]:
    """Return the addresses the mail may be from or about, lower case."""
    feedback = parse_feedback(mail)
    about = {bounce.recipient for bounce in parse_bounces(mail)}
    return {mail.sender.address, *about, (feedback.recipient if feedback else None) or ""} - {""}
