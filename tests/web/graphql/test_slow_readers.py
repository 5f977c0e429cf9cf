"""Who reads slowly is waited for: nothing is queued for it, nothing is left out, and nobody else notices."""

import asyncio
from typing import Any

import orjson

from domain.events import find_last_seq
from resolvers import tails
from tests.steps.happening import happen, until_followed
from tests.waiting import in_time, until
from tests.web.graphql.conftest import EVENTS, sign_in
from tests.world import EXECUTION, World
from web.graphql.endpoint import GraphQLEndpoint


class Reader:
    """A client of the endpoint that takes a message when it wants to; the server waits for that."""

    def __init__(self, endpoint: GraphQLEndpoint, token: str) -> None:
        self._said: asyncio.Queue[Any] = asyncio.Queue()
        self._sent: asyncio.Queue[Any] = asyncio.Queue()
        self._room = asyncio.Semaphore(0)
        self._said.put_nowait({"type": "websocket.connect"})
        self._say(type="connection_init", payload={"Authorization": f"Bearer {token}"})
        self._say(type="subscribe", id="1", payload={"query": EVENTS})
        scope = {"type": "websocket", "headers": [], "subprotocols": ["graphql-transport-ws"]}
        self.serving = asyncio.create_task(endpoint(scope, self._said.get, self._send))

    @property
    def waiting(self) -> int:
        """How many messages the server has for us and couldn't send yet."""
        return self._sent.qsize()

    def leave(self) -> None:
        self._said.put_nowait({"type": "websocket.disconnect"})

    async def read(self) -> Any:
        """Take the next message."""
        self._room.release()
        return await self._sent.get()

    async def read_seqs(self, count: int) -> list[int]:
        """Take the next events."""
        messages = [orjson.loads((await self.read())["text"]) for _ in range(count)]
        return [message["payload"]["data"]["workspaceEvents"]["seq"] for message in messages]

    async def _send(self, message: Any) -> None:
        self._sent.put_nowait(message)
        await self._room.acquire()

    def _say(self, **message: Any) -> None:
        self._said.put_nowait({"type": "websocket.receive", "text": orjson.dumps(message).decode()})


async def test_a_slow_reader_has_one_message_waiting_and_gets_all(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr(tails, "KEPT", 10)
    endpoint, token = GraphQLEndpoint(EXECUTION, world.services), await sign_in(world)
    slow, quick = Reader(endpoint, token), Reader(endpoint, token)
    async with in_time():
        for reader in (slow, quick):
            assert [(await reader.read())["type"] for _ in range(2)] == ["websocket.accept", "websocket.send"]
        await until_followed(world, times=2)
        start = await find_last_seq(workspace_id=world.workspace_id)

        await happen(world)
        await until(lambda: slow.waiting)
        await happen(world, 30)
        expected = [start + number for number in range(1, 32)]
        assert await quick.read_seqs(31) == expected
        assert slow.waiting == 1

        assert await slow.read_seqs(31) == expected
        for reader in (slow, quick):
            reader.leave()
            await reader.serving
