"""The server as it runs everywhere: what becomes of a client that reads nothing."""

import asyncio
import socket
from typing import Any

import pytest

from operations import serving
from tests.waiting import in_time, until

PIECE = {"type": "http.response.body", "body": b"x" * 65_536, "more_body": True}


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="the system has no such timeout")
async def test_who_reads_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "UNACKNOWLEDGED_MS_MAX", 100)
    given_up = asyncio.Event()

    async def pour(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        pouring = asyncio.create_task(_endlessly(send))
        await receive()  # the request's body
        assert (await receive())["type"] == "http.disconnect"
        pouring.cancel()
        given_up.set()

    server = serving.server(pour, host="127.0.0.1", port=0)
    server.config.lifespan = "off"
    listening = serving.listening_socket(server.config)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    await until(lambda: server.started)
    with socket.create_connection(listening.getsockname()) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        async with in_time():
            await given_up.wait()
    server.should_exit = True
    await running


async def _endlessly(send: Any) -> None:
    while True:
        await send(PIECE)
