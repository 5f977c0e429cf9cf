"""The load: a process of its own that keeps some connections busy, each with one request at a time.

Reads an order from standard input and writes what happened to standard output, both JSON. It imports little and does
little per request, because it shares the machine's cores with what it measures.
"""

import json
import select
import socket
import sys
import time
from typing import Any

_HEAD_END = b"\r\n\r\n"


class Connection:
    """One kept-alive connection; takes its requests in turns."""

    def __init__(self, port: int, requests: list[bytes]) -> None:
        self._requests, self._turn = requests, 0
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer, self._needed = b"", 0
        self.failure: bytes | None = None
        self.began = 0.0

    def fileno(self) -> int:
        """For epoll."""
        return self._socket.fileno()

    def ask(self) -> None:
        """Send the next request."""
        request = self._requests[self._turn]
        self._turn = (self._turn + 1) % len(self._requests)
        self._buffer, self._needed = b"", 0
        self.began = time.perf_counter()
        self._socket.sendall(request)

    def answered(self) -> bool:
        """Read what is there; tell whether the answer is complete."""
        piece = self._socket.recv(1 << 18)
        if not piece:
            raise ConnectionError("the server hung up")
        self._buffer += piece
        if not self._needed:
            self._needed = _length(self._buffer)
        if not self._needed or len(self._buffer) < self._needed:
            return False
        if not self._buffer.startswith(b"HTTP/1.1 200") or b'"errors":[{' in self._buffer:
            self.failure = self._buffer
        return True


def _length(buffer: bytes) -> int:
    """Return how long the whole answer is, 0 when its head isn't there yet."""
    end = buffer.find(_HEAD_END)
    if end < 0:
        return 0
    head = buffer[:end].lower()
    at = head.index(b"content-length:") + 15
    return end + len(_HEAD_END) + int(head[at:].split(b"\r\n", 1)[0])


def run(order: dict[str, Any]) -> dict[str, Any]:
    """Ask until the time is up; returns seconds, and each answer's latency in seconds."""
    requests = [[request.encode() for request in requests] for requests in order["requests"]]
    connections = {each.fileno(): each for each in (Connection(order["port"], own) for own in requests)}
    poll, latencies = select.epoll(), []
    for number, connection in connections.items():
        poll.register(number, select.EPOLLIN)
        connection.ask()
    began = time.perf_counter()
    until, asked = began + order["seconds"], len(connections)
    while asked:
        for number, _ in poll.poll():
            connection = connections[number]
            if not connection.answered():
                continue
            now = time.perf_counter()
            latencies.append(now - connection.began)
            if now < until:
                connection.ask()
            else:
                asked -= 1
    failures = [each.failure.decode() for each in connections.values() if each.failure]
    return {"seconds": time.perf_counter() - began, "latencies": latencies, "failures": failures[:1]}


if __name__ == "__main__":
    json.dump(run(json.load(sys.stdin)), sys.stdout)
