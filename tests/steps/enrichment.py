"""Steps of enrichment: companies' sites and DNS on loopback, leads at those companies."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from domain.enrichment.ports import EnrichmentSource
from domain.enrichment.rules.facts import (
    EnrichmentQuery,
    EnrichmentResult,
    Fact,
    Field,
    Outcome,
    Subject,
    fingerprint_request,
)
from domain.ids import new_id
from domain.leads.rules import SourceKind
from domain.ports import Ports
from domain.work import unit_of_work
from integrations.email_verdict.routing import dns_resolver
from integrations.email_verdict.verifier import DnsEmailVerifier
from integrations.http.allow_list import parse_allow_list
from integrations.http.client import GuardedClient
from integrations.website.crawler import CrawlLimits
from integrations.website.source import WebsiteSource
from simulators.company_sites.companies import Company, SiteKind, dns_zone, invent_companies
from simulators.company_sites.server import CompanySites, serve_sites
from simulators.dns import DnsSimulator
from tests.waiting import HANGS_S
from tests.world import World

COMPANIES = {company.kind: company for company in invent_companies(count=len(SiteKind))}
_FAST = CrawlLimits(interval_s=0, page_s=HANGS_S, page_bytes=300_000)


@dataclass(slots=True)
class Outside:
    """What enrichment can reach in a test.

    Attributes:
        sites: also remembers what was asked of them.
        dns: also remembers its questions.
    """

    sites: CompanySites
    dns: DnsSimulator
    client: GuardedClient
    website: WebsiteSource
    verifier: DnsEmailVerifier

    def ports(self, world: World, *sources: EnrichmentSource) -> Ports:
        """Return the world's ports with the website source, further ones behind it, and the verifier."""
        by_name: Mapping[str, Any] = {source.name: source for source in (self.website, *sources)}
        return dataclasses.replace(world.services.ports, sources=by_name, email_verifier=self.verifier)

    def impatient(self) -> "Outside":
        """Return the same world, where a slow site is given up."""
        limits = dataclasses.replace(_FAST, page_s=0.4)
        website = WebsiteSource(client=self.client, now=lambda: datetime.now(UTC), limits=limits)
        return dataclasses.replace(self, website=website)

    def crawls_of(self, company: Company) -> int:
        """Return how often a company's site was crawled: each crawl begins with its robots.txt."""
        return self.sites.requests.count((company.host, "/robots.txt"))


@asynccontextmanager
async def outside(*, clock: Callable[[], datetime] | None = None) -> AsyncIterator[Outside]:
    """Serve the invented companies' sites and their DNS on loopback."""
    now = clock or (lambda: datetime.now(UTC))
    sites = CompanySites(tuple(COMPANIES.values()), slow_s=0.7)
    async with serve_sites(sites) as port, DnsSimulator(dns_zone(sites.companies)) as dns:
        allow = parse_allow_list([f"127.0.0.1:{port}"], hosts={"*.example": f"127.0.0.1:{port}"})
        async with GuardedClient(user_agent="PleraBot/1 (+mailto:ops@plera.example)", allow=allow) as client:
            resolver = dns_resolver(nameservers=["127.0.0.1"], port=dns.port, timeout_s=HANGS_S)
            yield Outside(
                sites=sites,
                dns=dns,
                client=client,
                website=WebsiteSource(client=client, now=now, limits=_FAST),
                verifier=DnsEmailVerifier(now=now, resolver=resolver),
            )


async def company_at(world: World, company: Company, **columns: Any) -> UUID:
    """Add a company with the site's address; plain http, because the local sites have no certificate."""
    values = {
        "name": company.name,
        "name_key": company.name.lower(),
        "domain": company.host,
        "website_url": f"http://{company.host}/",
        **columns,
    }
    return await _insert(world, "company", values)


async def lead_at(world: World, company_id: UUID | None, *, name: str = "", **columns: Any) -> UUID:
    """Add a lead as an upload would, at a company if one is given."""
    first, _, last = name.partition(" ")
    email = columns.get("email")
    values = {
        "company_id": company_id,
        "first_name": first or None,
        "last_name": last or None,
        "full_name": name or None,
        "email_identity": email,
        "source_kind": "UPLOAD",
        **columns,
    }
    return await _insert(world, "lead", values)


async def _insert(world: World, table: str, values: Mapping[str, Any]) -> UUID:
    id_ = new_id()
    names = ", ".join(values)
    places = ", ".join(f"${n}" for n in range(3, len(values) + 3))
    async with unit_of_work(world.actor, now=world.now()) as work:
        await work.connection.execute(
            f"INSERT INTO {table} (id, workspace_id, {names}) VALUES ($1, $2, {places})",
            id_,
            world.workspace_id,
            *values.values(),
        )
    return id_


@dataclass
class ScriptedSource:
    """A source that answers what the test says; ``asked`` remembers the questions, ``begun`` is set by the first."""

    name: str = "scripted"
    kind: SourceKind = SourceKind.PROVIDER
    scope: Subject = Subject.LEAD
    provides: frozenset[Field] = frozenset(Field)
    price: int = 3
    outcome: Outcome = Outcome.FOUND
    facts: tuple[Fact, ...] = ()
    gate: asyncio.Event | None = None
    error: Exception | None = None
    asked: list[tuple[EnrichmentQuery, frozenset[Field]]] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    def cost(self, outcome: Outcome) -> int:
        """Return the price of an answer."""
        return self.price if outcome in {Outcome.FOUND, Outcome.PARTIAL} else 0

    async def find(self, query: EnrichmentQuery, *, want: frozenset[Field]) -> EnrichmentResult:
        """Answer when the gate is open."""
        self.asked.append((query, want))
        self.begun.set()
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        fingerprint = fingerprint_request(source=self.name, query=query, want=want)
        return EnrichmentResult(
            outcome=self.outcome, facts=self.facts, units=1, request_fingerprint=fingerprint
        )


def fact(of: Field, value: str, *, about: str = "", subject: Subject | None = None, **values: Any) -> Fact:
    """Return a fact read just now; about the lead when a name is given, unless ``subject`` says otherwise."""
    return Fact(
        **{
            "subject": subject or (Subject.LEAD if about else Subject.COMPANY),
            "field": of,
            "value": value,
            "about": about,
            "source_url": "https://data.example.net/record",
            "snippet": value,
            "confidence": 0.8,
            "retrieved_at": datetime.now(UTC),
            **values,
        }
    )
