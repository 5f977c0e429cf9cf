"""What a play refers to, and what it still lacks."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from domain.errors import NotFound
from domain.plays.rules import PlayReadiness
from domain.senders.rules import CAN_SEND

if TYPE_CHECKING:
    from domain.tenancy import Connection


async def lock_play(connection: "Connection", *, play_id: UUID) -> dict[str, Any]:
    """Return a play's row with ``sender_ids``, kept from others until the transaction ends; raises NotFound."""
    row = await connection.fetchrow(
        """
        SELECT p.*, ARRAY(SELECT s.sender_id FROM play_sender s
                          WHERE s.workspace_id = p.workspace_id AND s.play_id = p.id ORDER BY s.sender_id) AS sender_ids
        FROM play p WHERE p.workspace_id = current_setting('app.workspace_id')::uuid AND p.id = $1 FOR UPDATE OF p
        """,
        play_id,
    )
    if row is None:
        raise NotFound("no such play", field=("id",))
    return dict(row)


async def find_active_profile(connection: "Connection", *, profile_id: UUID) -> UUID | None:
    """Return the active version of the profile that ``profile_id`` is a version of."""
    found: UUID | None = await connection.fetchval(
        """
        SELECT v.id FROM strategy_profile t JOIN strategy_profile v USING (workspace_id, lineage_id)
        WHERE t.workspace_id = current_setting('app.workspace_id')::uuid AND t.id = $1 AND v.status = 'ACTIVE'
        ORDER BY v.number DESC LIMIT 1
        """,
        profile_id,
    )
    return found


async def find_active_sequence(connection: "Connection", *, sequence_id: UUID) -> UUID | None:
    """Return the active version, with at least one e-mail step, of the sequence ``sequence_id`` is a version of."""
    found: UUID | None = await connection.fetchval(
        """
        SELECT v.id FROM sequence t JOIN sequence v USING (workspace_id, lineage_id)
        WHERE t.workspace_id = current_setting('app.workspace_id')::uuid AND t.id = $1 AND v.status = 'ACTIVE'
          AND EXISTS (SELECT 1 FROM sequence_step s
                      WHERE s.workspace_id = v.workspace_id AND s.sequence_id = v.id AND s.kind = 'EMAIL')
        ORDER BY v.number DESC LIMIT 1
        """,
        sequence_id,
    )
    return found


async def readiness_of(connection: "Connection", *, play_ids: Sequence[UUID]) -> dict[UUID, PlayReadiness]:
    """Return what each play has of the things it needs before it can run."""
    rows = await connection.fetch(
        """
        SELECT p.id,
          EXISTS (SELECT 1 FROM strategy_profile t JOIN strategy_profile v USING (workspace_id, lineage_id)
                  WHERE t.workspace_id = p.workspace_id AND t.id = p.profile_id AND v.status = 'ACTIVE') AS profile,
          EXISTS (SELECT 1 FROM sequence t JOIN sequence v USING (workspace_id, lineage_id)
                  JOIN sequence_step s ON s.workspace_id = v.workspace_id AND s.sequence_id = v.id
                  WHERE t.workspace_id = p.workspace_id AND t.id = p.sequence_id
                    AND v.status = 'ACTIVE' AND s.kind = 'EMAIL') AS sequence,
          EXISTS (SELECT 1 FROM play_sender ps JOIN sender s ON s.workspace_id = ps.workspace_id AND s.id = ps.sender_id
                  WHERE ps.workspace_id = p.workspace_id AND ps.play_id = p.id AND s.status = ANY ($2)) AS sender,
          p.source ->> 'import_job_id' IS NULL
            OR EXISTS (SELECT 1 FROM import_job j WHERE j.workspace_id = p.workspace_id
                       AND j.id = (p.source ->> 'import_job_id')::uuid AND j.status = 'DONE') AS source,
          EXISTS (SELECT 1 FROM workspace w WHERE w.id = p.workspace_id AND w.postal_address <> '') AS address
        FROM play p WHERE p.workspace_id = current_setting('app.workspace_id')::uuid AND p.id = ANY ($1)
        """,
        list(play_ids),
        sorted(CAN_SEND),
    )
    return {
        row["id"]: PlayReadiness(
            has_active_profile=row["profile"],
            has_approved_sequence=row["sequence"],
            has_usable_sender=row["sender"],
            has_source=row["source"],
            has_postal_address=row["address"],
        )
        for row in rows
    }


async def count_open_runs(connection: "Connection", *, play_id: UUID) -> int:
    """Return how many runs of a play haven't ended; one that failed and may be resumed hasn't."""
    count: int = await connection.fetchval(
        """
        SELECT count(*) FROM run
        WHERE workspace_id = current_setting('app.workspace_id')::uuid AND play_id = $1
          AND (status IN ('QUEUED', 'RUNNING', 'PAUSED', 'CANCELLING') OR is_retryable)
        """,
        play_id,
    )
    return count
