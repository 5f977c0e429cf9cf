"""Whether those who listen over sockets and streams still may: looked at again and again, whether they hear or not."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

import structlog

from auth.viewer import identify
from domain.actor import require
from domain.errors import DomainError, Forbidden
from domain.tenancy import AWAY
from domain.workspaces.rules import Permission
from resolvers.context import Context

log = structlog.get_logger(__name__)

LOOK_EVERY_S: Final = 3.0
"""A removed member, a revoked token or an ended session is shown out within five seconds."""
LOOKS_AT_ONCE: Final = 4
ENDING_S: Final = 0.2
"""A close frame is written at once, or stuck behind what the client doesn't read."""


@dataclass(frozen=True, slots=True, eq=False)
class Listener:
    """One socket or stream.

    Attributes:
        end: tells the caller why it may no longer listen, and ends what it listens to.
    """

    context: Context
    end: Callable[[DomainError], Awaitable[None]]


class Standing:
    """Looks at all who listen in this process, once for those who share credential, workspace and rights."""

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()
        self._looking: asyncio.Task[None] | None = None

    def watch(self, listener: Listener) -> None:
        """Look at a listener from now on."""
        self._listeners.add(listener)
        if self._looking is None:
            self._looking = asyncio.create_task(self._keep_looking())

    def forget(self, listener: Listener) -> None:
        """Look at it no longer."""
        self._listeners.discard(listener)
        if not self._listeners and self._looking is not None:
            self._looking.cancel()
            self._looking = None

    @contextmanager
    def watching(self, listener: Listener) -> Iterator[None]:
        """Look at a listener for a while."""
        self.watch(listener)
        try:
            yield
        finally:
            self.forget(listener)

    async def look(self) -> None:
        """Look at everyone once, and end those who may no longer listen."""
        alike: dict[object, list[Listener]] = {}
        for listener in self._listeners:
            viewer = listener.context.viewer
            key = (listener.context.caller.credential, viewer.workspace_id, viewer.role, viewer.client)
            alike.setdefault(key, []).append(listener)
        at_once = asyncio.Semaphore(LOOKS_AT_ONCE)

        async def look_at(listeners: list[Listener]) -> None:
            async with at_once:
                reason = await _reason_to_end(listeners[0].context)
            if reason is not None:
                await asyncio.gather(*(_end(listener, reason) for listener in listeners))

        await asyncio.gather(*(look_at(listeners) for listeners in alike.values()))

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            await self.look()


async def _reason_to_end(context: Context) -> DomainError | None:
    before = context.viewer
    try:
        viewer = await identify(
            credential=context.caller.credential,
            workspace=None if before.workspace_id is None else str(before.workspace_id),
            request_id=context.request_id,
            now=context.now(),
        )
        if before.workspace_id is not None:
            require(viewer.require_actor(), Permission.READ)
            if (viewer.role, viewer.client) != (before.role, before.client):
                raise Forbidden("what you may do in this workspace has changed; connect again")
    except DomainError as error:
        return error
    except AWAY as error:  # nothing is known; the next look will tell
        log.warning("standing_unknown", error=type(error).__name__)
    except Exception:
        log.exception("standing_unknown")
    return None


async def _end(listener: Listener, reason: DomainError) -> None:
    """End one, but don't wait for one that reads nothing: the next look must come."""
    with suppress(TimeoutError):
        async with asyncio.timeout(ENDING_S):
            await listener.end(reason)
