"""What background work needs to know about a run, inside an open scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from domain.errors import NotFound
from domain.leads.queries import recipient_of
from domain.runs.rules import DropReason, LeadStage, RunState, unfit_for
from domain.suppression.queries import matching
from domain.work import Work

if TYPE_CHECKING:
    from domain.tenancy import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInputs:
    """A run as it was launched, and how it stands.

    Attributes:
        goes_on: neither it nor its play is paused, and it hasn't ended.
    """

    id: UUID
    play_id: UUID
    sequence_id: UUID
    source: dict[str, Any]
    enrichment_plan: tuple[str, ...]
    budget_credits: int
    max_leads: int
    taken_leads: int
    batches: int
    discovery_cursor: UUID | None
    is_discovered: bool
    status: RunState
    is_retryable: bool
    goes_on: bool

    @classmethod
    def of(cls, row: Any) -> Self:
        """Build it from a row of ``_INPUTS``."""
        return cls(
            **{
                **dict(row),
                "enrichment_plan": tuple(row["enrichment_plan"]),
                "status": RunState(row["status"]),
            }
        )


async def get_inputs(connection: "Connection", *, run_id: UUID) -> RunInputs:
    """Return a run; raises NotFound."""
    return _found(await connection.fetchrow(_INPUTS, run_id))


async def lock_inputs(connection: "Connection", *, run_id: UUID) -> RunInputs:
    """Return a run whose row nobody else changes until this transaction ends; raises NotFound."""
    return _found(await connection.fetchrow(_LOCKED_INPUTS, run_id))


async def goes_on(connection: "Connection", *, run_id: UUID, hold: bool = False) -> bool:
    """Tell whether a run's work may go on.

    Args:
        hold: keep it so until this transaction ends, so that nothing is begun behind a cancellation's back.
    """
    return bool(await connection.fetchval(_HELD_GOES_ON if hold else _GOES_ON, run_id))


async def list_batch(
    connection: "Connection", *, run_id: UUID, batch: int, stages: Sequence[LeadStage]
) -> list[UUID]:
    """Return the leads of a batch that are at one of these stages, oldest first."""
    rows = await connection.fetch(
        """
        SELECT lead_id FROM run_lead
        WHERE workspace_id = current_setting('app.workspace_id')::uuid
          AND run_id = $1 AND batch = $2 AND stage = ANY ($3)
          AND stage NOT IN ('DONE', 'DROPPED') ORDER BY lead_id
        """,
        run_id,
        batch,
        list(stages),
    )
    return [row["lead_id"] for row in rows]


async def list_open_batches(connection: "Connection", *, run_id: UUID) -> list[int]:
    """Return the batches with leads that aren't drafted yet."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT batch FROM run_lead
        WHERE workspace_id = current_setting('app.workspace_id')::uuid AND run_id = $1
          AND stage NOT IN ('DONE', 'DROPPED') AND stage IN ('DISCOVERED', 'ENRICHING', 'DRAFTING')
        ORDER BY batch
        """,
        run_id,
    )
    return [row["batch"] for row in rows]


async def find_unfit(
    work: Work, *, run: RunInputs, lead_ids: Sequence[UUID], identity_key: bytes, address_is_final: bool
) -> dict[DropReason, list[UUID]]:
    """Return the leads that the run has to let go of, by reason; one look-up for all of them.

    Args:
        identity_key: key of the suppression list's hashes.
        address_is_final: no enrichment follows that could still find an address.
    """
    recipients = await recipient_of(work.connection, lead_ids=lead_ids)
    suppressed = await matching(
        work.connection,
        recipients=list(recipients.values()),
        identity_key=identity_key,
        now=work.now,
        play_id=run.play_id,
    )
    rows = await work.connection.fetch(
        """
        SELECT id, status, restricted_at, email, email_status FROM lead WHERE workspace_id = $1 AND id = ANY ($2)
        """,
        work.workspace_id,
        list(lead_ids),
    )
    unfit: dict[DropReason, list[UUID]] = {}
    for row in rows:
        reason = unfit_for(
            status=row["status"],
            is_restricted=row["restricted_at"] is not None,
            is_suppressed=row["id"] in suppressed,
            email=row["email"],
            verdict=row["email_status"],
            address_is_final=address_is_final,
        )
        if reason is not None:
            unfit.setdefault(reason, []).append(row["id"])
    return unfit


def _found(row: Any) -> RunInputs:
    if row is None:
        raise NotFound("no such run", field=("id",))
    return RunInputs.of(row)


_INPUTS = """
    SELECT r.id, r.play_id, r.sequence_id, r.source, r.enrichment_plan, r.budget_credits, r.max_leads, r.taken_leads,
           r.batches, r.discovery_cursor, r.discovered_at IS NOT NULL AS is_discovered, r.status,
           r.is_retryable,
           r.status = 'RUNNING' AND p.status = 'ACTIVE' AS goes_on
    FROM run r JOIN play p ON (p.workspace_id, p.id) = (r.workspace_id, r.play_id)
    WHERE r.workspace_id = current_setting('app.workspace_id')::uuid AND r.id = $1
"""
_LOCKED_INPUTS = _INPUTS + "FOR NO KEY UPDATE OF r"
_GOES_ON = """
    SELECT r.status = 'RUNNING' AND p.status = 'ACTIVE'
    FROM run r JOIN play p ON (p.workspace_id, p.id) = (r.workspace_id, r.play_id)
    WHERE r.workspace_id = current_setting('app.workspace_id')::uuid AND r.id = $1
"""
_HELD_GOES_ON = _GOES_ON + "FOR SHARE OF r"
