"""Look-ups across workspaces for the worker: where something is due."""

from uuid import UUID

from domain import tenancy


async def list_workspaces_with_due_deliveries(*, limit: int = 500) -> list[UUID]:
    """Return workspaces that have something to send now, the longest due first."""
    async with tenancy.across_workspaces() as connection:
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
    async with tenancy.across_workspaces() as connection:
        rows = await connection.fetch(
            """
            SELECT workspace_id, id FROM delivery
            WHERE state IN ('HANDOFF', 'UNKNOWN') AND reconcile_at < clock_timestamp()
            ORDER BY reconcile_at LIMIT $1
            """,
            limit,
        )
    return [(row["workspace_id"], row["id"]) for row in rows]
