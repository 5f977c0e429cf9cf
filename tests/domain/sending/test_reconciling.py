"""What becomes of deliveries in doubt: proof by look-up, or a person's word; never a blind second send."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.senders.ports import Found
from domain.sending.deciding import NotInDoubt, mark_delivery_sent, resend_delivery
from domain.sending.reconciling import Conclusion, conclude, reconcile_delivery
from simulators.mail.store import Drop
from tests.steps.sending import (
    Post,
    balances,
    connected_sender,
    delivery,
    running_campaign,
    running_post,
    send_due,
    waiting_delivery,
)
from tests.world import World

DELAYS: dict[str, Any] = {"reconcile_delays_s": (0.01, 0.01, 0.01)}


async def in_doubt(world: World, post: Post, *, drop: Drop, files_sent_copy: bool = True) -> UUID:
    """A delivery whose answer was lost."""
    sender_id = await connected_sender(world, post, files_sent_copy=files_sent_copy)
    delivery_id = await waiting_delivery(world, await running_campaign(world, sender_id))
    post.account().faults.drop, post.account().faults.drop_times = drop, 1
    await send_due(world, post)
    assert (await delivery(world, delivery_id))["state"] == "UNKNOWN"
    return delivery_id


async def look(world: World, post: Post, delivery_id: UUID) -> Conclusion | None:
    await world.fetch(
        "UPDATE delivery SET reconcile_at = clock_timestamp() - interval '1 s' WHERE id = $1 RETURNING id",
        delivery_id,
    )
    return await reconcile_delivery(
        ports=post.ports, workspace_id=world.workspace_id, delivery_id=delivery_id, clock=world.clock
    )


async def test_a_copy_in_sent_proves_that_it_left(world: World) -> None:
    async with running_post(world, **DELAYS) as post:
        delivery_id = await in_doubt(world, post, drop=Drop.AFTER_ACCEPTING)

        assert await look(world, post, delivery_id) is Conclusion.SENT

        row = await delivery(world, delivery_id)
        assert (row["state"], row["sent_at"], row["reconcile_at"]) == ("SENT", row["handed_off_at"], None)
        assert (await balances(world))[1:] == (0, 1)
        assert await look(world, post, delivery_id) is None, "nothing is in doubt any more"
        assert post.sent() == ["ada@acme.example"]


async def test_its_absence_where_copies_are_filed_lets_it_be_sent_again(world: World) -> None:
    async with running_post(world, **DELAYS) as post:
        delivery_id = await in_doubt(world, post, drop=Drop.BEFORE_ACCEPTING)

        assert await look(world, post, delivery_id) is Conclusion.NOT_SENT
        await send_due(world, post)

        row = await delivery(world, delivery_id)
        assert (row["state"], row["epoch"]) == ("SENT", 2)
        assert post.sent() == ["ada@acme.example"]
        assert (await balances(world))[1:] == (0, 1)


async def test_its_absence_proves_nothing_where_no_copies_are_filed(world: World) -> None:
    async with running_post(world, files_sent_copies=False, **DELAYS) as post:
        delivery_id = await in_doubt(world, post, drop=Drop.AFTER_ACCEPTING, files_sent_copy=False)

        looks = [await look(world, post, delivery_id) for _ in range(3)]
        await send_due(world, post)

        assert looks == [Conclusion.LOOK_AGAIN, Conclusion.LOOK_AGAIN, Conclusion.STAYS_UNKNOWN]
        row = await delivery(world, delivery_id)
        assert (row["state"], row["reconcile_at"]) == ("UNKNOWN", None)
        assert post.sent() == ["ada@acme.example"]
        assert (await balances(world))[1:] == (1, 0)


async def test_a_mailbox_that_cannot_be_looked_at_ends_with_a_person(world: World) -> None:
    async with running_post(world, **DELAYS) as post:
        delivery_id = await in_doubt(world, post, drop=Drop.AFTER_ACCEPTING)
        server = {"imap": {"host": "localhost", "port": 1, "security": "IMPLICIT_TLS", "username": "jo"}}
        await world.fetch(
            "UPDATE sender SET server = server || $1::jsonb RETURNING id", str(server).replace("'", '"')
        )

        looks = [await look(world, post, delivery_id) for _ in range(3)]

        assert looks == [Conclusion.LOOK_AGAIN, Conclusion.LOOK_AGAIN, Conclusion.REVIEW]
        assert (await delivery(world, delivery_id))["state"] == "REVIEW"
        assert await look(world, post, delivery_id) is None


async def test_a_hand_off_whose_worker_is_gone_is_looked_up(world: World) -> None:
    async with running_post(world, **DELAYS) as post:
        delivery_id = await waiting_delivery(
            world, await running_campaign(world, await connected_sender(world, post))
        )
        await world.fetch(
            """
            UPDATE delivery SET state = 'HANDOFF', epoch = 1, handed_off_at = clock_timestamp() - interval '1 h',
                lease_until = clock_timestamp() - interval '1 s' RETURNING id
            """
        )

        assert await look(world, post, delivery_id) is Conclusion.NOT_SENT
        assert (await delivery(world, delivery_id))["state"] == "SCHEDULED"


async def test_two_look_ups_at_once_send_one_message(world: World) -> None:
    async with running_post(world, **DELAYS) as post:
        delivery_id = await in_doubt(world, post, drop=Drop.BEFORE_ACCEPTING)

        await asyncio.gather(*(look(world, post, delivery_id) for _ in range(3)))
        await asyncio.gather(send_due(world, post), send_due(world, post))

        assert post.sent() == ["ada@acme.example"]
        assert (await delivery(world, delivery_id))["state"] == "SENT"


async def test_a_person_may_send_it_again_once(world: World) -> None:
    async with running_post(world, files_sent_copies=False, **DELAYS) as post:
        delivery_id = await in_doubt(world, post, drop=Drop.BEFORE_ACCEPTING, files_sent_copy=False)

        await resend_delivery(actor=world.actor, delivery_id=delivery_id, now=world.now(), idempotency=None)
        with pytest.raises(NotInDoubt):
            await resend_delivery(
                actor=world.actor, delivery_id=delivery_id, now=world.now(), idempotency=None
            )
        await send_due(world, post)

        assert post.sent() == ["ada@acme.example"]
        assert (await balances(world))[1:] == (0, 1)


async def test_a_persons_word_that_it_left_settles_it(world: World) -> None:
    async with running_post(world, files_sent_copies=False, **DELAYS) as post:
        delivery_id = await in_doubt(world, post, drop=Drop.AFTER_ACCEPTING, files_sent_copy=False)

        await mark_delivery_sent(actor=world.actor, delivery_id=delivery_id, now=world.now())

        assert (await delivery(world, delivery_id))["state"] == "SENT"
        assert (await balances(world))[1:] == (0, 1)
        assert (await world.fetch("SELECT status FROM enrollment"))[0]["status"] == "FINISHED"


@pytest.mark.parametrize(
    ("found", "files", "ago_s", "left", "expected"),
    [
        (Found.FOUND, False, 0, 0, Conclusion.SENT),
        (Found.ABSENT, True, 30, 3, Conclusion.NOT_SENT),
        (Found.ABSENT, True, 29, 3, Conclusion.LOOK_AGAIN),
        (Found.ABSENT, True, 29, 0, Conclusion.REVIEW),
        (Found.ABSENT, False, 9_999, 1, Conclusion.LOOK_AGAIN),
        (Found.ABSENT, False, 9_999, 0, Conclusion.STAYS_UNKNOWN),
        (Found.UNAVAILABLE, True, 9_999, 1, Conclusion.LOOK_AGAIN),
        (Found.UNAVAILABLE, True, 9_999, 0, Conclusion.REVIEW),
        (Found.UNAVAILABLE, False, 9_999, 0, Conclusion.STAYS_UNKNOWN),
    ],
)
def test_what_a_look_up_concludes(
    found: Found, files: bool, ago_s: float, left: int, expected: Conclusion
) -> None:
    concluded = conclude(
        found=found,
        files_sent_copy=files,
        since_handed_off=timedelta(seconds=ago_s),
        settle=timedelta(seconds=30),
        looks_left=left,
    )

    assert concluded is expected
