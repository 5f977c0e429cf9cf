"""Callers with credentials, over HTTP and over sockets."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import orjson
import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from auth.tokens import TokenKind, issue_token
from domain.accounts import service
from domain.api_clients.service import create_api_token
from domain.workspaces.rules import Role
from tests.waiting import HANGS_S, in_time
from tests.world import World

EVENTS = "subscription { workspaceEvents { seq type } }"


async def sign_in(world: World) -> str:
    """Open a session of the world's owner and return its token."""
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


async def api_token(world: World) -> tuple[str, UUID]:
    """Issue a program's token."""
    token = issue_token(TokenKind.API, entropy=secrets.token_bytes)
    token_id = await create_api_token(
        actor=world.actor,
        name="ci",
        role=Role.READ_ONLY,
        token_hash=token.hash,
        expires_at=None,
        now=world.now(),
    )
    return token.text, token_id


@pytest_asyncio.fixture
async def client(server_url: str) -> AsyncIterator[httpx2.AsyncClient]:
    """Nobody in particular."""
    async with httpx2.AsyncClient(base_url=server_url, timeout=HANGS_S) as opened:
        yield opened


@pytest_asyncio.fixture
async def owner(world: World, server_url: str) -> AsyncIterator[httpx2.AsyncClient]:
    """The workspace's owner, signed in by a bearer token."""
    headers = {"authorization": f"Bearer {await sign_in(world)}"}
    async with httpx2.AsyncClient(base_url=server_url, headers=headers, timeout=HANGS_S) as opened:
        yield opened


@dataclass
class Socket:
    """A graphql-transport-ws client of a few lines."""

    connection: ClientConnection

    async def send(self, **message: Any) -> None:
        await self.connection.send(orjson.dumps(message).decode())

    async def send_text(self, text: str | bytes) -> None:
        await self.connection.send(text)

    async def receive(self) -> Any:
        async with in_time():
            return orjson.loads(await self.connection.recv())

    async def initialise(self, token: str) -> None:
        await self.send(type="connection_init", payload={"Authorization": f"Bearer {token}"})
        assert await self.receive() == {"type": "connection_ack"}

    async def closed(self) -> tuple[int, str]:
        """Read until the server closes; returns code and reason."""
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                await self.receive()
        frame = closed.value.rcvd
        return (frame.code, frame.reason) if frame else (1006, "")


@asynccontextmanager
async def open_socket(
    server_url: str, *, protocols: tuple[str, ...] = ("graphql-transport-ws",), **headers: str
) -> AsyncIterator[Socket]:
    """Open a socket; it says nothing by itself."""
    url = server_url.replace("http", "ws") + "/graphql"
    options: dict[str, Any] = {"subprotocols": list(protocols), "additional_headers": headers}
    async with connect(url, **options) as connection:
        yield Socket(connection)


@pytest_asyncio.fixture
async def socket(server_url: str) -> AsyncIterator[Socket]:
    """A socket that hasn't been initialised."""
    async with open_socket(server_url) as opened:
        yield opened
