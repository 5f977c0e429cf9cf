"""Answering in a conversation: a person's own words, approved by writing them, sent like every other message.

The answer is a message with its approval, bound to the content's hash; from there the same scheduling, gate and
hand-off as for sequences. It goes from the mailbox that was written to, to whoever wrote last.
"""

import re
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from domain.actor import Actor, require
from domain.errors import Conflict, Forbidden, Invalid
from domain.idempotency import Idempotency
from domain.leads.queries import recipient_of
from domain.replies.labels import Label
from domain.replies.models import Thread
from domain.replies.text import clean_text
from domain.replies.threads import handle_replies, lock_thread
from domain.sequences.content import MessageContent, content_hash, html_from_text, reply_subject
from domain.sequences.events import MessageApproved
from domain.sequences.models import Approval, Message
from domain.sequences.rules import MessageStatus
from domain.sequences.writing import BY_HAND
from domain.suppression.keys import Recipient
from domain.suppression.queries import match_each
from domain.work import Work, unit_of_work
from domain.workspaces.rules import Permission

if TYPE_CHECKING:
    from asyncpg import Record

TEXT_CHARS_MAX: Final = 20_000
_QUOTABLE_ID: Final = re.compile(r"<[^<>@\s]+@[^<>@\s]+>", re.ASCII)
_WRITERS: Final = [label.value for label in Label if label.is_human]


class NobodyToAnswer(Conflict):
    """No person has written in this conversation."""

    code = "NOBODY_TO_ANSWER"


class RecipientSuppressed(Conflict):
    """The recipient must not be written to; ``reason`` is the widest suppression's."""

    code = "RECIPIENT_SUPPRESSED"

    def __init__(self, *, reason: str) -> None:
        super().__init__(f"this person must not be written to any more: {reason}")
        self.reason = reason


async def answer_thread(
    *,
    actor: Actor,
    thread_id: UUID,
    text: str,
    identity_key: bytes,
    now: datetime,
    idempotency: Idempotency | None,
) -> UUID:
    """Answer whoever wrote last in a conversation; returns the message.

    Args:
        text: 1 to 20,000 characters of plain text; line breaks stay.

    Raises:
        NobodyToAnswer, RecipientSuppressed, Invalid, NotFound.
    """
    person, text = _person(actor), _checked(text)
    async with unit_of_work(actor, now=now, idempotency=idempotency) as work:
        thread = await lock_thread(work, thread_id)
        answered = await _last_written(work, thread_id)
        await _require_writable(work, thread, answered["from_address"], identity_key=identity_key)
        message = await _write(thread, answered, text=text)
        await _approve(work, message, by=person)
        await handle_replies(work, thread)
        work.audit("thread.answer", target_kind="message", target_id=message.id, thread_id=str(thread_id))
        work.answer(message.id)
    return message.id


def _person(actor: Actor) -> UUID:
    """Return who writes and thereby approves: a member, or a program that acts with a member's token."""
    require(actor, Permission.HANDLE_REPLIES)
    require(actor, Permission.APPROVE_MESSAGES)
    person = actor.user_id or actor.id
    if person is None:
        raise Forbidden("answers are written by people")
    return person


def _checked(text: str) -> str:
    cleaned = clean_text(text).strip()
    if not len(cleaned) >= 1 or len(text) > TEXT_CHARS_MAX:
        raise Invalid(f"an answer has 1 to {TEXT_CHARS_MAX} characters", field=("input", "text"))
    return cleaned


async def _last_written(work: Work, thread_id: UUID) -> "Record":
    row = await work.connection.fetchrow(
        """
        SELECT id, from_address, rfc_message_id, subject FROM reply
        WHERE workspace_id = $1 AND thread_id = $2 AND label = ANY ($3) ORDER BY received_at DESC, id DESC LIMIT 1
        """,
        work.workspace_id,
        thread_id,
        _WRITERS,
    )
    if row is None:
        raise NobodyToAnswer("nobody has written in this conversation yet", field=("input", "threadId"))
    return row


async def _require_writable(work: Work, thread: Thread, address: str, *, identity_key: bytes) -> None:
    """Refuse at once what the gate would refuse later, so that the writer hears of it."""
    known = {}
    if thread.lead_id is not None:
        known = await recipient_of(work.connection, lead_ids=[thread.lead_id])
    recipient = known.get(thread.lead_id, Recipient()) if thread.lead_id else Recipient()
    [entries] = await match_each(
        work.connection,
        recipients=[replace(recipient, emails=(*recipient.emails, address))],
        identity_key=identity_key,
        now=work.now,
        sender_id=thread.sender_id,
    )
    if entries:
        raise RecipientSuppressed(reason=entries[0].reason)


async def _write(thread: Thread, answered: "Record", *, text: str) -> Message:
    content = MessageContent(
        subject=reply_subject(answered["subject"] or thread.subject),
        text_body=text,
        html_body=html_from_text(text),
    )
    can_be_quoted = _QUOTABLE_ID.fullmatch(answered["rfc_message_id"])
    return await Message.create(
        workspace_id=thread.workspace_id,
        kind="ANSWER",
        thread_id=thread.id,
        lead_id=thread.lead_id,
        sender_id=thread.sender_id,
        to_address=answered["from_address"],
        subject=content.subject,
        text_body=content.text_body,
        html_body=content.html_body,
        content_hash=content_hash(content),
        drafted_by=BY_HAND,
        status=MessageStatus.APPROVED,
        in_reply_to_id=answered["id"] if can_be_quoted else None,
    )


async def _approve(work: Work, message: Message, *, by: UUID) -> None:
    await Approval.create(
        workspace_id=work.workspace_id,
        message_id=message.id,
        content_hash=message.content_hash,
        decided_by=by,
        decision="APPROVED",
    )
    work.emit(MessageApproved(subject_id=message.id, content_hash=message.content_hash, enrollment_id=None))
