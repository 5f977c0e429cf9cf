"""The ASGI application: which path is answered by whom."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import orjson
import strawberry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute

from resolvers.context import Services
from web.account_links import AccountLinks
from web.explorer.page import routes as explorer_routes
from web.exports import ExportDownload
from web.graphql import GraphQLEndpoint
from web.privacy import PrivacyPages
from web.unsubscribe import UnsubscribePage

Opener = Callable[[], AbstractAsyncContextManager[Services]]
Readiness = Mapping[str, Callable[[], Awaitable[object]]]


def create_app(*, schema: strawberry.Schema, open_services: Opener, readiness: Readiness) -> Starlette:
    """Build the application.

    Args:
        open_services: entered when the server starts and left when it stops.
        readiness: what must answer before we are ready, by name; each check may raise.
    """
    endpoints: list[GraphQLEndpoint] = []
    opened: list[Services] = []
    sdl = schema.as_str()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with open_services() as services:
            endpoints.append(GraphQLEndpoint(schema, services))
            opened.append(services)
            yield
            endpoints.clear()
            opened.clear()

    async def graphql(scope: object, receive: object, send: object) -> None:
        await endpoints[0](scope, receive, send)

    async def ready(_request: Request) -> Response:
        checks = {name: await _answers(check) for name, check in readiness.items()}
        status = 200 if all(checks.values()) else 503
        return Response(orjson.dumps(checks), status_code=status, media_type="application/json")

    async def show_sdl(_request: Request) -> Response:
        return PlainTextResponse(sdl)

    return Starlette(
        routes=[
            Route("/", lambda _request: RedirectResponse("/graphiql")),
            Route("/graphql", _Endpoint(graphql), methods=["GET", "POST", "OPTIONS"]),
            WebSocketRoute("/graphql", _Endpoint(graphql)),
            Route("/schema.graphql", show_sdl),
            Route("/livez", _alive),
            Route("/readyz", ready),
            UnsubscribePage(lambda: opened[0]).route,
            *AccountLinks(lambda: opened[0]).routes,
            *PrivacyPages(lambda: opened[0]).routes,
            ExportDownload(lambda: opened[0]).route,
            *explorer_routes,
        ],
        lifespan=lifespan,
    )


class _Endpoint:
    """Starlette treats a class instance as a bare ASGI application, a function as a request handler."""

    def __init__(self, app: Callable[..., object]) -> None:
        self._app = app

    async def __call__(self, scope: object, receive: object, send: object) -> None:
        await self._app(scope, receive, send)  # type: ignore[misc]


async def _alive(_request: Request) -> Response:
    return PlainTextResponse("ok")


async def _answers(check: Callable[[], Awaitable[object]]) -> bool:
    try:
        return bool(await check())
    except Exception:  # whatever it is, we aren't ready
        return False
