"""Review, previews and test copies through the API."""

from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from domain.sequences.content import split_footer
from domain.workspaces.rules import Role
from resolvers.context import Services
from schema.nodes import global_id
from tests.steps.credits import balance
from tests.steps.sending import connected_sender, running_post
from tests.steps.sequences import (
    FACT,
    TWO_STEPS,
    drafted,
    enrolled,
    event_types,
    known_lead,
    reviewable,
    running_outreach,
)
from tests.world import World, new_world

ONE_STEP = TWO_STEPS[:1]
QUEUE = """
query Queue($where: MessageWhere) {
  reviewQueue(where: $where) { totalCount nodes {
    id subject body footer draftedBy isAiGenerated isEdited status readiness contentHash version
    readinessChecks { rule result }
    claims { span evidence { kind field value sourceUrl confidence } }
    approval { decision } enrollment { status } step { position } variant { label }
  } }
}
"""
APPROVE = """
mutation Approve($input: MessageApproveInput!) {
  messageApprove(input: $input) {
    message { status approval { status decidedBy isBatch comment } }
    errors { __typename code ... on ContentChangedError { currentHash }
      ... on MessageNotReadyError { checks { rule result } } }
  }
}
"""
EDIT = """
mutation Edit($input: MessageEditInput!) {
  messageEdit(input: $input) {
    message { status version readiness body approval { id } approvals { nodes { status } } }
    errors { __typename code }
  }
}
"""
APPROVE_MANY = """
mutation Many($input: MessagesApproveInput!) {
  messagesApprove(input: $input) {
    approvedCount errors { __typename code ... on CountMismatchError { expected found } }
  }
}
"""
PREVIEW = """
query Preview($input: MessagePreviewInput!) {
  messagePreview(input: $input) {
    preview { subject textBody draftedBy readiness claims { span evidence { kind } } readinessChecks { rule } }
    errors { code field }
  }
}
"""
TEST_SEND = """
mutation Test($input: MessageTestSendInput!) {
  messageTestSend(input: $input) { message { id } errors { code } }
}
"""


def _approval(message: dict[str, Any], **changes: Any) -> dict[str, Any]:
    given = {"id": global_id("mess", message["id"]), "contentHash": message["content_hash"], **changes}
    return {"input": given}


async def test_the_queue_shows_what_a_message_rests_on(world: World) -> None:
    await reviewable(world, leads=2, steps=ONE_STEP)
    queue = (await world.execute(QUEUE))["reviewQueue"]

    assert queue["totalCount"] == 2
    node = queue["nodes"][0]
    assert (node["draftedBy"], node["isAiGenerated"], node["isEdited"]) == ("liquid-template", False, False)
    assert node["body"].startswith("Hi Ada,")
    assert "1 Long Street" in node["footer"]
    claim = next(claim for claim in node["claims"] if claim["span"] == FACT)
    assert claim["evidence"] == [
        {
            "kind": "FACT",
            "field": "what_company_does",
            "value": FACT,
            "sourceUrl": "https://www.northwind.example/about",
            "confidence": pytest.approx(0.9),
        }
    ]
    assert {"rule": "CLAIM_EVIDENCE", "result": "PASS"} in node["readinessChecks"]
    assert node["approval"] is None
    assert (node["step"], node["variant"]) == ({"position": 1}, {"label": "A"})


async def test_approving_takes_a_message_out_of_the_queue(world: World) -> None:
    message, other = await reviewable(world, leads=2, steps=ONE_STEP)
    payload = (await world.execute(APPROVE, _approval(message, comment="fine")))["messageApprove"]

    assert payload["errors"] == []
    assert payload["message"]["status"] == "APPROVED"
    assert payload["message"]["approval"] == {
        "status": "VALID",
        "decidedBy": "Ada Lovelace",
        "isBatch": False,
        "comment": "fine",
    }
    queue = (await world.execute(QUEUE))["reviewQueue"]
    assert [node["id"] for node in queue["nodes"]] == [global_id("mess", other["id"])]


async def test_an_approval_of_something_else_says_what_is_there_now(world: World) -> None:
    [message] = await reviewable(world, steps=ONE_STEP)
    payload = (await world.execute(APPROVE, _approval(message, contentHash="0" * 64)))["messageApprove"]
    assert payload == {
        "message": None,
        "errors": [
            {
                "__typename": "ContentChangedError",
                "code": "CONTENT_CHANGED",
                "currentHash": message["content_hash"],
            }
        ],
    }


async def test_an_edit_is_seen_and_must_be_approved_anew(world: World) -> None:
    [message] = await reviewable(world, steps=ONE_STEP)
    await world.execute(APPROVE, _approval(message))
    node = (await world.execute("{ messages { nodes { id version body subject } } }"))["messages"]["nodes"][0]
    given = {
        "id": node["id"],
        "subject": node["subject"],
        "body": node["body"] + "\n\nP.S. https://evil.example/x",
        "expectedVersion": node["version"],
    }
    payload = (await world.execute(EDIT, {"input": given}))["messageEdit"]

    assert payload["errors"] == []
    assert (payload["message"]["status"], payload["message"]["readiness"]) == ("IN_REVIEW", "BLOCK")
    assert payload["message"]["approval"] is None
    assert payload["message"]["approvals"]["nodes"] == [{"status": "VOIDED"}]
    stale = (await world.execute(EDIT, {"input": given}))["messageEdit"]
    assert stale["errors"] == [{"__typename": "StaleVersionError", "code": "STALE_VERSION"}]

    [now] = await world.fetch("SELECT id, content_hash FROM message")
    blocked = (await world.execute(APPROVE, _approval(now)))["messageApprove"]
    [error] = blocked["errors"]
    assert error["__typename"] == "MessageNotReadyError"
    assert error["checks"] == [{"rule": "CONTACTS", "result": "BLOCK"}]


async def test_many_are_approved_by_the_filter_that_showed_them(world: World) -> None:
    messages = await reviewable(world, leads=3, steps=ONE_STEP)
    where = {"leadId": {"in": [global_id("lead", message["lead_id"]) for message in messages[:2]]}}
    assert (await world.execute(QUEUE, {"where": where}))["reviewQueue"]["totalCount"] == 2
    wrong = await world.execute(APPROVE_MANY, {"input": {"where": where, "expectedCount": 3}})
    assert wrong["messagesApprove"] == {
        "approvedCount": 0,
        "errors": [{"__typename": "CountMismatchError", "code": "COUNT_MISMATCH", "expected": 3, "found": 2}],
    }
    given = {"input": {"where": where, "expectedCount": 2, "idempotencyKey": "k"}}
    for _ in range(2):
        answer = (await world.execute(APPROVE_MANY, given))["messagesApprove"]
        assert answer == {"approvedCount": 2, "errors": []}
    assert (await event_types(world)).count("MessageApproved") == 2


async def test_a_rejection_is_kept_with_its_comment(world: World) -> None:
    [message] = await reviewable(world, steps=ONE_STEP)
    payload = await world.execute(
        """
        mutation Reject($input: MessageRejectInput!) {
          messageReject(input: $input) { message { status approval { decision comment } enrollment { status } }
            errors { code } }
        }
        """,
        {"input": {"id": global_id("mess", message["id"]), "comment": "a customer"}},
    )
    assert payload["messageReject"] == {
        "message": {
            "status": "REJECTED",
            "approval": {"decision": "REJECTED", "comment": "a customer"},
            "enrollment": {"status": "REMOVED"},
        },
        "errors": [],
    }


@pytest.mark.parametrize("role", list(Role))
async def test_who_may_approve(world: World, role: Role) -> None:
    [message] = await reviewable(world, steps=ONE_STEP)
    if role in {Role.READ_ONLY, Role.ANALYST, Role.BILLING, Role.PRIVACY_OFFICER, Role.PUBLISHER}:
        assert await world.refused(APPROVE, _approval(message), role=role) == ["FORBIDDEN"]
        status = "IN_REVIEW"
    else:
        payload = await world.execute(APPROVE, _approval(message), role=role)
        assert payload["messageApprove"]["errors"] == []
        status = "APPROVED"
    assert await world.fetch("SELECT status FROM message") == [{"status": status}]
    assert await world.refused(QUEUE, role=None) == ["UNAUTHENTICATED"]


async def test_another_workspaces_message_is_missing(world: World) -> None:
    other = await new_world(world.app)
    [message] = await reviewable(other, steps=ONE_STEP)
    payload = (await world.execute(APPROVE, _approval(message)))["messageApprove"]
    assert [error["code"] for error in payload["errors"]] == ["NOT_FOUND"]
    many = (await world.execute(APPROVE_MANY, {"input": {"expectedCount": 1}}))["messagesApprove"]
    assert [error["code"] for error in many["errors"]] == ["COUNT_MISMATCH"]
    preview = {
        "leadId": global_id("lead", message["lead_id"]),
        "stepId": global_id("step", message["step_id"]),
    }
    shown = (await world.execute(PREVIEW, {"input": preview}))["messagePreview"]
    assert [error["code"] for error in shown["errors"]] == ["NOT_FOUND"]
    assert await other.fetch("SELECT status FROM message") == [{"status": "IN_REVIEW"}]


async def test_a_preview_stores_and_costs_nothing(world: World) -> None:
    outreach = await running_outreach(world)
    lead_id = await known_lead(world)
    steps = await world.fetch("SELECT id FROM sequence_step ORDER BY position")
    types, credits = await event_types(world), await balance(world)
    for step, subject in zip(
        steps, ("A question for Northwind", "Re: A question for Northwind"), strict=True
    ):
        given = {"leadId": global_id("lead", lead_id), "stepId": global_id("step", step["id"])}
        shown = (await world.execute(PREVIEW, {"input": given}))["messagePreview"]
        assert shown["errors"] == []
        assert shown["preview"]["subject"] == subject
        assert shown["preview"]["draftedBy"] == "liquid-template"

    assert await world.fetch("SELECT 1 FROM message") == []
    assert (await event_types(world), await balance(world)) == (types, credits)
    first, _ = await drafted(world, await enrolled(world, outreach, lead_id=lead_id))
    given = {"leadId": global_id("lead", lead_id), "variantId": global_id("vari", first["variant_id"])}
    shown = (await world.execute(PREVIEW, {"input": given}))["messagePreview"]
    assert shown["preview"]["textBody"] == first["text_body"]


async def test_templates_are_previewed_before_they_are_stored(world: World) -> None:
    await running_outreach(world)
    lead_id = global_id("lead", await known_lead(world))
    wording = {
        "subjectTemplate": "About {{ company.name }}",
        "bodyTemplate": "Hi {{ lead.first_name }}, {{ offer }}",
    }
    shown = (await world.execute(PREVIEW, {"input": {"leadId": lead_id, "wording": wording}}))[
        "messagePreview"
    ]
    assert shown["preview"]["subject"] == "About Northwind"

    wording["bodyTemplate"] = "{{ lead.salary }}"
    shown = (await world.execute(PREVIEW, {"input": {"leadId": lead_id, "wording": wording}}))[
        "messagePreview"
    ]
    assert shown == {
        "preview": None,
        "errors": [{"code": "TEMPLATE_INVALID", "field": ["input", "bodyTemplate"]}],
    }
    neither = (await world.execute(PREVIEW, {"input": {"leadId": lead_id}}))["messagePreview"]
    assert [error["code"] for error in neither["errors"]] == ["BAD_USER_INPUT"]
    assert await world.refused(
        PREVIEW, {"input": {"leadId": lead_id, "wording": wording}}, role=Role.READ_ONLY
    ) == ["FORBIDDEN"]


async def test_a_test_copy_goes_to_oneself_and_counts_nowhere(world: World) -> None:
    async with running_post(world) as post:
        sender_id = await connected_sender(world, post)
        [message] = await reviewable(world, steps=ONE_STEP, sender_id=sender_id)
        world.app = _with_ports(world, post)
        [user] = await world.fetch("SELECT email FROM app_user WHERE id = $1", world.user_id)
        given = {"input": {"id": global_id("mess", message["id"]), "idempotencyKey": "k"}}
        for _ in range(2):
            payload = (await world.execute(TEST_SEND, given))["messageTestSend"]
            assert payload == {"message": {"id": global_id("mess", message["id"])}, "errors": []}

        assert post.sent() == [user["email"]]
        mail = message_from_bytes(post.provider.accepted[0].raw, policy=default)
    assert mail["Subject"] == "[Test] A question for Northwind"
    assert mail["List-Unsubscribe"] is None
    text = mail.get_body(("plain",))
    assert text is not None
    assert split_footer(message["text_body"])[0] in text.get_content().replace("\r\n", "\n")
    assert await world.fetch("SELECT 1 FROM delivery") == []
    assert await world.fetch("SELECT status FROM message") == [{"status": "IN_REVIEW"}]


async def test_a_test_copy_needs_a_key_and_a_right(world: World) -> None:
    [message] = await reviewable(world, steps=ONE_STEP)
    given = {"id": global_id("mess", message["id"])}
    payload = (await world.execute(TEST_SEND, {"input": given}))["messageTestSend"]
    assert [error["code"] for error in payload["errors"]] == ["IDEMPOTENCY_KEY_REQUIRED"]
    keyed = {"input": {**given, "idempotencyKey": "k"}}
    assert await world.refused(TEST_SEND, keyed, role=Role.READ_ONLY) == ["FORBIDDEN"]
    disconnected = (await world.execute(TEST_SEND, keyed))["messageTestSend"]
    assert [error["code"] for error in disconnected["errors"]] == ["SENDER_DISCONNECTED"]


def _with_ports(world: World, post: Any) -> Any:
    """The application with the post's mailbox."""
    services: Services = world.app.services
    fields = {name: getattr(services, name) for name in Services.__dataclass_fields__}
    return type(world.app)(
        settings=world.app.settings,
        services=Services(**{**fields, "ports": post.ports}),
        bell=world.app.bell,
        redis=world.app.redis,
        wakeups=world.app.wakeups,
    )


async def test_the_queue_is_searched_by_subject_and_address(world: World) -> None:
    await reviewable(world, leads=2)
    document = "query ($text: String) { reviewQueue(search: $text) { totalCount } }"
    found = [
        (await world.execute(document, {"text": text}))["reviewQueue"]["totalCount"]
        for text in ("question", "re: a", "ada1@", "northwind.example", "100%")
    ]
    assert found == [4, 2, 2, 0, 0]
