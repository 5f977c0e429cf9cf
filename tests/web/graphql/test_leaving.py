"""What clients hear when the server stops, over a server of the test's own."""

import asyncio

import httpx2

from tests.waiting import HANGS_S, in_time
from tests.web.graphql.conftest import EVENTS, open_socket, sign_in
from tests.web.serving import served
from tests.world import World


async def test_sockets_are_closed_with_1012_and_streams_end_at_once(world: World) -> None:
    token = await sign_in(world)
    headers = {"authorization": f"Bearer {token}", "accept": "text/event-stream"}
    serving = served(world.app, explorer=())
    url = await serving.__aenter__()
    async with (
        open_socket(url) as socket,
        httpx2.AsyncClient(base_url=url, headers=headers, timeout=HANGS_S) as client,
    ):
        await socket.initialise(token)
        await socket.send(id="1", type="subscribe", payload={"query": EVENTS})
        async with client.stream("POST", "/graphql", json={"query": EVENTS}) as stream:
            leaving = asyncio.create_task(serving.__aexit__(None, None, None))
            code, _ = await socket.closed()
            async with in_time():
                rest = [piece async for piece in stream.aiter_raw()]
        async with in_time():
            await leaving
    assert code == 1012
    assert b"complete" not in b"".join(rest)
