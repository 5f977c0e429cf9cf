"""A real server on a loopback port, over the worker's application."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from starlette.routing import BaseRoute

from operations import serving
from resolvers.context import Services
from resolvers.observing import Observer
from tests.waiting import until
from tests.world import EXECUTION, SCHEMA
from web.app import create_app
from wiring import Application


@asynccontextmanager
async def served(
    app: Application, *, explorer: Sequence[BaseRoute], observe: Observer | None = None
) -> AsyncIterator[str]:
    """Serve the API and this explorer; gives where: ``http://127.0.0.1:port``."""

    @asynccontextmanager
    async def open_services() -> AsyncIterator[Services]:
        yield app.services

    async def fine() -> bool:
        return True

    async def broken() -> bool:
        raise OSError("gone")

    asgi = create_app(
        execution=EXECUTION,
        sdl=SCHEMA.as_str(),
        open_services=open_services,
        readiness={"fine": fine, "broken": broken},
        explorer=explorer,
        observe=observe,
    )
    server = serving.server(asgi, host="127.0.0.1", port=0, hang_up=asgi.hang_up)
    running = asyncio.create_task(server.serve(sockets=[serving.listening_socket(server.config)]))
    await until(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
