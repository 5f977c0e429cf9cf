"""Enrichment of leads: sources in the plan's order until enough is known, then the e-mail verdict.

Everything may be repeated: answers are remembered, facts only become fresher, nothing is paid twice.
"""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain import tenancy
from domain.actor import Actor, require
from domain.credits.rules import CREDITS_MAX
from domain.enrichment import queries
from domain.enrichment.asking import Enquiry, ask_source
from domain.enrichment.events import LeadEnriched
from domain.enrichment.ports import EnrichmentSource
from domain.enrichment.rules.calls import CallStatus, EnrichmentOutcome, SkipReason, outcome_of
from domain.enrichment.rules.facts import Field, Outcome, Subject, claim_for_lead
from domain.enrichment.rules.waterfall import (
    TARGET_CONFIDENCE,
    WANTED,
    SourceOffer,
    missing_fields,
    next_source,
)
from domain.enrichment.storing import Owner, Source, store_facts
from domain.enrichment.verdicts import judge_email
from domain.errors import Invalid, NotFound
from domain.leads.queries import lead_row, recipient_of
from domain.leads.rules import SourceKind
from domain.ports import Ports
from domain.suppression.queries import matching
from domain.work import unit_of_work
from domain.workspaces.rules import Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class Enriched:
    """What enriching a lead came to; ``reason`` is set when it was skipped."""

    outcome: EnrichmentOutcome
    reason: SkipReason | None = None
    credits: int = 0


async def enrich_lead(
    *,
    ports: Ports,
    actor: Actor,
    lead_id: UUID,
    run_id: UUID | None,
    plan: Sequence[str],
    clock: Callable[[], datetime],
) -> Enriched:
    """Find out more about a lead and its company, and judge its address.

    No transaction is open while anybody outside is asked. A lead that is suppressed, restricted or erased is
    skipped. Emits ``LeadEnriched``; repeating it asks only what isn't remembered any more.

    Args:
        plan: names of sources in the order they are asked; empty asks none and only judges the address.

    Raises:
        NotFound: no such lead.
        Invalid: no source has this name.
        InsufficientCredits: what was found until then is kept; go on when there are credits again.
        ProviderUnavailable: another worker is busy with the same question; try again.
    """
    require(actor, Permission.WRITE_LEADS)
    sources = [find_source(ports, name) for name in plan]
    enquiry = await _enquire(ports, actor, lead_id, run_id, clock)
    reason = await _skip_reason(enquiry)
    if reason is not None:
        enriched = Enriched(outcome=EnrichmentOutcome.SKIPPED, reason=reason)
    else:
        enriched = await _ask(enquiry, sources)
    async with unit_of_work(actor, now=clock()) as work:
        work.emit(
            LeadEnriched(
                subject_id=lead_id,
                run_id=run_id,
                outcome=enriched.outcome.value,
                reason=enriched.reason.value if enriched.reason else None,
                credits=enriched.credits,
            )
        )
    return enriched


def find_source(ports: Ports, name: str) -> EnrichmentSource:
    """Return the source of this name; raises Invalid."""
    if name not in ports.sources:
        raise Invalid(f"no enrichment source is called {name[:40]!r}", field=("input", "plan"))
    return ports.sources[name]


async def _enquire(
    ports: Ports, actor: Actor, lead_id: UUID, run_id: UUID | None, clock: Callable[[], datetime]
) -> Enquiry:
    async with tenancy.reading(actor.workspace_id) as connection:
        lead = await lead_row(connection, lead_id)
    if lead is None:
        raise NotFound("no such lead", field=("input", "leadIds"))
    return Enquiry(ports=ports, actor=actor, lead=lead, run_id=run_id, clock=clock)


async def _skip_reason(enquiry: Enquiry) -> SkipReason | None:
    lead = enquiry.lead
    if lead["erased_at"] is not None or lead["status"] in {"ERASED", "MERGED"}:
        return SkipReason.ERASED
    if lead["restricted_at"] is not None:
        return SkipReason.RESTRICTED
    async with tenancy.reading(enquiry.actor.workspace_id) as connection:
        recipients = await recipient_of(connection, lead_ids=[lead["id"]])
        entries = await matching(
            connection,
            recipients=list(recipients.values()),
            identity_key=enquiry.ports.identity_key,
            now=enquiry.clock(),
        )
    return SkipReason.SUPPRESSED if entries else None


async def _ask(enquiry: Enquiry, sources: Sequence[EnrichmentSource]) -> Enriched:
    """Walk down the waterfall and judge the address at its end, which may have been found on the way."""
    by_name = {source.name: source for source in sources}
    offers = [_offer(source) for source in sources if _can_ask(source, enquiry.lead)]
    asked: frozenset[str] = frozenset()
    statuses: set[CallStatus] = set()
    spent = 0
    while True:
        known = await _known(enquiry)
        missing = missing_fields(want=frozenset(WANTED), confidence=known, target=TARGET_CONFIDENCE)
        offer = next_source(offers, asked=asked, missing=missing, budget=CREDITS_MAX)
        if offer is None:
            break
        source = by_name[offer.name]
        want = source.provides if source.scope is Subject.COMPANY else source.provides & missing
        answered = await ask_source(enquiry, source, want=want)
        await _claim(enquiry)
        asked |= {offer.name}
        statuses.add(answered.status)
        spent += answered.cost
    verdict = await judge_email(await _again(enquiry))
    outcome = outcome_of(is_complete=not missing, is_anything_known=bool(known), statuses=frozenset(statuses))
    return Enriched(outcome=outcome, credits=spent + (verdict.cost if verdict else 0))


async def _claim(enquiry: Enquiry) -> None:
    """Take over what the company's site says about the lead by name, with the same evidence."""
    lead = enquiry.lead
    if lead["company_id"] is None:
        return
    full_name = lead["full_name"] or f"{lead['first_name'] or ''} {lead['last_name'] or ''}"
    async with unit_of_work(enquiry.actor, now=enquiry.clock()) as work:
        colleagues = await queries.colleagues_of(work.connection, company_id=lead["company_id"], now=work.now)
        by_source: dict[Source, list[Any]] = {}
        for fact, row in colleagues:
            (claimed,) = claim_for_lead([fact], full_name=full_name)
            if claimed.subject is Subject.LEAD:
                source = Source(
                    name=row["source"],
                    kind=SourceKind(row["source_kind"]),
                    call_id=row["provider_call_id"],
                )
                by_source.setdefault(source, []).append(claimed)
        for source, facts in by_source.items():
            await store_facts(work, owner=Owner(lead_id=lead["id"]), facts=facts, source=source)


async def _known(enquiry: Enquiry) -> dict[Field, float]:
    async with tenancy.reading(enquiry.actor.workspace_id) as connection:
        return await queries.known_confidence(connection, lead=enquiry.lead, now=enquiry.clock())


async def _again(enquiry: Enquiry) -> Enquiry:
    """Read the lead again: it may have an address now."""
    async with tenancy.reading(enquiry.actor.workspace_id) as connection:
        lead = await lead_row(connection, enquiry.lead["id"])
    return enquiry if lead is None else dataclasses.replace(enquiry, lead=lead)


def _offer(source: EnrichmentSource) -> SourceOffer:
    return SourceOffer(
        name=source.name,
        cost=max(source.cost(outcome) for outcome in Outcome),
        provides=source.provides,
    )


def _can_ask(source: EnrichmentSource, lead: dict[str, Any]) -> bool:
    """A source that is asked about companies needs one."""
    return source.scope is Subject.LEAD or lead["company_id"] is not None
