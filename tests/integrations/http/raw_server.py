"""A TCP server that answers with exactly the bytes a test gives, and remembers what it was asked."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Answer = Callable[[str, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class RawServer:
    port: int = 0
    requests: list[str] = field(default_factory=list)
    server_names: list[str | None] = field(default_factory=list)

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@asynccontextmanager
async def raw_server(
    answer: Answer | bytes, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[RawServer]:
    state = RawServer()
    if tls is not None:
        tls.sni_callback = lambda _socket, name, _context: state.server_names.append(name)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            state.requests.append(head)
            if isinstance(answer, bytes):
                writer.write(answer)
            else:
                await answer(head.split()[1], writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls)
    state.port = server.sockets[0].getsockname()[1]
    try:
        yield state
    finally:
        server.close()
        await server.wait_closed()


def response(
    body: bytes = b"hello", *, status: str = "200 OK", kind: str = "text/html", extra: tuple[str, ...] = ()
) -> bytes:
    lines = (f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *extra, "", "")
    return "\r\n".join(lines).encode() + body


def redirect(location: str) -> bytes:
    return response(b"", status="302 Found", extra=(f"Location: {location}",))
