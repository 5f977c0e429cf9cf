"""Reading mailboxes: who reads, what trouble does to the sender, and being told of news."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from domain.errors import ProviderUnavailable
from domain.replies import cursors
from domain.replies.polling import Poller
from domain.work import unit_of_work
from jobs.replies import Mailboxes
from tests.steps.replies import a_reply, arrives, begun_conversation, events_of, poll
from tests.steps.sending import connected_sender, running_post
from tests.waiting import until
from tests.world import World


class Failing:
    """A mailbox whose server can't be reached."""

    async def fetch_new(self, *_: Any, **__: Any) -> Any:
        raise ProviderUnavailable("the server is down")


async def sender_row(world: World) -> tuple[str, str | None]:
    [row] = await world.fetch("SELECT status, status_reason FROM sender")
    return row["status"], row["status_reason"]


async def cursor_row(world: World) -> dict[str, Any]:
    [row] = await world.fetch(
        "SELECT failures, failure, next_poll_at > clock_timestamp() AS rests, lease_until FROM mailbox_cursor"
    )
    return row


async def is_due(sender_id: UUID) -> bool:
    return sender_id in {found for _, found in await cursors.find_due(limit=10_000)}


async def test_two_workers_don_t_read_one_mailbox_at_once(world: World) -> None:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        arrives(post, a_reply("Yes?", to=talk.message_id), at=world.now())
        counts = await asyncio.gather(*(poll(world, post, talk.sender_id) for _ in range(3)))

    assert sorted(counts, key=str) == [1, None, None]
    assert len(await world.fetch("SELECT 1 FROM reply")) == 1


async def test_a_worker_that_lost_its_lease_stores_nothing(world: World) -> None:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        mine = await cursors.claim(actor=world.actor, sender_id=talk.sender_id, now=world.now())
        assert mine is not None
        await world.fetch(
            "UPDATE mailbox_cursor SET lease_until = clock_timestamp() - interval '1 s' RETURNING id"
        )
        arrives(post, a_reply("Yes?", to=talk.message_id), at=world.now())
        assert await poll(world, post, talk.sender_id) == 1

        with pytest.raises(cursors.LeaseLost):
            async with unit_of_work(world.actor, now=world.now()) as work:
                await cursors.advance(work, mine, cursor=mine.cursor)
    [row] = await world.fetch("SELECT last_uid FROM mailbox_cursor")
    assert row["last_uid"] == 1


async def test_a_mailbox_rests_after_it_was_read(world: World) -> None:
    async with running_post(world) as post:
        sender_id = await connected_sender(world, post)
        assert await is_due(sender_id)
        assert await poll(world, post, sender_id) == 0
        assert not await is_due(sender_id)
        assert (await cursor_row(world))["rests"]


@pytest.mark.parametrize("status", ["PENDING_AUTH", "VERIFYING", "REAUTH_REQUIRED", "DISCONNECTED"])
async def test_a_sender_without_access_isn_t_read(world: World, status: str) -> None:
    async with running_post(world) as post:
        sender_id = await connected_sender(world, post, status=status)
        assert not await is_due(sender_id)
        assert await poll(world, post, sender_id) is None


async def test_a_paused_sender_is_still_heard(world: World) -> None:
    async with running_post(world) as post:
        sender_id = await connected_sender(world, post, status="PAUSED")
        assert await is_due(sender_id)
        assert await poll(world, post, sender_id) == 0


async def test_a_refused_login_asks_the_owner_to_reconnect(world: World) -> None:
    async with running_post(world) as post:
        sender_id = await connected_sender(world, post, password="wrong")
        assert await poll(world, post, sender_id) is None
        assert (await sender_row(world))[0] == "REAUTH_REQUIRED"
        assert not await is_due(sender_id)
    assert [kind for kind, _ in await events_of(world, "SenderReauthRequired")] == ["SenderReauthRequired"]


async def test_trouble_that_lasts_degrades_the_sender_until_it_is_over(world: World) -> None:
    async with running_post(world) as post:
        sender_id = await connected_sender(world, post)
        broken = replace(post, ports=replace(post.ports, mailbox=Failing()))  # type: ignore[arg-type]
        for tries in (1, 2):
            assert await poll(world, broken, sender_id) is None
            assert await sender_row(world) == ("ACTIVE", None)
            assert (await cursor_row(world))["failures"] == tries
        assert await poll(world, broken, sender_id) is None
        assert await sender_row(world) == ("DEGRADED", "mail can't be read: the server is down")

        assert await poll(world, post, sender_id) == 0
        assert await sender_row(world) == ("ACTIVE", None)
        row = await cursor_row(world)
        assert (row["failures"], row["failure"], row["lease_until"]) == (0, None, None)
    assert [kind for kind, _ in await events_of(world, "SenderDegraded", "SenderRecovered")] == [
        "SenderDegraded",
        "SenderRecovered",
    ]


async def test_only_mailboxes_that_offer_it_and_were_read_are_listened_to(world: World) -> None:
    async with running_post(world) as post:
        mute = await connected_sender(world, post, capabilities=[])
        eager = await connected_sender(world, post, address="eager@example.com", capabilities=["IDLE"])
        assert not {mute, eager} & {found for _, found in await cursors.find_watchable(limit=10_000)}
        await poll(world, post, mute)
        await world.fetch(
            """
            INSERT INTO mailbox_cursor (id, workspace_id, sender_id, folder, uid_validity, read_since, next_poll_at)
            SELECT gen_random_uuid(), workspace_id, id, 'INBOX', 1, now(), now() FROM sender WHERE id = $1 RETURNING id
            """,
            eager,
        )
        found = {found for _, found in await cursors.find_watchable(limit=10_000)}
        assert eager in found
        assert mute not in found
        await world.fetch("DELETE FROM mailbox_cursor RETURNING id")
        await world.fetch("UPDATE sender SET status = 'PAUSED', capabilities = '[]' RETURNING id")


async def test_news_that_aren_t_there_are_not_waited_for_again_at_once(world: World) -> None:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        assert await poll(world, post, talk.sender_id) == 0
        arrives(post, b"From: x@y.example\r\n\r\nmoved away", at=world.now())
        post.account().inbox.messages.clear()  # a filter has moved it, but the folder counts on
        poller = Poller(ports=post.ports, clock=world.clock, interval_s=60)
        await poller.listen(workspace_id=world.workspace_id, sender_id=talk.sender_id, timeout_s=5)

        assert talk.sender_id not in {found for _, found in await cursors.find_watchable(limit=10_000)}


async def test_news_are_read_at_once_and_everything_ends_when_it_is_told_to(world: World) -> None:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        mailboxes = Mailboxes(ports=post.ports, clock=world.clock, interval_s=0.6)
        loops = [asyncio.create_task(mailboxes.poll()), asyncio.create_task(mailboxes.listen())]
        await until(
            lambda: world.fetch("SELECT 1 FROM mailbox_cursor WHERE watched_until > clock_timestamp()")
        )
        await world.fetch(
            "UPDATE mailbox_cursor SET next_poll_at = clock_timestamp() + interval '1 h' RETURNING id"
        )
        arrives(post, a_reply("Yes?", to=talk.message_id), at=world.now())
        await until(lambda: world.fetch("SELECT 1 FROM reply"))
        for loop in loops:
            loop.cancel()
        ended = await asyncio.gather(*loops, return_exceptions=True)

    assert [type(one) for one in ended] == [asyncio.CancelledError, asyncio.CancelledError]


class Hanging:
    """A mailbox whose server says nothing."""

    async def fetch_new(self, *_: Any, **__: Any) -> Any:
        await asyncio.Event().wait()


async def test_a_worker_that_is_told_to_stop_leaves_the_mailbox_to_others_at_once(world: World) -> None:
    async with running_post(world) as post:
        sender_id = await connected_sender(world, post)
        hanging = replace(post, ports=replace(post.ports, mailbox=Hanging()))  # type: ignore[arg-type]
        reading = asyncio.create_task(poll(world, hanging, sender_id))
        await until(lambda: world.fetch("SELECT 1 FROM mailbox_cursor WHERE lease_until > clock_timestamp()"))
        assert await poll(world, post, sender_id) is None
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)

        assert await poll(world, post, sender_id) == 0
    assert await sender_row(world) == ("ACTIVE", None)
