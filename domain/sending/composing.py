"""From an approved message to the mail that leaves: link, thread, headers; and the hash of what would leave."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from domain.ports import Ports
from domain.senders.ports import OutgoingMail
from domain.senders.verifying import REWRITES_MESSAGE_ID
from domain.sequences.briefing import read_claims
from domain.sequences.content import MessageContent, content_hash, fill_unsubscribe_url, reply_subject
from domain.suppression.tokens import make_unsubscribe_token, unsubscribe_path

if TYPE_CHECKING:
    from domain.tenancy import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A delivery's mail.

    Attributes:
        content_hash: of the content as it stands in the database now, the approval's counterpart.
        files_sent_copy: whether the server is known to file what it sends; None when nobody has looked.
        rewrites_message_id: recipients will see another Message-ID than ours.
    """

    mail: OutgoingMail
    content_hash: str
    files_sent_copy: bool | None
    rewrites_message_id: bool


async def compose_mails(
    connection: "Connection", *, delivery_ids: Sequence[UUID], ports: Ports, now: datetime
) -> dict[UUID, Composed]:
    """Return the mail of each delivery inside an open scope; the same delivery always has the same Message-ID."""
    rows = await connection.fetch(_CONTENT, list(delivery_ids))
    return {row["id"]: _compose(row, ports=ports, now=now) for row in rows}


def _compose(row: Any, *, ports: Ports, now: datetime) -> Composed:
    content = MessageContent(
        subject=row["subject"],
        text_body=row["text_body"],
        html_body=row["html_body"],
        claims=read_claims(row["claims"]),
    )
    token = make_unsubscribe_token(message_id=row["message_id"], key=ports.unsubscribe_key)
    url = f"{ports.sending.base_url}{unsubscribe_path(token)}"
    filled = fill_unsubscribe_url(content, url=url)
    thread = _thread(row)
    is_outreach = row["kind"] == "SEQUENCE"
    mail = OutgoingMail(
        message_id=row["rfc_message_id"],
        from_name=row["display_name"],
        from_address=row["address"],
        to_name=_printable(row["to_name"] or ""),
        to_address=_ascii_address(row["to_address"]),
        subject=reply_subject(filled.subject) if thread else filled.subject,
        text_body=filled.text_body,
        html_body=filled.html_body or None,
        date=now,
        in_reply_to=thread[-1] if thread else None,
        references=thread,
        list_unsubscribe_url=url if is_outreach and url.startswith("https://") else None,
    )
    return Composed(
        mail=mail,
        content_hash=content_hash(content),
        files_sent_copy=row["files_sent_copy"],
        rewrites_message_id=REWRITES_MESSAGE_ID in row["capabilities"],
    )


def _thread(row: Any) -> tuple[str, ...]:
    """Return the ids of the conversation the mail answers in, oldest first; empty when it opens one."""
    if row["answered_id"]:
        ours = tuple(row["earlier_ids"] or ())
        return (*ours, row["answered_id"])
    return tuple(row["earlier_ids"] or ()) if row["thread_mode"] == "REPLY" else ()


def _printable(name: str) -> str:
    return "".join(character for character in name if character.isprintable())


def _ascii_address(address: str) -> str:
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode()}"
    except UnicodeError:
        return address  # the adapter refuses it, for this message alone


# CASE, because row-level security lets no index be searched by coalesce(), which isn't known to keep secrets.
_CONTENT: Final = """
SELECT d.id, d.rfc_message_id, d.to_address, m.id AS message_id, m.kind, m.subject, m.text_body, m.html_body,
       m.claims, s.address, s.display_name, s.files_sent_copy, s.capabilities, st.thread_mode,
       coalesce(l.full_name, nullif(concat_ws(' ', l.first_name, l.last_name), '')) AS to_name,
       r.rfc_message_id AS answered_id,
       (SELECT array_agg(coalesce(x.rfc_message_id_final, x.rfc_message_id) ORDER BY x.sent_at, x.id)
        FROM delivery x WHERE x.workspace_id = d.workspace_id AND x.state = 'SENT' AND x.id <> d.id
          AND x.enrollment_id = CASE WHEN d.enrollment_id IS NULL THEN r.enrollment_id ELSE d.enrollment_id END
       ) AS earlier_ids
FROM delivery d
JOIN message m ON (m.workspace_id, m.id) = (d.workspace_id, d.message_id)
JOIN sender s ON (s.workspace_id, s.id) = (d.workspace_id, d.sender_id)
LEFT JOIN sequence_step st ON (st.workspace_id, st.id) = (d.workspace_id, d.step_id)
LEFT JOIN lead l ON (l.workspace_id, l.id) = (d.workspace_id, d.lead_id)
LEFT JOIN reply r ON (r.workspace_id, r.id) = (d.workspace_id, m.in_reply_to_id)
WHERE d.workspace_id = current_setting('app.workspace_id')::uuid AND d.id = ANY ($1)
"""
