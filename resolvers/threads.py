"""Conversations: answer, close, reopen, snooze, read."""

from datetime import datetime
from uuid import UUID

from domain.replies import answering, threads
from resolvers.context import Context


async def answer_thread(context: Context, *, thread_id: UUID, text: str, idempotency_key: str | None) -> UUID:
    """Resolve ``Mutation.threadAnswer``; returns the message."""
    return await answering.answer_thread(
        actor=context.actor,
        thread_id=thread_id,
        text=text,
        identity_key=context.ports.identity_key,
        now=context.now(),
        idempotency=context.once(
            "threadAnswer", idempotency_key, {"thread_id": str(thread_id), "text": text}, required=True
        ),
    )


async def close_thread(context: Context, *, thread_id: UUID) -> UUID:
    """Resolve ``Mutation.threadClose``."""
    return await threads.close_thread(actor=context.actor, thread_id=thread_id, now=context.now())


async def reopen_thread(context: Context, *, thread_id: UUID) -> UUID:
    """Resolve ``Mutation.threadReopen``."""
    return await threads.reopen_thread(actor=context.actor, thread_id=thread_id, now=context.now())


async def snooze_thread(context: Context, *, thread_id: UUID, until: datetime) -> UUID:
    """Resolve ``Mutation.threadSnooze``."""
    return await threads.snooze_thread(
        actor=context.actor, thread_id=thread_id, until=until, now=context.now()
    )


async def mark_thread_read(context: Context, *, thread_id: UUID) -> UUID:
    """Resolve ``Mutation.threadMarkRead``."""
    return await threads.mark_thread_read(actor=context.actor, thread_id=thread_id, now=context.now())
