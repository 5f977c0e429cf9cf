"""What a transaction leaves behind on its connection: nothing, so that the next one needs no reset."""

import asyncio
from typing import Any

import pytest

from domain import tenancy
from domain.work import unit_of_work
from tests.steps.leads import import_content
from tests.world import World

STATE = """
SELECT current_setting('app.workspace_id', true) AS scope,
       (SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory') AS locks,
       (SELECT count(*) FROM pg_class WHERE relnamespace = pg_my_temp_schema()) AS temporary_tables,
       ARRAY(SELECT name FROM pg_settings WHERE source = 'session' AND setting <> reset_val) AS settings,
       ARRAY(SELECT * FROM pg_listening_channels()) AS channels,
       (SELECT count(*) FROM lead) AS leads
"""


async def states() -> list[dict[str, Any]]:
    """Look at every connection of the pool at once."""
    pool = await tenancy._pool(tenancy.APP)
    connections = [await pool.acquire() for _ in range(pool.get_size())]
    try:
        return [dict(await connection.fetchrow(STATE) or {}) for connection in connections]
    finally:
        for connection in connections:
            await pool.release(connection)


async def test_nothing_outlives_a_transaction(world: World) -> None:
    await import_content(world, b"email,first name\nada@acme.com,Ada\n")  # temporary tables, locks, settings
    for end in (RuntimeError("raised"), asyncio.CancelledError()):
        with pytest.raises(type(end)):
            async with unit_of_work(world.actor, now=world.now()) as work:
                await work.connection.execute("SELECT pg_advisory_xact_lock(1)")
                raise end
    await asyncio.gather(*(world.fetch("SELECT id FROM lead") for _ in range(8)))

    for state in await states():
        assert state["scope"] in {None, ""}
        assert state | {"scope": None} == {
            "scope": None,
            "locks": 0,
            "temporary_tables": 0,
            "settings": [],
            "channels": [],
            "leads": 0,
        }
