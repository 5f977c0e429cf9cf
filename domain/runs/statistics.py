"""What has become of a run's leads and messages, counted when it is asked for."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from domain.runs.rules import LeadStage, RunProgress, RunStage, RunState, derive_stage

if TYPE_CHECKING:
    from domain.tenancy import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStatistics:
    """Counts of one run.

    Attributes:
        leads: by stage, only stages with leads.
        dropped: by reason.
        stage: where the run is seen to be; None when nothing of it is open.
        enriched, drafted, approved, scheduled, sent, replied, bounced, opted_out: leads that have come so far;
            each lead counts once, and those that came further count on.
        credits_spent, credits_held: of the run.
    """

    leads: Mapping[LeadStage, int]
    dropped: Mapping[str, int]
    stage: RunStage | None
    enriched: int
    drafted: int
    approved: int
    scheduled: int
    sent: int
    replied: int
    bounced: int
    opted_out: int
    credits_spent: int
    credits_held: int

    @property
    def discovered(self) -> int:
        """Leads that were taken up, with those that were dropped since."""
        return sum(self.leads.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStatistics:
    """Counts of one step of a run's sequence; ``waiting`` are drafted messages that haven't left."""

    position: int
    kind: str
    drafted: int
    waiting: int
    sent: int
    replied: int
    bounced: int
    opted_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderUse:
    """What a run has asked of one enrichment source."""

    provider: str
    calls: int
    cache_hits: int
    credits: int


async def statistics_of(connection: "Connection", *, run_ids: Sequence[UUID]) -> dict[UUID, RunStatistics]:
    """Return the counts of runs, inside an open scope; absent runs are left out."""
    ids = list(run_ids)
    stages: dict[UUID, dict[LeadStage, int]] = defaultdict(dict)
    dropped: dict[UUID, dict[str, int]] = defaultdict(dict)
    for row in await connection.fetch(_STAGES, ids):
        leads = stages[row["run_id"]]
        stage = LeadStage(row["stage"])
        leads[stage] = leads.get(stage, 0) + row["count"]
        if row["dropped_reason"]:
            dropped[row["run_id"]][row["dropped_reason"]] = row["count"]
    rows = await connection.fetch(_FUNNEL, ids)
    return {row["id"]: _statistics(row, stages[row["id"]], dropped[row["id"]]) for row in rows}


async def steps_of(connection: "Connection", *, run_ids: Sequence[UUID]) -> dict[UUID, list[StepStatistics]]:
    """Return the counts of each step of runs, by position."""
    found: dict[UUID, list[StepStatistics]] = defaultdict(list)
    for row in await connection.fetch(_STEPS, list(run_ids)):
        values = dict(row)
        found[values.pop("run_id")].append(StepStatistics(**values))
    return found


async def providers_of(connection: "Connection", *, run_ids: Sequence[UUID]) -> dict[UUID, list[ProviderUse]]:
    """Return what runs have asked of enrichment sources, by name."""
    found: dict[UUID, list[ProviderUse]] = defaultdict(list)
    for row in await connection.fetch(_PROVIDERS, list(run_ids)):
        values = dict(row)
        found[values.pop("run_id")].append(ProviderUse(**values))
    return found


def _statistics(row: Any, leads: dict[LeadStage, int], dropped: dict[str, int]) -> RunStatistics:
    values = dict(row)
    is_over = RunState(values.pop("status")) in {RunState.COMPLETED, RunState.CANCELLED, RunState.FAILED}
    progress = RunProgress(
        is_discovering=values.pop("is_discovering"),
        leads=leads,
        open_enrollments=values.pop("open_enrollments"),
    )
    values.pop("id")
    return RunStatistics(
        leads=leads, dropped=dropped, stage=None if is_over else derive_stage(progress), **values
    )


_STAGES = """
SELECT run_id, stage, dropped_reason, count(*) FROM run_lead
WHERE workspace_id = current_setting('app.workspace_id')::uuid AND run_id = ANY ($1)
GROUP BY run_id, stage, dropped_reason
"""

_FUNNEL = """
SELECT r.id, r.status, r.discovered_at IS NULL AS is_discovering, leads.*, credits.*, (
    SELECT count(*) FROM enrollment e WHERE (e.workspace_id, e.run_id) = (r.workspace_id, r.id)
       AND e.status IN ('PENDING', 'ACTIVE', 'PAUSED')) AS open_enrollments
FROM run r
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE rl.enriched_at IS NOT NULL) AS enriched,
           count(*) FILTER (WHERE rl.drafted_at IS NOT NULL) AS drafted,
           count(*) FILTER (WHERE mail.approved) AS approved,
           count(*) FILTER (WHERE mail.scheduled) AS scheduled,
           count(*) FILTER (WHERE mail.sent) AS sent,
           count(*) FILTER (WHERE mail.replied) AS replied,
           count(*) FILTER (WHERE mail.bounced) AS bounced,
           count(*) FILTER (WHERE mail.opted_out) AS opted_out
    FROM run_lead rl
    LEFT JOIN LATERAL (
        SELECT bool_or(m.status = 'APPROVED') AS approved, bool_or(d.id IS NOT NULL) AS scheduled,
               bool_or(d.state IN ('SENT', 'UNKNOWN')) AS sent,
               bool_or(d.replied_at IS NOT NULL) OR bool_or(e.status = 'REPLIED') AS replied,
               bool_or(d.bounced_at IS NOT NULL) AS bounced, bool_or(e.status = 'OPTED_OUT') AS opted_out
        FROM enrollment e
        LEFT JOIN message m ON (m.workspace_id, m.enrollment_id) = (e.workspace_id, e.id)
        LEFT JOIN delivery d ON (d.workspace_id, d.message_id) = (m.workspace_id, m.id)
        WHERE (e.workspace_id, e.run_id, e.lead_id) = (rl.workspace_id, rl.run_id, rl.lead_id)
    ) mail ON true
    WHERE (rl.workspace_id, rl.run_id) = (r.workspace_id, r.id)
) leads
CROSS JOIN LATERAL (
    SELECT coalesce(sum(h.settled), 0)::bigint AS credits_spent,
           coalesce(sum(h.amount - h.settled) FILTER (WHERE h.status = 'HELD'), 0)::bigint AS credits_held
    FROM credit_hold h WHERE (h.workspace_id, h.run_id) = (r.workspace_id, r.id)
) credits
WHERE r.workspace_id = current_setting('app.workspace_id')::uuid AND r.id = ANY ($1)
"""

_STEPS = """
SELECT r.id AS run_id, s.position, s.kind,
       count(DISTINCT m.id) AS drafted,
       count(DISTINCT m.id) FILTER (
           WHERE m.status IN ('IN_REVIEW', 'APPROVED') AND (d.state IS NULL OR d.state IN ('SCHEDULED', 'LEASED'))
       ) AS waiting,
       count(d.id) FILTER (WHERE d.state IN ('SENT', 'UNKNOWN')) AS sent,
       count(d.id) FILTER (WHERE d.replied_at IS NOT NULL) AS replied,
       count(d.id) FILTER (WHERE d.bounced_at IS NOT NULL) AS bounced,
       count(DISTINCT e.id) FILTER (WHERE e.status = 'OPTED_OUT' AND e.current_position = s.position) AS opted_out
FROM run r
JOIN sequence_step s ON (s.workspace_id, s.sequence_id) = (r.workspace_id, r.sequence_id)
LEFT JOIN message m ON (m.workspace_id, m.step_id, m.run_id) = (s.workspace_id, s.id, r.id)
LEFT JOIN enrollment e ON (e.workspace_id, e.id) = (m.workspace_id, m.enrollment_id)
LEFT JOIN delivery d ON (d.workspace_id, d.message_id) = (m.workspace_id, m.id)
WHERE r.workspace_id = current_setting('app.workspace_id')::uuid AND r.id = ANY ($1)
GROUP BY r.id, s.position, s.kind ORDER BY r.id, s.position
"""

_PROVIDERS = """
SELECT run_id, provider, count(*) AS calls, count(*) FILTER (WHERE cache_hit) AS cache_hits,
       sum(cost_credits)::bigint AS credits
FROM provider_call
WHERE workspace_id = current_setting('app.workspace_id')::uuid AND run_id = ANY ($1)
GROUP BY run_id, provider ORDER BY run_id, provider
"""
