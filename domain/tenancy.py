"""The two walls between workspaces, and the only doors through them.

Every connection of the application acts as ``plera_app``, which row-level security confines to the
workspace named in ``app.workspace_id``; without one it sees no row. A few look-ups must see across
workspaces (sign-in, sweepers, tokens); they act as ``plera_system``, which may read only the columns
granted to it. ``tests/domain/test_tenancy.py`` names everyone who may do that.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import asyncpg
import orjson
from asyncpg.transaction import Transaction, TransactionState
from tortoise.backends.asyncpg.client import TransactionWrapper
from tortoise.connection import get_connection, get_connections

if TYPE_CHECKING:
    from tortoise.backends.asyncpg.client import AsyncpgDBClient

    Connection = asyncpg.pool.PoolConnectionProxy[asyncpg.Record]

AWAY = (OSError, asyncpg.InterfaceError, asyncpg.PostgresError)
"""What a statement that is right raises when the database doesn't answer."""

APP = "app"
APP_ROLE = "plera_app"
SYSTEM = "system"


async def prepare_connection(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Read ``jsonb`` as Python values; written values are JSON text, as Tortoise sends them."""
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=str, decoder=orjson.loads)


async def leave_connection(_connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Reset nothing when a connection goes back to its pool: all that is set here ends with its transaction.

    asyncpg's own reset is a round trip of its own after every transaction.
    """


class _Scoped(Transaction):
    """A transaction that sees one workspace; what is begun inside it, by Tortoise too, is a savepoint as ever.

    It begins and names the workspace in one round trip, for which asyncpg has no way of its own.
    """

    def __init__(self, proxy: Any, workspace_id: UUID, *, readonly: bool) -> None:
        self._own = proxy._con
        super().__init__(self._own, None, readonly, False)
        mode = "READ ONLY" if readonly else "READ WRITE"
        self._begin = f"BEGIN {mode}; SET LOCAL app.workspace_id = '{workspace_id}'"

    async def start(self) -> None:
        self._own._top_xact = self
        await self._own.execute(self._begin)
        self._state = TransactionState.STARTED


@asynccontextmanager
async def reading(workspace_id: UUID) -> AsyncIterator["Connection"]:
    """Open a read-only transaction that sees one workspace; yields an asyncpg connection."""
    pool = await _pool(APP)
    async with pool.acquire() as connection, _Scoped(connection, workspace_id, readonly=True):
        yield connection


@asynccontextmanager
async def writing(workspace_id: UUID) -> AsyncIterator["Connection"]:
    """Open a transaction that sees one workspace; ORM calls in the same task join it.

    Tortoise's own ``in_transaction`` keeps the connection and its place in the context for ever when a task is
    cancelled while it begins (1.1.9): the pool runs dry and the task's next transaction is taken for a nested one.
    """
    pool, connections = await _pool(APP), get_connections()
    async with pool.acquire() as connection, _Scoped(connection, workspace_id, readonly=False):
        joined = TransactionWrapper(cast("AsyncpgDBClient", get_connection(APP)))
        joined._connection = cast("asyncpg.Connection[asyncpg.Record]", connection)
        token = connections.set(APP, joined)
        try:
            yield connection
        finally:
            connections.reset(token)


@asynccontextmanager
async def across_workspaces() -> AsyncIterator["Connection"]:
    """Open a transaction as ``plera_system``: identity tables, and look-up columns of the rest."""
    pool = await _pool(SYSTEM)
    async with pool.acquire() as connection, connection.transaction():
        yield connection


@asynccontextmanager
async def looking_across_workspaces() -> AsyncIterator["Connection"]:
    """Lend a connection as ``plera_system`` for one statement that reads; that needs no transaction around it."""
    pool = await _pool(SYSTEM)
    async with pool.acquire() as connection:
        yield connection


async def _pool(name: str) -> "asyncpg.Pool[asyncpg.Record]":
    """Return Tortoise's own pool, so that a process keeps one pool per role."""
    client = cast("AsyncpgDBClient", get_connection(name))
    if isinstance(client, TransactionWrapper):  # asked for inside a unit of work
        client = client._parent
    if client._pool is None:
        async with client.acquire_connection():  # Tortoise opens its pool on first use
            pass
    return cast("asyncpg.Pool[asyncpg.Record]", client._pool)
