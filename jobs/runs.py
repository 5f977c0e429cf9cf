"""Background work of runs: find leads, enrich them, have them drafted, and bring the run to its end."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from domain.errors import DomainError, ProviderUnavailable
from domain.runs.discovery import discover_page
from domain.runs.drafting import draft_batch, give_up_drafting
from domain.runs.ending import continue_run, finish_run, let_go_page
from domain.runs.enriching import enrich_batch, give_up_enriching
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
from jobs.registry import Again, JobContext, job

PROVIDER_WAIT_S: Final = 60.0
"""An outage of a provider is waited for as long as it lasts; a run is patient, and can be cancelled."""

SETTLE: Final = timedelta(seconds=2)


@job(StartRun)
async def start_run(context: JobContext, task: StartRun) -> None:
    """Begin the run."""
    await start(actor=context.actor, run_id=task.run_id, now=context.now())


@job(DiscoverLeads, timeout_s=1800)
async def discover_leads(context: JobContext, task: DiscoverLeads) -> None:
    """Take up leads until there are no more; each page is kept whatever happens then."""
    more = True
    while more:
        more = await discover_page(
            actor=context.actor,
            run_id=task.run_id,
            identity_key=context.ports.identity_key,
            now=context.now(),
        )


@job(EnrichRunLeads, timeout_s=900)
async def enrich_run_leads(context: JobContext, task: EnrichRunLeads) -> None:
    """Enrich the batch; after the last failed try let go of the leads that are left."""

    async def give_up() -> None:
        await give_up_enriching(
            actor=context.actor, run_id=task.run_id, batch=task.batch, clock=context.clock
        )

    await _patiently(
        context,
        enrich_batch(
            ports=context.ports,
            actor=context.actor,
            run_id=task.run_id,
            batch=task.batch,
            clock=context.clock,
        ),
        give_up=give_up,
    )


@job(DraftRunLeads, timeout_s=1800)
async def draft_run_leads(context: JobContext, task: DraftRunLeads) -> None:
    """Draft the batch; after the last failed try let go of the leads that are left."""

    async def give_up() -> None:
        await give_up_drafting(actor=context.actor, run_id=task.run_id, batch=task.batch, clock=context.clock)

    await _patiently(
        context,
        draft_batch(
            ports=context.ports,
            actor=context.actor,
            run_id=task.run_id,
            batch=task.batch,
            clock=context.clock,
        ),
        give_up=give_up,
    )


@job(ContinueRun)
async def continue_after_pause(context: JobContext, task: ContinueRun) -> None:
    """Go on, when the work from before the pause has come to its end."""
    if not await continue_run(actor=context.actor, run_id=task.run_id, now=context.now()):
        raise Again(context.now() + SETTLE)


@job(LetGoOfLeads, timeout_s=900)
async def let_go_of_leads(context: JobContext, task: LetGoOfLeads) -> None:
    """Stop what a cancelled run has begun."""
    while await let_go_page(actor=context.actor, run_id=task.run_id, now=context.now()):
        pass


@job(EndRun)
async def end_run(context: JobContext, task: EndRun) -> None:
    """End the run if nothing is left."""
    await finish_run(actor=context.actor, run_id=task.run_id, now=context.now())


async def _patiently(
    context: JobContext, work: Awaitable[None], *, give_up: Callable[[], Awaitable[None]]
) -> None:
    """Wait out a provider's outage; on the last try that fails for a fault of ours, give up the leads."""
    try:
        await work
    except ProviderUnavailable as error:
        wait_s = error.retry_after_s or PROVIDER_WAIT_S
        raise Again(context.now() + timedelta(seconds=wait_s)) from error
    except DomainError:
        raise
    except Exception:
        if context.is_last_try:
            await give_up()
        raise
