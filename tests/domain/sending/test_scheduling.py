"""When messages are due, what makes their deliveries, and what takes them back."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from domain.actor import Actor
from domain.sending.scheduling import after_delays
from domain.sending.windows import DEFAULT_WINDOW
from domain.sequences.enrollments import stop
from domain.sequences.events import MessageEdited, MessageRejected
from domain.sequences.rules import EnrollmentStatus
from domain.suppression.rules import SuppressionKind, SuppressionReason
from domain.suppression.service import suppress
from domain.work import unit_of_work
from tests.steps.sending import (
    Campaign,
    Post,
    approved,
    balances,
    connected_sender,
    delivery,
    enrolled_lead,
    running_campaign,
    running_post,
    send_due,
    waiting_delivery,
    written_message,
)
from tests.world import World

BERLIN = ZoneInfo("Europe/Berlin")
FRIDAY = datetime(2026, 3, 6, 10, 0, tzinfo=UTC)


def step(position: int, *, kind: str = "EMAIL", days: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "position": position,
        "kind": kind,
        "delay_days": days,
        "delay_business_days": True,
        "sent_at": None,
        "is_behind": False,
        **more,
    }


def due(steps: list[dict[str, Any]]) -> datetime | None:
    return after_delays(
        steps, own_position=steps[-1]["position"], approved_at=FRIDAY, window=DEFAULT_WINDOW, zone=BERLIN
    )


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([step(1)], FRIDAY),
        ([step(1, days=1)], FRIDAY + timedelta(days=3)),
        ([step(1), step(2, days=3)], None),
        ([step(1, sent_at=FRIDAY), step(2, days=3)], FRIDAY + timedelta(days=5)),
        ([step(1, sent_at=FRIDAY), step(2, days=3, delay_business_days=False)], FRIDAY + timedelta(days=3)),
        (
            [step(1, sent_at=FRIDAY), step(2, kind="WAIT", days=2), step(3, days=1)],
            FRIDAY + timedelta(days=5),
        ),
        ([step(1, sent_at=FRIDAY), step(2), step(3, days=1)], None),
        ([step(1, sent_at=FRIDAY), step(2, is_behind=True), step(3, days=1)], FRIDAY + timedelta(days=3)),
    ],
)
def test_delays_count_from_the_e_mail_before(steps: list[dict[str, Any]], expected: datetime | None) -> None:
    assert due(steps) == expected


async def two_messages(world: World, post: Post) -> tuple[Campaign, UUID, UUID]:
    """Two approved messages of one lead; the second may leave at once after the first."""
    campaign = await running_campaign(world, await connected_sender(world, post), steps=({}, {}))
    lead_id, enrollment_id = await enrolled_lead(world, campaign, email="ada@acme.example")
    messages = [
        await written_message(
            world, campaign, lead_id=lead_id, enrollment_id=enrollment_id, email="ada@acme.example", step=n
        )
        for n in (0, 1)
    ]
    first, second = messages
    return campaign, first, second


async def test_a_follow_up_waits_for_the_message_before_and_answers_in_its_thread(world: World) -> None:
    async with running_post(world) as post:
        _, first, second = await two_messages(world, post)
        assert await approved(world, second) is None, "the first hasn't left"
        await approved(world, first)

        await send_due(world, post)
        await send_due(world, post)

        opening, follow_up = post.provider.accepted
        raw = follow_up.raw.decode()
        assert b"In-Reply-To" not in opening.raw
        assert f"In-Reply-To: {opening.message_id}\r\n" in raw
        assert f"References: {opening.message_id}\r\n" in raw
        assert "Subject: Re: A question\r\n" in raw
        assert (await world.fetch("SELECT status FROM enrollment"))[0]["status"] == "FINISHED"
        assert (await balances(world))[1:] == (0, 2)


async def test_approving_twice_makes_one_delivery_and_one_hold(world: World) -> None:
    async with running_post(world) as post:
        _, first, _ = await two_messages(world, post)
        await approved(world, first)
        await world.fetch("UPDATE approval SET status = 'VOIDED' RETURNING true")
        await approved(world, first)

        assert len(await world.fetch("SELECT id FROM delivery")) == 1
        assert (await balances(world))[1] == 1


@pytest.mark.parametrize("event", [MessageEdited, MessageRejected])
async def test_an_edit_or_a_refusal_takes_the_delivery_back_and_it_may_be_approved_again(
    world: World, event: Any
) -> None:
    async with running_post(world) as post:
        _, message_id, _ = await two_messages(world, post)
        first = await approved(world, message_id)
        assert first is not None
        more = {"was_approved": True} if event is MessageEdited else {"redraft": False}
        async with unit_of_work(world.actor, now=world.now()) as work:
            await work.connection.execute("UPDATE approval SET status = 'VOIDED'")
            work.emit(event(subject_id=message_id, enrollment_id=None, **more))

        assert (await delivery(world, first))["state"] == "CANCELLED"
        assert (await balances(world))[1] == 0
        second = await approved(world, message_id)
        await send_due(world, post)

        assert second not in {None, first}
        assert post.sent() == ["ada@acme.example"]
        assert post.provider.accepted[0].message_id == f"<{second}@example.com>"


@pytest.mark.parametrize(
    ("status", "state"), [(EnrollmentStatus.REPLIED, "CANCELLED"), (EnrollmentStatus.OPTED_OUT, "SUPPRESSED")]
)
async def test_what_waits_ends_with_its_enrollment(
    world: World, status: EnrollmentStatus, state: str
) -> None:
    async with running_post(world) as post:
        campaign = await running_campaign(world, await connected_sender(world, post))
        delivery_id = await waiting_delivery(world, campaign)
        row = await delivery(world, delivery_id)
        async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
            await stop(work, enrollment_id=row["enrollment_id"], status=status)

        await send_due(world, post)

        assert (await delivery(world, delivery_id))["state"] == state
        assert (await balances(world))[1] == 0
        assert post.sent() == []


async def test_a_suppression_takes_back_what_waits_for_everybody_it_concerns(world: World) -> None:
    async with running_post(world) as post:
        campaign = await running_campaign(world, await connected_sender(world, post))
        theirs = [
            await waiting_delivery(world, campaign, to=f"{name}@acme.example") for name in ("ada", "bob")
        ]
        other = await waiting_delivery(world, campaign, to="eve@other.example")
        async with unit_of_work(world.actor, now=world.now()) as work:
            await suppress(
                work,
                kind=SuppressionKind.DOMAIN,
                value="acme.example",
                reason=SuppressionReason.CUSTOMER,
                identity_key=post.ports.identity_key,
            )

        states = [(await delivery(world, id_))["state"] for id_ in (*theirs, other)]
        assert states == ["SUPPRESSED", "SUPPRESSED", "SCHEDULED"]
        await send_due(world, post)
        assert post.sent() == ["eve@other.example"]


async def test_what_has_been_handed_over_is_out_of_reach(world: World) -> None:
    async with running_post(world) as post:
        campaign = await running_campaign(world, await connected_sender(world, post))
        delivery_id = await waiting_delivery(world, campaign)
        row = await delivery(world, delivery_id)
        await world.fetch("UPDATE delivery SET state = 'HANDOFF', handed_off_at = now() RETURNING id")
        async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
            await stop(work, enrollment_id=row["enrollment_id"], status=EnrollmentStatus.OPTED_OUT)

        assert (await delivery(world, delivery_id))["state"] == "HANDOFF"
        assert (await balances(world))[1] == 1
