"""Enrich a batch of a run's leads, then hand it on to drafting.

A run that asks no source still has the addresses judged: without a verdict the send gate would hold every message.
"""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from domain.actor import Actor
from domain.enrichment.queries import companies_of
from domain.enrichment.service import enrich_lead
from domain.errors import Conflict, Invalid, NotFound
from domain.ports import Ports
from domain.runs import queries
from domain.runs.batches import Clock, work_on_each
from domain.runs.progress import move_leads
from domain.runs.queries import RunInputs
from domain.runs.rules import DropReason, LeadStage
from domain.runs.tasks import DraftRunLeads
from domain.work import Work, unit_of_work

_WAITING: Final = (LeadStage.DISCOVERED, LeadStage.ENRICHING)


async def enrich_batch(*, ports: Ports, actor: Actor, run_id: UUID, batch: int, clock: Clock) -> None:
    """Enrich what of a batch isn't yet; safe to repeat, and to leave at any point.

    Raises:
        ProviderUnavailable: trying again later is right.
    """
    run, groups = await _begin(ports, actor, run_id, batch, clock)

    async def enrich(lead_id: UUID) -> None:
        try:
            await enrich_lead(
                ports=ports,
                actor=actor,
                lead_id=lead_id,
                run_id=run_id,
                plan=run.enrichment_plan,
                clock=clock,
            )
        except (NotFound, Invalid, Conflict) as error:
            reason = DropReason.ERASED if isinstance(error, NotFound) else DropReason.ENRICHMENT_FAILED
            await _drop(actor, run_id, [lead_id], reason, clock)
        else:
            await _hand_on(actor, run_id, lead_id, clock)

    await work_on_each(groups, enrich, actor=actor, run_id=run_id, clock=clock)
    async with unit_of_work(actor, now=clock()) as work:
        await _finish(work, run_id, batch)


async def give_up_enriching(work: Work, *, run_id: UUID, batch: int) -> None:
    """Let go of the leads of a batch that can't be enriched for a fault of ours, and draft the others."""
    left = await queries.list_batch(work.connection, run_id=run_id, batch=batch, stages=_WAITING)
    reason = DropReason.ENRICHMENT_FAILED
    await move_leads(work, run_id=run_id, lead_ids=left, target=LeadStage.DROPPED, reason=reason)
    await _finish(work, run_id, batch)


async def _begin(
    ports: Ports, actor: Actor, run_id: UUID, batch: int, clock: Clock
) -> tuple[RunInputs, list[list[UUID]]]:
    """Let go of leads that mustn't be looked into; return those that wait for it, by company."""
    async with unit_of_work(actor, now=clock()) as work:
        run = await queries.get_inputs(work.connection, run_id=run_id)
        if not run.goes_on:
            return run, []
        lead_ids = await queries.list_batch(work.connection, run_id=run_id, batch=batch, stages=_WAITING)
        unfit = await queries.find_unfit(
            work, run=run, lead_ids=lead_ids, identity_key=ports.identity_key, address_is_final=False
        )
        for reason, some in unfit.items():
            await move_leads(work, run_id=run_id, lead_ids=some, target=LeadStage.DROPPED, reason=reason)
        await move_leads(work, run_id=run_id, lead_ids=lead_ids, target=LeadStage.ENRICHING)
        gone = {lead_id for some in unfit.values() for lead_id in some}
        companies = await companies_of(
            work.connection, lead_ids=[lead_id for lead_id in lead_ids if lead_id not in gone]
        )
    return run, _by_company(companies.items())


def _by_company(companies: Iterable[tuple[UUID, UUID | None]]) -> list[list[UUID]]:
    """Group leads by company, so that each company is asked about once and then remembered."""
    groups: dict[UUID, list[UUID]] = {}
    for lead_id, company_id in companies:
        groups.setdefault(company_id or lead_id, []).append(lead_id)
    return list(groups.values())


async def _hand_on(actor: Actor, run_id: UUID, lead_id: UUID, clock: Clock) -> None:
    async with unit_of_work(actor, now=clock()) as work:
        await move_leads(work, run_id=run_id, lead_ids=[lead_id], target=LeadStage.DRAFTING)


async def _drop(actor: Actor, run_id: UUID, lead_ids: list[UUID], reason: DropReason, clock: Clock) -> None:
    async with unit_of_work(actor, now=clock()) as work:
        await move_leads(work, run_id=run_id, lead_ids=lead_ids, target=LeadStage.DROPPED, reason=reason)


async def _finish(work: Work, run_id: UUID, batch: int) -> None:
    """Have the batch drafted once all of it is enriched; what a pause has left is taken up by ``ContinueRun``."""
    waiting = await queries.list_batch(work.connection, run_id=run_id, batch=batch, stages=_WAITING)
    if not waiting and await queries.goes_on(work.connection, run_id=run_id):
        await work.enqueue(DraftRunLeads(run_id=run_id, batch=batch))
