"""What is counted of statements, and for whom."""

import asyncio

from domain import tenancy
from domain.sql_time import SqlTime, count_sql
from tests.world import World


async def test_statements_are_counted_with_begin_scope_and_commit(world: World) -> None:
    spent = count_sql()
    async with tenancy.reading(world.workspace_id) as connection:
        await connection.fetchval("SELECT pg_sleep(0.02)")
    assert spent.statements == 4  # begin, the scope, ours, commit
    assert 0.02 <= spent.seconds < 1


async def test_tasks_that_a_request_starts_count_for_it(world: World) -> None:
    async def ask() -> None:
        async with tenancy.reading(world.workspace_id) as connection:
            await connection.fetch("SELECT 1")

    spent = count_sql()
    await asyncio.gather(ask(), ask())
    assert spent.statements == 8


async def test_another_request_counts_apart_and_an_error_counts(world: World) -> None:
    async def other() -> SqlTime:
        spent = count_sql()
        async with tenancy.reading(world.workspace_id) as connection:
            try:
                await connection.execute("nonsense")
            except Exception:
                return spent
        raise AssertionError

    mine = count_sql()
    theirs = await asyncio.create_task(other())
    assert (mine.statements, theirs.statements >= 3) == (0, True)
