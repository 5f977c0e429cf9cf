"""Setting credits aside, for one operation or for thousands in the same statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import orjson

from domain.credits import queries, rules
from domain.credits.budgets import RunBudgetExceeded, list_budgets_left
from domain.credits.events import CreditsLow
from domain.credits.ledger import EntryKind
from domain.credits.posting import Movement, post
from domain.credits.queries import Balance
from domain.credits.rules import Allocation, Grant, InsufficientCredits
from domain.ids import new_id
from domain.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldOrder:
    """An operation and the most it can cost; ``operation_key`` names it and its attempt for ever.

    Attributes:
        run_id: the run whose budget it takes from, if any.
    """

    operation_key: str
    amount: int
    run_id: UUID | None = None


async def hold(
    work: Work,
    *,
    operation_key: str,
    purpose: str,
    amount: int,
    run_id: UUID | None = None,
    expires_at: datetime | None = None,
) -> UUID:
    """Set credits aside for an operation before it begins; the same key gets the same hold.

    Args:
        operation_key: names the operation and its attempt, such as ``send:<delivery id>``.
        purpose: one of ``prices.Operation`` or what a person would call the work.
        amount: the most it can cost.
        expires_at: when what is still held comes back by itself; None never.

    Returns:
        The hold's id; it may be closed already when the key was used before.

    Raises:
        InsufficientCredits, RunBudgetExceeded: nothing was taken and nothing written; the unit of work may go on.
        Invalid: the amount is none.
    """
    order = HoldOrder(operation_key=operation_key, amount=amount, run_id=run_id)
    [result] = await hold_many(work, orders=[order], purpose=purpose, expires_at=expires_at)
    if isinstance(result, InsufficientCredits):
        raise result
    return result


async def hold_many(
    work: Work, *, orders: Sequence[HoldOrder], purpose: str, expires_at: datetime | None = None
) -> list[UUID | InsufficientCredits]:
    """Do what ``hold`` does for each operation, in their order, as if one after the other.

    Returns:
        For each order its hold, or why there is none; one that finds too little takes nothing from the others.

    Raises:
        Invalid: an amount is none; nothing was taken.
    """
    balance = await queries.lock_balance(work.connection, workspace_id=work.workspace_id)
    known = await _known(work, orders)
    new = {order.operation_key: order for order in reversed(orders) if order.operation_key not in known}
    wanted = [order for order in orders if new.get(order.operation_key) is order]
    payers = await queries.list_payers(work.connection, workspace_id=work.workspace_id)
    run_ids = sorted({order.run_id for order in wanted if order.run_id is not None})
    budgets = await list_budgets_left(work, run_ids=run_ids)
    allocated = _allocate(wanted, payers, budgets, now=work.now)
    results: dict[str, UUID | InsufficientCredits] = dict(known)
    moves = []
    for order, parts in zip(wanted, allocated, strict=True):
        if isinstance(parts, InsufficientCredits):
            results[order.operation_key] = parts
        else:
            results[order.operation_key] = hold_id = new_id()
            moves.append(_reserve(order, parts, hold_id=hold_id))
    await _write(work, moves, purpose=purpose, expires_at=expires_at)
    _warn(work, balance, spent=[rules.total(move.allocations) for move in moves])
    return [results[order.operation_key] for order in orders]


def _allocate(
    orders: Sequence[HoldOrder], payers: Sequence[Grant], budgets: Mapping[UUID, int], *, now: datetime
) -> list[tuple[Allocation, ...] | InsufficientCredits]:
    """Return what each operation takes from which grants; ``budgets`` are what is left of each run's."""
    left = {grant.id: grant for grant in payers}
    budgets_left = dict(budgets)
    allocated: list[tuple[Allocation, ...] | InsufficientCredits] = []
    for order in orders:
        try:
            parts = rules.allocate(grants=left.values(), amount=order.amount, now=now)
            if order.run_id is not None:
                budgets_left[order.run_id] = _within(budgets_left[order.run_id], order.amount)
        except InsufficientCredits as error:
            allocated.append(error)
            continue
        for part in parts:
            grant = left[part.grant_id]
            left[part.grant_id] = replace(grant, remaining=grant.remaining - part.amount)
        allocated.append(parts)
    return allocated


def _within(budget_left: int, amount: int) -> int:
    """Return what the operation leaves of a run's budget; raises RunBudgetExceeded."""
    if amount > budget_left:
        raise RunBudgetExceeded(required=amount, available=budget_left)
    return budget_left - amount


def _reserve(order: HoldOrder, parts: tuple[Allocation, ...], *, hold_id: UUID) -> Movement:
    return Movement(
        kind=EntryKind.RESERVE,
        allocations=parts,
        operation_key=order.operation_key,
        hold_id=hold_id,
        run_id=order.run_id,
    )


async def _known(work: Work, orders: Sequence[HoldOrder]) -> dict[str, UUID]:
    rows = await work.connection.fetch(
        "SELECT operation_key, id FROM credit_hold WHERE workspace_id = $1 AND operation_key = ANY ($2)",
        work.workspace_id,
        [order.operation_key for order in orders],
    )
    return {row["operation_key"]: row["id"] for row in rows}


async def _write(work: Work, moves: Sequence[Movement], *, purpose: str, expires_at: datetime | None) -> None:
    if not moves:
        return
    await work.connection.execute(
        """
        INSERT INTO credit_hold (id, workspace_id, operation_key, purpose, run_id, amount, allocations, expires_at)
        SELECT id, $1, key, $2, run_id, amount, allocations, $3
        FROM unnest($4::uuid[], $5::text[], $6::uuid[], $7::bigint[], $8::jsonb[])
            AS new (id, key, run_id, amount, allocations)
        """,
        work.workspace_id,
        purpose,
        expires_at,
        [move.hold_id for move in moves],
        [move.operation_key for move in moves],
        [move.run_id for move in moves],
        [rules.total(move.allocations) for move in moves],
        [_as_json(move.allocations) for move in moves],
    )
    await post(work, *moves)


def _as_json(parts: Sequence[Allocation]) -> str:
    return orjson.dumps([[str(part.grant_id), part.amount] for part in parts]).decode()


def _warn(work: Work, balance: Balance, *, spent: Sequence[int]) -> None:
    before = balance.available
    for amount in spent:
        left = before - amount
        mark = rules.crossed_low_water(before=before, after=left, reference=balance.topped_up_to)
        if mark is not None:
            work.emit(CreditsLow(subject_id=work.workspace_id, percent=mark, available=left))
        before = left
