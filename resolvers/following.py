"""Streams: replay the log after a cursor, then follow it live, with no gap and no repeat.

Nothing is held while waiting: no transaction, no connection. A wake-up is only a hint; what is sent is always read
from the log, in the order of ``seq``, so a lost wake-up delays and never loses.
"""

from collections.abc import AsyncIterator
from uuid import UUID

from domain.actor import require
from domain.events import EventFilter, LoggedEvent, find_last_seq, list_events
from domain.workspaces.rules import Permission
from resolvers.context import Context
from resolvers.endings import ends, find_end
from resolvers.reading.cursors import CursorInvalid
from resolvers.tails import BATCH


async def follow(
    context: Context, *, where: EventFilter, after: str | None, job_id: UUID | None = None
) -> AsyncIterator[LoggedEvent]:
    """Yield the events after the cursor, then live ones; without a cursor, only what happens from now on.

    Args:
        job_id: long work that the stream ends with. When that is over, its last event is heard without a cursor, too;
            after that event nothing is.
    """
    actor = context.actor
    require(actor, Permission.READ)
    workspace_id = actor.workspace_id
    last_seq = await find_last_seq(workspace_id=workspace_id)
    seq = last_seq if after is None else _read_seq(context, after)
    if job_id is not None:
        end = await find_end(workspace_id=workspace_id, job_id=job_id)
        if end is not None and after is None:
            seq = end - 1
        elif end is not None and seq >= end:
            return
    with context.services.tails.join(workspace_id, seq=last_seq) as tail:
        while True:
            until = tail.seq
            if tail.has_all_after(seq):
                events = [event for event in tail.after(seq) if where.includes(event)]
            else:
                events = await list_events(workspace_id=workspace_id, after=seq, where=where, limit=BATCH)
                if len(events) == BATCH:  # more may stand before the tail
                    until = events[-1].seq
            for event in events:
                yield event
                if job_id is not None and ends(job_id, event):
                    return
            seq = max(seq, until, events[-1].seq if events else 0)
            if seq >= tail.seq:
                await tail.grown()


def cursor_of(context: Context, seq: int) -> str:
    """Return the cursor of a place in the workspace's log."""
    return context.services.cursor_key.encode_seq(seq, workspace_id=context.actor.workspace_id)


def _read_seq(context: Context, after: str) -> int:
    seq = context.services.cursor_key.decode_seq(after, workspace_id=context.actor.workspace_id)
    if seq is None:
        raise CursorInvalid("this cursor doesn't belong to this stream", field=("after",))
    return seq
