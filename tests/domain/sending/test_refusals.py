"""Each gate's refusal of a real delivery: what is written, when it asks again, and that nothing leaves."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from tests.steps.sending import (
    approved,
    balances,
    connected_sender,
    delivery,
    enrolled_lead,
    granted,
    make_due,
    running_campaign,
    running_post,
    send_due,
    waiting_delivery,
    written_message,
)
from tests.world import World

WAITS = [
    ("UPDATE workspace SET status = 'SUSPENDED'", "WORKSPACE", "SUSPENDED"),
    ("UPDATE play SET status = 'PAUSED'", "PLAY", "PAUSED"),
    ("UPDATE run SET status = 'PAUSED', pause_reason = 'USER'", "RUN", "PAUSED: USER"),
    ("UPDATE enrollment SET status = 'PAUSED', pause_reason = 'MANUAL'", "ENROLLMENT", "PAUSED: MANUAL"),
    ("UPDATE approval SET status = 'VOIDED'", "APPROVAL", "nobody has approved it"),
    (
        "UPDATE member SET role = 'READ_ONLY'",
        "APPROVAL",
        "whoever approved it no longer has the right to",
    ),
    ("UPDATE sender SET status = 'PAUSED', status_reason = 'by Jo'", "SENDER", "PAUSED: by Jo"),
    (
        "UPDATE sender SET status = 'DISCONNECTED', secret_encrypted = NULL",
        "SENDER",
        "DISCONNECTED",
    ),
    ("UPDATE lead SET restricted_at = now()", "RESTRICTION", "restricted"),
    ("UPDATE lead SET email_status = 'UNKNOWN'", "ADDRESS", "UNKNOWN"),
    ("UPDATE lead SET email = 'other@acme.example'", "ADDRESS", "the lead has another address now"),
    (
        "UPDATE lead SET email_checked_at = now() - interval '31 days'",
        "ADDRESS",
        "VALID, but checked more than 30 days ago",
    ),
    ("UPDATE workspace SET postal_address = '2 Short Street, 12345 Springfield'", "FOOTER", "postal address"),
]
ENDS = [
    ("UPDATE play SET status = 'ARCHIVED'", "CANCELLED", "PLAY"),
    ("UPDATE run SET status = 'CANCELLED'", "CANCELLED", "RUN"),
    ("UPDATE enrollment SET status = 'REMOVED'", "CANCELLED", "ENROLLMENT"),
    ("UPDATE delivery SET replied_at = now()", "CANCELLED", "REPLY"),
    ("UPDATE lead SET email_status = 'INVALID'", "CANCELLED", "ADDRESS"),
]


@pytest.mark.parametrize(("statement", "gate", "value"), WAITS)
async def test_a_refusal_that_needs_a_person_waits_and_says_why(
    world: World, statement: str, gate: str, value: str
) -> None:
    async with running_post(world) as post:
        campaign = await running_campaign(world, await connected_sender(world, post))
        delivery_id = await waiting_delivery(world, campaign)
        await world.fetch(f"{statement} RETURNING true")

        await send_due(world, post)

        row = await delivery(world, delivery_id)
        assert (row["state"], row["refused_gate"], row["refused_value"]) == ("SCHEDULED", gate, value)
        assert row["refused_until"] is None
        assert 9 * 60 < (row["due_at"] - world.now()).total_seconds() <= 10 * 60
        assert (await balances(world))[1] == 1, "the credits stay held"
        assert post.server.smtp_connections == 0


async def test_an_address_whose_verdict_grew_old_is_judged_again_and_the_message_leaves(world: World) -> None:
    async with running_post(world) as post:
        campaign = await running_campaign(world, await connected_sender(world, post))
        delivery_id = await waiting_delivery(world, campaign)
        await world.fetch("UPDATE lead SET email_checked_at = now() - interval '31 days' RETURNING true")
        await send_due(world, post)
        assert (await delivery(world, delivery_id))["refused_gate"] == "ADDRESS"
        tasks = await world.fetch(
            "SELECT kind, payload ->> 'lead_id' AS lead_id FROM task WHERE kind = 'JudgeAddress'"
        )
        [lead] = await world.fetch("SELECT id FROM lead")
        assert [(task["kind"], task["lead_id"]) for task in tasks] == [("JudgeAddress", str(lead["id"]))]

        await world.fetch("UPDATE lead SET email_checked_at = now() RETURNING true")  # what the task comes to
        await make_due(world, delivery_id)
        await send_due(world, post)
        assert (await delivery(world, delivery_id))["state"] == "SENT"


@pytest.mark.parametrize(("statement", "state", "gate"), ENDS)
async def test_a_refusal_for_good_ends_the_delivery_and_gives_the_credits_back(
    world: World, statement: str, state: str, gate: str
) -> None:
    async with running_post(world) as post:
        campaign = await running_campaign(world, await connected_sender(world, post))
        before = sum((await balances(world))[:2])
        delivery_id = await waiting_delivery(world, campaign)
        await world.fetch(f"{statement} RETURNING true")

        await send_due(world, post)

        row = await delivery(world, delivery_id)
        assert (row["state"], row["refused_gate"]) == (state, gate)
        assert await balances(world) == (before, 0, 0)
        assert post.sent() == []


async def test_outside_of_the_leads_window_it_waits_for_the_next_opening(world: World) -> None:
    async with running_post(world) as post:
        tokyo = datetime.now(UTC) + timedelta(hours=9)
        opens = (tokyo + timedelta(hours=2)).replace(minute=0, second=0, microsecond=0)
        days = {
            name: [[f"{opens:%H}:00", f"{opens:%H}:59"]]
            for name in ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
        }
        sender_id = await connected_sender(world, post, sending_window={"days": days})
        campaign = await running_campaign(world, sender_id)
        delivery_id = await waiting_delivery(world, campaign, time_zone="Asia/Tokyo")
        expected = opens - timedelta(hours=9)
        assert (await delivery(world, delivery_id))["due_at"] == expected, "planned for the opening"
        await make_due(world, delivery_id)

        await send_due(world, post)

        row = await delivery(world, delivery_id)
        assert (row["state"], row["refused_gate"]) == ("SCHEDULED", "WINDOW")
        assert row["refused_until"] == row["due_at"] == expected
        assert "in Asia/Tokyo" in row["refused_value"]
        assert post.server.smtp_connections == 0


async def test_the_senders_gap_queues_messages_one_after_the_other(world: World) -> None:
    async with running_post(world) as post:
        sender_id = await connected_sender(world, post, gap_min_s=100, gap_max_s=100)
        campaign = await running_campaign(world, sender_id)
        ids = [await waiting_delivery(world, campaign, to=f"ada@acme{n}.example") for n in range(4)]

        await send_due(world, post)

        rows = [await delivery(world, id_) for id_ in ids]
        assert post.sent() == ["ada@acme0.example"]
        assert [row["refused_gate"] for row in rows] == [None, "SPACING", "SPACING", "SPACING"]
        gaps = [
            (later["due_at"] - earlier["due_at"]).total_seconds() for earlier, later in pairwise(rows[1:])
        ]
        assert gaps == [100, 100]


async def test_a_full_allowance_waits_until_one_is_free_again(world: World) -> None:
    async with running_post(world) as post:
        sender_id = await connected_sender(world, post, daily_limit=2)
        campaign = await running_campaign(world, sender_id)
        ids = [await waiting_delivery(world, campaign, to=f"ada@acme{n}.example") for n in range(3)]

        await send_due(world, post)

        assert post.sent() == ["ada@acme0.example", "ada@acme1.example"]
        row = await delivery(world, ids[2])
        assert (row["state"], row["refused_gate"]) == ("SCHEDULED", "ALLOWANCE")
        assert row["refused_value"] == "SENDER: 2 of 2 in 24 hours"
        first = await delivery(world, ids[0])
        waits = row["due_at"] - first["handed_off_at"]
        assert timedelta(hours=24, seconds=-2) < waits <= timedelta(hours=24)


async def test_a_company_gets_three_messages_a_day(world: World) -> None:
    async with running_post(world) as post:
        campaign = await running_campaign(world, await connected_sender(world, post))
        for n in range(5):
            await waiting_delivery(world, campaign, to=f"ada{n}@acme.example")

        await send_due(world, post)

        assert len(post.sent()) == 3
        refused = await world.fetch("SELECT refused_value FROM delivery WHERE state = 'SCHEDULED'")
        assert [row["refused_value"] for row in refused] == ["RECIPIENT_COMPANY: 3 of 3 in 24 hours"] * 2


async def test_a_message_in_doubt_uses_up_the_allowance_like_a_sent_one(world: World) -> None:
    async with running_post(world) as post:
        campaign = await running_campaign(world, await connected_sender(world, post, daily_limit=1))
        first = await waiting_delivery(world, campaign)
        await world.fetch(
            "UPDATE delivery SET state = 'UNKNOWN', handed_off_at = clock_timestamp() WHERE id = $1 RETURNING id",
            first,
        )
        second = await waiting_delivery(world, campaign, to="bob@other.example")

        await send_due(world, post)

        assert (await delivery(world, second))["refused_gate"] == "ALLOWANCE"
        assert post.sent() == []


async def test_without_credits_the_approval_stands_and_the_run_pauses(world: World) -> None:
    async with running_post(world) as post:
        await world.fetch("UPDATE credit_account SET available = 0 RETURNING true")
        await world.fetch("UPDATE credit_grant SET remaining = 0, status = 'EXHAUSTED' RETURNING true")
        campaign = await running_campaign(world, await connected_sender(world, post), credits=0)
        delivery_id = await waiting_delivery(world, campaign)
        row = await delivery(world, delivery_id)
        assert (row["state"], row["refused_gate"]) == ("SCHEDULED", "CREDITS")
        assert (await world.fetch("SELECT status FROM message"))[0]["status"] == "APPROVED"
        run = (await world.fetch("SELECT status, pause_reason FROM run"))[0]
        assert run == {"status": "PAUSED", "pause_reason": "BUDGET"}

        await send_due(world, post)
        assert post.sent() == []
        await granted(world, 10)
        await send_due(world, post)

        assert post.sent() == ["ada@acme.example"]
        assert await balances(world) == (9, 0, 1)


async def test_resuming_a_sender_lets_what_waited_for_it_go_at_once(world: World) -> None:
    from domain.senders.service import pause_sender, resume_sender

    async with running_post(world) as post:
        sender_id = await connected_sender(world, post)
        campaign = await running_campaign(world, sender_id)
        await pause_sender(actor=world.actor, sender_id=sender_id, now=world.now())
        await waiting_delivery(world, campaign)
        await send_due(world, post)
        assert post.sent() == []

        await resume_sender(actor=world.actor, sender_id=sender_id, now=world.now())
        await send_due(world, post)

        assert post.sent() == ["ada@acme.example"]


async def test_asking_again_in_vain_is_no_second_event(world: World) -> None:
    async with running_post(world) as post:
        campaign = await running_campaign(world, await connected_sender(world, post))
        delivery_id = await waiting_delivery(world, campaign)
        await world.fetch("UPDATE play SET status = 'PAUSED' RETURNING true")

        for _ in range(3):
            await make_due(world, delivery_id)
            await send_due(world, post)

        deferred = await world.fetch("SELECT payload FROM event WHERE type = 'DeliveryDeferred'")
        assert [row["payload"]["gate"] for row in deferred] == ["PLAY"]


async def test_a_manual_answer_needs_neither_footer_nor_verified_address(world: World) -> None:
    async with running_post(world) as post:
        sender_id = await connected_sender(world, post)
        campaign = await running_campaign(world, sender_id)
        lead: dict[str, Any] = {"email_status": "UNVERIFIED"}
        lead_id, enrollment_id = await enrolled_lead(world, campaign, email="ada@acme.example", **lead)
        message_id = await written_message(
            world, campaign, lead_id=lead_id, enrollment_id=enrollment_id, email="ada@acme.example"
        )
        await world.fetch(
            """
            UPDATE message SET kind = 'ANSWER', run_id = NULL, enrollment_id = NULL, step_id = NULL
            WHERE id = $1 RETURNING id
            """,
            message_id,
        )
        await approved(world, message_id)

        await send_due(world, post)

        assert post.sent() == ["ada@acme.example"]
        assert b"List-Unsubscribe" not in post.provider.accepted[0].raw
