"""Giving back many holds at once ends as if they had been given back one after the other."""

from datetime import timedelta

from domain.actor import Actor
from domain.credits.checking import check_balances
from domain.credits.expiring import expire_due
from domain.credits.releasing import release_many
from domain.work import unit_of_work
from tests.steps import credits as steps
from tests.world import World

TRIAL = 10_000


async def release(world: World, *keys: str) -> int:
    async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
        return await release_many(work, operation_keys=keys)


async def statuses(world: World) -> dict[str, str]:
    rows = await world.fetch("SELECT operation_key, status FROM credit_hold ORDER BY operation_key")
    return {row["operation_key"]: row["status"] for row in rows}


async def test_each_gives_back_what_nobody_was_paid_with(world: World) -> None:
    call = await steps.provider_call(world)
    for key, amount in (("a", 3), ("b", 10), ("c", 5)):
        await steps.hold(world, key, amount)
    await steps.settle(world, "b", 4, provider_call_id=call)

    assert await release(world, "a", "b", "nobody's") == 3 + 6

    assert await statuses(world) == {"a": "RELEASED", "b": "SETTLED", "c": "HELD"}
    assert await steps.balance(world) == {"available": TRIAL - 9, "held": 5, "consumed": 4, "expired": 0}
    entries = await world.fetch(
        "SELECT operation_key, account, amount FROM ledger_entry WHERE kind = 'RELEASE' ORDER BY 1, 2"
    )
    assert [tuple(entry.values()) for entry in entries] == [
        ("a", "AVAILABLE", 3),
        ("a", "HELD", -3),
        ("b", "AVAILABLE", 6),
        ("b", "HELD", -6),
    ]
    assert await check_balances(workspace_id=world.workspace_id, now=world.now()) == ()


async def test_a_second_time_gives_back_nothing(world: World) -> None:
    for key in ("a", "b"):
        await steps.hold(world, key, 2)
    assert await release(world, "a", "a", "b") == 4
    assert await release(world, "a", "b") == 0
    assert await steps.balance(world) == {"available": TRIAL, "held": 0, "consumed": 0, "expired": 0}
    assert await check_balances(workspace_id=world.workspace_id, now=world.now()) == ()


async def test_what_came_from_an_ended_grant_is_lost_and_the_rest_returns(world: World) -> None:
    await steps.grant(world, 5, expires_at=world.now() + timedelta(hours=1), priority=0)
    for key in ("a", "b"):
        await steps.hold(world, key, 4)
    world.clock.offset_s = 7_200
    await expire_due(workspace_id=world.workspace_id, now=world.now())

    assert await release(world, "a", "b") == 8

    assert await steps.balance(world) == {"available": TRIAL, "held": 0, "consumed": 0, "expired": 5}
    assert await check_balances(workspace_id=world.workspace_id, now=world.now()) == ()


async def test_many_holds_past_their_end_come_back_together(world: World) -> None:
    for key in ("a", "b", "c"):
        ends = world.now() + timedelta(minutes=5) if key != "c" else None
        await steps.hold(world, key, 2, expires_at=ends)
    world.clock.offset_s = 600
    await expire_due(workspace_id=world.workspace_id, now=world.now())
    assert await statuses(world) == {"a": "EXPIRED", "b": "EXPIRED", "c": "HELD"}
    assert (await steps.balance(world))["held"] == 2


async def test_nothing_to_release_touches_nothing(world: World) -> None:
    assert await release(world) == 0
    assert await world.fetch("SELECT id FROM credit_hold") == []
