"""Writing the ledger: one statement appends the entries and moves every balance by exactly their sums.

Stored balances (account, grants, what runs have committed of their budgets) are never computed and written back; they
move with the entries, and CHECK constraints refuse a negative one, and more than a run's budget.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from domain.credits.ledger import EntryKind, LedgerAccount, postings
from domain.credits.rules import Allocation
from domain.ids import new_id
from domain.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """What a settlement paid for: exactly one of the three."""

    provider_call_id: UUID | None = None
    ai_call_id: UUID | None = None
    delivery_id: UUID | None = None

    @property
    def id(self) -> UUID:
        """The one that is set."""
        given = [one for one in (self.provider_call_id, self.ai_call_id, self.delivery_id) if one is not None]
        if len(given) != 1:
            raise ValueError("a settlement names exactly one provider call, AI call or delivery")
        return given[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One transaction of the ledger: two entries for each grant it touches.

    Attributes:
        operation_key: the operation it belongs to.
        part: tells movements of one kind within an operation apart: what was paid for, or a refund's reference.
        reverses: grant -> the entry that a refund takes back.
        into: the grant that receives the credits, when it isn't the one they came from.
    """

    kind: EntryKind
    allocations: tuple[Allocation, ...]
    operation_key: str
    part: str = ""
    hold_id: UUID | None = None
    run_id: UUID | None = None
    paid: Paid = Paid()
    reverses: Mapping[UUID, UUID] = field(default_factory=dict)
    into: UUID | None = None


async def post(work: Work, *movements: Movement) -> None:
    """Append the movements and move the balances; the account is locked by the caller.

    Raises:
        asyncpg.CheckViolationError: a balance would fall below zero, a run would exceed its budget, or entries
            don't sum to zero.
        asyncpg.UniqueViolationError: the movement was posted before.
    """
    rows = [row for movement in movements for row in _rows(movement)]
    if rows:
        await work.connection.execute(_POST, work.workspace_id, work.now, *map(list, zip(*rows, strict=True)))


def _rows(movement: Movement) -> Iterator[tuple[Any, ...]]:
    transaction_id = new_id()
    for allocation in movement.allocations:
        for posting in postings(kind=movement.kind, amount=allocation.amount):
            arrives = posting.account is LedgerAccount.AVAILABLE and movement.into is not None
            yield (
                new_id(),
                transaction_id,
                posting.account.value,
                movement.kind.value,
                posting.delta,
                movement.operation_key,
                movement.part,
                movement.hold_id,
                movement.into if arrives else allocation.grant_id,
                movement.run_id,
                movement.paid.provider_call_id,
                movement.paid.ai_call_id,
                movement.paid.delivery_id,
                movement.reverses.get(allocation.grant_id),
            )


_POST = """
WITH entry AS (
    INSERT INTO ledger_entry (workspace_id, occurred_at, id, transaction_id, account, kind, amount, operation_key,
                              part, hold_id, grant_id, run_id, provider_call_id, ai_call_id, delivery_id, reverses_id)
    SELECT $1, $2, * FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::bigint[], $8::text[], $9::text[],
                                 $10::uuid[], $11::uuid[], $12::uuid[], $13::uuid[], $14::uuid[], $15::uuid[],
                                 $16::uuid[])
    RETURNING account, amount, grant_id, run_id
), lot AS (
    UPDATE credit_grant g
    SET remaining = g.remaining + delta,
        status = CASE WHEN g.status IN ('EXPIRED', 'REVOKED') THEN g.status
                      WHEN g.remaining + delta = 0 THEN 'EXHAUSTED' ELSE 'ACTIVE' END
    FROM (SELECT grant_id, sum(amount)::bigint AS delta FROM entry WHERE account = 'AVAILABLE' GROUP BY grant_id) moved
    WHERE g.workspace_id = $1 AND g.id = moved.grant_id
), budget AS (
    UPDATE credit_budget b SET committed = b.committed + moved.delta, cap = r.budget_credits
    FROM (SELECT run_id, sum(amount)::bigint AS delta FROM entry WHERE account IN ('HELD', 'CONSUMED')
          GROUP BY run_id HAVING sum(amount) <> 0) moved
    JOIN run r ON r.workspace_id = $1 AND r.id = moved.run_id
    WHERE b.workspace_id = $1 AND b.run_id = moved.run_id
)
UPDATE credit_account a
SET available = a.available + moved.available, held = a.held + moved.held,
    consumed = a.consumed + moved.consumed, expired = a.expired + moved.expired
FROM (SELECT coalesce(sum(amount) FILTER (WHERE account = 'AVAILABLE'), 0)::bigint AS available,
             coalesce(sum(amount) FILTER (WHERE account = 'HELD'), 0)::bigint AS held,
             coalesce(sum(amount) FILTER (WHERE account = 'CONSUMED'), 0)::bigint AS consumed,
             coalesce(sum(amount) FILTER (WHERE account = 'EXPIRED'), 0)::bigint AS expired FROM entry) moved
WHERE a.workspace_id = $1
"""
