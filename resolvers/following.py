"""Streams: replay the log after a cursor, then follow it live, with no gap and no repeat.

Nothing is held while waiting: no transaction, no connection. A wake-up is only a hint; what is sent is always read
from the log, in the order of ``seq``, so a lost wake-up delays and never loses. The right to listen is checked
again while the stream lives.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

from auth.viewer import identify
from domain.actor import require
from domain.errors import Forbidden, Unauthenticated
from domain.events import EventFilter, LoggedEvent, find_last_seq, list_events
from domain.workspaces.rules import Permission
from resolvers.context import Context
from resolvers.reading.cursors import CursorInvalid

LOOK_S = 2.0
"""How long a follower trusts the wake-ups before it looks by itself."""

RECHECK = timedelta(seconds=4)
"""A removed member or a revoked token stops hearing within five seconds."""

BATCH = 500


async def follow(context: Context, *, where: EventFilter, after: str | None) -> AsyncIterator[LoggedEvent]:
    """Yield the events after the cursor, then live ones; without a cursor, only what happens from now on."""
    actor = context.actor
    require(actor, Permission.READ)
    workspace_id = actor.workspace_id
    last_seq = (
        _read_seq(context, after) if after is not None else await find_last_seq(workspace_id=workspace_id)
    )
    checked_at, live = context.now(), False
    async for _ in context.ports.wakeups.follow(workspace_id, timeout_s=LOOK_S):
        if context.now() - checked_at >= RECHECK:
            await _still_allowed(context)
            checked_at = context.now()
        while True:
            events = await list_events(workspace_id=workspace_id, after=last_seq, where=where, limit=BATCH)
            if live:
                _tell_delay(context, events)
            for event in events:
                yield event
                last_seq = event.seq
            if len(events) < BATCH:
                break
        live = True  # what comes from here on has just happened


def cursor_of(context: Context, seq: int) -> str:
    """Return the cursor of a place in the workspace's log."""
    return context.services.cursor_key.encode_seq(seq, workspace_id=context.actor.workspace_id)


def _read_seq(context: Context, after: str) -> int:
    seq = context.services.cursor_key.decode_seq(after, workspace_id=context.actor.workspace_id)
    if seq is None:
        raise CursorInvalid("this cursor doesn't belong to this stream", field=("after",))
    return seq


def _tell_delay(context: Context, events: Sequence[LoggedEvent]) -> None:
    if context.services.event_delayed is not None:
        for event in events:
            context.services.event_delayed((context.now() - event.occurred_at).total_seconds())


async def _still_allowed(context: Context) -> None:
    """Raise when the credential or the membership is gone."""
    actor = context.actor
    viewer = await identify(
        credential=context.caller.credential,
        workspace=str(actor.workspace_id),
        request_id=context.request_id,
        now=context.now(),
    )
    if viewer.kind is None:
        raise Unauthenticated("the session has ended")
    if viewer.workspace_id != actor.workspace_id:
        raise Forbidden("no longer a member of this workspace")
    require(viewer.require_actor(), Permission.READ)
