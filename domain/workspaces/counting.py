"""How many rows a workspace has: each statement leaves a delta behind (docs/decisions/0015); here they are folded."""

from uuid import UUID

from domain import tenancy

DELTAS_MAX = 100
"""Adding up so many of one relation costs a reader 7 µs more than one (docs/decisions/0015)."""


async def list_workspaces_to_fold() -> list[UUID]:
    """Return the workspaces with more deltas of a relation than a reader should add up."""
    async with tenancy.looking_across_workspaces() as connection:
        rows = await connection.fetch(
            """
            SELECT DISTINCT workspace_id FROM row_count
            GROUP BY workspace_id, relation HAVING count(*) > $1
            """,
            DELTAS_MAX,
        )
    return [row["workspace_id"] for row in rows]


async def fold(*, workspace_id: UUID) -> None:
    """Put one delta in the place of many; nobody waits for it, and every snapshot's sums stay as they are.

    Safe to repeat and to race: what another fold has taken is left to it.
    """
    async with tenancy.writing(workspace_id) as connection:
        await connection.execute(_FOLD, workspace_id)


_FOLD = """
WITH taken AS (
    DELETE FROM row_count WHERE workspace_id = $1 AND ctid = ANY (ARRAY(
        SELECT ctid FROM row_count WHERE workspace_id = $1 FOR UPDATE SKIP LOCKED
    ))
    RETURNING relation, delta
)
INSERT INTO row_count (workspace_id, relation, delta)
SELECT $1, relation, sum(delta) FROM taken GROUP BY relation HAVING sum(delta) <> 0
"""
