"""Background work of enrichment."""

from collections.abc import Callable
from datetime import datetime

from domain.enrichment.caching import give_up_lost_calls
from domain.enrichment.requesting import enrich_requested, give_up_leads
from domain.enrichment.service import enrich_lead
from domain.enrichment.tasks import EnrichLeads, JudgeAddress, WithdrawProviderData
from domain.enrichment.withdrawing import withdraw_provider
from domain.work import Work
from jobs.registry import JobContext, job

SWEEP_EVERY_S = 30.0


async def tell_leads_failed(work: Work, task: EnrichLeads, _reason: str) -> None:
    """Say so where the request is shown."""
    await give_up_leads(work, request_id=task.request_id, lead_ids=task.lead_ids)


@job(EnrichLeads, max_tries=6, timeout_s=3600, when_parked=tell_leads_failed)
async def enrich_leads(context: JobContext, task: EnrichLeads) -> None:
    """Enrich the leads of a request at one company; done ones are passed over."""
    await enrich_requested(
        ports=context.ports,
        actor=context.actor,
        request_id=task.request_id,
        lead_ids=task.lead_ids,
        clock=context.clock,
    )


@job(JudgeAddress, max_tries=6, timeout_s=120)
async def judge_address(context: JobContext, task: JudgeAddress) -> None:
    """Ask for a fresh verdict; one that is still good costs nothing."""
    await enrich_lead(
        ports=context.ports,
        actor=context.actor,
        lead_id=task.lead_id,
        run_id=task.run_id,
        plan=(),
        clock=context.clock,
    )


@job(WithdrawProviderData, max_tries=6, timeout_s=3600)
async def withdraw_provider_data(context: JobContext, task: WithdrawProviderData) -> None:
    """Erase what a provider has given."""
    await withdraw_provider(actor=context.actor, provider=task.provider, clock=context.clock)


async def sweep_lost_calls(clock: Callable[[], datetime]) -> None:
    """Give up the calls of workers that died."""
    await give_up_lost_calls(now=clock())
