"""Giving back what was set aside and isn't needed, for one operation or for thousands in the same statements."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from domain.credits import queries, rules
from domain.credits.ledger import EntryKind
from domain.credits.posting import Movement, post
from domain.credits.queries import Hold
from domain.credits.rules import Allocation, Grant, HoldStatus
from domain.work import Work


async def release(work: Work, *, operation_key: str) -> int:
    """Give back what is still held for an operation and close its hold.

    Returns:
        Credits given back; 0 when there is no such hold or it is closed already.
    """
    return await release_many(work, operation_keys=[operation_key])


async def release_many(work: Work, *, operation_keys: Sequence[str]) -> int:
    """Do what ``release`` does for each operation; returns the credits given back for all of them."""
    if not operation_keys:
        return 0
    await queries.lock_balance(work.connection, workspace_id=work.workspace_id)
    rows = await work.connection.fetch(_HELD, work.workspace_id, list(operation_keys))
    holds = [queries.read_hold(row) for row in rows]
    return await close_holds(
        work, {hold: HoldStatus.SETTLED if hold.settled else HoldStatus.RELEASED for hold in holds}
    )


async def close_holds(work: Work, ends: Mapping[Hold, HoldStatus]) -> int:
    """Give back the rest of open holds under the account's lock; what came from ended grants is lost with them.

    Args:
        ends: each hold with what becomes of it.
    """
    if not ends:
        return 0
    rests = {hold: unpaid(hold) for hold in ends}
    grants = await queries.grants_by_id(
        work.connection,
        workspace_id=work.workspace_id,
        ids={part.grant_id for rest in rests.values() for part in rest},
    )
    await work.connection.execute(
        _CLOSE, work.workspace_id, [hold.id for hold in ends], [status.value for status in ends.values()]
    )
    moves = [move for hold, rest in rests.items() for move in _moves(work, hold, rest, grants)]
    await post(work, *moves)
    return sum(rules.total(rest) for rest in rests.values())


def unpaid(hold: Hold) -> tuple[Allocation, ...]:
    """Return what of a hold nobody was paid with."""
    return rules.settle(held=hold.allocations, amount=hold.settled).released


def _moves(
    work: Work, hold: Hold, rest: tuple[Allocation, ...], grants: Mapping[UUID, Grant]
) -> Iterator[Movement]:
    lost = rules.give_back(allocations=rest, grants=grants, now=work.now).expired
    for kind, parts in ((EntryKind.RELEASE, rest), (EntryKind.EXPIRE, lost)):
        yield Movement(
            kind=kind,
            allocations=parts,
            operation_key=hold.operation_key,
            hold_id=hold.id,
            run_id=hold.run_id,
        )


_HELD = """
SELECT id, operation_key, run_id, allocations, settled, status FROM credit_hold
WHERE workspace_id = $1 AND operation_key = ANY ($2) AND status = 'HELD' ORDER BY operation_key
"""
_CLOSE = """
UPDATE credit_hold h SET status = closed.status FROM unnest($2::uuid[], $3::text[]) AS closed (id, status)
WHERE h.workspace_id = $1 AND h.id = closed.id
"""
