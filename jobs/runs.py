"""Background work of runs: find leads, enrich them, have them drafted, and bring the run to its end."""

from collections.abc import Awaitable
from datetime import timedelta
from typing import Final

from domain.errors import DomainError, ProviderUnavailable
from domain.runs.discovery import discover_page
from domain.runs.drafting import draft_batch, give_up_drafting
from domain.runs.ending import continue_run, finish_run, let_go_page
from domain.runs.enriching import enrich_batch, give_up_enriching
from domain.runs.failing import RunFailure, fail_run
from domain.runs.service import start_run as start
from domain.runs.tasks import (
    ContinueRun,
    DiscoverLeads,
    DraftRunLeads,
    EndRun,
    EnrichRunLeads,
    LetGoOfLeads,
    StartRun,
)
from domain.work import Work, unit_of_work
from jobs.registry import Again, JobContext, WhenParked, job

PROVIDER_WAIT_S: Final = 60.0
"""An outage of a provider is waited for as long as it lasts; a run is patient, and can be cancelled."""

SETTLE: Final = timedelta(seconds=2)


Indispensable = StartRun | DiscoverLeads | ContinueRun | LetGoOfLeads | EndRun
"""Tasks without which a run can't go on."""


def failing(failure: RunFailure) -> WhenParked[Indispensable]:
    """Return what makes a run FAILED when one of these tasks is parked."""

    async def fail(work: Work, task: Indispensable, _reason: str) -> None:
        await fail_run(work, run_id=task.run_id, failure=failure)

    return fail


async def drop_unenriched(work: Work, task: EnrichRunLeads, _reason: str) -> None:
    """Let go of what of the batch can't be enriched; the run goes on without."""
    await give_up_enriching(work, run_id=task.run_id, batch=task.batch)


async def drop_undrafted(work: Work, task: DraftRunLeads, _reason: str) -> None:
    """Let go of what of the batch can't be drafted; the run goes on without."""
    await give_up_drafting(work, run_id=task.run_id, batch=task.batch)


@job(StartRun, when_parked=failing(RunFailure.START))
async def start_run(context: JobContext, task: StartRun) -> None:
    """Begin the run."""
    await start(actor=context.actor, run_id=task.run_id, now=context.now())


@job(DiscoverLeads, timeout_s=1800, when_parked=failing(RunFailure.DISCOVERY))
async def discover_leads(context: JobContext, task: DiscoverLeads) -> None:
    """Take up leads until there are no more; each page is kept whatever happens then."""
    more = True
    try:
        while more:
            more = await discover_page(
                actor=context.actor,
                run_id=task.run_id,
                identity_key=context.ports.identity_key,
                now=context.now(),
            )
    except ProviderUnavailable:
        raise
    except DomainError:  # trying again wouldn't change it
        async with unit_of_work(context.actor, now=context.now()) as work:
            await fail_run(work, run_id=task.run_id, failure=RunFailure.SOURCE)
        raise


@job(EnrichRunLeads, timeout_s=900, when_parked=drop_unenriched)
async def enrich_run_leads(context: JobContext, task: EnrichRunLeads) -> None:
    """Enrich the batch."""
    await _patiently(
        context,
        enrich_batch(
            ports=context.ports,
            actor=context.actor,
            run_id=task.run_id,
            batch=task.batch,
            clock=context.clock,
        ),
    )


@job(DraftRunLeads, timeout_s=1800, when_parked=drop_undrafted)
async def draft_run_leads(context: JobContext, task: DraftRunLeads) -> None:
    """Draft the batch."""
    await _patiently(
        context,
        draft_batch(
            ports=context.ports,
            actor=context.actor,
            run_id=task.run_id,
            batch=task.batch,
            clock=context.clock,
        ),
    )


@job(ContinueRun, when_parked=failing(RunFailure.CONTINUATION))
async def continue_after_pause(context: JobContext, task: ContinueRun) -> None:
    """Go on, when the work from before the pause has come to its end."""
    if not await continue_run(actor=context.actor, run_id=task.run_id, now=context.now()):
        raise Again(context.now() + SETTLE)


@job(LetGoOfLeads, timeout_s=900, when_parked=failing(RunFailure.CANCELLATION))
async def let_go_of_leads(context: JobContext, task: LetGoOfLeads) -> None:
    """Stop what a cancelled run has begun."""
    while await let_go_page(actor=context.actor, run_id=task.run_id, now=context.now()):
        pass


async def fail_to_end(work: Work, task: EndRun, _reason: str) -> None:
    """Say so, whichever end it was."""
    for failure in (RunFailure.END, RunFailure.CANCELLATION):
        await fail_run(work, run_id=task.run_id, failure=failure)


@job(EndRun, when_parked=fail_to_end)
async def end_run(context: JobContext, task: EndRun) -> None:
    """End the run if nothing is left."""
    await finish_run(actor=context.actor, run_id=task.run_id, now=context.now())


async def _patiently(context: JobContext, work: Awaitable[None]) -> None:
    """Wait out a provider's outage, however long it lasts."""
    try:
        await work
    except ProviderUnavailable as error:
        wait_s = error.retry_after_s or PROVIDER_WAIT_S
        raise Again(context.now() + timedelta(seconds=wait_s)) from error
