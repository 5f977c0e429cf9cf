"""Credits against the database: what moves, what doesn't, and that the ledger says the same."""

from datetime import timedelta

import asyncpg
import pytest

from domain.actor import Actor
from domain.credits import service
from domain.credits.checking import check_balances
from domain.credits.expiring import expire_due, list_workspaces_due
from domain.credits.rules import (
    GrantSource,
    HoldClosed,
    InsufficientCredits,
    RefundExceedsSettlement,
    SettleExceedsHold,
)
from domain.errors import Invalid, NotFound
from domain.ids import new_id
from domain.work import unit_of_work
from tests.steps import credits as steps
from tests.world import World

TRIAL = 10_000


async def events_of(world: World, name: str) -> list[dict[str, object]]:
    rows = await world.fetch("SELECT payload FROM event WHERE type = $1 ORDER BY seq", name)
    return [row["payload"] for row in rows]


async def is_sound(world: World) -> bool:
    return await check_balances(workspace_id=world.workspace_id, now=world.now()) == ()


async def test_a_new_workspace_has_its_trial_credits(world: World) -> None:
    assert await steps.balance(world) == {"available": TRIAL, "held": 0, "consumed": 0, "expired": 0}
    assert await events_of(world, "CreditsGranted") == [{"source": "TRIAL", "amount": TRIAL}]
    entries = await world.fetch("SELECT account, kind, amount FROM ledger_entry ORDER BY amount")
    assert entries == [
        {"account": "ISSUED", "kind": "GRANT", "amount": -TRIAL},
        {"account": "AVAILABLE", "kind": "GRANT", "amount": TRIAL},
    ]


async def test_the_same_reference_is_granted_once(world: World) -> None:
    async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
        again = await service.grant(work, source=GrantSource.TRIAL, amount=TRIAL, reference="trial")
        assert work.events == []

    assert await world.fetch("SELECT id FROM credit_grant") == [{"id": again}]
    assert (await steps.balance(world))["available"] == TRIAL


@pytest.mark.parametrize("amount", [0, -1, 2**53 + 1])
async def test_no_such_amount_is_granted(world: World, amount: int) -> None:
    with pytest.raises(Invalid):
        await steps.grant(world, amount)
    assert (await steps.balance(world))["available"] == TRIAL


async def test_an_operation_pays_in_parts_and_gives_the_rest_back(world: World) -> None:
    first, second = await steps.provider_call(world), await steps.provider_call(world)
    await steps.hold(world, "enrich:1", 10)
    await steps.settle(world, "enrich:1", 3, provider_call_id=first)
    await steps.settle(world, "enrich:1", 2, provider_call_id=second)
    assert await steps.balance(world) == {"available": TRIAL - 10, "held": 5, "consumed": 5, "expired": 0}

    assert await steps.release(world, "enrich:1") == 5

    assert await steps.balance(world) == {"available": TRIAL - 5, "held": 0, "consumed": 5, "expired": 0}
    assert await world.fetch("SELECT settled, status FROM credit_hold") == [
        {"settled": 5, "status": "SETTLED"}
    ]
    assert await is_sound(world)


async def test_everything_done_twice_counts_once(world: World) -> None:
    call = await steps.provider_call(world)
    assert await steps.hold(world, "k", 10) == await steps.hold(world, "k", 10)
    for _ in range(2):
        await steps.settle(world, "k", 4, provider_call_id=call)
    assert [await steps.release(world, "k"), await steps.release(world, "k")] == [6, 0]
    for _ in range(2):
        await steps.refund(world, "k", 1, provider_call_id=call)

    assert await steps.balance(world) == {"available": TRIAL - 3, "held": 0, "consumed": 3, "expired": 0}
    assert await is_sound(world)


async def test_a_miss_pays_nothing(world: World) -> None:
    call = await steps.provider_call(world)
    await steps.hold(world, "k", 2)
    await steps.settle(world, "k", 0, provider_call_id=call)
    assert await steps.release(world, "k") == 2

    assert (await steps.balance(world))["available"] == TRIAL
    assert await world.fetch("SELECT id FROM ledger_entry WHERE kind = 'SETTLE'") == []
    assert await world.fetch("SELECT status FROM credit_hold") == [{"status": "RELEASED"}]


async def test_no_more_is_paid_than_was_held(world: World) -> None:
    call = await steps.provider_call(world)
    await steps.hold(world, "k", 2)
    with pytest.raises(SettleExceedsHold):
        await steps.settle(world, "k", 3, provider_call_id=call)
    assert await steps.balance(world) == {"available": TRIAL - 2, "held": 2, "consumed": 0, "expired": 0}


async def test_a_closed_hold_pays_nothing_more_and_is_not_opened_again(world: World) -> None:
    call = await steps.provider_call(world)
    hold_id = await steps.hold(world, "k", 2)
    await steps.release(world, "k")

    with pytest.raises(HoldClosed):
        await steps.settle(world, "k", 1, provider_call_id=call)
    assert await steps.hold(world, "k", 2) == hold_id
    assert (await steps.balance(world))["held"] == 0


async def test_a_settlement_names_a_hold_and_a_call(world: World) -> None:
    call = await steps.provider_call(world)
    with pytest.raises(NotFound):
        await steps.settle(world, "nobody", 1, provider_call_id=call)
    await steps.hold(world, "k", 2)
    async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
        with pytest.raises(ValueError, match="exactly one"):
            await service.settle(work, operation_key="k", amount=1)
        with pytest.raises(ValueError, match="exactly one"):
            await service.settle(
                work, operation_key="k", amount=1, provider_call_id=call, delivery_id=new_id()
            )
    assert (await steps.balance(world))["consumed"] == 0


async def test_too_few_credits_take_nothing_and_let_the_unit_of_work_go_on(world: World) -> None:
    async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
        with pytest.raises(InsufficientCredits) as refused:
            await service.hold(work, operation_key="big", purpose="TEST", amount=TRIAL + 1)
        await service.hold(work, operation_key="small", purpose="TEST", amount=1)

    assert (refused.value.required, refused.value.available) == (TRIAL + 1, TRIAL)
    assert await world.fetch("SELECT operation_key FROM credit_hold") == [{"operation_key": "small"}]
    assert await is_sound(world)


async def test_releasing_what_was_never_held_does_nothing(world: World) -> None:
    assert await steps.release(world, "nobody") == 0


async def test_grants_pay_by_priority_and_then_by_their_end(world: World) -> None:
    late = await steps.grant(world, 10, expires_at=world.now() + timedelta(days=9), priority=5)
    soon = await steps.grant(world, 10, expires_at=world.now() + timedelta(days=1), priority=5)
    await steps.hold(world, "k", 15)

    left = {
        row["id"]: row["remaining"] for row in await world.fetch("SELECT id, remaining FROM credit_grant")
    }
    assert (left.pop(soon), left.pop(late)) == (0, 5)
    assert list(left.values()) == [TRIAL]
    assert await world.fetch("SELECT status FROM credit_grant WHERE id = $1", soon) == [
        {"status": "EXHAUSTED"}
    ]
    assert await is_sound(world)


async def test_a_grant_past_its_end_pays_nothing_even_before_the_sweep(world: World) -> None:
    await steps.grant(world, 10, expires_at=world.now() + timedelta(hours=1), priority=0)
    world.clock.offset_s = 7_200
    with pytest.raises(InsufficientCredits) as refused:
        await steps.hold(world, "k", TRIAL + 1)
    assert refused.value.available == TRIAL


async def test_what_is_left_of_a_grant_ends_with_it_once(world: World) -> None:
    await steps.grant(world, 10, expires_at=world.now() + timedelta(hours=1), priority=0)
    await steps.hold(world, "k", 4)
    world.clock.offset_s = 7_200
    assert world.workspace_id in await list_workspaces_due(now=world.now())
    for _ in range(2):
        await expire_due(workspace_id=world.workspace_id, now=world.now())

    assert await steps.balance(world) == {"available": TRIAL, "held": 4, "consumed": 0, "expired": 6}
    assert await events_of(world, "CreditsExpired") == [{"amount": 6}]
    assert world.workspace_id not in await list_workspaces_due(now=world.now())
    assert await is_sound(world)


async def test_credits_held_when_their_grant_ends_still_pay_and_are_lost_when_they_come_back(
    world: World,
) -> None:
    call = await steps.provider_call(world)
    await steps.grant(world, 10, expires_at=world.now() + timedelta(hours=1), priority=0)
    await steps.hold(world, "k", 10)
    world.clock.offset_s = 7_200
    await expire_due(workspace_id=world.workspace_id, now=world.now())
    await steps.settle(world, "k", 7, provider_call_id=call)
    await steps.release(world, "k")

    assert await steps.balance(world) == {"available": TRIAL, "held": 0, "consumed": 7, "expired": 3}
    assert await is_sound(world)


async def test_a_hold_past_its_end_comes_back(world: World) -> None:
    call = await steps.provider_call(world)
    await steps.hold(world, "k", 10, expires_at=world.now() + timedelta(minutes=5))
    await expire_due(workspace_id=world.workspace_id, now=world.now())
    assert (await steps.balance(world))["held"] == 10
    world.clock.offset_s = 600
    await expire_due(workspace_id=world.workspace_id, now=world.now())

    assert await steps.balance(world) == {"available": TRIAL, "held": 0, "consumed": 0, "expired": 0}
    assert await world.fetch("SELECT status FROM credit_hold") == [{"status": "EXPIRED"}]
    with pytest.raises(HoldClosed):
        await steps.settle(world, "k", 1, provider_call_id=call)


async def test_a_refund_reverses_the_entries_of_its_call(world: World) -> None:
    call = await steps.provider_call(world)
    await steps.hold(world, "k", 10)
    await steps.settle(world, "k", 10, provider_call_id=call)
    await steps.refund(world, "k", 4, provider_call_id=call, reference="first")
    with pytest.raises(RefundExceedsSettlement):
        await steps.refund(world, "k", 7, provider_call_id=call, reference="second")

    assert await steps.balance(world) == {"available": TRIAL - 6, "held": 0, "consumed": 6, "expired": 0}
    [reversal] = await world.fetch(
        """
        SELECT s.kind, s.amount, r.provider_call_id FROM ledger_entry r JOIN ledger_entry s ON s.id = r.reverses_id
        WHERE r.kind = 'REFUND' AND r.account = 'CONSUMED'
        """
    )
    assert reversal == {"kind": "SETTLE", "amount": 10, "provider_call_id": call}
    assert await is_sound(world)


async def test_a_refund_from_a_grant_that_has_ended_is_a_new_grant(world: World) -> None:
    call = await steps.provider_call(world)
    await steps.grant(world, 3, expires_at=world.now() + timedelta(hours=1), priority=0)
    await steps.hold(world, "k", 10)
    await steps.settle(world, "k", 10, provider_call_id=call)
    world.clock.offset_s = 7_200
    await expire_due(workspace_id=world.workspace_id, now=world.now())
    await steps.refund(world, "k", 10, provider_call_id=call)

    assert await steps.balance(world) == {"available": TRIAL + 3, "held": 0, "consumed": 0, "expired": 0}
    [renewed] = await world.fetch("SELECT remaining, expires_at FROM credit_grant WHERE source = 'REFUND'")
    assert renewed == {"remaining": 3, "expires_at": None}
    assert await is_sound(world)


async def test_a_refund_of_what_was_not_paid_is_refused(world: World) -> None:
    call = await steps.provider_call(world)
    await steps.hold(world, "k", 10)
    with pytest.raises(NotFound):
        await steps.refund(world, "k", 1, provider_call_id=call)


async def test_falling_below_a_fifth_and_a_twentieth_is_told_once_each(world: World) -> None:
    for key, amount in (("a", 7_999), ("b", 1), ("c", 1), ("d", 1_499), ("e", 1)):
        await steps.hold(world, key, amount)

    assert await events_of(world, "CreditsLow") == [
        {"percent": 20, "available": 1_999},
        {"percent": 5, "available": 499},
    ]


async def test_a_movement_whose_sides_do_not_sum_to_zero_is_refused(world: World) -> None:
    [grant] = await world.fetch("SELECT id FROM credit_grant")
    with pytest.raises(asyncpg.CheckViolationError, match="sum to zero"):
        async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
            await work.connection.execute(
                """
                INSERT INTO ledger_entry (id, workspace_id, transaction_id, account, kind, amount, operation_key,
                                          grant_id, occurred_at)
                VALUES ($1, $2, $1, 'AVAILABLE', 'GRANT', 5, 'fraud', $3, $4)
                """,
                new_id(),
                world.workspace_id,
                grant["id"],
                work.now,
            )


@pytest.mark.parametrize("statement", ["UPDATE ledger_entry SET amount = 1", "DELETE FROM ledger_entry"])
async def test_entries_are_never_changed(world: World, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await world.fetch(statement)


async def test_a_balance_that_differs_from_the_ledger_is_an_alert(world: World) -> None:
    await steps.hold(world, "k", 10)
    await world.fetch("UPDATE credit_account SET available = available + 1")
    await world.fetch("UPDATE credit_hold SET amount = 11")

    [hold] = await world.fetch("SELECT id FROM credit_hold")
    differences = await check_balances(workspace_id=world.workspace_id, now=world.now())
    assert differences == (
        f"available: stored {TRIAL - 9}, counted {TRIAL - 10}",
        f"hold {hold['id']}: stored 11, counted 10",
    )
    assert await events_of(world, "CreditBalancesDiffer") == [{"differences": list(differences)}]
