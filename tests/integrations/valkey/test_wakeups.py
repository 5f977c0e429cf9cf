"""Processes wake each other's followers with few messages, and nobody who commits waits for that."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from uuid import UUID, uuid4

from redis.asyncio import Redis
from structlog.testing import capture_logs

from domain.work import Committed
from integrations.valkey.wakeups import CHANNEL, ValkeyWakeups
from tests.servers import scratch_valkey
from tests.waiting import HANGS_S, in_time, until


def _commit(workspace_id: UUID, *, seq: int | None = 1) -> Committed:
    return Committed(workspace_id=workspace_id, last_seq=seq, tasks=())


@asynccontextmanager
async def _process(url: str) -> AsyncIterator[ValkeyWakeups]:
    wakeups = ValkeyWakeups(Redis.from_url(url))
    try:
        yield wakeups
    finally:
        await wakeups.close()


@asynccontextmanager
async def _following(
    process: ValkeyWakeups, workspace_id: UUID, url: str
) -> AsyncIterator[AsyncIterator[None]]:
    """Follow a workspace in a process that nobody but Valkey wakes, from when that is listened to."""
    following = aclosing(process.follow(workspace_id, timeout_s=HANGS_S))  # type: ignore[type-var]
    async with following as stream, Redis.from_url(url) as redis:
        await anext(stream)
        await until(lambda: _listeners(redis))
        await anext(stream)  # what may have been said before
        yield stream


async def _listeners(redis: Redis) -> int:
    [(_, count)] = await redis.pubsub_numsub(CHANNEL)
    return int(count)


async def test_a_commit_wakes_followers_of_its_workspace_in_another_process() -> None:
    ours, other = uuid4(), uuid4()
    with scratch_valkey() as url:
        async with _process(url) as here, _process(url) as there, _following(there, ours, url) as stream:
            woken = asyncio.ensure_future(anext(stream))
            await here.announce(_commit(other))
            await here.announce(_commit(ours, seq=None))
            await until(lambda: there.heard == 1)
            assert not woken.done()
            await here.announce(_commit(ours))
            async with in_time():
                await woken


async def test_what_is_committed_while_a_message_is_under_way_goes_into_one() -> None:
    workspaces = [uuid4() for _ in range(3)]
    with scratch_valkey() as url:
        async with _process(url) as here, _process(url) as there, _following(there, workspaces[0], url):
            for number in range(99):
                await here.announce(_commit(workspaces[number % 3], seq=number))
            await until(lambda: there.heard >= 3)
            await here.announce(_commit(workspaces[0]))
            await until(lambda: there.heard > 3)
            assert there.heard == 4


async def test_what_was_announced_last_is_told_before_a_process_ends() -> None:
    with scratch_valkey() as url:
        async with _process(url) as there, _following(there, uuid4(), url):
            async with _process(url) as here:
                await here.announce(_commit(uuid4()))
            await until(lambda: there.heard == 1)


async def test_a_commit_is_not_held_up_by_a_valkey_that_is_away() -> None:
    workspace_id = uuid4()
    async with _process("redis://127.0.0.1:1") as here:
        with capture_logs() as logs:
            async with aclosing(here.follow(workspace_id, timeout_s=HANGS_S)) as stream:  # type: ignore[type-var]
                await anext(stream)
                for _ in range(2):
                    await here.announce(_commit(workspace_id))
                    async with in_time():
                        await anext(stream)  # followers in here are woken all the same
                    await until(lambda: here._telling is None)
    assert [entry["event"] for entry in logs].count("wakeups_untold") == 2
