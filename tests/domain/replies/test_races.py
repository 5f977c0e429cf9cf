"""A reply and a follow-up that meet are put in order by the enrollment's lock, whichever comes first."""

import asyncio
from typing import Any

import pytest

from domain.replies import receiving
from domain.sending import handing_over
from tests.steps.replies import a_reply, arrives, begun_conversation, enrollment_of, poll
from tests.steps.sending import delivery, make_due, running_post, send_due
from tests.waiting import HANGS_S, until_a_lock_is_awaited
from tests.world import World


def _held_up(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> tuple[asyncio.Event, asyncio.Event]:
    """Make a step, inside its transaction and after its locks, wait; returns (reached, may go on)."""
    step, reached, may_go_on = getattr(module, name), asyncio.Event(), asyncio.Event()

    async def wait_then_do(*args: Any, **kwargs: Any) -> Any:
        reached.set()
        await may_go_on.wait()
        return await step(*args, **kwargs)

    monkeypatch.setattr(module, name, wait_then_do)
    return reached, may_go_on


async def test_a_reply_a_moment_before_the_follow_up_stops_it(
    world: World, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        await make_due(world, talk.second_id)
        arrives(post, a_reply("Yes, tell me more.", to=talk.message_id), at=world.now())
        reached, may_go_on = _held_up(monkeypatch, receiving, "store_reply")
        reading = asyncio.create_task(poll(world, post, talk.sender_id))
        await asyncio.wait_for(reached.wait(), HANGS_S)  # it holds the enrollment and hasn't committed
        sending = asyncio.create_task(send_due(world, post))
        await until_a_lock_is_awaited(database_url)
        assert post.sent() == [talk.email]
        may_go_on.set()
        await asyncio.wait_for(asyncio.gather(reading, sending), HANGS_S)

        assert post.sent() == [talk.email]
    assert (await delivery(world, talk.second_id))["state"] == "CANCELLED"
    assert (await enrollment_of(world, talk))["status"] == "REPLIED"


async def test_a_reply_a_moment_after_the_hand_off_finds_a_message_that_has_left(
    world: World, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        await make_due(world, talk.second_id)
        reached, may_go_on = _held_up(monkeypatch, handing_over, "gather")
        sending = asyncio.create_task(send_due(world, post))
        await asyncio.wait_for(reached.wait(), HANGS_S)  # the gate holds the enrollment and hasn't decided
        arrives(post, a_reply("Yes, tell me more.", to=talk.message_id), at=world.now())
        reading = asyncio.create_task(poll(world, post, talk.sender_id))
        await until_a_lock_is_awaited(database_url)
        assert await world.fetch("SELECT 1 FROM reply") == []
        may_go_on.set()
        await asyncio.wait_for(asyncio.gather(reading, sending), HANGS_S)

        assert post.sent() == [talk.email, talk.email]
    assert (await delivery(world, talk.second_id))["state"] == "SENT"
    assert (await enrollment_of(world, talk))["status"] in {"REPLIED", "FINISHED"}
    assert len(await world.fetch("SELECT 1 FROM reply")) == 1
    assert await world.fetch("SELECT 1 FROM task WHERE kind = 'ReceiveMail'") == []
