"""What a run may cost: everything held for it and paid by it stays within its budget, whoever works at once.

What is committed moves with the ledger's entries, in the same statement (``posting``), and a CHECK constraint refuses
more than the cap.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from domain.credits.rules import InsufficientCredits
from domain.work import Work

if TYPE_CHECKING:
    from domain.tenancy import Connection


class RunBudgetExceeded(InsufficientCredits):
    """The run's budget leaves less than the operation needs; nothing was taken."""

    code = "RUN_BUDGET_EXCEEDED"
    said = "this needs {required} credits, but the run's budget leaves {available}"


async def list_budgets_left(work: Work, *, run_ids: Sequence[UUID]) -> Mapping[UUID, int]:
    """Return what each run may still commit; the account is locked by the caller, so that it stays true."""
    if not run_ids:
        return {}
    await work.connection.execute(_OPEN, work.workspace_id, list(run_ids))
    rows = await work.connection.fetch(_LEFT, work.workspace_id, list(run_ids))
    return {row["run_id"]: row["left"] for row in rows}


async def is_used_up(connection: "Connection", *, workspace_id: UUID, run_id: UUID) -> bool:
    """Tell whether nothing is left of a run's budget."""
    used_up: bool | None = await connection.fetchval(
        """
        SELECT r.budget_credits <= b.committed FROM credit_budget b
        JOIN run r ON (r.workspace_id, r.id) = (b.workspace_id, b.run_id)
        WHERE b.workspace_id = $1 AND b.run_id = $2
        """,
        workspace_id,
        run_id,
    )
    return bool(used_up)


_OPEN = """
INSERT INTO credit_budget (workspace_id, run_id, cap)
SELECT workspace_id, id, budget_credits FROM run WHERE workspace_id = $1 AND id = ANY ($2)
ON CONFLICT DO NOTHING
"""
_LEFT = """
SELECT b.run_id, r.budget_credits - b.committed AS left FROM credit_budget b
JOIN run r ON (r.workspace_id, r.id) = (b.workspace_id, b.run_id)
WHERE b.workspace_id = $1 AND b.run_id = ANY ($2)
"""
