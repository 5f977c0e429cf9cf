"""Do the row counts that triggers keep say what the tables hold? One snapshot tells, whoever writes meanwhile."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

_COUNTED = """
SELECT DISTINCT tgrelid::regclass::text AS relation FROM pg_trigger
WHERE tgfoid = 'count_rows'::regproc ORDER BY relation
"""
_DRIFT = """
SELECT workspace_id, '{relation}' AS relation, sum(rows)::bigint AS drift FROM (
    SELECT workspace_id, count(*) AS rows FROM {relation} GROUP BY workspace_id
    UNION ALL
    SELECT workspace_id, -delta FROM row_count WHERE relation = '{relation}'
) AS found GROUP BY workspace_id HAVING sum(rows) <> 0
"""
_MEND = f"INSERT INTO row_count (workspace_id, relation, delta) {_DRIFT} RETURNING relation"


@asynccontextmanager
async def as_owner(owner_url: str) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """Connect as the tables' owner, who sees every workspace."""
    connection = await asyncpg.connect(owner_url, server_settings={"role": "plera_owner"})
    try:
        yield connection
    finally:
        await connection.close()


async def find_drift(connection: "asyncpg.Connection[Any]") -> dict[str, int]:
    """Return the tables whose counts are wrong, and in how many workspaces; reads all of them."""
    return await _each(connection, _DRIFT)


async def recount(connection: "asyncpg.Connection[Any]") -> dict[str, int]:
    """Put wrong counts right and return what ``find_drift`` would have; nobody waits for it but another one."""
    async with connection.transaction():
        await connection.execute("LOCK TABLE row_count IN SHARE UPDATE EXCLUSIVE MODE")
        return await _each(connection, _MEND)


async def _each(connection: "asyncpg.Connection[Any]", statement: str) -> dict[str, int]:
    found = {}
    for row in await connection.fetch(_COUNTED):
        relation = row["relation"]
        if rows := await connection.fetch(statement.format(relation=relation)):
            found[relation] = len(rows)
    return found
