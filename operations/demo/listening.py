"""Hears the workspace's events over graphql-transport-ws, and hangs up now and then to prove that nothing is lost."""

import asyncio
import json
from collections import Counter
from contextlib import suppress
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from operations.demo.client import ApiClient, DemoFailed

SUBSCRIPTION = "subscription ($after: Cursor) { workspaceEvents(after: $after) { seq cursor type } }"
HANG_UP_EVERY = 150
"""Events after which the line is cut, as a phone in a tunnel would."""


class Listener:
    """Counts events by type; reconnects with the last cursor.

    Attributes:
        heard: event type -> how often.
        reconnects: how often the line was cut.
    """

    def __init__(self, client: ApiClient) -> None:
        self._url = client.base_url.replace("http", "ws", 1) + "/graphql"
        self._authorization = client.authorization
        self._cursor: str | None = None
        self._seq = 0
        self.heard: Counter[str] = Counter()
        self.reconnects = 0

    async def listen(self) -> None:
        """Listen until cancelled; raises DemoFailed on a gap or a repeat."""
        while True:
            with suppress(ConnectionClosed):
                await self._listen_once()
            self.reconnects += 1
            await asyncio.sleep(0.1)

    async def _listen_once(self) -> None:
        async with connect(self._url, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
            await socket.send(
                json.dumps({"type": "connection_init", "payload": {"authorization": self._authorization}})
            )
            await socket.recv()
            payload = {"query": SUBSCRIPTION, "variables": {"after": self._cursor}}
            await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
            heard_now = 0
            async for message in socket:
                self._take(json.loads(message))
                heard_now += 1
                if heard_now == HANG_UP_EVERY:
                    return

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] != "next" or message["payload"].get("errors"):
            raise DemoFailed(f"the stream ended: {json.dumps(message)[:500]}")
        event = message["payload"]["data"]["workspaceEvents"]
        if self._cursor is not None and event["seq"] != self._seq + 1:
            raise DemoFailed(f"after event {self._seq} came {event['seq']}")
        self._seq, self._cursor = event["seq"], event["cursor"]
        self.heard[event["type"]] += 1
