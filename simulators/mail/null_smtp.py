"""An SMTP server that takes everything and keeps nothing, fast enough to measure a sender against.

``python -m simulators.mail.null_smtp --port 2525`` runs it by itself; with ``--tls FOLDER`` over TLS, its
authority's certificate being ``FOLDER/ca.pem``.
"""

import argparse
import asyncio
import ssl
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from simulators.mail.certificates import Authority

_END = b"\r\n.\r\n"
_OFFERS = b"250-null.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 AUTH PLAIN\r\n"
_ANSWERS = {b"AUTH": b"235 2.7.0 welcome\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 2.0.0 bye\r\n"}


@dataclass(slots=True)
class Tally:
    """What went through: messages, their octets, and connections."""

    messages: int = 0
    octets: int = 0
    connections: int = 0
    commands: Counter[bytes] = field(default_factory=Counter)


class NullSmtp(asyncio.Protocol):
    """One connection: answers each command line with success and counts bodies."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._buffer = bytearray()
        self._in_body = False
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's transports derive from nothing
        self._tally.connections += 1
        self._transport.write(b"220 null.example ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        answers = bytearray()
        while (answer := self._next_answer()) is not None:
            answers += answer
        self._transport.write(bytes(answers))

    def _next_answer(self) -> bytes | None:
        end = self._buffer.find(_END if self._in_body else b"\r\n")
        if end < 0:
            return None
        taken = end + (len(_END) if self._in_body else 2)
        line = bytes(self._buffer[:4]).upper()
        del self._buffer[:taken]
        if self._in_body:
            self._in_body = False
            self._tally.messages += 1
            self._tally.octets += taken
            return b"250 2.0.0 taken\r\n"
        self._tally.commands[line] += 1
        self._in_body = line == b"DATA"
        return _OFFERS if line == b"EHLO" else _ANSWERS.get(line, b"250 2.0.0 ok\r\n")


async def start_null_smtp(
    *, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
) -> tuple[asyncio.Server, Tally]:
    """Listen; port 0 takes a free one. Close the server yourself."""
    tally = Tally()
    server = await asyncio.get_running_loop().create_server(lambda: NullSmtp(tally), host, port, ssl=tls)
    return server, tally


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's, where it is installed: what is measured is the sender."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _serve(port: int, *, tls: ssl.SSLContext | None) -> None:
    server, _ = await start_null_smtp(port=port, tls=tls)
    print(f"listening on {server.sockets[0].getsockname()[1]}", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="An SMTP server that keeps nothing.")
    parser.add_argument("--port", type=int, default=2525)
    parser.add_argument("--tls", type=Path, help="folder that keeps its certificate authority")
    given = parser.parse_args()
    context = Authority(folder=given.tls).serving() if given.tls else None
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_serve(given.port, tls=context))
