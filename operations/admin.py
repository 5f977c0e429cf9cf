"""The admin port: metrics and health, for this machine alone, in API and worker alike."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from operations.metrics import CONTENT_TYPE, Metrics
from web.health import Readiness, health_routes

log = structlog.get_logger(__name__)

HOST: Final = "127.0.0.1"
LOOK_EVERY_S: Final = 10.0


class AdminServer(uvicorn.Server):
    """A second server in a process whose signals are another's."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone."""
        yield


def admin_app(
    metrics: Metrics,
    *,
    readiness: Readiness,
    look: Callable[[], Awaitable[None]],
    clock: Callable[[], float] = time.monotonic,
) -> Starlette:
    """Build what answers at the admin port.

    Args:
        look: sets what has to be looked up; called at most every ten seconds. What it raises is logged, and the old
            numbers stay.
        clock: monotonic seconds.
    """
    looked_at = -LOOK_EVERY_S
    looking = asyncio.Lock()

    async def tell(_request: Request) -> Response:
        nonlocal looked_at
        async with looking:
            if clock() - looked_at >= LOOK_EVERY_S:
                looked_at = clock()
                try:
                    await look()
                except Exception:
                    log.warning("metrics_look_failed", exc_info=True)
        return Response(metrics.text(), headers={"content-type": CONTENT_TYPE})

    return Starlette(routes=[Route("/metrics", tell), *health_routes(readiness)])


@asynccontextmanager
async def admin_port(app: Any, *, port: int) -> AsyncIterator[int]:
    """Serve until the block ends; gives the port, which 0 leaves to the system. Raises OSError when it is taken."""
    listening = socket.socket()
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, port))
    except OSError:
        listening.close()
        raise
    config = uvicorn.Config(app, log_level="warning", lifespan="off", ws="none", server_header=False)
    server = AdminServer(config)
    running = asyncio.create_task(server.serve(sockets=[listening]), name="admin port")
    try:
        yield int(listening.getsockname()[1])
    finally:
        server.should_exit = True
        await running
