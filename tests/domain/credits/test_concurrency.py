"""Many at once on one account: nothing is spent twice, nothing is lost."""

import asyncio
import random
from collections import Counter

from domain.credits.checking import check_balances
from domain.credits.rules import InsufficientCredits
from domain.errors import DomainError
from tests.steps import credits as steps
from tests.world import World


async def test_of_200_parallel_holds_on_100_credits_exactly_100_succeed(world: World) -> None:
    await steps.spend_all_but(world, 100)

    async def try_hold(number: int) -> str:
        try:
            await steps.hold(world, f"op:{number}", 1)
        except InsufficientCredits:
            return "refused"
        return "held"

    outcomes = await asyncio.gather(*(try_hold(number) for number in range(200)))

    assert Counter(outcomes) == {"held": 100, "refused": 100}
    assert (await steps.balance(world))["available"] == 0
    assert await check_balances(workspace_id=world.workspace_id, now=world.now()) == ()


async def test_64_callers_with_the_same_keys_conserve_every_credit(world: World) -> None:
    granted = 300
    await steps.spend_all_but(world, granted)
    before = await steps.balance(world)
    calls = [await steps.provider_call(world) for _ in range(24)]
    chance = random.Random(7)
    plans = [[chance.randrange(24) for _ in range(6)] for _ in range(64)]

    async def work(plan: list[int]) -> None:
        for number in plan:
            key = f"op:{number}"
            for step in (
                lambda key=key: steps.hold(world, key, 20),
                lambda key=key, number=number: steps.settle(
                    world, key, number % 20, provider_call_id=calls[number]
                ),
                lambda key=key: steps.release(world, key),
            ):
                try:
                    await step()
                except DomainError:
                    break  # too few credits, or somebody else has closed it already

    await asyncio.gather(*map(work, plans))

    after = await steps.balance(world)
    holds = await world.fetch(
        "SELECT operation_key, settled FROM credit_hold WHERE operation_key LIKE 'op:%'"
    )
    paid = {row["operation_key"]: row["settled"] for row in holds}
    assert 0 < len(paid) == len(holds) <= 24
    assert sum(paid.values()) > 0
    assert all(settled in {0, int(key.removeprefix("op:")) % 20} for key, settled in paid.items())
    assert after["available"] == granted - sum(paid.values())
    assert after["consumed"] - before["consumed"] == sum(paid.values())
    assert after["held"] == before["held"]
    assert await check_balances(workspace_id=world.workspace_id, now=world.now()) == ()
