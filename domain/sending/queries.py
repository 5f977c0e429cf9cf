"""Look-ups across workspaces for the worker: where something is due."""

from uuid import UUID

from domain import tenancy
from domain.sending.states import DeliveryState

ON_THEIR_WAY = (DeliveryState.SCHEDULED, DeliveryState.LEASED, DeliveryState.HANDOFF, DeliveryState.UNKNOWN)
"""Counted by the indexes that the worker looks through anyway; the other states keep rows for good."""


async def list_workspaces_with_due_deliveries(*, limit: int = 500) -> list[UUID]:
    """Return workspaces that have something to send now, the longest due first."""
    async with tenancy.looking_across_workspaces() as connection:
        rows = await connection.fetch(
            """
            SELECT workspace_id, min(due_at) AS since FROM (
                SELECT workspace_id, due_at FROM delivery
                WHERE due_at <= clock_timestamp()
                  AND (state = 'SCHEDULED' OR (state = 'LEASED' AND lease_until < clock_timestamp()))
                ORDER BY due_at LIMIT $1
            ) AS due GROUP BY workspace_id ORDER BY since
            """,
            limit,
        )
    return [row["workspace_id"] for row in rows]


async def list_deliveries_in_doubt(*, limit: int = 200) -> list[tuple[UUID, UUID]]:
    """Return (workspace_id, id) of deliveries whose fate is to be looked up now."""
    async with tenancy.looking_across_workspaces() as connection:
        rows = await connection.fetch(
            """
            SELECT workspace_id, id FROM delivery
            WHERE state IN ('HANDOFF', 'UNKNOWN') AND reconcile_at < clock_timestamp()
            ORDER BY reconcile_at LIMIT $1
            """,
            limit,
        )
    return [(row["workspace_id"], row["id"]) for row in rows]


async def count_open_deliveries() -> dict[str, int]:
    """Return how many deliveries are on their way, by state, in all workspaces."""
    async with tenancy.looking_across_workspaces() as connection:
        rows = await connection.fetch(
            """
            SELECT state, count(*) AS found FROM delivery
            WHERE state IN ('SCHEDULED', 'LEASED') OR state IN ('HANDOFF', 'UNKNOWN')
            GROUP BY state
            """
        )
    return {state.value: 0 for state in ON_THEIR_WAY} | {row["state"]: row["found"] for row in rows}
