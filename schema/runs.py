"""Runs: one execution of a play, from discovery to the last message."""

from typing import Any
from uuid import UUID

import strawberry

from domain.runs.rules import DropReason, LeadStage, PauseReason, RunStage, RunState
from resolvers import runs
from resolvers.reading.describe import Order
from schema.connections import Connection
from schema.filters import DateTimeFilter, EnumFilter, IDFilter, conditions
from schema.info import Info
from schema.jobs import Job, JobStatus, job_status
from schema.leads import Lead
from schema.lists import list_of, many
from schema.mutations import Payload, answer
from schema.nodes import Node, column, computed, entity, one, part, read_id
from schema.plays import Play
from schema.reads import object_of
from schema.run_statistics import ProviderUse, RunStatistics
from schema.scalars import BigInt, Credits, DateTime
from schema.sequences import Sequence
from schema.strategy import StrategyProfile
from schema.writes import change_by, change_of


@entity("run_lead", prefix="runl")
class RunLead(Node):
    """A lead in a run, and how far it has come."""

    lead: Lead = one(key="lead_id", target=lambda: Lead, description="The lead.")
    stage: LeadStage = column(description="How far it has come.")
    dropped_reason: DropReason | None = column(description="Why the run let go of it; DROPPED leads only.")
    enriched_at: DateTime | None = column(description="When its enrichment was done.")
    drafted_at: DateTime | None = column(description="When its first message was ready for review.")
    updated_at: DateTime = column(description="When it moved last.")


@conditions(RunLead, sort=("updated_at", "enriched_at", "drafted_at"))
class RunLeadWhere:
    """Which leads of a run."""

    stage: EnumFilter[LeadStage] | None = None
    dropped_reason: EnumFilter[DropReason] | None = None


async def _progress(root: Any, info: Info) -> float | None:
    leads = (await info.context.loader(runs.load_statistics).load(root["id"])).leads
    closed = leads.get(LeadStage.DONE, 0) + leads.get(LeadStage.DROPPED, 0)
    return closed / total if (total := sum(leads.values())) else None


@entity("run", prefix="run")
class Run(Job):
    """One execution of a play, with the versions and choices it was launched with."""

    play: Play = one(key="play_id", target=lambda: Play, description="The play.")
    profile: StrategyProfile = one(
        key="profile_id",
        target=lambda: StrategyProfile,
        description="The version its drafts are written from.",
    )
    sequence: Sequence = one(
        key="sequence_id", target=lambda: Sequence, description="The version its leads are enrolled in."
    )
    status: RunState = column(description="Whether it goes on.")
    job_status: JobStatus = job_status(
        RunState,
        queued="QUEUED",
        running="RUNNING CANCELLING",
        paused="PAUSED",
        done="COMPLETED",
        failed="FAILED",
        cancelled="CANCELLED",
    )
    progress: float | None = computed(
        needs=("id", "status"),
        description="How many of the leads it took up are closed, 0 to 1; null before the first.",
    )(_progress)
    error: str | None = column(
        "t.failure", description="Why it failed: a code, a colon, and words for people."
    )
    pause_reason: PauseReason | None = column(description="Why it is paused.")
    failure: str | None = column(description="Why it failed: a code, a colon, and words for people.")
    enrichment_plan: list[str] = column(description="Enrichment sources in the order they are asked.")
    budget_credits: Credits = column(description="Credits after which it pauses.")
    max_leads: int = column(description="Leads after which it looks no further.")
    inputs_hash: str = column(description="SHA-256 of everything it began with.")
    seed: BigInt = column(description="Decides which lead gets which wording.")
    created_at: DateTime = column(description="When it was launched.")
    started_at: DateTime | None = column(description="When it began.")
    discovered_at: DateTime | None = column(description="When its search for leads came to the end.")
    finished_at: DateTime | None = column(description="When it ended.")
    is_retryable: bool = column(description="Whether it has failed in a way that `runResume` may mend.")
    leads: Connection[RunLead] = many(
        key="run_id", target=lambda: RunLead, description="Its leads, in the order they were taken up."
    )

    @computed(description="Where it is seen to be; absent when nothing of it is open.")
    async def stage(self, info: Info) -> RunStage | None:
        """Derive it from the leads."""
        row: Any = self
        return (await info.context.loader(runs.load_statistics).load(row["id"])).stage

    @part(
        target=lambda: RunStatistics,
        description="What has become of its leads, messages and credits so far.",
    )
    async def statistics(self, info: Info) -> RunStatistics:
        """Count them."""
        row: Any = self
        counted: Any = await info.context.loader(runs.load_statistics).load(row["id"])
        return RunStatistics.of(counted, run_id=row["id"])

    @computed(description="What it has asked of each enrichment source, and for how many credits.")
    async def provider_use(self, info: Info) -> list[ProviderUse]:
        """Count the calls."""
        row: Any = self
        used: Any = await info.context.loader(runs.load_providers).load(row["id"])
        return used


@conditions(Run, sort=("created_at", "started_at", "finished_at"))
class RunWhere:
    """Which runs."""

    status: EnumFilter[RunState] | None = None
    pause_reason: EnumFilter[PauseReason] | None = None
    created_at: DateTimeFilter | None = None
    play_id: IDFilter | None = None
    started_at: DateTimeFilter | None = None
    finished_at: DateTimeFilter | None = None


@strawberry.input(description="Which play to launch.")
class PlayLaunchInput:
    """Arguments of `playLaunch`."""

    id: strawberry.ID = strawberry.field(description="The play.")
    idempotency_key: str | None = strawberry.field(
        default=None, description="Launches once; required, here or as the header `Idempotency-Key`."
    )


@strawberry.input(description="Which run to resume.")
class RunResumeInput:
    """Arguments of `runResume`."""

    id: strawberry.ID = strawberry.field(description="The run.")
    budget_credits: Credits | None = strawberry.field(
        default=None, description="A higher budget, for a run that has used up its own."
    )


@strawberry.type(description="The answer of run mutations.")
class RunPayload(Payload):
    """A run after a change."""

    run: Run | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type
class RunsQuery:
    """Root fields about runs."""

    runs = list_of(
        Run,
        order=(Order("created_at", descending=True),),
        description="The workspace's runs, newest first.",
    )

    run = object_of(Run, description="One run; null when it is absent.")


@strawberry.type
class RunsMutation:
    """Root fields that launch and control runs."""

    @strawberry.mutation(description="Launch a play: freeze what it is now into a run, and queue it.")
    async def play_launch(self, info: Info, input: PlayLaunchInput) -> RunPayload:
        """Launch it."""

        async def use_case() -> UUID:
            return await runs.launch_run(
                info.context,
                play_id=read_id(input.id, Play),
                idempotency_key=input.idempotency_key,
                arguments={"id": input.id},
            )

        return await answer(info, RunPayload, use_case())

    run_pause = change_of(
        Run,
        RunPayload,
        runs.pause_run,
        description="Pause a run; what a mail server has in its hands is finished.",
    )

    run_resume = change_by(
        RunResumeInput,
        Run,
        RunPayload,
        runs.resume_run,
        description="Let a run go on where it was paused, or where it failed if it is retryable.",
    )

    run_cancel = change_of(
        Run,
        RunPayload,
        runs.cancel_run,
        description="Cancel a run for good; it is CANCELLING until the last lead is let go.",
    )
