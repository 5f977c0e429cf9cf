"""Many holds at once end as if they had been made one after the other."""

import pytest

from domain.actor import Actor
from domain.credits.checking import check_balances
from domain.credits.holding import HoldOrder, hold_many
from domain.credits.rules import InsufficientCredits
from domain.errors import Invalid
from domain.work import unit_of_work
from tests.steps import credits as steps
from tests.world import World

TRIAL = 10_000


async def hold(world: World, *orders: tuple[str, int]) -> list[object]:
    async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
        wanted = [HoldOrder(operation_key=key, amount=amount) for key, amount in orders]
        return [*await hold_many(work, orders=wanted, purpose="TEST")]


async def rows(world: World, sql: str) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in await world.fetch(sql)]


async def test_each_operation_gets_a_hold_and_entries_of_its_own(world: World) -> None:
    first, second = await hold(world, ("a", 3), ("b", 4))

    holds = "SELECT id, operation_key, amount, purpose FROM credit_hold ORDER BY operation_key"
    assert await rows(world, holds) == [(first, "a", 3, "TEST"), (second, "b", 4, "TEST")]
    entries = "SELECT operation_key, account, amount FROM ledger_entry WHERE kind = 'RESERVE' ORDER BY 1, 2"
    assert await rows(world, entries) == [
        ("a", "AVAILABLE", -3),
        ("a", "HELD", 3),
        ("b", "AVAILABLE", -4),
        ("b", "HELD", 4),
    ]
    assert await steps.balance(world) == {"available": TRIAL - 7, "held": 7, "consumed": 0, "expired": 0}
    assert await check_balances(workspace_id=world.workspace_id, now=world.now()) == ()


async def test_a_key_that_is_known_or_comes_twice_takes_nothing_more(world: World) -> None:
    [known] = await hold(world, ("a", 3))

    again, new, same = await hold(world, ("a", 3), ("b", 4), ("b", 4))

    assert again == known
    assert new == same
    assert (await steps.balance(world))["held"] == 7


async def test_what_finds_too_little_takes_nothing_from_the_others(world: World) -> None:
    await steps.spend_all_but(world, 10)

    a, b, c, d = await hold(world, ("a", 6), ("b", 5), ("c", 4), ("d", 1))

    assert isinstance(b, InsufficientCredits)
    assert (b.required, b.available) == (5, 4)
    assert isinstance(d, InsufficientCredits)
    assert (d.required, d.available) == (1, 0)
    stored = "SELECT id FROM credit_hold WHERE purpose = 'TEST' AND amount < 10 ORDER BY operation_key"
    assert await rows(world, stored) == [(a,), (c,)]
    assert (await steps.balance(world))["available"] == 0
    assert await check_balances(workspace_id=world.workspace_id, now=world.now()) == ()


async def test_grants_pay_one_after_the_other_across_operations(world: World) -> None:
    await steps.spend_all_but(world, 0)
    first, second = [await steps.grant(world, 5, priority=priority) for priority in (0, 1)]

    await hold(world, ("a", 3), ("b", 4), ("c", 3))

    paid = """
        SELECT operation_key, grant_id, amount FROM ledger_entry
        WHERE account = 'HELD' AND operation_key IN ('a', 'b', 'c') ORDER BY 1, amount
    """
    assert await rows(world, paid) == [("a", first, 3), ("b", first, 2), ("b", second, 2), ("c", second, 3)]
    statuses = "SELECT status, remaining FROM credit_grant WHERE amount = 5"
    assert await rows(world, statuses) == [("EXHAUSTED", 0), ("EXHAUSTED", 0)]


async def test_each_low_water_mark_is_told_once(world: World) -> None:
    await hold(world, ("a", 8_001), ("b", 1), ("c", 1_499), ("d", 1))

    told = "SELECT payload ->> 'percent' AS p, payload ->> 'available' AS a FROM event WHERE type = 'CreditsLow' ORDER BY seq"
    assert await rows(world, told) == [("20", "1999"), ("5", "499")]


async def test_one_bad_amount_spoils_the_whole_and_nothing_is_taken(world: World) -> None:
    with pytest.raises(Invalid):
        await hold(world, ("a", 3), ("b", 0))
    assert await rows(world, "SELECT id FROM credit_hold") == []
    assert (await steps.balance(world))["available"] == TRIAL


async def test_nothing_wanted_is_nothing_held(world: World) -> None:
    assert await hold(world) == []
    assert (await steps.balance(world))["held"] == 0
