"""Conversations: what is filed under them, and what people do with them."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain.actor import Actor
from domain.errors import Forbidden, Invalid, NotFound
from domain.replies import threads
from domain.states import IllegalTransition
from domain.workspaces.rules import Role
from tests.steps.replies import a_bounce, a_reply, begun_conversation, events_of, receives
from tests.steps.sending import delivery, make_due, running_post, send_due
from tests.world import World, new_world


async def a_thread(world: World, *, text: str = "Can you tell me more?") -> UUID:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        [reply] = await receives(world, post, talk, a_reply(text, to=talk.message_id))
    found: UUID = reply["thread_id"]
    return found


async def state_of(world: World, thread_id: UUID) -> tuple[str, bool]:
    [row] = await world.fetch("SELECT status, unread FROM thread WHERE id = $1", thread_id)
    return row["status"], row["unread"]


async def test_both_sides_stand_in_order_and_later_steps_too(world: World) -> None:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        raw = a_bounce(talk.message_id, action="delayed", status="4.4.7", words="451 4.4.1 no answer")
        await receives(world, post, talk, raw)
        await make_due(world, talk.second_id)
        await send_due(world, post)
        second = await delivery(world, talk.second_id)
        await receives(world, post, talk, a_reply("Yes?", to=second["rfc_message_id"]))

    entries = await world.fetch(
        "SELECT direction, to_address, delivery_state FROM thread_entry ORDER BY at, id"
    )
    assert [(row["direction"], row["delivery_state"]) for row in entries] == [
        ("OUTBOUND", "SENT"),
        ("INBOUND", None),
        ("OUTBOUND", "SENT"),
        ("INBOUND", None),
    ]
    assert len(await world.fetch("SELECT DISTINCT thread_id FROM thread_entry")) == 1
    assert len(await world.fetch("SELECT 1 FROM thread")) == 1


async def test_a_step_that_is_written_after_the_conversation_began_is_filed_when_it_leaves(
    world: World,
) -> None:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        raw = a_bounce(talk.message_id, action="delayed", status="4.4.7", words="451 4.4.1 no answer")
        [reply] = await receives(world, post, talk, raw)
        await world.fetch(
            "UPDATE message SET thread_id = NULL WHERE step_id = $1 RETURNING id", talk.campaign.steps[1]
        )
        await make_due(world, talk.second_id)
        await send_due(world, post)

    filed = await world.fetch("SELECT thread_id FROM message")
    assert [row["thread_id"] for row in filed] == [reply["thread_id"]] * 2
    sent = await delivery(world, talk.second_id)
    [thread] = await world.fetch("SELECT last_at FROM thread")
    assert thread["last_at"] >= sent["handed_off_at"]


async def test_a_step_that_opens_a_thread_of_its_own_isn_t_filed_under_the_first(world: World) -> None:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        await world.fetch("UPDATE sequence_step SET thread_mode = 'NEW' RETURNING id")
        await receives(world, post, talk, a_reply("Yes?", to=talk.message_id))

    filed = await world.fetch("SELECT thread_id IS NOT NULL AS filed FROM message ORDER BY id")
    assert [row["filed"] for row in filed] == [True, False]


async def test_reading_closing_and_reopening(world: World) -> None:
    thread_id = await a_thread(world)
    assert await state_of(world, thread_id) == ("OPEN", True)
    for _ in range(2):
        await threads.mark_thread_read(actor=world.actor, thread_id=thread_id, now=world.now())
        assert await state_of(world, thread_id) == ("OPEN", False)
    for _ in range(2):
        await threads.close_thread(actor=world.actor, thread_id=thread_id, now=world.now())
        assert await state_of(world, thread_id) == ("CLOSED", False)
    assert await world.fetch("SELECT status, needs_review FROM reply") == [
        {"status": "HANDLED", "needs_review": False}
    ]
    for _ in range(2):
        await threads.reopen_thread(actor=world.actor, thread_id=thread_id, now=world.now())
        assert await state_of(world, thread_id) == ("OPEN", False)
    assert [payload["status"] for _, payload in await events_of(world, "ThreadChanged")] == [
        "OPEN",
        "CLOSED",
        "OPEN",
    ]


async def test_a_snoozed_thread_opens_when_its_time_has_come_and_not_before(world: World) -> None:
    thread_id, until = await a_thread(world), world.now() + timedelta(hours=2)
    await threads.snooze_thread(actor=world.actor, thread_id=thread_id, until=until, now=world.now())
    later = until + timedelta(hours=1)
    await threads.snooze_thread(actor=world.actor, thread_id=thread_id, until=later, now=world.now())
    tasks = await world.fetch("SELECT due_at FROM task WHERE kind = 'WakeThread' ORDER BY due_at")
    assert [row["due_at"] for row in tasks] == [until, later]

    job = Actor.job(world.workspace_id)
    await threads.wake_thread(actor=job, thread_id=thread_id, now=until)
    assert (await state_of(world, thread_id))[0] == "SNOOZED"
    await threads.wake_thread(actor=job, thread_id=thread_id, now=later)
    assert (await state_of(world, thread_id))[0] == "OPEN"


async def test_a_person_s_mail_opens_a_closed_or_snoozed_thread_and_a_machine_s_doesn_t(world: World) -> None:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        [reply] = await receives(world, post, talk, a_reply("Yes?", to=talk.message_id))
        thread_id = reply["thread_id"]
        until = world.now() + timedelta(days=1)
        await threads.snooze_thread(actor=world.actor, thread_id=thread_id, until=until, now=world.now())
        await threads.mark_thread_read(actor=world.actor, thread_id=thread_id, now=world.now())
        away = a_reply(
            "I am out of the office until Monday.",
            to=talk.message_id,
            message_id="<2@lead.example>",
            Auto_Submitted="auto-replied",
        )
        await receives(world, post, talk, away)
        assert await state_of(world, thread_id) == ("SNOOZED", False)
        more = a_reply("By the way, when?", to=talk.message_id, message_id="<3@lead.example>")
        await receives(world, post, talk, more)
        assert await state_of(world, thread_id) == ("OPEN", True)
    [row] = await world.fetch("SELECT snoozed_until FROM thread")
    assert row["snoozed_until"] is None


async def test_what_can_t_be_done_with_a_thread(world: World) -> None:
    thread_id, stranger = await a_thread(world), await new_world(world.app)
    now = world.now()
    for until in (now, now - timedelta(days=1), now + timedelta(days=400)):
        with pytest.raises(Invalid):
            await threads.snooze_thread(actor=world.actor, thread_id=thread_id, until=until, now=now)
    with pytest.raises(NotFound):
        await threads.close_thread(actor=stranger.actor, thread_id=thread_id, now=now)
    reader = await world.member(Role.READ_ONLY)
    with pytest.raises(Forbidden):
        await threads.mark_thread_read(actor=reader, thread_id=thread_id, now=now)
    assert await state_of(world, thread_id) == ("OPEN", True)

    await threads.close_thread(actor=world.actor, thread_id=thread_id, now=now)
    with pytest.raises(IllegalTransition):
        await threads.snooze_thread(
            actor=world.actor, thread_id=thread_id, until=now + timedelta(hours=1), now=now
        )
