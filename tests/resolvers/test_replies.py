"""Replies through the API: lists, correction by hand, the stream, and who may do what."""

from typing import Any
from uuid import UUID

import pytest

from domain.workspaces.rules import Role
from schema.nodes import global_id
from tests.steps.replies import Conversation, a_bounce, a_reply, begun_conversation, enrollment_of, receives
from tests.steps.sending import running_post
from tests.waiting import in_time
from tests.world import World, listen, new_world

CLASSIFY = """
mutation ($input: ReplyClassifyInput!) {
  replyClassify(input: $input) {
    reply { label labelMethod labelStatus classifications { nodes { label method status } } }
    errors { code field }
  }
}
"""
STREAM = """
subscription ($after: Cursor, $where: ReplyEventWhere) {
  replies(after: $after, where: $where) { seq cursor type reply { label fromAddress thread { subject } } }
}
"""


async def conversation(world: World, *raws: tuple[str, str]) -> tuple[Conversation, list[UUID]]:
    """Receive mails with these (text, Message-ID); returns the replies' ids."""
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        rows: list[dict[str, Any]] = []
        for text, message_id in raws:
            raw = a_reply(text, to=talk.message_id, message_id=message_id)
            rows = await receives(world, post, talk, raw)
    return talk, [row["id"] for row in rows]


async def classify(
    world: World, reply_id: UUID, label: str, *, role: Role = Role.OWNER
) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    variables = {"input": {"id": global_id("repl", reply_id), "label": label}}
    answer = (await world.execute(CLASSIFY, variables, role=role))["replyClassify"]
    return answer["reply"], answer["errors"]


async def test_replies_are_listed_newest_first_and_filtered(world: World) -> None:
    _, ids = await conversation(
        world, ("That sounds interesting!", "<1@l>"), ("Please stop emailing me.", "<2@l>")
    )
    document = """
    query ($where: ReplyWhere, $search: String) {
      replies(where: $where, search: $search) {
        totalCount
        nodes { id label participant matchedBy text evidence { source quote } lead { email } thread { unread } }
      }
    }
    """
    everything = (await world.execute(document))["replies"]
    assert [node["label"] for node in everything["nodes"]] == ["UNSUBSCRIBE", "INTERESTED"]
    where = {"label": {"in": ["INTERESTED"]}, "participant": {"eq": "LEAD"}}
    [node] = (await world.execute(document, {"where": where}))["replies"]["nodes"]
    assert node == {
        "id": global_id("repl", ids[0]),
        "label": "INTERESTED",
        "participant": "LEAD",
        "matchedBy": "REFERENCES",
        "text": "That sounds interesting!",
        "evidence": {"source": "NEW_TEXT", "quote": "That sounds interesting"},
        "lead": {"email": "grace@lead.example"},
        "thread": {"unread": True},
    }
    assert (await world.execute(document, {"search": "grace@"}))["replies"]["totalCount"] == 2
    assert (await world.execute(document, {"search": "nobody"}))["replies"]["totalCount"] == 0


async def test_a_bounce_tells_what_the_server_said(world: World) -> None:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        await receives(world, post, talk, a_bounce(talk.message_id))
    document = "{ replies { nodes { label bounces { nodes { bounceClass remedy action enhancedCode recipient } } } } }"
    [node] = (await world.execute(document))["replies"]["nodes"]
    assert node["bounces"]["nodes"] == [
        {
            "bounceClass": "HARD",
            "remedy": "INVALIDATE_ADDRESS",
            "action": "FAILED",
            "enhancedCode": "5.1.1",
            "recipient": "grace@lead.example",
        }
    ]


async def test_a_label_is_confirmed_or_corrected_and_its_history_kept(world: World) -> None:
    _, [reply_id] = await conversation(world, ("Hm, I see.", "<1@l>"))
    reply, errors = await classify(world, reply_id, "NOT_INTERESTED")
    assert errors == []
    assert reply == {
        "label": "NOT_INTERESTED",
        "labelMethod": "HUMAN",
        "labelStatus": "CORRECTED",
        "classifications": {
            "nodes": [
                {"label": "HUMAN", "method": "RULE", "status": "PROPOSED"},
                {"label": "NOT_INTERESTED", "method": "HUMAN", "status": "CORRECTED"},
            ]
        },
    }
    again, errors = await classify(world, reply_id, "NOT_INTERESTED")
    assert (again, errors) == (reply, [])
    events = await world.fetch("SELECT payload FROM event WHERE type = 'ReplyClassified'")
    assert [row["payload"]["previous_label"] for row in events] == ["HUMAN"]


async def test_an_opt_out_found_by_hand_acts_at_once_and_is_never_made_less(world: World) -> None:
    async with running_post(world) as post:
        talk = await begun_conversation(world, post)
        away = a_reply("I am out of the office.", to=talk.message_id, Auto_Submitted="auto-replied")
        [row] = await receives(world, post, talk, away)
    assert (await enrollment_of(world, talk))["status"] == "PAUSED"
    _, errors = await classify(world, row["id"], "UNSUBSCRIBE")
    assert errors == []
    assert (await enrollment_of(world, talk))["status"] == "OPTED_OUT"
    assert await world.fetch("SELECT reason FROM suppression") == [{"reason": "UNSUBSCRIBE"}]

    reply, errors = await classify(world, row["id"], "INTERESTED")
    assert reply is None
    assert errors == [{"code": "CLASSIFICATION_IS_BINDING", "field": ["input", "label"]}]
    assert await world.fetch("SELECT label FROM reply") == [{"label": "UNSUBSCRIBE"}]
    assert await world.fetch("SELECT status FROM suppression") == [{"status": "ACTIVE"}]
    _, errors = await classify(world, row["id"], "COMPLAINT")
    assert errors == []
    reasons = await world.fetch("SELECT reason FROM suppression ORDER BY reason")
    assert [row["reason"] for row in reasons] == ["COMPLAINT", "UNSUBSCRIBE"]


async def test_a_correction_never_resumes_what_a_reply_has_ended(world: World) -> None:
    talk, [reply_id] = await conversation(world, ("Tell me more, please.", "<1@l>"))
    await classify(world, reply_id, "AUTO")
    assert (await enrollment_of(world, talk))["status"] == "REPLIED"


@pytest.mark.parametrize("role", [Role.READ_ONLY, Role.REVIEWER, Role.ANALYST, None])
async def test_only_who_handles_replies_classifies(world: World, role: Role | None) -> None:
    _, [reply_id] = await conversation(world, ("Tell me more, please.", "<1@l>"))
    variables = {"input": {"id": global_id("repl", reply_id), "label": "AUTO"}}
    expected = "UNAUTHENTICATED" if role is None else "FORBIDDEN"
    assert await world.refused(CLASSIFY, variables, role=role) == [expected]
    assert await world.fetch("SELECT label_method FROM reply") == [{"label_method": "RULE"}]


async def test_another_workspace_s_reply_answers_as_missing(world: World) -> None:
    _, [reply_id] = await conversation(world, ("Tell me more, please.", "<1@l>"))
    stranger = await new_world(world.app)
    _, errors = await classify(stranger, reply_id, "AUTO")
    assert errors == [{"code": "NOT_FOUND", "field": ["input", "id"]}]
    document = "query ($id: ID!) { reply(id: $id) { label } node(id: $id) { id } replies { totalCount } }"
    seen = await stranger.execute(document, {"id": global_id("repl", reply_id)})
    assert seen == {"reply": None, "node": None, "replies": {"totalCount": 0}}
    assert await world.fetch("SELECT label_method FROM reply") == [{"label_method": "RULE"}]


async def frames(world: World, count: int, **variables: Any) -> list[dict[str, Any]]:
    stream = listen(STREAM, variables, context=world.context())
    found = []
    async with in_time():
        async for answer in stream:
            assert answer.errors == []
            assert answer.data is not None
            found.append(answer.data["replies"])
            if len(found) == count:
                break
    return found


async def test_the_stream_replays_filters_and_shows_the_reply_as_it_is_now(world: World) -> None:
    start = world.services.cursor_key.encode_seq(0, workspace_id=world.workspace_id)
    talk, ids = await conversation(
        world, ("That sounds interesting!", "<1@l>"), ("Please stop emailing me.", "<2@l>")
    )
    await classify(world, ids[0], "QUESTION")

    events = await frames(world, 3, after=start)
    assert [event["type"] for event in events] == ["ReplyReceived", "ReplyReceived", "ReplyClassified"]
    assert [event["reply"]["label"] for event in events] == ["QUESTION", "UNSUBSCRIBE", "QUESTION"]
    assert sorted(event["seq"] for event in events) == [event["seq"] for event in events]
    assert events[0]["reply"]["thread"] == {"subject": "A question"}

    run_id = global_id("run", talk.campaign.run_id)
    where = {"labels": ["UNSUBSCRIBE"], "runId": run_id}
    [event] = await frames(world, 1, after=start, where=where)
    assert event["cursor"] == events[1]["cursor"]
    [event] = await frames(world, 1, after=events[1]["cursor"])
    assert event["type"] == "ReplyClassified"
