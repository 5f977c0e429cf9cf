"""What hasn't left is taken back, for one lead or for many in the same statements."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

import pytest

from domain.actor import Actor
from domain.credits.checking import check_balances
from domain.sequences.enrollments import stop_many
from domain.sequences.rules import EnrollmentStatus
from domain.work import unit_of_work
from tests.steps.sending import (
    Campaign,
    balances,
    connected_sender,
    granted,
    running_campaign,
    running_post,
    waiting_delivery,
)
from tests.world import World


async def waiting(world: World, count: int) -> tuple[Campaign, list[UUID]]:
    """Approved first messages of as many leads, paid for and due."""
    async with running_post(world) as post:
        campaign = await running_campaign(world, await connected_sender(world, post), credits=0)
        await granted(world, 1_000)
        ids = [await waiting_delivery(world, campaign, to=f"ada@acme{n}.example") for n in range(count)]
    return campaign, ids


async def stop(world: World, deliveries: Sequence[UUID], status: EnrollmentStatus) -> int:
    """End the enrollments of deliveries; returns how many statements that took, reactions and all."""
    rows = await world.fetch("SELECT enrollment_id FROM delivery WHERE id = ANY ($1)", list(deliveries))
    statements: list[str] = []

    def note(record: Any) -> None:
        statements.append(record.query)

    async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
        connection: Any = cast(Any, work.connection)._con  # the pool's proxy is gone before all is counted
        connection.add_query_logger(note)
        await stop_many(work, enrollment_ids=[row["enrollment_id"] for row in rows], status=status)
    connection.remove_query_logger(note)
    return len(statements)


async def states(world: World) -> dict[str, int]:
    rows = await world.fetch("SELECT state FROM delivery")
    return dict(Counter(row["state"] for row in rows))


@pytest.mark.parametrize(
    ("status", "state", "event"),
    [
        (EnrollmentStatus.REMOVED, "CANCELLED", "DeliveryCancelled"),
        (EnrollmentStatus.OPTED_OUT, "SUPPRESSED", "DeliverySuppressed"),
    ],
)
async def test_each_ends_as_its_enrollment_did_and_its_credits_come_back(
    world: World, status: EnrollmentStatus, state: str, event: str
) -> None:
    _, ids = await waiting(world, 3)
    whole = sum(await balances(world))
    assert await balances(world) == (whole - 3, 3, 0)

    await stop(world, ids[:2], status)

    assert await states(world) == {state: 2, "SCHEDULED": 1}
    assert await balances(world) == (whole - 1, 1, 0)
    told = await world.fetch(
        "SELECT payload ->> 'delivery_id' AS id FROM event WHERE type = $1 ORDER BY 1", event
    )
    assert [row["id"] for row in told] == sorted(str(id_) for id_ in ids[:2])
    assert await check_balances(workspace_id=world.workspace_id, now=world.now()) == ()


async def test_one_that_was_handed_over_stays_out_of_reach(world: World) -> None:
    _, ids = await waiting(world, 2)
    await world.fetch("UPDATE delivery SET state = 'HANDOFF' WHERE id = $1", ids[0])
    await stop(world, ids, EnrollmentStatus.REMOVED)
    assert await states(world) == {"HANDOFF": 1, "CANCELLED": 1}
    holds = await world.fetch("SELECT operation_key FROM credit_hold WHERE status = 'HELD'")
    assert [row["operation_key"] for row in holds] == [f"delivery:{ids[0]}"]


async def test_many_take_no_more_statements_than_few(world: World) -> None:
    _, ids = await waiting(world, 10)
    few = await stop(world, ids[:2], EnrollmentStatus.REMOVED)
    many = await stop(world, ids[2:], EnrollmentStatus.REMOVED)
    assert many == few
    assert await states(world) == {"CANCELLED": 10}
