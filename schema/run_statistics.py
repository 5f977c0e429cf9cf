"""The counts of a run."""

from typing import Any
from uuid import UUID

import strawberry

from domain.runs import statistics
from domain.runs.rules import DropReason, LeadStage
from domain.sequences.rules import StepKind
from resolvers import runs
from schema.info import Info
from schema.nodes import column, inline, rows
from schema.scalars import Credits


@inline()
@strawberry.type(description="How many leads are at a stage.")
class StageCount:
    """Leads at one stage."""

    stage: LeadStage = column(description="The stage.")
    count: int = column(description="Leads there now.")


_LEADS = "FROM run_lead rl WHERE (rl.workspace_id, rl.run_id) = (t.workspace_id, t.id)"
_STAGES = f"""
SELECT rl.stage, count(*) AS count {_LEADS} GROUP BY rl.stage
ORDER BY array_position(ARRAY[{", ".join(f"'{stage}'" for stage in LeadStage)}], rl.stage)
"""
"""Dashboards ask for these every few seconds: alone, they cost a look at an index instead of the whole funnel."""


@strawberry.type(description="How many leads were let go of for a reason.")
class DropCount:
    """Leads dropped for one reason."""

    reason: DropReason = strawberry.field(description="The reason.")
    count: int = strawberry.field(description="Leads.")


@strawberry.type(description="What became of one step's messages in a run.")
class RunStepStatistics:
    """Counts of one step."""

    position: int = strawberry.field(description="Its place in the sequence, from 1.")
    kind: StepKind = strawberry.field(description="What it does.")
    drafted: int = strawberry.field(description="Messages drafted.")
    waiting: int = strawberry.field(description="Of them, those that wait for a decision or their time.")
    sent: int = strawberry.field(description="Messages that have left, with those whose arrival is unknown.")
    replied: int = strawberry.field(description="Messages that were answered.")
    bounced: int = strawberry.field(description="Messages that came back.")
    opted_out: int = strawberry.field(description="People who opted out after this step.")


@strawberry.type(description="What a run has asked of one enrichment source.")
class ProviderUse:
    """Calls of one source."""

    provider: str = strawberry.field(description="The source's name.")
    calls: int = strawberry.field(description="Questions, with those answered from memory.")
    cache_hits: int = strawberry.field(description="Questions answered from memory, for nothing.")
    credits: Credits = strawberry.field(description="What they cost.")


@inline("run")
@strawberry.type(
    description="Counts of a run. Each lead counts once per line, and one that came further counts on."
)
class RunStatistics:
    """A run in numbers."""

    run_id: strawberry.Private[UUID]
    discovered: int = column(
        f"(SELECT count(*) {_LEADS})", description="Leads taken up, with those dropped since."
    )
    enriched: int = strawberry.field(description="Leads whose enrichment is done.")
    drafted: int = strawberry.field(description="Leads with a message for review.")
    approved: int = strawberry.field(description="Leads with an approved message.")
    scheduled: int = strawberry.field(description="Leads with a message that was queued for sending.")
    sent: int = strawberry.field(description="Leads who were written to.")
    replied: int = strawberry.field(description="Leads who answered.")
    bounced: int = strawberry.field(description="Leads whose mail came back.")
    opted_out: int = strawberry.field(description="Leads who opted out.")
    credits_spent: Credits = strawberry.field(description="Credits paid.")
    credits_held: Credits = strawberry.field(description="Credits set aside for what is under way.")
    stages: list[StageCount] = rows(
        _STAGES, target=lambda: StageCount, description="Leads by stage, in order; empty stages left out."
    )
    dropped: list[DropCount] = strawberry.field(description="Leads let go of, by reason.")

    @strawberry.field(description="Each step of its sequence.")
    async def steps(self, info: Info) -> list[RunStepStatistics]:
        """Count the steps."""
        counted: Any = await info.context.loader(runs.load_steps).load(self.run_id)
        return counted

    @classmethod
    def of(cls, counted: statistics.RunStatistics, *, run_id: UUID) -> "RunStatistics":
        """Build it from the domain's counts."""
        stages = [
            StageCount(stage=stage, count=counted.leads[stage])
            for stage in LeadStage
            if stage in counted.leads
        ]
        dropped = [
            DropCount(reason=DropReason(reason), count=count)
            for reason, count in sorted(counted.dropped.items())
        ]
        names = ("enriched", "drafted", "approved", "scheduled", "sent", "replied", "bounced", "opted_out")
        return cls(
            run_id=run_id,
            discovered=counted.discovered,
            stages=stages,
            dropped=dropped,
            credits_spent=Credits(counted.credits_spent),
            credits_held=Credits(counted.credits_held),
            **{name: getattr(counted, name) for name in names},
        )
