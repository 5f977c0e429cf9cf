"""The lean pool: connections are used again, replaced when they die, and never given back half-used."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import asyncpg
import pytest
import pytest_asyncio

from resolvers.reading.pool import LeanPool, connect_for_reads
from tests.waiting import until

BACKEND = "SELECT pg_backend_pid()"


@pytest_asyncio.fixture
async def pool(database_url: str) -> AsyncIterator[LeanPool]:
    opened = LeanPool(partial(connect_for_reads, dsn=database_url), size=2)
    yield opened
    await opened.close()


async def test_a_connection_is_used_again(pool: LeanPool) -> None:
    first, second = [(await pool.fetchrow(BACKEND, []))[0] for _ in range(2)]
    assert first == second


async def test_it_acts_as_the_application_in_utc(pool: LeanPool) -> None:
    row = await pool.fetchrow("SELECT current_user::text, current_setting('TimeZone')", [])
    assert tuple(row) == ("plera_app", "UTC")


async def test_no_more_connections_than_its_size_work_at_once(pool: LeanPool, database_url: str) -> None:
    holder = await asyncpg.connect(database_url)
    await holder.execute("SELECT pg_advisory_lock(1)")
    statement = "SELECT pg_backend_pid(), pg_advisory_xact_lock_shared(1)"
    reading = [asyncio.create_task(pool.fetchrow(statement, [])) for _ in range(6)]
    await until(lambda: holder.fetchval("SELECT count(*) = 2 FROM pg_locks WHERE NOT granted"))
    await holder.close()
    assert len({(await row)[0] for row in reading}) == 2


async def test_a_dead_connection_is_replaced_unseen(pool: LeanPool, database_url: str) -> None:
    dead = (await pool.fetchrow(BACKEND, []))[0]
    killer = await asyncpg.connect(database_url)
    await killer.execute("SELECT pg_terminate_backend($1)", dead)
    await killer.close()

    assert (await pool.fetchrow(BACKEND, []))[0] != dead


async def test_a_statement_that_fails_costs_no_connection(pool: LeanPool) -> None:
    before = (await pool.fetchrow(BACKEND, []))[0]
    with pytest.raises(asyncpg.UndefinedColumnError):
        await pool.fetchrow("SELECT nothing", [])
    assert (await pool.fetchrow(BACKEND, []))[0] == before


async def test_a_cancelled_read_closes_its_connection(pool: LeanPool) -> None:
    before = (await pool.fetchrow(BACKEND, []))[0]
    reading = asyncio.create_task(pool.fetchrow("SELECT pg_sleep(30)", []))
    await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert (await pool.fetchrow(BACKEND, []))[0] != before
