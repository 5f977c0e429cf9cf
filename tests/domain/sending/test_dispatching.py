"""The send protocol against a real mail server over TLS, with everything that can go wrong on the way."""

import asyncio
from uuid import UUID

import pytest

from domain.actor import Actor
from domain.senders.service import update_sender
from domain.sending.claiming import claim_due
from domain.sending.dispatching import Dispatcher
from domain.sending.handing_over import hand_over
from domain.sending.recording import record_results
from domain.sending.results import Result, ResultKind
from domain.suppression.rules import SuppressionKind, SuppressionReason
from domain.suppression.service import suppress
from domain.work import unit_of_work
from simulators.mail.store import Drop
from tests.steps.sending import (
    Campaign,
    Post,
    balances,
    connected_sender,
    delivery,
    make_due,
    running_campaign,
    running_post,
    send_due,
    waiting_delivery,
)
from tests.waiting import until
from tests.world import World


async def a_campaign(world: World, post: Post) -> Campaign:
    return await running_campaign(world, await connected_sender(world, post))


async def journal(world: World, delivery_id: UUID) -> list[str]:
    rows = await world.fetch(
        "SELECT kind || ' ' || result AS line FROM delivery_attempt WHERE delivery_id = $1 ORDER BY at, id",
        delivery_id,
    )
    return [row["line"] for row in rows]


async def events(world: World) -> list[str]:
    rows = await world.fetch("SELECT type FROM event WHERE subject_kind = 'message' ORDER BY seq")
    return [row["type"] for row in rows]


async def test_an_approved_message_leaves_once_and_is_paid_for(world: World) -> None:
    async with running_post(world) as post:
        campaign = await a_campaign(world, post)
        before = (await balances(world))[0]
        delivery_id = await waiting_delivery(world, campaign)
        assert await balances(world) == (before - 1, 1, 0)

        await send_due(world, post)
        await send_due(world, post)

        assert post.sent() == ["ada@acme.example"]
        row = await delivery(world, delivery_id)
        assert (row["state"], row["epoch"], row["attempts"]) == ("SENT", 1, 0)
        assert row["rfc_message_id_final"] == row["rfc_message_id"] == post.provider.accepted[0].message_id
        assert row["sent_at"] == row["handed_off_at"]
        assert await balances(world) == (before - 1, 0, 1)
        [enrollment] = await world.fetch("SELECT status, current_position FROM enrollment")
        assert enrollment == {"status": "FINISHED", "current_position": 1}
        assert await journal(world, delivery_id) == ["HANDOFF LEFT", "OUTCOME ACCEPTED"]
        assert await events(world) == ["MessageApproved", "DeliveryScheduled", "MessageSent"]


@pytest.mark.parametrize("drop", [Drop.BEFORE_ACCEPTING, Drop.AFTER_ACCEPTING])
async def test_a_lost_answer_leaves_the_delivery_unknown_and_is_never_sent_blindly(
    world: World, drop: Drop
) -> None:
    async with running_post(world) as post:
        delivery_id = await waiting_delivery(world, await a_campaign(world, post))
        post.account().faults.drop, post.account().faults.drop_times = drop, 1

        await send_due(world, post)
        await make_due(world, delivery_id)
        await send_due(world, post)

        row = await delivery(world, delivery_id)
        assert (row["state"], row["epoch"], row["sent_at"]) == ("UNKNOWN", 1, None)
        assert row["unknown_since"] is not None
        assert (await balances(world))[1:] == (1, 0), "unknown keeps the hold"
        assert post.sent() == (["ada@acme.example"] if drop is Drop.AFTER_ACCEPTING else [])
        assert (await events(world))[-1] == "DeliveryUnknown"


async def test_a_server_that_hangs_up_before_the_body_costs_a_retry_and_no_doubt(world: World) -> None:
    async with running_post(world) as post:
        delivery_id = await waiting_delivery(world, await a_campaign(world, post))
        post.account().faults.drop, post.account().faults.drop_times = Drop.BEFORE_DATA, 1

        await send_due(world, post)
        row = await delivery(world, delivery_id)
        assert (row["state"], row["attempts"], row["handed_off_at"]) == ("SCHEDULED", 1, None)
        await make_due(world, delivery_id)
        await send_due(world, post)

        assert (await delivery(world, delivery_id))["state"] == "SENT"
        assert post.sent() == ["ada@acme.example"]


async def test_greylisting_is_waited_for(world: World) -> None:
    async with running_post(world) as post:
        delivery_id = await waiting_delivery(world, await a_campaign(world, post))
        post.account().faults.greylists = True

        await send_due(world, post)
        row = await delivery(world, delivery_id)
        assert (row["state"], row["attempts"], row["enhanced_code"]) == ("SCHEDULED", 1, "4.7.1")
        assert 14 * 60 < (row["due_at"] - world.now()).total_seconds() < 16 * 60
        await make_due(world, delivery_id)
        await send_due(world, post)

        assert (await delivery(world, delivery_id))["state"] == "SENT"


async def test_an_unknown_recipient_fails_is_suppressed_and_costs_nothing(world: World) -> None:
    async with running_post(world) as post:
        delivery_id = await waiting_delivery(world, await a_campaign(world, post))
        before = sum((await balances(world))[:2])
        post.account().faults.unknown_recipients = {"ada@acme.example"}

        await send_due(world, post)

        assert (await delivery(world, delivery_id))["state"] == "FAILED"
        assert await balances(world) == (before, 0, 0)
        assert (await world.fetch("SELECT status FROM enrollment"))[0]["status"] == "BOUNCED"
        [entry] = await world.fetch("SELECT kind, reason FROM suppression")
        assert entry == {"kind": "EMAIL", "reason": "BOUNCE"}
        assert post.sent() == []


async def test_a_refusal_that_blames_the_sender_pauses_it_and_keeps_the_message(world: World) -> None:
    async with running_post(world) as post:
        delivery_id = await waiting_delivery(world, await a_campaign(world, post))
        post.account().faults.refusal = "550 5.4.5 Daily user sending limit exceeded"

        await send_due(world, post)

        row = await delivery(world, delivery_id)
        assert (row["state"], row["refused_gate"], row["handed_off_at"]) == ("SCHEDULED", "SENDER", None)
        [sender] = await world.fetch("SELECT status, status_reason FROM sender")
        assert sender["status"] == "PAUSED"
        assert "5.4.5" in sender["status_reason"]
        assert await world.fetch("SELECT id FROM suppression") == []


async def test_a_refused_login_asks_for_reconnection_and_keeps_the_queue(world: World) -> None:
    async with running_post(world) as post:
        sender_id = await connected_sender(world, post, password="wrong")
        delivery_id = await waiting_delivery(world, await running_campaign(world, sender_id))

        await send_due(world, post)

        row = await delivery(world, delivery_id)
        assert (row["state"], row["refused_gate"]) == ("SCHEDULED", "SENDER")
        assert (await world.fetch("SELECT status FROM sender"))[0]["status"] == "REAUTH_REQUIRED"
        assert (await balances(world))[1] == 1, "the hold stays"


async def test_a_worker_that_dies_after_the_hand_off_leaves_it_to_the_reconciler_alone(world: World) -> None:
    async with running_post(world) as post:
        delivery_id = await waiting_delivery(world, await a_campaign(world, post))
        post.account().faults.delay_s = 30
        batch = await claim_due(ports=post.ports, workspace_id=world.workspace_id, limit=10, now=world.now())
        dispatcher = Dispatcher(ports=post.ports, workspace_id=world.workspace_id, clock=world.clock)
        sending = asyncio.create_task(dispatcher.dispatch(batch.claims[0]))
        await until(
            lambda: world.fetch("SELECT FROM delivery WHERE id = $1 AND state = 'HANDOFF'", delivery_id)
        )
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)

        await make_due(world, delivery_id)
        await send_due(world, post)

        row = await delivery(world, delivery_id)
        assert (row["state"], row["epoch"]) == ("HANDOFF", 1)
        assert row["lease_until"] is not None


async def test_a_lapsed_lease_is_taken_over_and_the_first_worker_sends_nothing(world: World) -> None:
    async with running_post(world) as post:
        delivery_id = await waiting_delivery(world, await a_campaign(world, post))
        first = await claim_due(ports=post.ports, workspace_id=world.workspace_id, limit=10, now=world.now())
        await world.fetch("UPDATE delivery SET lease_until = clock_timestamp() - interval '1 s' RETURNING id")
        second = await claim_due(ports=post.ports, workspace_id=world.workspace_id, limit=10, now=world.now())

        assert [claim.epoch for claim in (*first.claims, *second.claims)] == [1, 2]
        assert await hand_over(first.claims, ports=post.ports, now=world.now()) == [False]
        assert (await delivery(world, delivery_id))["state"] == "LEASED"
        assert await hand_over(second.claims, ports=post.ports, now=world.now()) == [True]


async def test_a_lease_with_less_than_a_second_left_is_too_short_to_hand_over(world: World) -> None:
    async with running_post(world) as post:
        await waiting_delivery(world, await a_campaign(world, post))
        batch = await claim_due(ports=post.ports, workspace_id=world.workspace_id, limit=10, now=world.now())
        await world.fetch(
            "UPDATE delivery SET lease_until = clock_timestamp() + interval '0.9 s' RETURNING id"
        )

        assert await hand_over(batch.claims, ports=post.ports, now=world.now()) == [False]


async def test_a_result_of_an_older_epoch_changes_nothing(world: World) -> None:
    async with running_post(world) as post:
        delivery_id = await waiting_delivery(world, await a_campaign(world, post))
        await claim_due(ports=post.ports, workspace_id=world.workspace_id, limit=10, now=world.now())
        await world.fetch("UPDATE delivery SET epoch = 2 RETURNING id")

        late = [
            Result(delivery_id=delivery_id, epoch=1, kind=kind)
            for kind in (ResultKind.ACCEPTED, ResultKind.IMPOSSIBLE)
        ]
        counted = await record_results(world.workspace_id, late, ports=post.ports, now=world.now())

        assert counted == [False, False]
        row = await delivery(world, delivery_id)
        assert (row["state"], row["epoch"]) == ("LEASED", 2)
        assert (await balances(world))[2] == 0


async def test_a_suppression_that_comes_while_a_message_is_prepared_stops_it(world: World) -> None:
    async with running_post(world) as post:
        delivery_id = await waiting_delivery(world, await a_campaign(world, post))
        batch = await claim_due(ports=post.ports, workspace_id=world.workspace_id, limit=10, now=world.now())
        async with unit_of_work(world.actor, now=world.now()) as work:
            await suppress(
                work,
                kind=SuppressionKind.DOMAIN,
                value="acme.example",
                reason=SuppressionReason.CUSTOMER,
                identity_key=post.ports.identity_key,
            )

        dispatcher = Dispatcher(ports=post.ports, workspace_id=world.workspace_id, clock=world.clock)
        await dispatcher.dispatch(batch.claims[0])

        assert post.sent() == []
        assert (await delivery(world, delivery_id))["state"] == "SUPPRESSED"
        assert (await balances(world))[1] == 0


async def test_an_edit_after_the_claim_stops_what_was_approved_before(world: World) -> None:
    async with running_post(world) as post:
        delivery_id = await waiting_delivery(world, await a_campaign(world, post))
        batch = await claim_due(ports=post.ports, workspace_id=world.workspace_id, limit=10, now=world.now())
        async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
            await work.connection.execute("UPDATE approval SET status = 'VOIDED'")

        dispatcher = Dispatcher(ports=post.ports, workspace_id=world.workspace_id, clock=world.clock)
        await dispatcher.dispatch(batch.claims[0])

        row = await delivery(world, delivery_id)
        assert (row["state"], row["refused_gate"]) == ("SCHEDULED", "APPROVAL")
        assert post.sent() == []


async def test_content_changed_behind_the_approval_never_leaves(world: World) -> None:
    async with running_post(world) as post:
        delivery_id = await waiting_delivery(world, await a_campaign(world, post))
        await world.fetch("UPDATE message SET text_body = text_body || 'PS' RETURNING id")

        await send_due(world, post)

        row = await delivery(world, delivery_id)
        assert (row["state"], row["refused_gate"]) == ("SCHEDULED", "APPROVAL")
        assert row["refused_value"] == "edited after it was approved"
        assert post.sent() == []


async def test_two_workers_at_once_send_each_message_once(world: World) -> None:
    async with running_post(world) as post:
        campaign = await running_campaign(
            world, await connected_sender(world, post, daily_limit=150), credits=100
        )
        await world.fetch(
            "UPDATE workspace SET sending_limits = '{\"conversations_per_day\": 150}' RETURNING id"
        )
        for number in range(20):
            await waiting_delivery(world, campaign, to=f"ada@acme{number}.example")

        await asyncio.gather(*(send_due(world, post) for _ in range(4)))

        assert sorted(post.sent()) == sorted(f"ada@acme{number}.example" for number in range(20))
        states = await world.fetch("SELECT DISTINCT state FROM delivery")
        assert states == [{"state": "SENT"}]
        assert (await balances(world))[1:] == (0, 20)


async def test_a_mailbox_that_warms_up_sends_no_more_than_its_start_on_its_first_day(world: World) -> None:
    async with running_post(world) as post:
        sender_id = await connected_sender(world, post, daily_limit=150)
        await update_sender(
            actor=world.actor,
            sender_id=sender_id,
            changes={"ramp": {"start_per_day": 2, "step_per_day": 1}},
            expected_version=None,
            now=world.now(),
        )
        campaign = await running_campaign(world, sender_id)
        for number in range(3):
            await waiting_delivery(world, campaign, to=f"ada@acme{number}.example")
        for _ in range(2):
            await send_due(world, post)

        assert len(post.sent()) == 2
        waiting = await world.fetch("SELECT state, refused_gate FROM delivery WHERE state <> 'SENT'")
        assert waiting == [{"state": "SCHEDULED", "refused_gate": "ALLOWANCE"}]


async def test_where_the_server_files_nothing_we_file_our_own_copy(world: World) -> None:
    async with running_post(world, files_sent_copies=False) as post:
        sender_id = await connected_sender(world, post, files_sent_copy=False)
        await waiting_delivery(world, await running_campaign(world, sender_id))

        await send_due(world, post)

        [copy] = post.account().sent.messages
        assert copy.raw == post.provider.accepted[0].raw


async def test_without_a_public_address_only_loopback_servers_are_used(world: World) -> None:
    async with running_post(world, may_leave=False) as post:
        server = {
            half: {"host": "mail.example.com", "port": 465, "security": "IMPLICIT_TLS", "username": "jo"}
            for half in ("smtp", "imap")
        }
        sender_id = await connected_sender(world, post, server=server)
        delivery_id = await waiting_delivery(world, await running_campaign(world, sender_id))

        await send_due(world, post)

        row = await delivery(world, delivery_id)
        assert (row["state"], row["refused_gate"]) == ("SCHEDULED", "POLICY")
        assert post.server.smtp_connections == 0
