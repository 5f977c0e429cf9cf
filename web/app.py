"""The ASGI application: which path is answered by whom."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from resolvers.context import Services
from resolvers.observing import Observer
from resolvers.outcome import Execution
from web.account_links import AccountLinks
from web.exports import ExportDownload
from web.graphql.endpoint import DOCUMENTS_PATH, GraphQLEndpoint
from web.graphql.listeners import Listeners
from web.health import Readiness, health_routes
from web.privacy import PrivacyPages
from web.unsubscribe import UnsubscribePage

Opener = Callable[[], AbstractAsyncContextManager[Services]]


class App(Starlette):
    """Starlette for everything but the one path that is asked most, which goes straight to its endpoint."""

    endpoint: GraphQLEndpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        if _is_graphql(scope):
            await self.endpoint(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    @property
    def listeners(self) -> Listeners | None:
        """Who listens over sockets and streams; None while the server starts."""
        endpoint: GraphQLEndpoint | None = getattr(self, "endpoint", None)
        return endpoint.listeners if endpoint is not None else None

    def hang_up(self) -> None:
        """End what streams: called when the server stops, before it waits for what runs."""
        self.endpoint.hang_up()


def _is_graphql(scope: Scope) -> bool:
    """A socket names its documents in its messages, never by its address."""
    if scope["type"] == "lifespan":
        return False
    path: str = scope["path"]
    return path == "/graphql" or (scope["type"] == "http" and path.startswith(DOCUMENTS_PATH))


def create_app(
    *,
    execution: Execution,
    sdl: str,
    open_services: Opener,
    readiness: Readiness,
    explorer: Sequence[BaseRoute] = (),
    observe: Observer | None = None,
) -> App:
    """Build the application.

    Args:
        open_services: entered when the server starts and left when it stops.
        readiness: what must answer before we are ready, by name; each check may raise.
        explorer: what answers at ``/graphiql``.
        observe: told about every GraphQL operation.
    """
    opened: list[Services] = []

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with open_services() as services:
            built.endpoint = GraphQLEndpoint(execution, services, observe=observe)
            opened.append(services)
            yield
            opened.clear()

    async def show_sdl(_request: Request) -> Response:
        return PlainTextResponse(sdl)

    built = App(
        routes=[
            Route("/", lambda _request: RedirectResponse("/graphiql")),
            Route("/schema.graphql", show_sdl),
            *health_routes(readiness),
            UnsubscribePage(lambda: opened[0]).route,
            *AccountLinks(lambda: opened[0]).routes,
            *PrivacyPages(lambda: opened[0]).routes,
            ExportDownload(lambda: opened[0]).route,
            *explorer,
        ],
        lifespan=lifespan,
    )
    return built
