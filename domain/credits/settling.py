"""Paying for many deliveries at once: the statements of ``settle``, each for all of them."""

from collections.abc import Mapping
from uuid import UUID

from domain.credits import queries
from domain.credits.ledger import EntryKind
from domain.credits.posting import Movement, Paid, post
from domain.credits.queries import read_hold
from domain.credits.rules import HoldStatus
from domain.work import Work


async def settle_deliveries(work: Work, *, keys: Mapping[UUID, str]) -> set[UUID]:
    """Pay for several deliveries, each with the whole of its own hold: the price it was approved at.

    That a message left is a fact, paid or not, so a closed hold is no error here. Safe to repeat.

    Args:
        keys: the operation's key of each delivery.

    Returns:
        The deliveries that couldn't be paid, because nothing is held for them and they weren't paid before.
    """
    if not keys:
        return set()
    await queries.lock_balance(work.connection, workspace_id=work.workspace_id)
    rows = await work.connection.fetch(_HOLDS, work.workspace_id, list(keys.values()))
    holds = {row["operation_key"]: read_hold(row) for row in rows}
    movements = [
        Movement(
            kind=EntryKind.SETTLE,
            allocations=found.allocations,
            operation_key=key,
            part=str(delivery_id),
            hold_id=found.id,
            run_id=found.run_id,
            paid=Paid(delivery_id=delivery_id),
        )
        for delivery_id, key in keys.items()
        if (found := holds.get(key)) is not None and found.status is HoldStatus.HELD and not found.settled
    ]
    if movements:
        await work.connection.execute(_SETTLE, work.workspace_id, [one.hold_id for one in movements])
        await post(work, *movements)
    paid = {key for key, found in holds.items() if found.settled} | {one.operation_key for one in movements}
    return {delivery_id for delivery_id, key in keys.items() if key not in paid}


_HOLDS = """
SELECT id, operation_key, run_id, allocations, settled, status FROM credit_hold
WHERE workspace_id = $1 AND operation_key = ANY ($2)
"""
_SETTLE = """
UPDATE credit_hold SET settled = amount, status = 'SETTLED' WHERE workspace_id = $1 AND id = ANY ($2)
"""
