"""The lines of an SMTP dialogue over one connection: write, and read replies in order.

aiosmtplib's protocol drops replies that arrive together, which rules out pipelining (RFC 2920), and writes a
message and its final dot in one call, which leaves no room for the point of no return between them.
"""

import asyncio
import re
import ssl
from collections import deque
from dataclasses import dataclass
from typing import cast

from integrations.smtp_imap.connecting import drop

_REPLY_LINE = re.compile(rb"([2-5]\d\d)([ -]?)(.*)")
_REPLY_OCTETS_MAX = 65_536


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's whole reply; the lines of a longer one are joined by line feeds."""

    code: int
    text: str


class ConnectionLost(Exception):
    """The connection ended, timed out or spoke nonsense; nothing more can be learned from it."""


class SmtpProtocol(asyncio.Protocol):
    """Collects replies as they come and hands them out one by one."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._lines: list[bytes] = []
        self._replies: deque[Reply] = deque()
        self._lost: ConnectionLost | None = None
        self._awaited: asyncio.Future[None] | None = None
        self._writable = asyncio.Event()
        self._writable.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, or go on over TLS."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's transports derive from nothing
        self._transport.set_write_buffer_limits(high=1, low=0)  # `flush` shall mean that nothing waits here

    def data_received(self, data: bytes) -> None:
        """Take what came; a reply is complete at a line with a space after its code."""
        self._buffer += data
        if len(self._buffer) + sum(map(len, self._lines)) > _REPLY_OCTETS_MAX:
            self._fail("the server's reply is too long")
            return
        *lines, rest = self._buffer.split(b"\n")
        self._buffer = bytearray(rest)
        for line in lines:
            self._take_line(bytes(line.rstrip(b"\r")))
        self._wake()

    def eof_received(self) -> None:
        """Learn that the server has hung up."""
        self._fail("the server closed the connection")

    def connection_lost(self, exc: Exception | None) -> None:
        """Learn that the connection is gone."""
        self._fail("the connection was lost" if exc is None else f"the connection was lost: {exc}")

    def pause_writing(self) -> None:
        """Note that bytes wait in the transport."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Note that all bytes are on their way."""
        self._writable.set()

    @property
    def transport(self) -> asyncio.Transport:
        """The live transport; raises ConnectionLost if there is none."""
        if self._lost is not None or self._transport is None or self._transport.is_closing():
            raise self._lost or ConnectionLost("the connection is closed")
        return self._transport

    @property
    def is_quiet(self) -> bool:
        """Tell whether the connection is open and the server has said nothing that wasn't asked for."""
        closing = self._transport is None or self._transport.is_closing()
        return not (closing or self._lost or self._replies or self._lines or self._buffer)

    async def command(self, *lines: str, timeout_s: float) -> list[Reply]:
        """Write commands at once and return the reply to each."""
        self.transport.write("".join(f"{line}\r\n" for line in lines).encode("ascii"))
        return [await self.reply(timeout_s=timeout_s) for _ in lines]

    async def start_tls(self, context: ssl.SSLContext, *, host: str, timeout_s: float) -> None:
        """Go on over TLS with a server that is known as ``host``."""
        if not self.is_quiet:  # bytes before the handshake would be read as if they were protected
            raise ConnectionLost("the server spoke before the handshake")
        upgraded = await asyncio.get_running_loop().start_tls(
            self.transport, self, context, server_hostname=host, ssl_handshake_timeout=timeout_s
        )
        if upgraded is None:
            raise ConnectionLost("the connection was lost in the handshake")
        self.connection_made(upgraded)

    async def flush(self, data: bytes, *, timeout_s: float) -> None:
        """Write bytes and wait until they are on their way."""
        self.transport.write(data)
        try:
            async with asyncio.timeout(timeout_s):
                await self._writable.wait()
        except TimeoutError:
            raise ConnectionLost("the server took too long to read") from None
        if self._lost:
            raise self._lost

    async def reply(self, *, timeout_s: float) -> Reply:
        """Return the next reply, also one that came before the connection was lost."""
        try:
            async with asyncio.timeout(timeout_s):
                while not self._replies:
                    if self._lost:
                        raise self._lost
                    self._awaited = asyncio.get_running_loop().create_future()
                    await self._awaited
        except TimeoutError:
            raise ConnectionLost("the server took too long to answer") from None
        return self._replies.popleft()

    def abort(self) -> None:
        """Drop the connection now, with whatever hasn't been written."""
        if self._transport is not None:
            drop(self._transport)

    def _take_line(self, line: bytes) -> None:
        found = _REPLY_LINE.fullmatch(line)
        if found is None:
            self._fail("the server doesn't speak SMTP")
            return
        code, more, text = found.groups()
        self._lines.append(text)
        if more != b"-":
            self._replies.append(Reply(int(code), b"\n".join(self._lines).decode("utf-8", "replace").strip()))
            self._lines.clear()

    def _fail(self, reason: str) -> None:
        if self._lost is None:
            self._lost = ConnectionLost(reason)
        self.abort()
        self._writable.set()
        self._wake()

    def _wake(self) -> None:
        if self._awaited is not None and not self._awaited.done():
            self._awaited.set_result(None)
