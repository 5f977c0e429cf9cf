"""The HTTP and WebSocket door."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from auth.tokens import TokenKind, issue_token
from domain.accounts import service
from domain.actor import Actor
from domain.events import find_last_seq
from domain.work import unit_of_work
from domain.workspaces import service as workspaces
from domain.workspaces.events import WorkspaceUpdated
from domain.workspaces.rules import Role
from tests.world import World

WORKSPACE = "{ workspace { name } }"


async def _sign_in(world: World) -> str:
    token = issue_token(TokenKind.SESSION, entropy=secrets.token_bytes)
    await service.open_session(
        user_id=world.user_id,
        token_hash=token.hash,
        ip=None,
        user_agent=None,
        expires_at=world.now() + timedelta(days=1),
        now=world.now(),
    )
    return token.text


@pytest_asyncio.fixture
async def client(server_url: str) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=server_url) as opened:
        yield opened


async def _ask(client: httpx2.AsyncClient, query: str, **headers: str) -> Any:
    return await client.post("/graphql", json={"query": query}, headers=headers)


async def test_a_bearer_token_signs_in(world: World, client: httpx2.AsyncClient) -> None:
    token = await _sign_in(world)
    answer = await _ask(client, WORKSPACE, authorization=f"Bearer {token}")
    assert (answer.status_code, answer.json()) == (200, {"data": {"workspace": {"name": "Acme Outreach"}}})


@pytest.mark.parametrize("credential", ["nonsense", "plera_s_" + "x" * 43, "plera_t_" + "x" * 43])
async def test_a_wrong_credential_is_refused_before_anything_runs(
    client: httpx2.AsyncClient, credential: str
) -> None:
    answer = await _ask(client, "{ eventTypes }", authorization=f"Bearer {credential}")
    assert answer.status_code == 401
    [error] = answer.json()["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    assert error["extensions"]["requestId"]


async def test_signing_in_sets_a_cookie_that_works_for_our_own_pages_only(
    world: World, client: httpx2.AsyncClient
) -> None:
    await client.post("/graphql", json={"query": "{ viewer { user { name } } }"})
    token = await _sign_in(world)
    cookie = {"cookie": f"plera_session={token}"}
    own = await _ask(client, WORKSPACE, **cookie, **{"sec-fetch-site": "same-origin"})
    assert own.json() == {"data": {"workspace": {"name": "Acme Outreach"}}}
    foreign = await _ask(client, WORKSPACE, **cookie, origin="https://evil.example")
    assert (foreign.status_code, foreign.json()["errors"][0]["extensions"]["code"]) == (
        403,
        "ORIGIN_NOT_ALLOWED",
    )


async def test_another_workspace_is_refused_like_a_missing_one(
    world: World, client: httpx2.AsyncClient
) -> None:
    token = await _sign_in(world)
    for workspace in ("work_01a20000-0000-7000-8000-000000000000", "garbage"):
        answer = await _ask(
            client, WORKSPACE, authorization=f"Bearer {token}", **{"plera-workspace": workspace}
        )
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (403, "FORBIDDEN")


async def test_readiness_names_what_is_missing(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/livez")).text == "ok"
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"fine": True, "broken": False})


async def test_the_sdl_is_served(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/schema.graphql")
    assert "type Query {" in answer.text


async def test_a_body_without_end_is_cut_off(client: httpx2.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b'{"query": "'
        for _ in range(200):
            yield b" " * 100_000

    answer = await client.post("/graphql", content=endless(), headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (
        413,
        "REQUEST_TOO_LARGE",
    )


class Socket:
    """A graphql-transport-ws client of a few lines."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def send(self, **message: Any) -> None:
        await self._connection.send(json.dumps(message))

    async def receive(self) -> Any:
        async with asyncio.timeout(5):
            return json.loads(await self._connection.recv())


@pytest_asyncio.fixture
async def socket(server_url: str) -> AsyncIterator[Socket]:
    url = server_url.replace("http", "ws") + "/graphql"
    async with connect(url, subprotocols=["graphql-transport-ws"]) as connection:  # type: ignore[list-item]
        yield Socket(connection)


async def _subscribe(socket: Socket, token: str, document: str) -> None:
    await socket.send(type="connection_init", payload={"Authorization": f"Bearer {token}"})
    assert (await socket.receive())["type"] == "connection_ack"
    await socket.send(id="1", type="subscribe", payload={"query": document})


async def _happen(world: World) -> None:
    async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
        work.emit(WorkspaceUpdated(subject_id=world.workspace_id))


async def test_events_arrive_over_the_socket(world: World, socket: Socket) -> None:
    await _subscribe(
        socket, await _sign_in(world), "subscription { workspaceEvents { seq type subjectId cursor } }"
    )
    await asyncio.sleep(0.2)
    last_seq = await find_last_seq(workspace_id=world.workspace_id)
    await _happen(world)
    message = await socket.receive()
    event = message["payload"]["data"]["workspaceEvents"]
    assert event.pop("cursor")
    assert event == {
        "seq": last_seq + 1,
        "type": "WorkspaceUpdated",
        "subjectId": f"work_{world.workspace_id}",
    }


async def test_a_wrong_token_closes_the_socket_before_anything_runs(socket: Socket) -> None:
    await socket.send(type="connection_init", payload={"Authorization": "Bearer plera_s_wrong"})
    with pytest.raises(ConnectionClosed) as closed:
        await socket.receive()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4403


async def test_a_revoked_token_stops_hearing_within_seconds(world: World, socket: Socket) -> None:
    token_text, token = await _api_token(world)
    await _subscribe(socket, token_text, "subscription { workspaceEvents { seq } }")
    await asyncio.sleep(0.2)
    await workspaces.revoke_api_token(actor=world.actor, token_id=token, now=world.now())
    async with asyncio.timeout(10):
        while True:
            message = await _next(socket)
            if message["type"] in {"error", "complete"} or "errors" in message.get("payload", {}):
                break
    assert "UNAUTHENTICATED" in json.dumps(message)


async def _next(socket: Socket) -> Any:
    return json.loads(await socket._connection.recv())


async def _api_token(world: World) -> tuple[str, Any]:
    token = issue_token(TokenKind.API, entropy=secrets.token_bytes)
    token_id = await workspaces.create_api_token(
        actor=world.actor,
        name="ci",
        role=Role.READ_ONLY,
        token_hash=token.hash,
        expires_at=None,
        now=world.now(),
    )
    return token.text, token_id
