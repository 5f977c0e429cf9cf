"""A lean pool for planned reads: one statement a request, outside of any transaction.

asyncpg's own pool sends a reset query whenever a connection is given back, which costs small reads more than the read
itself. A planned statement leaves nothing behind (its setting is local to it), so a connection is reset by closing it,
after an error.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

import asyncpg

from domain import tenancy
from domain.sql_time import TimedConnection

if TYPE_CHECKING:
    from asyncpg import Record

    Connection = asyncpg.Connection[Record]

SETTINGS = {"TimeZone": "UTC", "DateStyle": "ISO", "application_name": "plera reads"}
"""Moments are written as text by PostgreSQL: in UTC, whatever the server's default is."""


LOST = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
)
"""What says that a connection is gone, not that a statement is wrong."""

STATEMENTS_KEPT = 1_000
"""Prepared statements that a connection keeps; a plan is one."""


class LeanPool:
    """Keeps up to ``size`` connections and hands out the one that was used last.

    Args:
        connect: opens a connection as the application's role.
    """

    def __init__(self, connect: Callable[[], Awaitable["Connection"]], *, size: int) -> None:
        self._connect = connect
        self._free = asyncio.Semaphore(size)
        self._idle: list[Connection] = []
        self._closed = False

    async def fetchrow(self, statement: str, values: Sequence[Any]) -> "Record":
        """Run a statement that returns one row.

        A connection that turns out to be dead is replaced once: the statement only reads.
        """
        async with self._free:
            while self._idle:
                connection = self._idle.pop()
                try:
                    return await self._run(connection, statement, values)
                except LOST:  # while it was idle
                    continue
            return await self._run(await self._connect(), statement, values)

    async def close(self) -> None:
        """Close what is idle; what is in use is closed when it comes back."""
        self._closed = True
        while self._idle:
            await self._idle.pop().close()

    async def _run(self, connection: "Connection", statement: str, values: Sequence[Any]) -> "Record":
        try:
            row = await connection.fetchrow(statement, *values)
        except BaseException as error:
            if isinstance(error, asyncpg.PostgresError) and not isinstance(error, LOST):
                self._give_back(connection)  # an error of the statement: the connection is as good as before
            else:
                connection.terminate()
            raise
        self._give_back(connection)
        if row is None:
            raise RuntimeError("a planned statement returns a row")
        return row

    def _give_back(self, connection: "Connection") -> None:
        if self._closed or connection.is_closed():
            connection.terminate()
        else:
            self._idle.append(connection)


async def connect_for_reads(*, dsn: str) -> "Connection":
    """Open a connection as the application's role; JSON comes as bytes, as PostgreSQL wrote it."""
    connection: Connection = await asyncpg.connect(
        dsn,
        connection_class=TimedConnection,
        statement_cache_size=STATEMENTS_KEPT,
        server_settings={**SETTINGS, "role": tenancy.APP_ROLE},
    )
    await connection.set_type_codec(
        "json", schema="pg_catalog", encoder=bytes, decoder=bytes, format="binary"
    )
    return connection
