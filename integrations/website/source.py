"""The ``EnrichmentSource`` that needs no account: the company's own website."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import chain, islice

from domain.enrichment.rules.evidence import StoredText
from domain.enrichment.rules.facts import (
    EnrichmentQuery,
    EnrichmentResult,
    Fact,
    Field,
    Outcome,
    Subject,
    claim_for_lead,
    fingerprint_request,
    outcome_for,
)
from domain.errors import Invalid
from domain.leads.rules import SourceKind
from integrations.http.client import GuardedClient

from .claims import Claim, claim_to_fact
from .company import company_claims
from .contacts import email_claims, phone_claims, social_claims
from .crawler import Crawl, CrawlLimits, SiteCrawler, SiteRefused, SiteUnreachable
from .page import Page
from .people import people_claims
from .site import start_urls

_PRICES = {Outcome.FOUND: 1, Outcome.PARTIAL: 1}
# Candidates kept per field and person: enough to choose from, too few to flood a lead.
_CANDIDATES_MAX = 5
# A page that claims more is a directory or an attempt to keep us busy.
_CLAIMS_MAX = 500


class WebsiteSource:
    """Crawls the lead's company site and turns its pages into facts with evidence.

    Args:
        client: reaches public addresses only; its user agent must begin with ``product``.
        now: aware UTC.
        product: the name sites address in robots.txt.
        limits: of one crawl.
        prices: credits per outcome; outcomes not named cost nothing.
    """

    name = "website"
    kind = SourceKind.PUBLIC
    scope = Subject.COMPANY
    provides = frozenset(Field)

    def __init__(
        self,
        *,
        client: GuardedClient,
        now: Callable[[], datetime],
        product: str = "PleraBot",
        limits: CrawlLimits | None = None,
        prices: Mapping[Outcome, int] = _PRICES,
    ) -> None:
        self._crawler = SiteCrawler(client=client, now=now, product=product, limits=limits)
        self._prices = prices

    def cost(self, outcome: Outcome) -> int:
        """Return the credits a call with this outcome costs."""
        return self._prices.get(outcome, 0)

    async def find(self, query: EnrichmentQuery, *, want: frozenset[Field]) -> EnrichmentResult:
        """Crawl the site and return what it says about the wanted fields; see the port."""
        if not want:
            raise Invalid("no field is wanted", field=("want",))
        fingerprint = fingerprint_request(source=self.name, query=query, want=want)
        starts = start_urls(website=query.website, domain=query.company_domain)
        try:
            crawl = await self._crawl_first(starts)
        except SiteRefused as error:
            return _empty(Outcome.BLOCKED, fingerprint, detail=str(error))
        except SiteUnreachable as error:
            return _empty(Outcome.ERROR, fingerprint, detail=str(error))
        facts = await asyncio.to_thread(_facts_of, crawl)
        facts = claim_for_lead((fact for fact in facts if fact.field in want), full_name=query.full_name)
        return EnrichmentResult(
            outcome=outcome_for(facts=facts, want=want),
            facts=facts,
            units=len(crawl.pages),
            request_fingerprint=fingerprint,
            detail=_detail(crawl),
        )

    async def _crawl_first(self, starts: tuple[str, ...]) -> Crawl:
        """Crawl from the first start that answers; https before http."""
        for url in starts[:-1]:
            try:
                return await self._crawler.crawl(url)
            except SiteUnreachable:
                continue
        return await self._crawler.crawl(starts[-1])


def page_facts(page: Page, *, site: str) -> tuple[Fact, ...]:
    """Return the checked facts of one page."""
    stored = StoredText(page.text)
    claims: Iterator[Claim] = chain(
        company_claims(page, site=site),
        people_claims(page, site=site),
        email_claims(page, site=site),
        phone_claims(page, site=site),
        social_claims(page),
    )
    facts = (claim_to_fact(claim, page, stored=stored) for claim in islice(claims, _CLAIMS_MAX))
    return tuple(fact for fact in facts if fact is not None)


def _facts_of(crawl: Crawl) -> tuple[Fact, ...]:
    if crawl.parked:
        return ()
    return _best(fact for page in crawl.pages for fact in page_facts(page, site=crawl.site))


def _best(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Keep each value once, where it is surest, and the surest values of each field.

    A person's address is not repeated as the company's.
    """
    ordered = sorted(facts, key=lambda fact: -fact.confidence)
    personal = {(fact.field, fact.value) for fact in ordered if fact.about}
    kept: dict[tuple[str, ...], Fact] = {}
    counts: dict[tuple[str, ...], int] = {}
    for fact in ordered:
        subject = (fact.subject, fact.about.casefold(), fact.field)
        key = (*subject, " ".join(fact.value.casefold().split()))
        repeated = not fact.about and fact.field is Field.EMAIL and (fact.field, fact.value) in personal
        if key in kept or repeated or counts.get(subject, 0) >= _CANDIDATES_MAX:
            continue
        kept[key] = fact
        counts[subject] = counts.get(subject, 0) + 1
    return tuple(kept.values())


def _empty(outcome: Outcome, fingerprint: str, *, detail: str) -> EnrichmentResult:
    return EnrichmentResult(
        outcome=outcome, facts=(), units=0, request_fingerprint=fingerprint, detail=detail
    )


def _detail(crawl: Crawl) -> str:
    notes = [f"{len(crawl.pages)} pages read", *crawl.notes]
    if crawl.parked:
        notes.append("the site is parked")
    if hostile := sum(page.instructions for page in crawl.pages):
        notes.append(f"{hostile} passages addressed to machines were ignored")
    return "; ".join(notes)[:500]
