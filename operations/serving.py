"""Run the ASGI application, and wait for the signal to stop."""

import asyncio
import signal
import socket
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

import uvicorn
from starlette.applications import Starlette
from uvicorn.loops.auto import auto_loop_factory

T = TypeVar("T")


def require_free_port(*, host: str, port: int) -> None:
    """Exit with a clear word when somebody else listens there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            sys.exit(
                f"Port {port} on {host} can't be used ({error.strerror}). Choose another: PORT=8001 make run"
            )


def serve(app: Starlette, *, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM, then let running requests end."""
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_level="warning",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_max_size=65_536,
        timeout_graceful_shutdown=10,
        server_header=False,
    )


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run on the loop that ``serve`` runs on: uvloop where there is one, else asyncio's."""
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        return runner.run(work)


async def until_signalled() -> None:
    """Return when SIGINT or SIGTERM arrives."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
