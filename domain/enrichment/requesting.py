"""Requests to enrich leads by hand: worked through in the background, company by company."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import orjson

from domain import tenancy
from domain.actor import Actor, require
from domain.credits.rules import InsufficientCredits
from domain.enrichment import queries
from domain.enrichment.events import EnrichmentProgressed, EnrichmentRequested
from domain.enrichment.rules.calls import EnrichmentOutcome
from domain.enrichment.service import enrich_lead, find_source
from domain.enrichment.tasks import EnrichLeads
from domain.errors import Invalid, NotFound
from domain.idempotency import Idempotency
from domain.ids import new_id
from domain.ports import Ports
from domain.work import Work, unit_of_work
from domain.workspaces.rules import Permission

LEADS_MAX: Final = 250
GIVEN_UP: Final = (
    "leads with the outcome FAILED could not be enriched, for a fault of ours; ask for them anew"
)


async def request_enrichment(
    *,
    ports: Ports,
    actor: Actor,
    lead_ids: Sequence[UUID],
    plan: Sequence[str] | None,
    now: datetime,
    idempotency: Idempotency | None = None,
) -> UUID:
    """Ask for leads to be enriched; one task per company does it.

    Args:
        lead_ids: 1 to 250; repeated ones count once.
        plan: names of sources in the order they are asked; None takes all the installation has.

    Returns:
        The request's id.

    Raises:
        Invalid: none or too many leads, or an unknown source.
        NotFound: one of the leads isn't there.
    """
    require(actor, Permission.WRITE_LEADS)
    wanted = list(dict.fromkeys(lead_ids))
    if not 1 <= len(wanted) <= LEADS_MAX:
        raise Invalid(f"from 1 to {LEADS_MAX} leads", field=("input", "leadIds"))
    names = [find_source(ports, name).name for name in (ports.sources if plan is None else plan)]
    async with unit_of_work(actor, now=now, idempotency=idempotency) as work:
        companies = await queries.companies_of(work.connection, lead_ids=wanted)
        if len(companies) < len(wanted):
            raise NotFound("not all of these leads are there", field=("input", "leadIds"))
        request_id = new_id()
        await work.connection.execute(
            """
            INSERT INTO enrichment_request (id, workspace_id, plan, lead_ids, requested_by)
            VALUES ($1, $2, $3, $4, $5)
            """,
            request_id,
            work.workspace_id,
            names,
            wanted,
            actor.user_id,
        )
        for group in _by_company(companies):
            await work.enqueue(EnrichLeads(request_id=request_id, lead_ids=group))
        work.emit(EnrichmentRequested(subject_id=request_id, leads=len(wanted)))
        work.audit(
            "enrichment.request", target_kind="enrichment_request", target_id=request_id, leads=len(wanted)
        )
        work.answer(request_id)
    return request_id


async def enrich_requested(
    *,
    ports: Ports,
    actor: Actor,
    request_id: UUID,
    lead_ids: Sequence[UUID],
    clock: Callable[[], datetime],
) -> None:
    """Enrich leads of a request that aren't done yet; when credits run out, the request stops and says so.

    Raises:
        ProviderUnavailable: trying again later is right.
    """
    async with tenancy.reading(actor.workspace_id) as connection:
        request = await connection.fetchrow(
            "SELECT plan, outcomes, status FROM enrichment_request WHERE workspace_id = $1 AND id = $2",
            actor.workspace_id,
            request_id,
        )
    if request is None or request["status"] == "STOPPED":
        return
    for lead_id in lead_ids:
        if str(lead_id) in request["outcomes"]:
            continue
        try:
            enriched = await enrich_lead(
                ports=ports, actor=actor, lead_id=lead_id, run_id=None, plan=request["plan"], clock=clock
            )
        except InsufficientCredits as error:
            await _stop(actor, request_id, reason=f"{error.code}: {error.message}", now=clock())
            return
        async with unit_of_work(actor, now=clock()) as work:
            await _record(work, request_id, {str(lead_id): enriched.outcome.value})


async def give_up_leads(work: Work, *, request_id: UUID, lead_ids: Sequence[UUID]) -> None:
    """Record as FAILED which of these leads aren't done, because their task is parked; the others go on."""
    await _record(
        work, request_id, dict.fromkeys(map(str, lead_ids), EnrichmentOutcome.FAILED.value), error=GIVEN_UP
    )


async def _record(
    work: Work, request_id: UUID, outcomes: dict[str, str], *, error: str | None = None
) -> None:
    """Write leads' outcomes, unless they have one; the request is done with its last one."""
    row = await work.connection.fetchrow(
        """
        UPDATE enrichment_request r SET outcomes = new.outcomes, started_at = coalesce(r.started_at, $4),
            status = CASE WHEN r.status = 'STOPPED' THEN 'STOPPED' WHEN new.is_done THEN 'DONE' ELSE 'RUNNING' END,
            finished_at = CASE WHEN new.is_done THEN $4 ELSE r.finished_at END,
            error = coalesce(r.error, $5)
        FROM (SELECT id, $3::jsonb || outcomes AS outcomes,
                     (SELECT count(*) FROM jsonb_object_keys($3::jsonb || outcomes)) AS done,
                     (SELECT count(*) FROM jsonb_object_keys($3::jsonb || outcomes))
                         = cardinality(lead_ids) AS is_done
              FROM enrichment_request WHERE workspace_id = $1 AND id = $2 FOR UPDATE) AS new
        WHERE r.workspace_id = $1 AND r.id = new.id RETURNING r.status, new.done
        """,
        work.workspace_id,
        request_id,
        orjson.dumps(outcomes).decode(),
        work.now,
        error,
    )
    if row is not None:
        work.emit(EnrichmentProgressed(subject_id=request_id, status=row["status"], done=row["done"]))


async def _stop(actor: Actor, request_id: UUID, *, reason: str, now: datetime) -> None:
    async with unit_of_work(actor, now=now) as work:
        row = await work.connection.fetchrow(
            """
            UPDATE enrichment_request SET status = 'STOPPED', error = $3, finished_at = $4
            WHERE workspace_id = $1 AND id = $2 AND status <> 'STOPPED'
            RETURNING (SELECT count(*) FROM jsonb_object_keys(outcomes)) AS done
            """,
            work.workspace_id,
            request_id,
            reason,
            now,
        )
        if row is not None:
            work.emit(EnrichmentProgressed(subject_id=request_id, status="STOPPED", done=row["done"]))


def _by_company(companies: dict[UUID, UUID | None]) -> list[tuple[UUID, ...]]:
    groups: dict[UUID, list[UUID]] = {}
    for lead_id, company_id in companies.items():
        groups.setdefault(company_id or lead_id, []).append(lead_id)
    return [tuple(group) for group in groups.values()]
