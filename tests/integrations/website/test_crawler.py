import asyncio

import pytest

from integrations.http.client import GuardedClient
from integrations.website.crawler import CrawlLimits, SiteCrawler, SiteRefused, SiteUnreachable
from integrations.website.pacing import HostPacer
from integrations.website.words import PageKind
from tests.integrations.http.raw_server import RawServer, raw_server, redirect, response
from tests.integrations.website.conftest import NOW, client_to
from tests.waiting import HANGS_S

HOME = (
    b"<title>Acme</title><p>Home</p><a href='/about'>About us</a><a href='http://other.example/team'>Team</a>"
)
FAST = CrawlLimits(interval_s=0, page_s=HANGS_S)


def crawler(
    client: GuardedClient, *, limits: CrawlLimits = FAST, pacer: HostPacer | None = None
) -> SiteCrawler:
    return SiteCrawler(client=client, now=lambda: NOW, product="PleraBot", limits=limits, pacer=pacer)


def site(**answers: bytes):  # type: ignore[no-untyped-def]
    """Answer by path; ``home`` is /, other keys are /key, ``robots`` is /robots.txt; everything else is 404."""
    named = {"home": "/", "robots": "/robots.txt"}
    paths = {named.get(key, f"/{key}"): value for key, value in answers.items()}

    async def answer(path: str, writer: asyncio.StreamWriter) -> None:
        writer.write(paths.get(path, response(b"no", status="404 Not Found")))

    return answer


def asked(server: RawServer) -> list[str]:
    return [request.split()[1] for request in server.requests]


async def test_the_crawl_stays_on_the_site() -> None:
    about = response(b"<p>About</p>")
    async with raw_server(site(home=response(HOME), about=about)) as server, client_to(server.port) as client:
        crawl = await crawler(client).crawl("http://acme.example/")

    assert [(page.kind, page.url) for page in crawl.pages] == [
        (PageKind.HOME, "http://acme.example/"),
        (PageKind.ABOUT, "http://acme.example/about"),
    ]
    assert asked(server) == ["/robots.txt", "/", "/about"]
    assert not any("other.example" in request for request in server.requests)


async def test_another_host_of_the_domain_is_asked_for_its_own_robots_txt() -> None:
    home, away = redirect("http://www.acme.example/start"), response(b"<p>Hello</p>")
    async with raw_server(site(home=home, start=away)) as server, client_to(server.port) as client:
        crawl = await crawler(client).crawl("http://acme.example/")

    assert crawl.pages[0].url == "http://www.acme.example/start"
    assert asked(server) == ["/robots.txt", "/", "/robots.txt", "/start"]


async def test_a_home_page_on_another_domain_is_refused_unread() -> None:
    async with (
        raw_server(site(home=redirect("http://bigcorp.example/"))) as server,
        client_to(server.port) as client,
    ):
        with pytest.raises(SiteRefused):
            await crawler(client).crawl("http://acme.example/")
    assert asked(server) == ["/robots.txt", "/"]


@pytest.mark.parametrize("status", ["500 Oops", "503 Busy", "429 Slow down"])
async def test_a_failing_robots_txt_forbids_everything_for_now(status: str) -> None:
    robots = response(b"", status=status)
    async with (
        raw_server(site(home=response(HOME), robots=robots)) as server,
        client_to(server.port) as client,
    ):
        with pytest.raises(SiteUnreachable):
            await crawler(client).crawl("http://acme.example/")
    assert asked(server) == ["/robots.txt"]


async def test_a_missing_robots_txt_allows_everything() -> None:
    forbidden = response(b"", status="403 Forbidden")
    async with (
        raw_server(site(home=response(HOME), robots=forbidden)) as server,
        client_to(server.port) as client,
    ):
        crawl = await crawler(client).crawl("http://acme.example/")
    assert len(crawl.pages) == 1


@pytest.mark.parametrize(
    "answer", [response(b"%PDF", kind="application/pdf"), response(b"x", status="404 Not Found")]
)
async def test_a_home_that_is_no_page_is_unreachable(answer: bytes) -> None:
    async with raw_server(site(home=answer)) as server, client_to(server.port) as client:
        with pytest.raises(SiteUnreachable):
            await crawler(client).crawl("http://acme.example/")


async def test_a_page_that_is_too_complex_costs_only_itself() -> None:
    bomb = response(b"<div>" * 30_000)
    async with raw_server(site(home=response(HOME), about=bomb)) as server, client_to(server.port) as client:
        crawl = await crawler(client).crawl("http://acme.example/")
    assert len(crawl.pages) == 1
    assert crawl.notes == ["ABOUT: more than 20000 tags"]


async def test_requests_to_a_site_keep_their_distance() -> None:
    waited: list[float] = []

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    limits = CrawlLimits(interval_s=2, page_s=HANGS_S)
    pacer = HostPacer(
        now=lambda: 0.0, sleep=wait
    )  # a clock that stands still: every turn is told from the first
    async with raw_server(site(home=response(HOME))) as server, client_to(server.port) as client:
        shared = crawler(client, limits=limits, pacer=pacer)
        await asyncio.gather(shared.crawl("http://acme.example/"), shared.crawl("http://www.acme.example/"))

    assert len(asked(server)) == 6
    assert waited == [0, 2, 4, 6, 8, 10]


async def test_a_long_crawl_delay_is_obeyed_by_reading_fewer_pages() -> None:
    robots = response(b"User-agent: *\nCrawl-delay: 30\n", kind="text/plain")
    async with (
        raw_server(site(home=response(HOME), robots=robots)) as server,
        client_to(server.port) as client,
    ):
        crawl = await crawler(client, limits=CrawlLimits(interval_s=0, total_s=5)).crawl(
            "http://acme.example/"
        )

    assert len(crawl.pages) == 1
    assert crawl.notes == ["ABOUT: the time for this site is used up"]
    assert asked(server) == ["/robots.txt", "/"]


def test_the_pacer_gives_each_host_its_own_turns_and_forgets_old_ones() -> None:
    clock = [0.0]
    pacer = HostPacer(now=lambda: clock[0])

    assert [pacer.reserve("a", interval_s=2) for _ in range(3)] == [0, 2, 4]
    assert pacer.reserve("b", interval_s=2) == 0
    assert (pacer.wait_s("a"), pacer.wait_s("c")) == (6, 0)
    clock[0] = 100.0
    assert pacer.reserve("a", interval_s=2) == 0
    for number in range(5000):
        pacer.reserve(str(number), interval_s=-1)
    assert len(pacer._free_at) < 2100
