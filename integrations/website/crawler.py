"""Reads a few pages of one site: asks robots.txt first, waits between requests, stays on the site."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from domain.errors import DomainError
from integrations.http.address_guard import AddressRefused, HostNotFound
from integrations.http.client import (
    REDIRECTS_MAX,
    Fetched,
    FetchLimits,
    GuardedClient,
    HostUnreachable,
    ResponseRefused,
    join_url,
)

from .charset import decode_page
from .pacing import HostPacer
from .page import Page, PageTooComplex, read_page
from .robots import ALLOW_ALL, REFUSE_ALL, SIZE_MAX, Robots, parse_robots
from .site import choose_pages, site_of
from .words import PARKED, PageKind

_HTML = ("text/html", "application/xhtml+xml")
_PARKED_TEXT_MAX = 1500


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlLimits:
    """How much of a site is read, and how gently.

    Args:
        pages_max: pages, the home page included.
        interval_s: between two requests to one site, unless robots.txt asks for more.
        total_s: for the whole crawl; a page whose turn comes later isn't read.
        page_s: for one page.
        page_bytes: of one page, unpacked.
    """

    pages_max: int = 6
    interval_s: float = 1.0
    total_s: float = 60.0
    page_s: float = 12.0
    page_bytes: int = 2 * 1024 * 1024


class SiteRefused(Exception):
    """The site, or the guard, doesn't want it read; the text says who and is safe to record."""


class SiteUnreachable(Exception):
    """Nothing could be read now; trying later may help."""


@dataclass(slots=True)
class Crawl:
    """What was read of a site. ``notes`` are for the operator: URLs' fates, no content."""

    site: str
    pages: list[Page] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    parked: bool = False


class SiteCrawler:
    """Crawls sites through the guarded client; one instance per process, so that hosts are paced.

    Args:
        product: the name robots.txt knows us by, the first word of the client's user agent.
        now: aware UTC, stamped on pages.
    """

    def __init__(
        self,
        *,
        client: GuardedClient,
        now: Callable[[], datetime],
        product: str,
        limits: CrawlLimits | None = None,
        pacer: HostPacer | None = None,
    ) -> None:
        self._client = client
        self._now = now
        self._product = product
        self._limits = limits or CrawlLimits()
        self._pacer = pacer or HostPacer()

    async def crawl(self, start_url: str) -> Crawl:
        """Read the home page and the most telling pages it links to.

        Raises:
            SiteRefused: robots.txt or the address guard forbids the home page, or it leads off the site.
            SiteUnreachable: the home page didn't answer with a page.
        """
        visit = _Visit(
            client=self._client,
            pacer=self._pacer,
            limits=self._limits,
            product=self._product,
            site=site_of(start_url),
            ends_at=asyncio.get_running_loop().time() + self._limits.total_s,
        )
        crawl = Crawl(site=visit.site)
        home = await self._read(visit, start_url, PageKind.HOME)
        crawl.pages.append(home)
        crawl.parked = _is_parked(home)
        if not crawl.parked:
            pages = choose_pages(home.targets, home=home.url, pages_max=self._limits.pages_max - 1)
            for kind, url in pages:
                try:
                    crawl.pages.append(await self._read(visit, url, kind))
                except (SiteRefused, SiteUnreachable) as error:
                    crawl.notes.append(f"{kind.value}: {error}")
        return crawl

    async def _read(self, visit: "_Visit", url: str, kind: PageKind) -> Page:
        answer = await visit.fetch(url)
        markup = decode_page(answer.body, content_type=answer.headers.get("content-type", ""))
        try:
            # Parsing takes a while and lets other threads run.
            return await asyncio.to_thread(
                read_page, markup, url=answer.url, kind=kind, retrieved_at=self._now()
            )
        except PageTooComplex as error:
            raise SiteUnreachable(str(error)) from error


@dataclass(slots=True, kw_only=True)
class _Visit:
    """One crawl's view of a site: its robots.txt files by origin, and the time left."""

    client: GuardedClient
    pacer: HostPacer
    limits: CrawlLimits
    product: str
    site: str
    ends_at: float
    robots: dict[str, Robots] = field(default_factory=dict)

    async def fetch(self, url: str) -> Fetched:
        """Fetch a page, following redirects on the site only, each asked of robots.txt."""
        for _hop in range(REDIRECTS_MAX + 1):
            rules = await self._permission(url)
            await self._wait_turn(rules)
            answer = await self._get(url, accept=_HTML)
            location = answer.headers.get("location")
            if 300 <= answer.status < 400 and location is not None:
                url = _on_site(join_url(answer.url, location), site=self.site)
            elif answer.status == 200:
                return answer
            else:
                raise SiteUnreachable(f"it answers {answer.status}")
        raise SiteUnreachable(f"more than {REDIRECTS_MAX} redirects")

    async def _permission(self, url: str) -> Robots:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self.robots:
            self.robots[origin] = await self._read_robots(origin)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        if not self.robots[origin].allows(path):
            raise SiteRefused("robots.txt doesn't allow it")
        return self.robots[origin]

    async def _read_robots(self, origin: str) -> Robots:
        """Read the origin's rules. RFC 9309 2.3.1: a client error allows all, a server error nothing."""
        await self._wait_turn(ALLOW_ALL)
        limits = FetchLimits(total_s=self.limits.page_s, body_bytes=SIZE_MAX)
        answer = await self._get(f"{origin}/robots.txt", limits=limits, redirects_max=REDIRECTS_MAX)
        if answer.status >= 500 or answer.status == 429:
            raise SiteUnreachable(f"robots.txt answers {answer.status}")
        if answer.status != 200:
            return ALLOW_ALL if answer.status >= 400 else REFUSE_ALL
        return parse_robots(answer.body.decode("utf-8", "replace"), product=self.product)

    async def _wait_turn(self, rules: Robots) -> None:
        interval_s = max(self.limits.interval_s, rules.delay_s)
        loop = asyncio.get_running_loop()
        if loop.time() + self.pacer.wait_s(self.site) > self.ends_at:
            raise SiteUnreachable("the time for this site is used up")
        await self.pacer.take_turn(self.site, interval_s=interval_s)

    async def _get(
        self,
        url: str,
        *,
        accept: tuple[str, ...] = (),
        limits: FetchLimits | None = None,
        redirects_max: int = 0,
    ) -> Fetched:
        page = FetchLimits(total_s=self.limits.page_s, body_bytes=self.limits.page_bytes)
        try:
            return await self.client.get(
                url, accept=accept, limits=limits or page, redirects_max=redirects_max
            )
        except AddressRefused as error:
            raise SiteRefused(error.message) from error
        except (HostNotFound, HostUnreachable, ResponseRefused) as error:
            raise SiteUnreachable(error.message) from error


def _on_site(url: str, *, site: str) -> str:
    try:
        if site_of(url) != site:
            raise SiteRefused("it leads to another site")
    except DomainError as error:
        raise SiteRefused(error.message) from error
    return url


def _is_parked(home: Page) -> bool:
    visible = " ".join(home.lines)
    return (
        len(visible) < _PARKED_TEXT_MAX
        and PARKED.search(f"{visible} {home.meta.get('title', '')}") is not None
    )
