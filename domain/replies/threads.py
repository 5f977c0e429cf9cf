"""What people do with conversations: close, reopen, snooze, read."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from domain.actor import Actor, require
from domain.errors import Invalid, NotFound
from domain.replies.events import ThreadChanged
from domain.replies.models import Thread
from domain.replies.rules import THREAD_STATES, ReplyStatus, ThreadStatus
from domain.replies.tasks import WakeThread
from domain.work import Work, unit_of_work
from domain.workspaces.rules import Permission

SNOOZE_MAX: Final = timedelta(days=366)


async def close_thread(*, actor: Actor, thread_id: UUID, now: datetime) -> UUID:
    """Put a conversation away as handled; a person's next mail opens it again. Safe to repeat."""
    require(actor, Permission.HANDLE_REPLIES)
    async with unit_of_work(actor, now=now) as work:
        thread = await lock_thread(work, thread_id)
        if thread.status != ThreadStatus.CLOSED:
            await _move(work, thread, ThreadStatus.CLOSED)
        await handle_replies(work, thread)
    return thread_id


async def reopen_thread(*, actor: Actor, thread_id: UUID, now: datetime) -> UUID:
    """Take a closed or snoozed conversation up again; repeating it changes nothing."""
    require(actor, Permission.HANDLE_REPLIES)
    async with unit_of_work(actor, now=now) as work:
        thread = await lock_thread(work, thread_id)
        if thread.status != ThreadStatus.OPEN:
            await _move(work, thread, ThreadStatus.OPEN)
    return thread_id


async def snooze_thread(*, actor: Actor, thread_id: UUID, until: datetime, now: datetime) -> UUID:
    """Put a conversation away until a moment; a person's mail opens it earlier. Again with another time moves it.

    Raises:
        Invalid: the moment has passed or is more than a year ahead.
        IllegalTransition: it is closed.
    """
    require(actor, Permission.HANDLE_REPLIES)
    if not now < until <= now + SNOOZE_MAX:
        raise Invalid("a thread is snoozed until a moment within a year from now", field=("input", "until"))
    async with unit_of_work(actor, now=now) as work:
        thread = await lock_thread(work, thread_id)
        if thread.status == ThreadStatus.SNOOZED and thread.snoozed_until == until:
            return thread_id
        if thread.status != ThreadStatus.SNOOZED:
            THREAD_STATES.require(ThreadStatus(thread.status), ThreadStatus.SNOOZED)
        thread.status, thread.snoozed_until = ThreadStatus.SNOOZED, until
        await thread.save(update_fields=["status", "snoozed_until"])
        _announce(work, thread)
        await work.enqueue(WakeThread(thread_id=thread_id), due_at=until)
    return thread_id


async def wake_thread(*, actor: Actor, thread_id: UUID, now: datetime) -> None:
    """Open a snoozed conversation if its time has come; it may have been moved or opened meanwhile."""
    async with unit_of_work(actor, now=now) as work:
        thread = await lock_thread(work, thread_id)
        if thread.status == ThreadStatus.SNOOZED and thread.snoozed_until and thread.snoozed_until <= now:
            await _move(work, thread, ThreadStatus.OPEN)


async def mark_thread_read(*, actor: Actor, thread_id: UUID, now: datetime) -> UUID:
    """Note that somebody has read a conversation. Safe to repeat."""
    require(actor, Permission.HANDLE_REPLIES)
    async with unit_of_work(actor, now=now) as work:
        thread = await lock_thread(work, thread_id)
        if thread.unread:
            thread.unread = False
            await thread.save(update_fields=["unread"])
            _announce(work, thread)
    return thread_id


async def lock_thread(work: Work, thread_id: UUID) -> Thread:
    """Return a conversation, locked for this unit of work; raises NotFound."""
    found = Thread.filter(workspace_id=work.workspace_id, id=thread_id)
    thread = await found.select_for_update().first()
    if thread is None:
        raise NotFound("no such thread", field=("input", "id"))
    return thread


async def handle_replies(work: Work, thread: Thread) -> None:
    """Note that a person has dealt with all that came in a conversation so far."""
    await work.connection.execute(
        """
        UPDATE reply SET status = $3, needs_review = false
        WHERE workspace_id = $1 AND thread_id = $2 AND status = 'CLASSIFIED'
        """,
        work.workspace_id,
        thread.id,
        ReplyStatus.HANDLED,
    )
    if thread.unread:
        thread.unread = False
        await thread.save(update_fields=["unread"])


async def _move(work: Work, thread: Thread, status: ThreadStatus) -> None:
    THREAD_STATES.require(ThreadStatus(thread.status), status)
    thread.status, thread.snoozed_until = status, None
    await thread.save(update_fields=["status", "snoozed_until"])
    _announce(work, thread)


def _announce(work: Work, thread: Thread) -> None:
    work.emit(ThreadChanged(subject_id=thread.id, status=thread.status, unread=thread.unread))
    work.audit("thread.change", target_kind="thread", target_id=thread.id, status=thread.status)
