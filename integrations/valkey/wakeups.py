"""Publish and subscribe: "this workspace's log has grown". Only a hint; followers also look by themselves."""

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

CHANNEL = "plera:wake:"
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

    async def announce(self, committed: Committed) -> None:
        """Wake the followers of a workspace, here and in other processes."""
        if committed.last_seq is None:
            return
        self._wake(committed.workspace_id)
        await self._client.publish(f"{CHANNEL}{committed.workspace_id}", str(committed.last_seq))

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
        """Stop listening."""
        if self._listening is not None:
            self._listening.cancel()
            with suppress(asyncio.CancelledError):
                await self._listening
        await self._client.aclose()

    def _wake(self, workspace_id: UUID) -> None:
        for event in self._followers.get(workspace_id, ()):
            event.set()

    async def _listen(self) -> None:
        while True:
            try:
                async with self._client.pubsub() as channel:
                    await channel.psubscribe(f"{CHANNEL}*")
                    for workspace_id in list(self._followers):  # what was said while nobody listened
                        self._wake(workspace_id)
                    async for message in channel.listen():
                        if message["type"] == "pmessage":
                            self.heard += 1
                            self._wake(UUID(message["channel"].decode().removeprefix(CHANNEL)))
            except (RedisError, OSError):
                log.warning("wakeups_lost", retry_s=RECONNECT_S)
            await asyncio.sleep(RECONNECT_S)
