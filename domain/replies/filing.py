"""Which conversation a mail belongs to; a conversation begins with its first mail from outside.

One that only machines have written in begins closed, because nobody need answer it.
What we sent in it is filed too: the step that opened it and those that answer in it (``thread_mode``), the ones
that are still to come as well, and answers people write.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from domain.ids import new_id
from domain.replies.labels import Label
from domain.replies.models import Thread
from domain.replies.rules import ThreadStatus, status_after_reply
from domain.work import Work

if TYPE_CHECKING:
    from domain.replies.understanding import Understood

_CHAIN: Final = """
    SELECT m.id, m.thread_id FROM message m
    JOIN sequence_step s ON (s.workspace_id, s.id) = (m.workspace_id, m.step_id)
    WHERE m.workspace_id = $1 AND m.enrollment_id = $2
      AND s.position >= (
          SELECT max(o.position) FROM sequence_step o JOIN sequence_step t
              ON (t.workspace_id, t.sequence_id) = (o.workspace_id, o.sequence_id)
          WHERE t.workspace_id = $1 AND t.id = $3 AND o.position <= t.position AND o.thread_mode = 'NEW')
      AND s.position < coalesce((
          SELECT min(o.position) FROM sequence_step o JOIN sequence_step t
              ON (t.workspace_id, t.sequence_id) = (o.workspace_id, o.sequence_id)
          WHERE t.workspace_id = $1 AND t.id = $3 AND o.position > t.position AND o.thread_mode = 'NEW'), 1000000)
"""
"""Messages of an enrollment in the same conversation as the step: from the one that opened it to the next opening."""


async def file_reply(work: Work, found: "Understood", *, needs_review: bool) -> UUID:
    """Return the conversation of a mail, begun if there is none, with the mail noted in it."""
    sent = found.sent
    thread_id = sent["thread_id"] if sent else None
    if thread_id is None:
        thread_id = (
            await _find_by_chain(work, delivery_id=sent["delivery_id"])
            if sent
            else await _find_by_lead(work, found)
        )
    if thread_id is None:
        thread_id = new_id()
        await Thread.create(
            id=thread_id,
            workspace_id=work.workspace_id,
            sender_id=found.sender_id,
            lead_id=found.lead_id,
            subject=(sent["subject"] if sent else found.mail.subject) or "(no subject)",
            status=ThreadStatus.CLOSED,
            last_at=found.received_at,
        )
    if sent is not None and sent["thread_id"] is None:
        await _file_message_and_chain(work, thread_id=thread_id, delivery_id=sent["delivery_id"])
    label = found.classification.label
    await _note_mail(work, thread_id, label=label, needs_review=needs_review, received_at=found.received_at)
    return thread_id


async def file_sent(work: Work, *, delivery_ids: Sequence[UUID], sent_at: datetime) -> None:
    """File messages that have left under their conversations, those that have one. Safe to repeat."""
    rows = await work.connection.fetch(
        """
        SELECT d.id, m.thread_id FROM delivery d
        JOIN message m ON (m.workspace_id, m.id) = (d.workspace_id, d.message_id)
        WHERE d.workspace_id = $1 AND d.id = ANY ($2) AND (m.thread_id IS NOT NULL OR EXISTS (
            SELECT FROM message o WHERE o.workspace_id = $1 AND o.enrollment_id = m.enrollment_id
                AND o.thread_id IS NOT NULL))
        """,
        work.workspace_id,
        list(delivery_ids),
    )
    for row in rows:
        await _file_sent(work, delivery_id=row["id"], thread_id=row["thread_id"], sent_at=sent_at)


async def _file_sent(work: Work, *, delivery_id: UUID, thread_id: UUID | None, sent_at: datetime) -> None:
    """File a message under its conversation, which others of its enrollment may have begun before it was written."""
    known = thread_id or await _find_by_chain(work, delivery_id=delivery_id)
    if known is None:
        return
    if thread_id is None:
        await _file_message_and_chain(work, thread_id=known, delivery_id=delivery_id)
    await work.connection.execute(
        "UPDATE thread SET last_at = $3 WHERE workspace_id = $1 AND id = $2 AND last_at < $3",
        work.workspace_id,
        known,
        sent_at,
    )


async def _step_of(work: Work, delivery_id: UUID) -> Any:
    return await work.connection.fetchrow(
        "SELECT message_id, enrollment_id, step_id FROM delivery WHERE workspace_id = $1 AND id = $2",
        work.workspace_id,
        delivery_id,
    )


async def _find_by_chain(work: Work, *, delivery_id: UUID) -> UUID | None:
    """Return the conversation that another message of the same chain is filed under."""
    step = await _step_of(work, delivery_id)
    found: UUID | None = await work.connection.fetchval(
        f"SELECT thread_id FROM ({_CHAIN}) chain WHERE thread_id IS NOT NULL LIMIT 1",  # noqa: S608 - ours
        work.workspace_id,
        step["enrollment_id"],
        step["step_id"],
    )
    return found


async def _find_by_lead(work: Work, found: "Understood") -> UUID | None:
    """Return the latest conversation with a lead who writes without answering anything."""
    if found.lead_id is None:
        return None
    thread_id: UUID | None = await work.connection.fetchval(
        """
        SELECT id FROM thread WHERE workspace_id = $1 AND sender_id = $2 AND lead_id = $3
        ORDER BY last_at DESC LIMIT 1
        """,
        work.workspace_id,
        found.sender_id,
        found.lead_id,
    )
    return thread_id


async def _file_message_and_chain(work: Work, *, thread_id: UUID, delivery_id: UUID) -> None:
    step = await _step_of(work, delivery_id)
    await work.connection.execute(
        f"""
        UPDATE message SET thread_id = $4
        WHERE workspace_id = $1 AND thread_id IS NULL AND (id = $5 OR id IN (SELECT id FROM ({_CHAIN}) chain))
        """,  # noqa: S608 - ours
        work.workspace_id,
        step["enrollment_id"],
        step["step_id"],
        thread_id,
        step["message_id"],
    )


async def _note_mail(
    work: Work, thread_id: UUID, *, label: Label, needs_review: bool, received_at: datetime
) -> None:
    """A person's words make a conversation unread and open it, even a closed or snoozed one; a machine's don't."""
    thread = await Thread.filter(workspace_id=work.workspace_id, id=thread_id).select_for_update().get()
    status = status_after_reply(ThreadStatus(thread.status), label=label)
    status = ThreadStatus.OPEN if needs_review else status
    thread.unread = thread.unread or label.is_human or needs_review
    thread.snoozed_until = thread.snoozed_until if status is ThreadStatus.SNOOZED else None
    thread.status = status
    thread.last_at = max(thread.last_at, received_at)
    await thread.save(update_fields=["unread", "snoozed_until", "status", "last_at"])
