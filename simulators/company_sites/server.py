"""Serves the invented companies' sites, with the traps of the hostile one."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from .companies import Company, SiteKind
from .pages import build_pages

_BOMB = gzip.compress(b"\0" * 50_000_000, compresslevel=9)
METADATA_URL = "http://169.254.169.254/latest/meta-data/"


@dataclass
class CompanySites:
    """The sites and what was asked of them, as (host, path) in order."""

    companies: Sequence[Company]
    slow_s: float = 20.0
    requests: list[tuple[str, str]] = field(default_factory=list)
    user_agents: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._sites = {company.host: (company, build_pages(company)) for company in self.companies}

    def app(self) -> Starlette:
        """Return the ASGI application."""
        return Starlette(routes=[Route("/{path:path}", self._answer)])

    async def _answer(self, request: Request) -> Response:
        host, path = request.headers.get("host", "").partition(":")[0].lower(), request.url.path
        self.requests.append((host, path))
        self.user_agents.add(request.headers.get("user-agent", ""))
        company, pages = self._sites.get(host.removeprefix("www."), (None, {}))
        if company is None:
            return PlainTextResponse("no such site", 421)
        if path == "/robots.txt":
            return PlainTextResponse(_robots(company.kind))
        if company.kind is SiteKind.SLOW:
            await asyncio.sleep(self.slow_s)
        if company.kind is SiteKind.HOSTILE and path in _TRAPS:
            return _TRAPS[path]()
        if path not in pages:
            return HTMLResponse("<h1>Not found</h1>", 404)
        return HTMLResponse(pages[path])


def _robots(kind: SiteKind) -> str:
    if kind is SiteKind.CLOSED:
        return "User-agent: *\nDisallow: /\n"
    if kind is SiteKind.HOSTILE:
        return "User-agent: *\nDisallow: /legal\n"
    return "User-agent: *\nAllow: /\n"


async def _endless() -> AsyncIterator[bytes]:
    yield b"<html><body>"
    while True:
        yield b"<p>and on it goes</p>" * 1000
        await asyncio.sleep(0)


_TRAPS: dict[str, Callable[[], Response]] = {
    "/about": lambda: RedirectResponse(METADATA_URL, 302),
    "/team": lambda: StreamingResponse(_endless(), media_type="text/html"),
    "/contact": lambda: Response(_BOMB, media_type="text/html", headers={"content-encoding": "gzip"}),
    "/legal": lambda: HTMLResponse("<p>Nobody may read this: secret@evil.example</p>"),
    "/services": lambda: RedirectResponse("/services", 301),
}


class _QuietServer(uvicorn.Server):
    """Leaves the process's signal handlers alone, for it runs inside tests and the demo."""

    def capture_signals(self) -> nullcontext[None]:  # type: ignore[override]
        return nullcontext()


@asynccontextmanager
async def serve_sites(sites: CompanySites, *, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[int]:
    """Serve the sites while the block runs; yields the port (0 takes a free one)."""
    config = uvicorn.Config(
        sites.app(), host=host, port=port, log_level="critical", lifespan="off", timeout_graceful_shutdown=1
    )
    server = _QuietServer(config)
    listening = config.bind_socket()
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        while not server.started:  # noqa: ASYNC110  # uvicorn has no event for it
            await asyncio.sleep(0.005)
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        await task
        listening.close()
