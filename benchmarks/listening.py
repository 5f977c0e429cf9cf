"""Many listeners in one process of their own: sockets that subscribe to one stream and note when each event arrives.

Started as ``python benchmarks/listening.py``; takes orders and gives reports as lines of JSON. It imports little and
does little per event, because it shares the machine's cores with what it measures.
"""

import json
import os
import select
import socket
import struct
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

PATIENCE_S = 120
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10


class Listener:
    """One socket that speaks graphql-transport-ws."""

    def __init__(self, port: int, *, token: str, query: str, variables: dict[str, Any]) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""
        self._open(port)
        self._say({"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}})
        while b'"connection_ack"' not in next(self._frames(), b""):
            self._receive()
        self._say({"id": "1", "type": "subscribe", "payload": {"query": query, "variables": variables}})

    def fileno(self) -> int:
        """For epoll."""
        return self._socket.fileno()

    def heard(self) -> Iterator[bytes]:
        """Yield the events that have arrived; answers pings by the way."""
        self._receive()
        for message in self._frames():
            if b'"next"' in message[:200]:
                yield message
            elif b'"ping"' in message:
                self._say({"type": "pong"})
            else:
                raise ConnectionError(message[:500].decode(errors="replace"))

    def _open(self, port: int) -> None:
        self._socket.sendall(
            f"GET /graphql HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n".encode()
        )
        while b"\r\n\r\n" not in self._buffer:
            self._receive()
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        if b" 101 " not in head:
            raise ConnectionError(head.decode(errors="replace"))

    def _receive(self) -> None:
        piece = self._socket.recv(1 << 18)
        if not piece:
            raise ConnectionError("the server hung up")
        self._buffer += piece

    def _frames(self) -> Iterator[bytes]:
        """Yield complete text messages (RFC 6455; servers don't mask, and ours don't split)."""
        buffer, at = self._buffer, 0
        while len(buffer) >= at + 2:
            size, start = buffer[at + 1], at + 2
            if size == 126:
                size, start = int.from_bytes(buffer[start : start + 2], "big"), start + 2
            elif size == 127:
                size, start = int.from_bytes(buffer[start : start + 8], "big"), start + 8
            if len(buffer) < start + size:
                break
            kind, payload = buffer[at] & 15, buffer[start : start + size]
            at = start + size
            if kind == _TEXT:
                self._buffer = buffer[at:]
                yield payload
            elif kind == _PING:
                self._send(_PONG, payload)
            elif kind == _CLOSE:
                raise ConnectionError(f"closed: {payload!r}")
        self._buffer = buffer[at:]

    def _say(self, message: dict[str, Any]) -> None:
        self._send(_TEXT, json.dumps(message).encode())

    def _send(self, kind: int, payload: bytes) -> None:
        """A client masks its frames; a mask of zeros leaves them as they are."""
        size = len(payload)
        length = struct.pack(">B", 128 | size) if size < 126 else struct.pack(">BH", 128 | 126, size)
        self._socket.sendall(bytes([128 | kind]) + length + b"\0\0\0\0" + payload)


class Room:
    """All listeners. They are attended to also while nothing is expected, because servers ping."""

    def __init__(self, listeners: list[Listener]) -> None:
        self._listeners = {listener.fileno(): listener for listener in listeners}
        self._poll = select.epoll()
        for number in (sys.stdin.fileno(), *self._listeners):
            self._poll.register(number, select.EPOLLIN)
        self._moments: dict[bytes, float] = {}

    def serve(self) -> None:
        """For each line, a number of events, report when every listener has had as many, until the lines end."""
        latencies: list[float] = []
        wanted, until = 0, 0.0
        while True:
            for number, _ in self._poll.poll(1):
                if number in self._listeners:
                    latencies.extend(self._hear(number))
                elif line := sys.stdin.readline():
                    wanted, until = int(line) * len(self._listeners), time.monotonic() + PATIENCE_S
                else:
                    return
            if wanted and len(latencies) >= wanted:
                print(json.dumps({"latencies": latencies}), flush=True)
                latencies, wanted = [], 0
            elif wanted and time.monotonic() > until:
                raise TimeoutError(f"{wanted - len(latencies)} deliveries are missing")

    def _hear(self, number: int) -> Iterator[float]:
        now = time.time()
        for message in self._listeners[number].heard():
            at = message.index(b'"occurredAt":') + 13
            text = message[at : message.index(b'"', at + 2) + 1].strip()
            if text not in self._moments:
                self._moments[text] = datetime.fromisoformat(json.loads(text)).timestamp()
            yield now - self._moments[text]


def main() -> None:
    """Subscribe as the first line says, then report."""
    order = json.loads(sys.stdin.readline())
    subscription = {name: order[name] for name in ("query", "variables")}
    tokens = order["tokens"]
    listeners = [
        Listener(order["port"], token=tokens[number % len(tokens)], **subscription)
        for number in range(order["listeners"])
    ]
    print(json.dumps({"listeners": len(listeners)}), flush=True)
    Room(listeners).serve()
    os._exit(0)  # closing thousands of sockets one by one would take a while


if __name__ == "__main__":
    main()
