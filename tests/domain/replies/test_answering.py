"""Answers in a thread leave like every message: approved, gated, once, in the conversation."""

from email import message_from_bytes
from uuid import UUID

import pytest

from domain.actor import Actor
from domain.errors import Forbidden, Invalid, NotFound
from domain.idempotency import Idempotency, Replayed
from domain.replies.answering import NobodyToAnswer, RecipientSuppressed, answer_thread
from domain.sequences.content import MessageContent, content_hash
from domain.workspaces.rules import Role
from tests.steps.replies import LEAD, a_bounce, a_reply, begun_conversation, receives
from tests.steps.sending import running_post, send_due
from tests.world import World, new_world

TEXT = "Hello Grace,\n\ngladly: <b>Tuesday</b> at ten?\n\nJo"


async def answer(
    world: World, thread_id: UUID, *, actor: Actor | None = None, text: str = TEXT, key: str | None = None
) -> UUID:
    once = None
    if key is not None:
        once = Idempotency.of(
            caller_id=world.user_id, mutation="threadAnswer", key=key, arguments={"text": text}
        )
    return await answer_thread(
        actor=actor or world.actor,
        thread_id=thread_id,
        text=text,
        identity_key=world.services.ports.identity_key,
        now=world.now(),
        idempotency=once,
    )


async def test_an_answer_leaves_in_the_conversation_and_its_answer_comes_back_to_it(world: World) -> None:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        [reply] = await receives(world, post, talk, a_reply("Can we talk?", to=talk.message_id))
        message_id = await answer(world, reply["thread_id"])
        await send_due(world, post)
        await send_due(world, post)

        assert post.sent() == [LEAD, LEAD]
        mail = message_from_bytes(post.provider.accepted[-1].raw)
        assert mail["Subject"] == "Re: A question"
        assert mail["In-Reply-To"] == "<answer-1@lead.example>"
        assert mail["References"].split() == [talk.message_id, "<answer-1@lead.example>"]
        assert mail["List-Unsubscribe"] is None
        again = a_reply("Tuesday it is.", to=mail["Message-ID"], message_id="<answer-2@lead.example>")
        first, second = await receives(world, post, talk, again)

    assert second["thread_id"] == first["thread_id"] == reply["thread_id"]
    assert first["status"] == "HANDLED"
    [message] = await world.fetch("SELECT * FROM message WHERE id = $1", message_id)
    assert (message["kind"], message["status"], message["drafted_by"]) == ("ANSWER", "APPROVED", "person")
    content = MessageContent(
        subject=message["subject"], text_body=message["text_body"], html_body=message["html_body"]
    )
    [approval] = await world.fetch("SELECT * FROM approval WHERE message_id = $1", message_id)
    assert approval["content_hash"] == message["content_hash"] == content_hash(content)
    assert (approval["decided_by"], approval["decision"]) == (world.user_id, "APPROVED")
    assert "<b>" not in message["html_body"]
    directions = await world.fetch("SELECT direction FROM thread_entry ORDER BY at, id")
    assert [row["direction"] for row in directions] == ["OUTBOUND", "INBOUND", "OUTBOUND", "INBOUND"]


async def test_the_same_key_writes_one_answer(world: World) -> None:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        [reply] = await receives(world, post, talk, a_reply("Can we talk?", to=talk.message_id))
        message_id = await answer(world, reply["thread_id"], key="k")
        with pytest.raises(Replayed) as replayed:
            await answer(world, reply["thread_id"], key="k")
        await send_due(world, post)
        assert post.sent() == [LEAD, LEAD]
    assert replayed.value.result_id == message_id


async def test_nobody_who_opted_out_is_answered(world: World) -> None:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        [reply] = await receives(world, post, talk, a_reply("Please unsubscribe me.", to=talk.message_id))
        with pytest.raises(RecipientSuppressed) as refused:
            await answer(world, reply["thread_id"])
        await send_due(world, post)
        assert post.sent() == [LEAD]
    assert refused.value.reason == "UNSUBSCRIBE"
    assert await world.fetch("SELECT 1 FROM message WHERE kind = 'ANSWER'") == []


async def test_an_opt_out_after_the_answer_was_written_still_stops_it(world: World) -> None:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        [reply] = await receives(world, post, talk, a_reply("Can we talk?", to=talk.message_id))
        message_id = await answer(world, reply["thread_id"])
        stop = a_reply("Please unsubscribe me.", to=talk.message_id, message_id="<stop@lead.example>")
        await receives(world, post, talk, stop)
        await send_due(world, post)
        assert post.sent() == [LEAD]
    assert await world.fetch("SELECT state FROM delivery WHERE message_id = $1", message_id) == [
        {"state": "SUPPRESSED"}
    ]


async def test_a_machine_isn_t_answered(world: World) -> None:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        raw = a_bounce(talk.message_id, action="delayed", status="4.4.7", words="451 4.4.1 no answer")
        [reply] = await receives(world, post, talk, raw)
    with pytest.raises(NobodyToAnswer):
        await answer(world, reply["thread_id"])


async def test_who_may_not_answer_and_what_is_no_answer(world: World) -> None:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        [reply] = await receives(world, post, talk, a_reply("Can we talk?", to=talk.message_id))
    thread_id, stranger = reply["thread_id"], await new_world(world.app)
    for role in (Role.READ_ONLY, Role.REVIEWER, Role.BILLING):
        with pytest.raises(Forbidden):
            await answer(world, thread_id, actor=await world.member(role))
    with pytest.raises(Forbidden):
        await answer(world, thread_id, actor=Actor.job(world.workspace_id))
    with pytest.raises(NotFound):
        await answer(world, thread_id, actor=stranger.actor)
    for text in ("", " \n ", "\u200b", "x" * 20_001):
        with pytest.raises(Invalid):
            await answer(world, thread_id, text=text)
    assert await world.fetch("SELECT 1 FROM message WHERE kind = 'ANSWER'") == []
    [thread] = await world.fetch("SELECT unread FROM thread")
    assert thread["unread"] is True


async def test_an_id_that_can_t_be_quoted_is_answered_without_it(world: World) -> None:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        raw = a_reply("Can we talk?", to=talk.message_id, message_id="<no-at-sign>")
        [reply] = await receives(world, post, talk, raw)
        await answer(world, reply["thread_id"])
        await send_due(world, post)
        assert post.sent() == [LEAD, LEAD]
        assert message_from_bytes(post.provider.accepted[-1].raw)["In-Reply-To"] is None
