"""Sequences and enrollments through the API."""

from typing import Any

import pytest

from domain.workspaces.rules import Role
from schema.nodes import global_id
from tests.steps.sending import insert
from tests.steps.sequences import drafted, enrolled, running_outreach, written_sequence
from tests.world import World, new_world

CREATE = """
mutation Create($input: SequenceCreateInput!) {
  sequenceCreate(input: $input) {
    sequence {
      id name number status drafter isLatest version
      steps { nodes { position kind delayDays delayBusinessDays threadMode
        variants { nodes { label language weight status } } } }
    }
    errors { __typename code field }
  }
}
"""
INPUT: dict[str, Any] = {
    "name": "First contact",
    "steps": [
        {
            "variants": [
                {"label": "A", "bodyTemplate": "Hi {{ lead.first_name }}"},
                {"label": "B", "weight": 3},
            ]
        },
        {"variants": [{"label": "A"}], "delayDays": 4, "threadMode": "REPLY"},
    ],
}


async def test_a_sequence_is_written_with_its_steps_and_variants(world: World) -> None:
    payload = (await world.execute(CREATE, {"input": INPUT}))["sequenceCreate"]
    assert payload["errors"] == []
    created = payload["sequence"]

    assert created["id"].startswith("sequ_")
    assert (created["number"], created["status"], created["drafter"]) == (1, "DRAFT", None)
    assert created["isLatest"] is True
    first, second = created["steps"]["nodes"]
    assert [variant["weight"] for variant in first["variants"]["nodes"]] == [1, 3]
    assert second == {
        "position": 2,
        "kind": "EMAIL",
        "delayDays": 4,
        "delayBusinessDays": True,
        "threadMode": "REPLY",
        "variants": {"nodes": [{"label": "A", "language": "en", "weight": 1, "status": "ACTIVE"}]},
    }


RULES = "replyRules { onReply onColleagueReply onOoo oooDefaultDays oooDaysMax }"
DEFAULTS = {
    "onReply": "STOP",
    "onColleagueReply": "PAUSE",
    "onOoo": "RESUME_ON_RETURN",
    "oooDefaultDays": 7,
    "oooDaysMax": 60,
}


async def _rules(world: World, mutation: str, given: dict[str, Any]) -> dict[str, Any]:
    """Create or update a sequence; returns the payload."""
    name = mutation[0].upper() + mutation[1:]
    document = (
        f"mutation ($input: {name}Input!) {{ {mutation}(input: $input) "
        f"{{ sequence {{ id {RULES} }} errors {{ __typename code field }} }} }}"
    )
    payload: dict[str, Any] = (await world.execute(document, {"input": given}))[mutation]
    return payload


async def test_reply_rules_show_their_defaults_and_can_be_set(world: World) -> None:
    plain = await _rules(world, "sequenceCreate", INPUT)
    assert plain["sequence"]["replyRules"] == DEFAULTS

    given = {"onReply": "PAUSE", "onOoo": "CONTINUE"}
    created = await _rules(world, "sequenceCreate", {**INPUT, "replyRules": given})
    assert created["sequence"]["replyRules"] == {**DEFAULTS, **given}

    change = {"id": created["sequence"]["id"], "replyRules": {"onOoo": None, "oooDefaultDays": 3}}
    updated = await _rules(world, "sequenceUpdate", change)
    assert updated["sequence"]["replyRules"] == {**DEFAULTS, "onReply": "PAUSE", "oooDefaultDays": 3}
    untouched = await _rules(world, "sequenceUpdate", {"id": change["id"], "name": "Other"})
    assert untouched["sequence"]["replyRules"] == updated["sequence"]["replyRules"]
    reset = await _rules(world, "sequenceUpdate", {"id": change["id"], "replyRules": None})
    assert reset["sequence"]["replyRules"] == DEFAULTS


async def test_a_reply_rule_out_of_its_bounds_is_named_and_nothing_is_written(world: World) -> None:
    refused = await _rules(world, "sequenceCreate", {**INPUT, "replyRules": {"oooDaysMax": 400}})
    assert refused == {
        "sequence": None,
        "errors": [
            {"__typename": "ValidationError", "code": "BAD_USER_INPUT", "field": ["replyRules", "oooDaysMax"]}
        ],
    }
    assert await world.fetch("SELECT 1 FROM sequence") == []


async def test_what_is_wrong_is_named(world: World) -> None:
    steps = [{"variants": [{"label": "A", "bodyTemplate": "{{ lead.salary }}"}]}]
    payload = (await world.execute(CREATE, {"input": {**INPUT, "steps": steps}}))["sequenceCreate"]

    assert payload["sequence"] is None
    [error] = payload["errors"]
    assert (error["__typename"], error["code"]) == ("ValidationError", "TEMPLATE_INVALID")
    assert error["field"] == ["steps", "0", "variants", "0", "bodyTemplate"]


async def test_a_model_without_a_key_isnt_configured(world: World) -> None:
    payload = (await world.execute(CREATE, {"input": {**INPUT, "drafter": "ANTHROPIC"}}))["sequenceCreate"]
    assert [error["code"] for error in payload["errors"]] == ["NOT_CONFIGURED"]
    assert await world.fetch("SELECT 1 FROM sequence") == []


async def test_the_same_key_writes_one_sequence(world: World) -> None:
    given = {"input": {**INPUT, "idempotencyKey": "k"}}
    first = await world.execute(CREATE, given)
    assert await world.execute(CREATE, given) == first
    other = await world.execute(CREATE, {"input": {**given["input"], "name": "Other"}})
    assert [error["code"] for error in other["sequenceCreate"]["errors"]] == ["IDEMPOTENCY_MISMATCH"]
    assert len(await world.fetch("SELECT 1 FROM sequence")) == 1


async def test_versions_of_a_sequence(world: World) -> None:
    sequence_id = global_id("sequ", await written_sequence(world))
    update = """
    mutation Update($input: SequenceUpdateInput!) {
      sequenceUpdate(input: $input) { sequence { number status name lineageId } errors { code } }
    }
    """
    payload = (await world.execute(update, {"input": {"id": sequence_id, "name": "Second"}}))[
        "sequenceUpdate"
    ]
    assert payload["errors"] == []
    assert (payload["sequence"]["number"], payload["sequence"]["status"]) == (2, "DRAFT")

    listing = """
    query List($where: SequenceWhere) {
      sequences(where: $where, orderBy: [{field: NAME}]) { totalCount nodes { name isLatest } }
    }
    """
    lineage = {"lineageId": {"eq": payload["sequence"]["lineageId"]}}
    both = (await world.execute(listing, {"where": lineage}))["sequences"]
    assert both["nodes"] == [
        {"name": "First contact", "isLatest": False},
        {"name": "Second", "isLatest": True},
    ]
    newest = (await world.execute(listing, {"where": {"isLatest": {"eq": True}}}))["sequences"]
    assert newest["totalCount"] == 1


async def test_a_step_says_what_became_of_its_messages(world: World) -> None:
    outreach = await running_outreach(world)
    messages = await drafted(world, await enrolled(world, outreach))
    await insert(
        world,
        "delivery",
        id=messages[0]["id"],
        message_id=messages[0]["id"],
        step_id=messages[0]["step_id"],
        sender_id=outreach.sender_id,
        rfc_message_id="<1@x>",
        content_hash="",
        to_address="a@b.example",
        to_domain="b.example",
        due_at=world.now(),
        state="SENT",
        sent_at=world.now(),
        replied_at=world.now(),
    )
    await world.fetch("UPDATE enrollment SET status = 'OPTED_OUT', current_position = 1 RETURNING id")
    data = await world.execute(
        """
        query One($id: ID!) { sequence(id: $id) { steps { nodes { statistics {
            sentCount repliedCount bouncedCount optedOutCount } } } } }
        """,
        {"id": global_id("sequ", outreach.sequence_id)},
    )
    assert [step["statistics"] for step in data["sequence"]["steps"]["nodes"]] == [
        {"sentCount": 1, "repliedCount": 1, "bouncedCount": 0, "optedOutCount": 1},
        {"sentCount": 0, "repliedCount": 0, "bouncedCount": 0, "optedOutCount": 0},
    ]


async def test_an_enrollment_is_paused_resumed_and_removed(world: World) -> None:
    enrollment_id = global_id("enro", await enrolled(world, await running_outreach(world)))
    steps = [("enrollmentPause", "PAUSED"), ("enrollmentResume", "ACTIVE"), ("enrollmentRemove", "REMOVED")]
    for mutation, status in steps:
        data = await world.execute(
            f"mutation ($id: ID!) {{ {mutation}(id: $id) {{ enrollment {{ status }} errors {{ code }} }} }}",
            {"id": enrollment_id},
        )
        assert data[mutation] == {"enrollment": {"status": status}, "errors": []}
    again = await world.execute(
        "mutation ($id: ID!) { enrollmentPause(id: $id) { enrollment { status } errors { code } } }",
        {"id": enrollment_id},
    )
    assert again["enrollmentPause"] == {"enrollment": None, "errors": [{"code": "ENROLLMENT_OVER"}]}


async def test_enrollments_are_filtered_by_their_lead(world: World) -> None:
    outreach = await running_outreach(world)
    for email in ("a@n.example", "b@n.example"):
        await drafted(world, await enrolled(world, outreach, email=email))
    data = await world.execute(
        "query ($lead: ID!) { enrollments(where: {leadId: {eq: $lead}}) { nodes { leadId sequence { name } lead { email }"
        " sender { address } run { seed } messages { nodes { subject run { seed } lead { email } } } } } }",
        {"lead": global_id("lead", outreach.lead_ids[0])},
    )
    [node] = data["enrollments"]["nodes"]
    assert node["leadId"].endswith(str(outreach.lead_ids[0]))
    assert node["sequence"] == {"name": "First contact"}
    assert node["lead"] == {"email": "a@n.example"}
    assert node["sender"] == {"address": "ben@pumpwerk.example"}
    assert node["run"] == {"seed": 7}
    assert node["messages"]["nodes"] == [
        {"subject": subject, "run": {"seed": 7}, "lead": {"email": "a@n.example"}}
        for subject in ("A question for Northwind", "Re: A question for Northwind")
    ]


@pytest.mark.parametrize("role", [Role.READ_ONLY, Role.REVIEWER, Role.ANALYST])
async def test_who_may_not_write_sequences(world: World, role: Role) -> None:
    assert await world.refused(CREATE, {"input": INPUT}, role=role) == ["FORBIDDEN"]
    assert await world.fetch("SELECT 1 FROM sequence") == []


async def test_another_workspaces_objects_are_missing(world: World) -> None:
    other = await new_world(world.app)
    outreach = await running_outreach(other)
    sequence_id = global_id("sequ", outreach.sequence_id)
    enrollment_id = global_id("enro", await enrolled(other, outreach))
    data = await world.execute(
        """
        mutation Try($sequence: ID!, $enrollment: ID!) {
          sequenceArchive(id: $sequence) { sequence { id } errors { code } }
          enrollmentRemove(id: $enrollment) { enrollment { id } errors { code } }
          wrong: sequenceArchive(id: $enrollment) { errors { code field } }
        }
        """,
        {"sequence": sequence_id, "enrollment": enrollment_id},
    )
    assert data["sequenceArchive"] == {"sequence": None, "errors": [{"code": "NOT_FOUND"}]}
    assert data["enrollmentRemove"] == {"enrollment": None, "errors": [{"code": "NOT_FOUND"}]}
    assert data["wrong"]["errors"] == [{"code": "BAD_USER_INPUT", "field": ["id"]}]
    seen = await world.execute("query ($id: ID!) { sequence(id: $id) { name } }", {"id": sequence_id})
    assert seen == {"sequence": None}
    assert await other.fetch("SELECT status FROM enrollment") == [{"status": "PENDING"}]
