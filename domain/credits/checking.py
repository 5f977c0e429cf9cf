"""Do the stored balances say what the ledger says? They move together, so a difference is a fault of ours."""

from datetime import datetime
from uuid import UUID

from domain.actor import Actor
from domain.credits.events import CreditBalancesDiffer
from domain.work import unit_of_work

DIFFERENCES_MAX = 50


async def check_balances(*, workspace_id: UUID, now: datetime) -> tuple[str, ...]:
    """Compare account, grants, holds, runs' budgets and every transaction with the ledger's entries.

    Returns:
        What differs, such as ``available: stored 90, counted 100``; empty when all is well. Differences are
        also logged as an event; nothing is corrected.
    """
    async with unit_of_work(Actor.job(workspace_id), now=now) as work:
        rows = await work.connection.fetch(_COMPARE, workspace_id, DIFFERENCES_MAX)
        differences = tuple(
            f"{row['what']}: stored {row['stored']}, counted {row['counted']}" for row in rows
        )
        if differences:
            work.emit(CreditBalancesDiffer(subject_id=workspace_id, differences=differences))
    return differences


_COMPARE = """
WITH entry AS MATERIALIZED (
    SELECT account, amount, grant_id, hold_id, run_id, transaction_id FROM ledger_entry WHERE workspace_id = $1
), total AS (
    SELECT account, sum(amount) AS counted FROM entry GROUP BY account
), compared AS (
    SELECT lower(part.account) AS what, part.stored, coalesce(total.counted, 0) AS counted
    FROM credit_account a
    CROSS JOIN LATERAL (VALUES ('AVAILABLE', a.available), ('HELD', a.held), ('CONSUMED', a.consumed),
                               ('EXPIRED', a.expired)) AS part (account, stored)
    LEFT JOIN total USING (account)
    WHERE a.workspace_id = $1
    UNION ALL
    SELECT 'grant ' || g.id, g.remaining, coalesce(sum(e.amount), 0)
    FROM credit_grant g LEFT JOIN entry e ON e.grant_id = g.id AND e.account = 'AVAILABLE'
    WHERE g.workspace_id = $1 GROUP BY g.id
    UNION ALL
    SELECT 'hold ' || h.id, CASE WHEN h.status = 'HELD' THEN h.amount - h.settled ELSE 0 END, coalesce(sum(e.amount), 0)
    FROM credit_hold h LEFT JOIN entry e ON e.hold_id = h.id AND e.account = 'HELD'
    WHERE h.workspace_id = $1 GROUP BY h.id
    UNION ALL
    SELECT 'budget of run ' || b.run_id, b.committed, coalesce(sum(e.amount), 0)
    FROM credit_budget b LEFT JOIN entry e ON e.run_id = b.run_id AND e.account IN ('HELD', 'CONSUMED')
    WHERE b.workspace_id = $1 GROUP BY b.run_id, b.committed
    UNION ALL
    SELECT 'transaction ' || transaction_id, 0, sum(amount) FROM entry GROUP BY transaction_id
)
SELECT what, stored, counted FROM compared WHERE stored <> counted ORDER BY what LIMIT $2
"""
