"""Senders and deliveries through the API: shapes, refusals, roles, other workspaces."""

from zoneinfo import ZoneInfo

import pytest

from domain.workspaces.rules import Role
from tests.steps.sending import (
    connected_sender,
    make_due,
    running_campaign,
    running_post,
    send_due,
    waiting_delivery,
)
from tests.world import World, new_world

CONNECT = """
mutation ($port: Int!) {
  senderConnect(input: {
    address: "jo@example.com", displayName: "Jo Doe",
    smtp: {host: "localhost", port: $port, username: "jo@example.com", password: "pass word"},
    imap: {host: "localhost", port: 993, username: "jo@example.com", password: "pass word"}
  }) {
    sender { id address status smtpHost filesSentCopy dailyLimit sendingWindow { days { day } } version }
    errors { code field }
  }
}
"""
MUTATIONS = {
    "senderVerify": "mutation ($id: ID!) { done: senderVerify(id: $id) { sender { id } errors { code } } }",
    "senderPause": "mutation ($id: ID!) { done: senderPause(id: $id) { sender { id } errors { code } } }",
    "senderResume": "mutation ($id: ID!) { done: senderResume(id: $id) { sender { id } errors { code } } }",
    "senderDisconnect": "mutation ($id: ID!) { done: senderDisconnect(id: $id) { sender { id } errors { code } } }",
    "senderUpdate": (
        "mutation ($id: ID!) { done: senderUpdate(input: {id: $id, dailyLimit: 9})"
        " { sender { id } errors { code } } }"
    ),
}


async def test_a_connected_sender_never_shows_its_password(world: World) -> None:
    data = await world.execute(CONNECT, {"port": 465})

    sender = data["senderConnect"]["sender"]
    assert data["senderConnect"]["errors"] == []
    assert sender.pop("id").startswith("sender_")
    assert sender == {
        "address": "jo@example.com",
        "status": "VERIFYING",
        "smtpHost": "localhost",
        "filesSentCopy": None,
        "dailyLimit": 50,
        "sendingWindow": None,
        "version": 1,
    }
    [task] = await world.fetch("SELECT kind FROM task WHERE kind = 'VerifySender'")
    assert task == {"kind": "VerifySender"}


async def test_bad_access_is_a_payload_error_with_its_field(world: World) -> None:
    data = await world.execute(CONNECT, {"port": 0})

    assert data["senderConnect"] == {
        "sender": None,
        "errors": [{"code": "BAD_USER_INPUT", "field": ["smtp", "port"]}],
    }
    assert await world.fetch("SELECT id FROM sender") == []


async def test_a_warm_up_begins_on_the_day_it_is_set_and_null_ends_it(world: World) -> None:
    await world.fetch("UPDATE workspace SET default_time_zone = 'Pacific/Kiritimati' RETURNING id")
    sender_id = (await world.execute(CONNECT, {"port": 465}))["senderConnect"]["sender"]["id"]
    update = """
    mutation ($id: ID!, $ramp: SenderRampInput) {
      senderUpdate(input: {id: $id, ramp: $ramp}) {
        sender { ramp { startPerDay stepPerDay sinceOn } } errors { code field }
      }
    }
    """
    show = "query ($id: ID!) { sender(id: $id) { ramp { startPerDay } } }"
    assert (await world.execute(show, {"id": sender_id}))["sender"] == {"ramp": None}

    ramp = {"startPerDay": 5, "stepPerDay": 2}
    today = world.now().astimezone(ZoneInfo("Pacific/Kiritimati")).date().isoformat()
    data = await world.execute(update, {"id": sender_id, "ramp": ramp})
    assert data["senderUpdate"] == {"sender": {"ramp": {**ramp, "sinceOn": today}}, "errors": []}

    data = await world.execute(update, {"id": sender_id, "ramp": {**ramp, "startPerDay": 51}})
    assert data["senderUpdate"]["errors"] == [{"code": "BAD_USER_INPUT", "field": ["ramp", "startPerDay"]}]
    await world.execute(MUTATIONS["senderUpdate"], {"id": sender_id})
    assert (await world.execute(show, {"id": sender_id}))["sender"] == {"ramp": {"startPerDay": 5}}

    data = await world.execute(update, {"id": sender_id, "ramp": None})
    assert data["senderUpdate"]["sender"] == {"ramp": None}


async def test_the_window_comes_back_as_it_was_given(world: World) -> None:
    sender_id = (await world.execute(CONNECT, {"port": 465}))["senderConnect"]["sender"]["id"]
    update = """
    mutation ($id: ID!, $window: SendingWindowInput) {
      senderUpdate(input: {id: $id, sendingWindow: $window}) {
        sender { sendingWindow { days { day ranges { opens closes } } holidayCountry blackoutOn } }
        errors { code field }
      }
    }
    """
    window = {
        "days": [{"day": "MON", "ranges": [{"opens": "09:00", "closes": "12:00"}]}],
        "blackoutOn": ["2026-12-24"],
    }
    shown = {**window, "holidayCountry": None}

    data = await world.execute(update, {"id": sender_id, "window": window})
    assert data["senderUpdate"] == {"sender": {"sendingWindow": shown}, "errors": []}

    window["days"][0]["ranges"][0]["closes"] = "08:00"  # type: ignore[index]
    data = await world.execute(update, {"id": sender_id, "window": window})
    assert data["senderUpdate"]["errors"] == [{"code": "BAD_USER_INPUT", "field": ["days", "MON"]}]

    data = await world.execute(update, {"id": sender_id, "window": None})
    assert data["senderUpdate"]["sender"] == {"sendingWindow": None}


@pytest.mark.parametrize("mutation", sorted(MUTATIONS))
async def test_who_may_not_manage_senders_changes_nothing(world: World, mutation: str) -> None:
    sender_id = (await world.execute(CONNECT, {"port": 465}))["senderConnect"]["sender"]["id"]
    before = await world.fetch("SELECT * FROM sender")

    for role in (Role.READ_ONLY, Role.REP, Role.BILLING):
        assert await world.refused(MUTATIONS[mutation], {"id": sender_id}, role=role) == ["FORBIDDEN"]
    assert await world.refused(MUTATIONS[mutation], {"id": sender_id}, role=None) == ["UNAUTHENTICATED"]

    assert await world.fetch("SELECT * FROM sender") == before


@pytest.mark.parametrize("mutation", sorted(MUTATIONS))
async def test_another_workspaces_sender_answers_as_missing(world: World, mutation: str) -> None:
    sender_id = (await world.execute(CONNECT, {"port": 465}))["senderConnect"]["sender"]["id"]
    stranger = await new_world(world.app)

    data = await stranger.execute(MUTATIONS[mutation], {"id": sender_id})

    assert data["done"] == {"sender": None, "errors": [{"code": "NOT_FOUND"}]}
    assert (await stranger.execute("query ($id: ID!) { sender(id: $id) { id } }", {"id": sender_id})) == {
        "sender": None
    }


async def test_a_message_says_why_it_has_not_left_and_then_that_it_has(world: World) -> None:
    query = """
    { messages { nodes {
        delivery { state sentAt sender { address } attemptLog { nodes { kind result } } }
        whyNot { gate value sentence earliestAt }
    } } }
    """
    async with running_post(world) as post:
        campaign = await running_campaign(world, await connected_sender(world, post))
        delivery_id = await waiting_delivery(world, campaign)
        await world.fetch("UPDATE play SET status = 'PAUSED' RETURNING true")
        await send_due(world, post)

        [message] = (await world.execute(query))["messages"]["nodes"]
        assert message["delivery"]["state"] == "SCHEDULED"
        assert message["whyNot"] == {
            "gate": "PLAY",
            "value": "PAUSED",
            "sentence": "The play is paused or archived.",
            "earliestAt": None,
        }

        await world.fetch("UPDATE play SET status = 'ACTIVE' RETURNING true")
        await make_due(world, delivery_id)
        await send_due(world, post)

        [message] = (await world.execute(query))["messages"]["nodes"]
        assert message["whyNot"] is None
        assert message["delivery"]["state"] == "SENT"
        assert message["delivery"]["sender"] == {"address": "jo@example.com"}
        assert [line["kind"] for line in message["delivery"]["attemptLog"]["nodes"]] == [
            "GATE",
            "HANDOFF",
            "OUTCOME",
        ]


RESEND = """
mutation ($id: ID!, $key: String) {
  deliveryResend(input: {id: $id, idempotencyKey: $key}) { delivery { state } errors { code } }
}
"""


async def test_resending_needs_a_key_a_role_and_doubt(world: World) -> None:
    async with running_post(world) as post:
        campaign = await running_campaign(world, await connected_sender(world, post))
        delivery_id = await waiting_delivery(world, campaign)
        id_ = f"delivery_{delivery_id}"

        data = await world.execute(RESEND, {"id": id_, "key": None})
        assert data["deliveryResend"]["errors"] == [{"code": "IDEMPOTENCY_KEY_REQUIRED"}]
        data = await world.execute(RESEND, {"id": id_, "key": "a"})
        assert data["deliveryResend"]["errors"] == [{"code": "DELIVERY_NOT_IN_DOUBT"}]
        await world.fetch("UPDATE delivery SET state = 'UNKNOWN', handed_off_at = now() RETURNING id")
        assert await world.refused(RESEND, {"id": id_, "key": "b"}, role=Role.READ_ONLY) == ["FORBIDDEN"]

        answers = [await world.execute(RESEND, {"id": id_, "key": "c"}) for _ in range(2)]

        assert answers[0] == answers[1]
        assert answers[0]["deliveryResend"] == {"delivery": {"state": "SCHEDULED"}, "errors": []}
        resent = await world.fetch("SELECT seq FROM audit_event WHERE action = 'delivery.resend'")
        assert len(resent) == 1


async def test_deliveries_of_a_run_can_be_listed(world: World) -> None:
    async with running_post(world) as post:
        campaign = await running_campaign(world, await connected_sender(world, post))
        await waiting_delivery(world, campaign)
        query = """
        query ($run: ID!) { deliveries(where: {runId: {eq: $run}, state: {in: [SCHEDULED]}}) {
          totalCount nodes { toAddress message { subject } } } }
        """

        data = await world.execute(query, {"run": f"run_{campaign.run_id}"})

        assert data["deliveries"] == {
            "totalCount": 1,
            "nodes": [{"toAddress": "ada@acme.example", "message": {"subject": "A question"}}],
        }
        other = await new_world(world.app)
        assert (await other.execute(query, {"run": f"run_{campaign.run_id}"}))["deliveries"]["nodes"] == []
