"""From commit to socket: how long after a commit a subscriber has the event.

The floor is a bare WebSocket that forwards a Valkey message published at the same moment, with no log, no GraphQL
and no rights: what the two hops themselves cost. Both are measured in turns, in one process per side.
"""

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import uvicorn
from redis.asyncio import Redis
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import ClientConnection, connect

from auth.tokens import TokenKind, issue_token
from benchmarks.stage import Figure, percentile, running, servers, show
from domain.accounts import service as accounts
from domain.work import unit_of_work
from domain.workspaces.events import WorkspaceUpdated
from resolvers.context import Services
from schema.execution import SchemaExecution
from schema.root import build_schema
from tests.world import World, new_world
from web.app import create_app
from wiring import Application

EVENTS = 400
CHANNEL = "benchmark"


async def _forward(socket: WebSocket) -> None:
    """The floor: Valkey to socket."""
    await socket.accept()
    redis: Redis = socket.app.state.redis
    async with redis.pubsub() as channel:
        await channel.subscribe(CHANNEL)
        async for message in channel.listen():
            if message["type"] == "message":
                await socket.send_text(message["data"].decode())


@asynccontextmanager
async def _served(app: Application) -> AsyncIterator[str]:
    @asynccontextmanager
    async def open_services() -> AsyncIterator[Services]:
        yield app.services

    schema = build_schema()
    asgi = create_app(
        execution=SchemaExecution(schema), sdl=schema.as_str(), open_services=open_services, readiness={}
    )
    asgi.router.routes.append(WebSocketRoute("/floor", _forward))
    asgi.state.redis = Redis.from_url(str(app.settings.redis_url))
    config = uvicorn.Config(
        asgi, port=0, log_level="critical", ws="websockets-sansio", ws_per_message_deflate=False
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield f"ws://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = server.force_exit = True
        await serving
        await asgi.state.redis.aclose()


async def _session(world: World) -> str:
    token = issue_token(TokenKind.SESSION, entropy=secrets.token_bytes)
    now = datetime.now(UTC)
    await accounts.open_session(
        user_id=world.user_id,
        token_hash=token.hash,
        ip=None,
        user_agent=None,
        expires_at=now + timedelta(hours=1),
        now=now,
    )
    return token.text


async def _subscribe(socket: ClientConnection, token: str) -> None:
    await socket.send(
        json.dumps({"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}})
    )
    assert json.loads(await socket.recv())["type"] == "connection_ack"
    query = "subscription { workspaceEvents { seq cursor type subjectId occurredAt } }"
    await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": query}}))
    await asyncio.sleep(0.5)


async def _through_the_log(world: World, socket: ClientConnection) -> float:
    async with unit_of_work(world.actor, now=datetime.now(UTC)) as work:
        work.emit(WorkspaceUpdated(subject_id=world.workspace_id))
    committed = time.perf_counter()
    await asyncio.wait_for(socket.recv(), 10)
    return time.perf_counter() - committed


async def _bare(redis: Any, socket: ClientConnection) -> float:
    await redis.publish(CHANNEL, "x" * 200)
    published = time.perf_counter()
    await asyncio.wait_for(socket.recv(), 10)
    return time.perf_counter() - published


async def measure(app: Application) -> list[Figure]:
    """Return latencies of both sides."""
    world = await new_world(app)
    async with (
        _served(app) as url,
        connect(f"{url}/graphql", subprotocols=["graphql-transport-ws"]) as live,  # type: ignore[list-item]
        connect(f"{url}/floor") as floor,
    ):
        await _subscribe(live, await _session(world))
        ours, bare = [], []
        for _ in range(EVENTS):
            ours.append(await _through_the_log(world, live) * 1_000)
            bare.append(await _bare(app.redis, floor) * 1_000)
    figures = []
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        mine, peer = percentile(ours, share), percentile(bare, share)
        figures.append(Figure(f"commit to socket, {name}", mine, "ms", mine / peer, "Valkey to bare socket"))
        figures.append(Figure(f"Valkey to bare socket, {name}", peer, "ms"))
    return figures


async def _main(started: Any) -> None:
    async with running(started) as app:
        show("Event latency, one subscriber", await measure(app))


def main() -> None:
    """Measure and print."""
    with servers() as started:
        asyncio.run(_main(started))


if __name__ == "__main__":
    main()
