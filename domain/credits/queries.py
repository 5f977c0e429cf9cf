"""Reads of credits, inside an open scope. Whoever changes balances locks the account first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from domain.credits.rules import Allocation, Grant, GrantSource, HoldStatus

if TYPE_CHECKING:
    from domain.tenancy import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What a workspace has to spend.

    Attributes:
        topped_up_to: available credits right after the last grant; the low-water marks are shares of it.
    """

    available: int
    topped_up_to: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Credits that were set aside for one operation.

    Attributes:
        allocations: which grants they were taken from, in the order they pay.
        settled: of them, paid so far.
    """

    id: UUID
    operation_key: str
    run_id: UUID | None
    allocations: tuple[Allocation, ...]
    settled: int
    status: HoldStatus


async def lock_balance(connection: "Connection", *, workspace_id: UUID) -> Balance:
    """Return the balance and keep others from changing it until this transaction ends.

    It is the first lock of every movement, so that movements of a workspace queue up and never deadlock.
    """
    row = await connection.fetchrow(
        "SELECT available, topped_up_to FROM credit_account WHERE workspace_id = $1 FOR UPDATE", workspace_id
    )
    if row is None:
        raise RuntimeError("the workspace has no credit account")
    return Balance(**row)


async def list_payers(connection: "Connection", *, workspace_id: UUID) -> list[Grant]:
    """Return the grants that have something left."""
    rows = await connection.fetch(f"{_GRANTS} AND status = 'ACTIVE' AND remaining > 0", workspace_id)
    return [_grant(row) for row in rows]


async def grants_by_id(
    connection: "Connection", *, workspace_id: UUID, ids: Iterable[UUID]
) -> dict[UUID, Grant]:
    """Return the named grants, whatever is left of them."""
    rows = await connection.fetch(f"{_GRANTS} AND id = ANY ($2)", workspace_id, list(ids))
    return {row["id"]: _grant(row) for row in rows}


async def find_hold(connection: "Connection", *, workspace_id: UUID, operation_key: str) -> Hold | None:
    """Return the hold of an operation."""
    row = await connection.fetchrow(
        """
        SELECT id, operation_key, run_id, allocations, settled, status FROM credit_hold
        WHERE workspace_id = $1 AND operation_key = $2
        """,
        workspace_id,
        operation_key,
    )
    return read_hold(row) if row else None


async def get_account(connection: "Connection", *, workspace_id: UUID, now: datetime) -> dict[str, Any]:
    """Return ``available, held, consumed, expired, topped_up_to`` and ``next_expiry`` (None when nothing ends)."""
    row = await connection.fetchrow(
        """
        SELECT available, held, consumed, expired, topped_up_to,
               (SELECT min(expires_at) FROM credit_grant
                WHERE workspace_id = $1 AND status = 'ACTIVE' AND remaining > 0 AND expires_at > $2) AS next_expiry
        FROM credit_account WHERE workspace_id = $1
        """,
        workspace_id,
        now,
    )
    if row is None:
        raise RuntimeError("the workspace has no credit account")
    return dict(row)


def read_hold(row: Any) -> Hold:
    """Return a hold from its row."""
    allocations = tuple(Allocation(UUID(grant_id), amount) for grant_id, amount in row["allocations"])
    return Hold(
        id=row["id"],
        operation_key=row["operation_key"],
        run_id=row["run_id"],
        allocations=allocations,
        settled=row["settled"],
        status=HoldStatus(row["status"]),
    )


_GRANTS = """
    SELECT id, source, remaining, priority, effective_at, expires_at FROM credit_grant WHERE workspace_id = $1
"""


def _grant(row: Any) -> Grant:
    return Grant(
        id=row["id"],
        source=GrantSource(row["source"]),
        remaining=row["remaining"],
        priority=row["priority"],
        effective_at=row["effective_at"],
        expires_at=row["expires_at"],
    )
