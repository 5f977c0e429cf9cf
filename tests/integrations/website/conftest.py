from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from integrations.http.allow_list import parse_allow_list
from integrations.http.client import GuardedClient
from integrations.website.crawler import CrawlLimits
from integrations.website.page import Page, read_page
from integrations.website.source import WebsiteSource
from integrations.website.words import PageKind
from simulators.company_sites.companies import Company, SiteKind, invent_companies
from simulators.company_sites.server import CompanySites, serve_sites
from tests.waiting import HANGS_S

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
AGENT = "PleraBot/1.0 (+mailto:ops@plera.example)"
FAST = CrawlLimits(interval_s=0, page_s=HANGS_S, page_bytes=300_000)


@pytest.fixture(scope="session")
def companies() -> dict[SiteKind, Company]:
    return {company.kind: company for company in invent_companies(count=len(SiteKind))}


@pytest.fixture
async def sites(companies: dict[SiteKind, Company]) -> CompanySites:
    return CompanySites(tuple(companies.values()), slow_s=0.7)


@asynccontextmanager
async def client_to(port: int) -> AsyncIterator[GuardedClient]:
    """A client for which every name under ``.example`` leads to a local port."""
    allow = parse_allow_list([f"127.0.0.1:{port}"], hosts={"*.example": f"127.0.0.1:{port}"})
    async with GuardedClient(user_agent=AGENT, allow=allow) as client:
        yield client


@pytest.fixture
async def client(sites: CompanySites) -> AsyncIterator[GuardedClient]:
    async with serve_sites(sites) as port, client_to(port) as client:
        yield client


@pytest.fixture
def source(client: GuardedClient) -> WebsiteSource:
    return WebsiteSource(client=client, now=lambda: NOW, limits=FAST)


ReadPage = Callable[..., Page]


@pytest.fixture
def page() -> ReadPage:
    def read(markup: str, *, kind: PageKind = PageKind.HOME) -> Page:
        return read_page(markup, url="https://acme.example/", kind=kind, retrieved_at=NOW)

    return read
