"""Asking one source about a lead: hold, call, keep, pay."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domain import tenancy
from domain.actor import Actor
from domain.credits.prices import Operation
from domain.enrichment.caching import Answer, Opened, Question, Turn, close_call, open_call
from domain.enrichment.ports import EnrichmentSource
from domain.enrichment.rules.calls import ANSWER_WITHIN_S, CallStatus, good_for, status_of
from domain.enrichment.rules.facts import (
    EnrichmentQuery,
    EnrichmentResult,
    Fact,
    Field,
    Outcome,
    Subject,
    fingerprint_request,
)
from domain.enrichment.screening import screen_facts
from domain.enrichment.storing import Owner, Source, store_facts
from domain.errors import Invalid, NotConfigured, ProviderUnavailable
from domain.ports import Ports
from domain.work import Work, unit_of_work

_WAITS_S: Final = (0.1, 0.2, 0.4, 0.8, 1.5, 3.0, 6.0, 12.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enquiry:
    """Everything a call needs to know about whom it is for.

    Attributes:
        lead: what ``domain.leads.queries.lead_row`` gave.
    """

    ports: Ports
    actor: Actor
    lead: dict[str, Any]
    run_id: UUID | None
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How a call ended, a remembered one included, and what it cost."""

    status: CallStatus
    cost: int


async def ask_source(enquiry: Enquiry, source: EnrichmentSource, *, want: frozenset[Field]) -> Asked:
    """Ask a source unless its answer is remembered, and keep what it says.

    Raises:
        InsufficientCredits: nobody was asked.
        ProviderUnavailable: another worker is asking the same for longer than we wait.
    """
    query = _query(enquiry.lead, scope=source.scope)
    opened = await open_when_free(enquiry, _question(enquiry, source, query))
    if opened.turn is Turn.REMEMBER:
        return Asked(status=opened.status, cost=0)
    began = enquiry.clock()
    found = await _find(source, query, want=want)
    facts, refused = await _screen(enquiry, found.facts)
    answer = Answer(
        status=found.status,
        cost=0 if found.outcome is None else source.cost(found.outcome),
        latency_ms=elapsed_ms(began, enquiry),
        units=found.units,
        good_for=good_for(found.status) if found.may_be_remembered else None,
        refused_count=refused,
        detail=found.detail,
    )
    async with unit_of_work(enquiry.actor, now=enquiry.clock()) as work:
        if not await close_call(work, call_id=opened.call_id, answer=answer):
            return Asked(status=CallStatus.TIMEOUT_UNKNOWN, cost=0)
        by = Source(name=source.name, kind=source.kind, call_id=opened.call_id)
        await _keep(work, enquiry.lead, facts, by)
    return Asked(status=answer.status, cost=answer.cost)


def _question(enquiry: Enquiry, source: EnrichmentSource, query: EnrichmentQuery) -> Question:
    """Only what enrichment itself doesn't change goes into the fingerprint: its answer must not ask anew."""
    lead, of_company = enquiry.lead, source.scope is Subject.COMPANY
    return Question(
        provider=source.name,
        endpoint="find",
        fingerprint=fingerprint_request(
            source=source.name if of_company else f"{source.name}:{lead['id']}",
            query=replace(query, title="", email="", linkedin_url=""),
            want=source.provides,
        ),
        operation=Operation.COMPANY_ENRICHED if of_company else Operation.EMAIL_FOUND,
        price_max=max(source.cost(outcome) for outcome in Outcome),
        lead_id=lead["id"],
        company_id=lead["company_id"],
        run_id=enquiry.run_id,
    )


async def _screen(enquiry: Enquiry, facts: tuple[Fact, ...]) -> tuple[tuple[Fact, ...], int]:
    async with tenancy.reading(enquiry.actor.workspace_id) as connection:
        return await screen_facts(
            connection, facts=facts, identity_key=enquiry.ports.identity_key, now=enquiry.clock()
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What came of a call; ``outcome`` is None when the source didn't get to answer."""

    status: CallStatus
    outcome: Outcome | None = None
    may_be_remembered: bool = True
    facts: tuple[Fact, ...] = ()
    units: int = 0
    detail: str = ""


async def _find(source: EnrichmentSource, query: EnrichmentQuery, *, want: frozenset[Field]) -> _Found:
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            result: EnrichmentResult = await source.find(query, want=want)
    except TimeoutError:
        return _Found(status=CallStatus.TIMEOUT_UNKNOWN, detail="no answer in time")
    except ProviderUnavailable as error:
        return _Found(status=CallStatus.ERROR, detail=error.message)
    except (Invalid, NotConfigured) as error:  # nobody was asked; other credentials would be a reason to
        return _Found(
            status=CallStatus.NO_MATCH, detail=error.message, may_be_remembered=isinstance(error, Invalid)
        )
    return _Found(
        status=status_of(result.outcome),
        outcome=result.outcome,
        facts=result.facts,
        units=result.units,
        detail=result.detail,
    )


async def open_when_free(enquiry: Enquiry, question: Question) -> Opened:
    """Open a call, waiting for whoever is asking the same."""
    for wait_s in _WAITS_S:
        async with unit_of_work(enquiry.actor, now=enquiry.clock()) as work:
            opened = await open_call(work, question)
        if opened.turn is not Turn.WAIT:
            return opened
        await asyncio.sleep(wait_s)
    raise ProviderUnavailable(
        f"another worker is still asking {question.provider} the same", retry_after_s=_WAITS_S[-1]
    )


async def _keep(work: Work, lead: dict[str, Any], facts: tuple[Fact, ...], source: Source) -> None:
    """Keep facts about the lead there, and everything else at the company."""
    of_company = [fact for fact in facts if fact.subject is not Subject.LEAD]
    if of_company and lead["company_id"] is not None:
        await store_facts(work, owner=Owner(company_id=lead["company_id"]), facts=of_company, source=source)
    of_lead = [fact for fact in facts if fact.subject is Subject.LEAD]
    if of_lead:
        await store_facts(work, owner=Owner(lead_id=lead["id"]), facts=of_lead, source=source)


def _query(lead: dict[str, Any], *, scope: Subject) -> EnrichmentQuery:
    """What is asked with; a question about a company names no person, so that one answer serves all."""
    company = {
        "company_domain": lead["company_domain"] or "",
        "company_name": lead["company_name"] or "",
        "website": lead["company_website"] or "",
    }
    if scope is Subject.COMPANY:
        return EnrichmentQuery(**company)
    person = {name: lead[name] or "" for name in ("full_name", "title", "email", "linkedin_url")}
    return EnrichmentQuery(**company, **person)


def elapsed_ms(began: datetime, enquiry: Enquiry) -> int:
    """Return the milliseconds since ``began``."""
    return max(0, round((enquiry.clock() - began).total_seconds() * 1000))
