"""Paying for many deliveries at once: each once, from its own hold, and nothing lost."""

from domain.actor import Actor
from domain.credits.service import hold, release
from domain.credits.settling import settle_deliveries
from domain.work import unit_of_work
from tests.steps.sending import (
    balances,
    connected_sender,
    granted,
    running_campaign,
    running_post,
    waiting_delivery,
)
from tests.world import World


async def test_each_delivery_is_paid_once_and_a_closed_hold_is_told(world: World) -> None:
    async with running_post(world) as post:
        campaign = await running_campaign(world, await connected_sender(world, post), credits=0)
        await granted(world, 100)
        whole = sum(await balances(world))
        ids = [await waiting_delivery(world, campaign, to=f"ada@acme{n}.example") for n in range(3)]
    keys = {id_: f"delivery:{id_}" for id_ in ids}
    async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
        await release(work, operation_key=keys[ids[2]])

    for _ in range(2):
        async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
            assert await settle_deliveries(work, keys=keys) == {ids[2]}

    assert await balances(world) == (whole - 2, 0, 2)
    paid = await world.fetch(
        "SELECT delivery_id FROM ledger_entry WHERE kind = 'SETTLE' AND account = 'CONSUMED' ORDER BY delivery_id"
    )
    assert [row["delivery_id"] for row in paid] == sorted(ids[:2])


async def test_a_hold_of_several_credits_is_paid_whole(world: World) -> None:
    async with running_post(world) as post:
        campaign = await running_campaign(world, await connected_sender(world, post), credits=0)
        await granted(world, 100)
        delivery_id = await waiting_delivery(world, campaign)
    async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
        await hold(work, operation_key="five", purpose="MESSAGE_SENT", amount=5)
        assert await settle_deliveries(work, keys={delivery_id: "five"}) == set()

    assert (await balances(world))[1:] == (1, 5)
