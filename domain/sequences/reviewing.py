"""Review: a person approves exactly what they saw, or refuses it. Nothing leaves without this."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domain.actor import Actor, require
from domain.errors import Conflict, Forbidden, Invalid
from domain.idempotency import Idempotency
from domain.ids import new_id
from domain.sequences.enrollments import stop
from domain.sequences.events import MessageApproved, MessageRejected
from domain.sequences.locking import lock_enrollments, lock_message, require_not_left, void_approval
from domain.sequences.models import Approval, Message
from domain.sequences.rules import MESSAGE_STATES, EnrollmentStatus, MessageStatus
from domain.sequences.tasks import DraftEnrollments
from domain.work import Work, unit_of_work
from domain.workspaces.rules import Permission

BATCH_MAX: Final = 10_000
COMMENT_CHARS_MAX: Final = 2_000


class ContentChanged(Conflict):
    """The message isn't what the person saw; ``current_hash`` is what it is now."""

    code = "CONTENT_CHANGED"

    def __init__(self, *, current_hash: str) -> None:
        super().__init__("the message has changed since you read it", field=("input", "contentHash"))
        self.current_hash = current_hash


class MessageNotReady(Conflict):
    """A check blocks the message; ``blocks`` are the failed checks as ``{rule, detail}``."""

    code = "MESSAGE_NOT_READY"

    def __init__(self, *, blocks: Sequence[dict[str, Any]]) -> None:
        super().__init__("a check blocks this message; edit it first")
        self.blocks = tuple(blocks)


class CountMismatch(Conflict):
    """The filter selects another number of messages than the person expected; none was approved."""

    code = "COUNT_MISMATCH"

    def __init__(self, *, expected: int, found: int) -> None:
        super().__init__(f"expected {expected} messages, but the filter selects {found}")
        self.expected = expected
        self.found = found


async def approve_message(
    *, actor: Actor, message_id: UUID, content_hash: str, now: datetime, comment: str | None = None
) -> UUID:
    """Approve a message for sending; approving the same content twice changes nothing.

    Args:
        content_hash: of what the person saw.

    Raises:
        ContentChanged, MessageNotReady, NotFound.
        IllegalTransition: it was rejected or cancelled.
    """
    person = _person(actor)
    async with unit_of_work(actor, now=now) as work:
        message = await lock_message(work, message_id)
        if message.content_hash != content_hash:
            raise ContentChanged(current_hash=message.content_hash)
        if message.status == MessageStatus.APPROVED:
            return message_id
        MESSAGE_STATES.require(MessageStatus(message.status), MessageStatus.APPROVED)
        blocks = [check for check in message.readiness_checks if check["result"] == "BLOCK"]
        if message.readiness == "BLOCK":
            raise MessageNotReady(blocks=blocks)
        await _decide(message, by=person, decision="APPROVED", comment=_comment(comment))
        message.status = MessageStatus.APPROVED
        await message.save(update_fields=["status"])
        _announce(work, message.id, message.run_id, message.enrollment_id, message.content_hash)
        work.audit("message.approve", target_kind="message", target_id=message_id, content_hash=content_hash)
    return message_id


async def reject_message(
    *, actor: Actor, message_id: UUID, comment: str | None, redraft: bool = False, now: datetime
) -> UUID:
    """Refuse a message that hasn't left; rejecting it twice changes nothing.

    Without ``redraft`` this person isn't to be written to: the enrollment ends as REMOVED and its other
    messages are cancelled. With it the step is drafted anew.
    """
    person = _person(actor)
    async with unit_of_work(actor, now=now) as work:
        message = await lock_message(work, message_id)
        if message.status == MessageStatus.REJECTED:
            return message_id
        if message.status == MessageStatus.APPROVED:
            await require_not_left(work, message_id)
            await void_approval(work, message_id)
            message.status = MessageStatus.IN_REVIEW
        MESSAGE_STATES.require(MessageStatus(message.status), MessageStatus.REJECTED)
        await _decide(message, by=person, decision="REJECTED", comment=_comment(comment))
        message.status = MessageStatus.REJECTED
        await message.save(update_fields=["status"])
        work.emit(
            MessageRejected(
                subject_id=message_id,
                run_id=message.run_id,
                enrollment_id=message.enrollment_id,
                redraft=redraft,
            )
        )
        work.audit("message.reject", target_kind="message", target_id=message_id, redraft=redraft)
        await _after_rejection(work, message.enrollment_id, redraft=redraft)
    return message_id


async def approve_messages(
    *,
    actor: Actor,
    where: str,
    values: Sequence[Any],
    expected_count: int,
    now: datetime,
    idempotency: Idempotency | None = None,
) -> UUID:
    """Approve everything a filter selects that is in review and not blocked, or nothing.

    Args:
        actor: a person who may approve.
        where: condition over ``message t``, with ``$2`` and up for ``values``.
        values: what the caller's filter compares with.
        expected_count: how many messages the person means to approve, 1..10000.

    Returns:
        The batch, which every approval of it names.

    Raises:
        CountMismatch: there are more or fewer by now.
    """
    person = _person(actor)
    if not 1 <= expected_count <= BATCH_MAX:
        raise Invalid(f"1 to {BATCH_MAX} messages at once", field=("input", "expectedCount"))
    async with unit_of_work(actor, now=now, idempotency=idempotency) as work:
        await lock_enrollments(work, where=f"t.status = 'IN_REVIEW' AND ({where})", values=values)
        rows = await work.connection.fetch(_APPROVABLE.format(where=where), work.workspace_id, *values)
        if len(rows) != expected_count:
            raise CountMismatch(expected=expected_count, found=len(rows))
        batch_id = new_id()
        await _approve_rows(work, rows, batch_id=batch_id, by=person)
        for row in rows:
            _announce(work, row["id"], row["run_id"], row["enrollment_id"], row["content_hash"])
        work.audit("message.approve_many", target_kind="approval_batch", target_id=batch_id, count=len(rows))
        work.answer(batch_id)
    return batch_id


_APPROVABLE: Final = """
SELECT t.id, t.run_id, t.enrollment_id, t.content_hash FROM message t
WHERE t.workspace_id = $1 AND t.status = 'IN_REVIEW' AND t.readiness <> 'BLOCK' AND ({where})
ORDER BY t.id FOR UPDATE
"""


async def _approve_rows(work: Work, rows: Sequence[Any], *, batch_id: UUID, by: UUID) -> None:
    ids = [row["id"] for row in rows]
    await work.connection.execute(
        """
        INSERT INTO approval (id, workspace_id, message_id, content_hash, decided_by, decision, batch_id)
        SELECT new.id, $1, m.id, m.content_hash, $2, 'APPROVED', $3
        FROM unnest($4::uuid[], $5::uuid[]) AS new (id, message_id)
        JOIN message m ON m.workspace_id = $1 AND m.id = new.message_id
        """,
        work.workspace_id,
        by,
        batch_id,
        [new_id() for _ in ids],
        ids,
    )
    await work.connection.execute(
        "UPDATE message SET status = 'APPROVED' WHERE workspace_id = $1 AND id = ANY ($2)",
        work.workspace_id,
        ids,
    )


async def _decide(message: Message, *, by: UUID, decision: str, comment: str | None) -> None:
    await Approval.create(
        workspace_id=message.workspace_id,
        message_id=message.id,
        content_hash=message.content_hash,
        decided_by=by,
        decision=decision,
        comment=comment,
    )


def _announce(
    work: Work, message_id: UUID, run_id: UUID | None, enrollment_id: UUID | None, content_hash: str
) -> None:
    work.emit(
        MessageApproved(
            subject_id=message_id, run_id=run_id, enrollment_id=enrollment_id, content_hash=content_hash
        )
    )


async def _after_rejection(work: Work, enrollment_id: UUID | None, *, redraft: bool) -> None:
    if enrollment_id is None:
        return
    if redraft:
        await work.enqueue(DraftEnrollments(enrollment_ids=(enrollment_id,), again=True))
    else:
        await stop(work, enrollment_id=enrollment_id, status=EnrollmentStatus.REMOVED)


def _person(actor: Actor) -> UUID:
    """Who decides: a member, or a program that acts with a member's token; never a job of ours."""
    require(actor, Permission.APPROVE_MESSAGES)
    person = actor.user_id or actor.id
    if person is None:
        raise Forbidden("messages are approved by people")
    return person


def _comment(text: str | None) -> str | None:
    if text is not None and len(text) > COMMENT_CHARS_MAX:
        raise Invalid(f"a comment has up to {COMMENT_CHARS_MAX} characters", field=("input", "comment"))
    return text or None
