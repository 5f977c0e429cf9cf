"""Conversations through the API."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.workspaces.rules import Role
from schema.nodes import global_id
from tests.steps.replies import a_reply, begun_conversation, receives
from tests.steps.sending import running_post
from tests.world import World, new_world

ANSWER = """
mutation ($input: ThreadAnswerInput!) {
  threadAnswer(input: $input) { message { subject textBody status toAddress } errors { code field } }
}
"""
ACTIONS = {
    "threadClose": "ThreadInput",
    "threadReopen": "ThreadInput",
    "threadMarkRead": "ThreadInput",
    "threadSnooze": "ThreadSnoozeInput",
}


def action(name: str) -> str:
    return f"""
    mutation ($input: {ACTIONS[name]}!) {{
      {name}(input: $input) {{ thread {{ status unread snoozedUntil }} errors {{ code field }} }}
    }}
    """


async def a_thread(world: World) -> str:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        [reply] = await receives(world, post, talk, a_reply("Can we talk?", to=talk.message_id))
    found: UUID = reply["thread_id"]
    return global_id("thre", found)


async def do(world: World, name: str, **arguments: Any) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    answer = (await world.execute(action(name), {"input": arguments}))[name]
    return answer["thread"], answer["errors"]


async def test_a_thread_shows_both_sides_in_order(world: World) -> None:
    thread_id = await a_thread(world)
    await world.execute(ANSWER, {"input": {"threadId": thread_id, "text": "Yes!", "idempotencyKey": "k"}})
    document = """
    query ($id: ID!) {
      thread(id: $id) {
        subject status unread lead { email }
        entries { totalCount nodes { direction text deliveryState reply { label } message { subject } } }
        replies { nodes { text status } }
      }
    }
    """
    thread = (await world.execute(document, {"id": thread_id}))["thread"]
    entries = thread["entries"]["nodes"]
    assert [(entry["direction"], entry["deliveryState"]) for entry in entries] == [
        ("OUTBOUND", "SENT"),
        ("INBOUND", None),
        ("OUTBOUND", "SCHEDULED"),
    ]
    assert [entry["text"] for entry in entries[1:]] == ["Can we talk?", "Yes!"]
    assert (entries[1]["reply"], entries[1]["message"]) == ({"label": "INTERESTED"}, None)
    assert (entries[2]["reply"], entries[2]["message"]) == (None, {"subject": "Re: A question"})
    assert (thread["status"], thread["unread"]) == ("OPEN", False)
    assert thread["lead"] == {"email": "grace@lead.example"}
    assert thread["replies"]["nodes"] == [{"text": "Can we talk?", "status": "HANDLED"}]


async def test_threads_are_listed_and_filtered(world: World) -> None:
    thread_id = await a_thread(world)
    document = "query ($where: ThreadWhere, $search: String) { threads(where: $where, search: $search) { nodes { id } } }"

    async def listed(**variables: Any) -> list[str]:
        return [node["id"] for node in (await world.execute(document, variables))["threads"]["nodes"]]

    assert await listed() == [thread_id]
    assert await listed(where={"unread": {"eq": True}, "status": {"eq": "OPEN"}}) == [thread_id]
    assert await listed(where={"not": {"unread": {"eq": True}}}) == []
    assert await listed(search="question") == [thread_id]
    assert await listed(search="invoice") == []


async def test_an_answer_is_written_once_per_key_and_needs_one(world: World) -> None:
    thread_id = await a_thread(world)
    variables = {"input": {"threadId": thread_id, "text": "Yes!", "idempotencyKey": "k"}}
    first = (await world.execute(ANSWER, variables))["threadAnswer"]
    assert first == {
        "message": {
            "subject": "Re: A question",
            "textBody": "Yes!",
            "status": "APPROVED",
            "toAddress": "grace@lead.example",
        },
        "errors": [],
    }
    assert (await world.execute(ANSWER, variables))["threadAnswer"] == first
    other = {"input": {**variables["input"], "text": "No!"}}
    assert (await world.execute(ANSWER, other))["threadAnswer"]["errors"] == [
        {"code": "IDEMPOTENCY_MISMATCH", "field": ["idempotencyKey"]}
    ]
    keyless = {"input": {"threadId": thread_id, "text": "Yes!"}}
    [error] = (await world.execute(ANSWER, keyless))["threadAnswer"]["errors"]
    assert error["code"] == "IDEMPOTENCY_KEY_REQUIRED"
    assert len(await world.fetch("SELECT 1 FROM message WHERE kind = 'ANSWER'")) == 1


async def test_a_thread_is_put_away_and_taken_up_again(world: World) -> None:
    thread_id, until = await a_thread(world), world.now().replace(microsecond=0) + timedelta(hours=1)
    text = until.isoformat().replace("+00:00", "Z")
    thread, errors = await do(world, "threadSnooze", id=thread_id, until=text)
    assert (thread, errors) == ({"status": "SNOOZED", "unread": True, "snoozedUntil": text}, [])
    thread, _ = await do(world, "threadReopen", id=thread_id)
    assert thread == {"status": "OPEN", "unread": True, "snoozedUntil": None}
    thread, _ = await do(world, "threadMarkRead", id=thread_id)
    assert thread == {"status": "OPEN", "unread": False, "snoozedUntil": None}
    thread, _ = await do(world, "threadClose", id=thread_id)
    assert thread == {"status": "CLOSED", "unread": False, "snoozedUntil": None}
    thread, errors = await do(world, "threadSnooze", id=thread_id, until=text)
    assert thread is None
    assert errors[0]["code"] == "ILLEGAL_TRANSITION"


@pytest.mark.parametrize("name", sorted(ACTIONS))
async def test_who_only_reads_changes_nothing_and_strangers_see_nothing(world: World, name: str) -> None:
    thread_id, stranger = await a_thread(world), await new_world(world.app)
    arguments = {"id": thread_id}
    if name == "threadSnooze":
        arguments["until"] = (world.now() + timedelta(hours=1)).isoformat()
    for role in (Role.READ_ONLY, Role.REVIEWER):
        assert await world.refused(action(name), {"input": arguments}, role=role) == ["FORBIDDEN"]
    _, errors = await do(stranger, name, **arguments)
    assert errors == [{"code": "NOT_FOUND", "field": ["input", "id"]}]
    _, errors = await do(world, name, **{**arguments, "id": thread_id.replace("thre_", "repl_")})
    assert errors == [{"code": "BAD_USER_INPUT", "field": ["input", "id"]}]
    assert await world.fetch("SELECT status, unread FROM thread") == [{"status": "OPEN", "unread": True}]


async def test_answering_is_for_those_who_handle_replies(world: World) -> None:
    thread_id, stranger = await a_thread(world), await new_world(world.app)
    variables = {"input": {"threadId": thread_id, "text": "Yes!", "idempotencyKey": "k"}}
    for role, code in (
        (Role.READ_ONLY, "FORBIDDEN"),
        (Role.REVIEWER, "FORBIDDEN"),
        (None, "UNAUTHENTICATED"),
    ):
        assert await world.refused(ANSWER, variables, role=role) == [code]
    [error] = (await stranger.execute(ANSWER, variables))["threadAnswer"]["errors"]
    assert error["code"] == "NOT_FOUND"
    assert await world.fetch("SELECT 1 FROM message WHERE kind = 'ANSWER'") == []
