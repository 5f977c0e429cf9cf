"""Strawberry's own WebSocket handler, as it comes, over Plera's event type and one shared reader of the log.

The reader is shared so that the peer isn't charged for a look into PostgreSQL per socket: what is compared is the
resolving, serialising and framing of each delivery.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import strawberry
from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from starlette.routing import WebSocketRoute
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from auth.tokens import bearer_token
from auth.viewer import ANONYMOUS, identify
from domain.events import EventFilter, LoggedEvent
from resolvers.context import Caller, Context, Services
from resolvers.following import follow
from schema.events import Event
from schema.info import Info
from schema.scalars import SCALARS
from settings import Settings
from wiring import application


class Broadcast:
    """One reader of the log, started by its first listener; each listener has a queue."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[LoggedEvent]] = set()
        self._reading: asyncio.Task[None] | None = None

    async def listen(self, context: Context) -> AsyncIterator[LoggedEvent]:
        """Yield events from now on."""
        if self._reading is None:
            self._reading = asyncio.create_task(self._read(context))
        queue: asyncio.Queue[LoggedEvent] = asyncio.Queue()
        self._queues.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._queues.discard(queue)

    async def _read(self, context: Context) -> None:
        async for event in follow(context, where=EventFilter(), after=None):
            for queue in self._queues:
                queue.put_nowait(event)


BROADCAST = Broadcast()


@strawberry.type
class Query:
    name: str = "stock"


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def run_events(self, info: Info, run_id: strawberry.ID) -> AsyncIterator[Event]:
        async for event in BROADCAST.listen(info.context):
            yield cast("Event", event)


@dataclass(slots=True, kw_only=True)
class StockContext(Context):
    """With the place where Strawberry puts what ``connection_init`` carried."""

    connection_params: Any = None


class StockEndpoint(GraphQL[StockContext, None]):
    """The handler with nothing but our sign-in."""

    def __init__(self, schema: strawberry.Schema, services: Services) -> None:
        super().__init__(schema, graphql_ide=None, subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,))
        self._services = services

    async def get_context(self, request: HTTPConnection, response: Any) -> StockContext:
        return StockContext(viewer=ANONYMOUS, caller=Caller(), services=self._services, request_id="stock")

    async def on_ws_connect(self, context: StockContext) -> Any:
        context.caller.credential = bearer_token(context.connection_params["Authorization"])
        context.viewer = await identify(
            credential=context.caller.credential, workspace=None, request_id="stock", now=context.now()
        )
        return strawberry.UNSET


def stock_app(settings: Settings) -> Starlette:
    """Build the application."""
    endpoints: list[StockEndpoint] = []

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with application(settings) as opened:
            endpoints.append(StockEndpoint(schema, opened.services))
            yield

    class Endpoint:
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await endpoints[0](scope, receive, send)

    schema = strawberry.Schema(Query, subscription=Subscription, config=SCALARS)
    return Starlette(routes=[WebSocketRoute("/graphql", Endpoint())], lifespan=lifespan)
