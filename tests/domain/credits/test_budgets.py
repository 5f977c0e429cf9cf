"""A run never commits more than its budget, whoever works for it at once."""

import asyncio
from collections import Counter
from uuid import UUID

import asyncpg
import pytest

from domain.actor import Actor
from domain.credits import service
from domain.credits.budgets import RunBudgetExceeded, is_used_up
from domain.credits.checking import check_balances
from domain.credits.holding import HoldOrder, hold_many
from domain.work import unit_of_work
from tests.steps import credits as steps
from tests.steps.runs import launch, leads, play
from tests.world import World


async def run_with(world: World, *, credits: int) -> UUID:
    return await launch(world, await play(world, await leads(world, 1), credits=credits))


async def hold(world: World, run_id: UUID, *orders: tuple[str, int]) -> list[object]:
    wanted = [HoldOrder(operation_key=key, amount=amount, run_id=run_id) for key, amount in orders]
    async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
        return [*await hold_many(work, orders=wanted, purpose="TEST")]


async def committed(world: World, run_id: UUID) -> int:
    [row] = await world.fetch("SELECT committed FROM credit_budget WHERE run_id = $1", run_id)
    return int(row["committed"])


async def raise_to(world: World, run_id: UUID, credits: int) -> None:
    await world.fetch("UPDATE run SET budget_credits = $2 WHERE id = $1", run_id, credits)


async def is_sound(world: World) -> bool:
    return await check_balances(workspace_id=world.workspace_id, now=world.now()) == ()


async def test_of_64_parallel_operations_exactly_the_budgets_worth_begin(world: World) -> None:
    run_id = await run_with(world, credits=50)
    available = (await steps.balance(world))["available"]

    async def try_hold(number: int) -> str:
        [result] = await hold(world, run_id, (f"op:{number}", 3))
        return type(result).__name__

    outcomes = Counter(await asyncio.gather(*(try_hold(number) for number in range(64))))

    assert outcomes == {"UUID": 16, "RunBudgetExceeded": 48}
    assert await committed(world, run_id) == 48
    assert (await steps.balance(world))["available"] == available - 48
    assert await is_sound(world)


async def test_what_does_not_fit_takes_nothing_and_smaller_ones_go_on(world: World) -> None:
    run_id = await run_with(world, credits=10)
    a, b, c = await hold(world, run_id, ("a", 6), ("b", 5), ("c", 4))
    assert isinstance(a, UUID)
    assert isinstance(b, RunBudgetExceeded)
    assert (b.required, b.available, b.code) == (5, 4, "RUN_BUDGET_EXCEEDED")
    assert isinstance(c, UUID)
    assert await world.fetch("SELECT id FROM credit_hold WHERE operation_key = 'b'") == []
    assert await is_used_up_now(world, run_id)


async def is_used_up_now(world: World, run_id: UUID) -> bool:
    async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
        return await is_used_up(work.connection, workspace_id=world.workspace_id, run_id=run_id)


async def test_what_comes_back_can_be_committed_again_and_what_was_paid_cannot(world: World) -> None:
    run_id, call = await run_with(world, credits=10), await steps.provider_call(world)
    await hold(world, run_id, ("a", 10))
    await steps.settle(world, "a", 4, provider_call_id=call)
    assert await committed(world, run_id) == 10
    await steps.release(world, "a")
    assert await committed(world, run_id) == 4
    await steps.refund(world, "a", 1, provider_call_id=call)
    assert await committed(world, run_id) == 3

    refused, taken = await hold(world, run_id, ("b", 8), ("c", 7))
    assert isinstance(refused, RunBudgetExceeded)
    assert isinstance(taken, UUID)
    assert await is_sound(world)


async def test_a_higher_budget_lets_more_begin_and_runs_do_not_share(world: World) -> None:
    run_id, other = await run_with(world, credits=5), await run_with(world, credits=5)
    await hold(world, run_id, ("a", 5))
    assert isinstance((await hold(world, other, ("b", 5)))[0], UUID)
    assert isinstance((await hold(world, run_id, ("c", 1)))[0], RunBudgetExceeded)
    await raise_to(world, run_id, 6)
    assert not await is_used_up_now(world, run_id)
    assert isinstance((await hold(world, run_id, ("d", 1)))[0], UUID)
    assert await committed(world, run_id) == 6


async def test_one_operation_says_so_by_raising(world: World) -> None:
    run_id = await run_with(world, credits=1)
    with pytest.raises(RunBudgetExceeded, match="the run's budget leaves 1"):
        async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
            await service.hold(work, operation_key="a", purpose="TEST", amount=2, run_id=run_id)


async def test_the_database_refuses_more_than_the_cap_by_itself(world: World) -> None:
    run_id = await run_with(world, credits=5)
    await hold(world, run_id, ("a", 5))
    with pytest.raises(asyncpg.CheckViolationError):
        await world.fetch("UPDATE credit_budget SET committed = 6 WHERE run_id = $1", run_id)


async def test_a_budget_that_differs_from_the_ledger_is_an_alert(world: World) -> None:
    run_id = await run_with(world, credits=5)
    await hold(world, run_id, ("a", 3))
    await world.fetch("UPDATE credit_budget SET committed = 2")
    assert await check_balances(workspace_id=world.workspace_id, now=world.now()) == (
        f"budget of run {run_id}: stored 2, counted 3",
    )
