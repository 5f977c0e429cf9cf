"""Run the ASGI application, and wait for the signal to stop."""

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Final, TypeVar

import uvicorn
from uvicorn.loops.auto import auto_loop_factory

T = TypeVar("T")

WS_BYTES_MAX: Final = 65_536
UNACKNOWLEDGED_MS_MAX: Final = 20_000


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


def _nothing() -> None:
    """Nothing streams."""


class Server(uvicorn.Server):
    """Ends streams before it waits for running requests to end."""

    def __init__(self, config: uvicorn.Config, *, hang_up: Callable[[], None]) -> None:
        super().__init__(config)
        self._hang_up = hang_up

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop; sockets are closed with 1012."""
        self._hang_up()
        await super().shutdown(sockets)


def server(app: Any, *, host: str, port: int, hang_up: Callable[[], None] = _nothing) -> Server:
    """Return the server as it runs everywhere, in tests too.

    Args:
        app: an ASGI application.
        hang_up: ends what it streams.
    """
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        lifespan="on",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_max_size=WS_BYTES_MAX,
        timeout_graceful_shutdown=10,
        server_header=False,
    )
    return Server(config, hang_up=hang_up)


def listening_socket(config: uvicorn.Config) -> socket.socket:
    """Return a bound socket whose connections are given up when a peer acknowledges nothing for 20 seconds."""
    bound = config.bind_socket()
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux; elsewhere the system's own, longer timeouts end them
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS_MAX)
    return bound


def collect_rarely() -> None:
    """Look for garbage in circles less often: what thousands of sockets hold is looked through each time.

    With 5,000 of them a whole look stops everybody for a second. What isn't in a circle is freed at once as ever.
    """
    gc.collect()
    gc.freeze()  # modules, schema and plans stay for good
    gc.set_threshold(50_000, 20, 100)


def serve(app: Any, *, host: str, port: int, hang_up: Callable[[], None] = _nothing) -> None:
    """Serve until SIGINT or SIGTERM, then let running requests end."""
    running = server(app, host=host, port=port, hang_up=hang_up)
    with suppress(KeyboardInterrupt):  # uvicorn raises it again after it has stopped
        running.run(sockets=[listening_socket(running.config)])
    if not running.started:
        sys.exit("the application didn't start")


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
