"""Publish and subscribe: "these workspaces' logs have grown". Only a hint; followers also look by themselves."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import suppress
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from domain.work import Committed

log = structlog.get_logger(__name__)

CHANNEL = "plera:wake"
PAUSE_S = 0.005
"""Between two messages of a process: what is committed meanwhile goes into one."""
RECONNECT_S = 1.0


class ValkeyWakeups:
    """One subscription per process, fanned out to the followers in it.

    Attributes:
        heard: wake-ups that came through Valkey so far.
    """

    def __init__(self, client: Redis) -> None:
        self.heard = 0
        self._client = client
        self._followers: dict[UUID, set[asyncio.Event]] = defaultdict(set)
        self._listening: asyncio.Task[None] | None = None
        self._grown: set[UUID] = set()
        self._telling: asyncio.Task[None] | None = None

    async def announce(self, committed: Committed) -> None:
        """Wake the followers of a workspace here, and soon those in other processes; nobody waits for Valkey."""
        if committed.last_seq is None:
            return
        self._wake(committed.workspace_id)
        self._grown.add(committed.workspace_id)
        if self._telling is None:
            self._telling = asyncio.create_task(self._tell(), name="wakeups told")

    async def follow(self, workspace_id: UUID, *, timeout_s: float) -> AsyncIterator[None]:
        """Yield at once, then whenever the log may have grown, at the latest every ``timeout_s`` seconds."""
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen(), name="wakeups")
        event = asyncio.Event()
        self._followers[workspace_id].add(event)
        try:
            while True:
                yield
                with suppress(TimeoutError):
                    await asyncio.wait_for(event.wait(), timeout_s)
                event.clear()
        finally:
            self._followers[workspace_id].discard(event)
            if not self._followers[workspace_id]:
                del self._followers[workspace_id]

    async def close(self) -> None:
        """Tell what is still to be told, and stop listening."""
        if self._telling is not None:
            await asyncio.wait({self._telling}, timeout=RECONNECT_S)
        if self._listening is not None:
            self._listening.cancel()
            with suppress(asyncio.CancelledError):
                await self._listening
        await self._client.aclose()

    def _wake(self, workspace_id: UUID) -> None:
        for event in self._followers.get(workspace_id, ()):
            event.set()

    async def _tell(self) -> None:
        try:
            while self._grown:
                grown, self._grown = self._grown, set()
                await self._client.publish(CHANNEL, " ".join(map(str, grown)))
                await asyncio.sleep(PAUSE_S)
        except (RedisError, OSError):
            log.warning("wakeups_untold")
        finally:
            self._telling = None

    async def _listen(self) -> None:
        while True:
            try:
                async with self._client.pubsub() as channel:
                    await channel.subscribe(CHANNEL)
                    for workspace_id in list(self._followers):  # what was said while nobody listened
                        self._wake(workspace_id)
                    async for message in channel.listen():
                        if message["type"] == "message":
                            for workspace_id in map(UUID, message["data"].decode().split()):
                                self.heard += 1
                                self._wake(workspace_id)
            except (RedisError, OSError):
                log.warning("wakeups_lost", retry_s=RECONNECT_S)
            await asyncio.sleep(RECONNECT_S)
