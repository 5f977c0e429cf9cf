"""What is counted of statements, and for whom."""

import asyncio
from itertools import count

import pytest

from domain import tenancy
from domain.sql_time import SqlTime, count_sql
from tests.world import World


async def test_statements_are_counted_with_begin_and_commit(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = count()
    monkeypatch.setattr("domain.sql_time.perf_counter", lambda: next(seconds))
    spent = count_sql()
    async with tenancy.reading(world.workspace_id) as connection:
        await connection.fetchval("SELECT 1")
    assert spent.statements == 3  # begin with the scope, ours, commit
    assert spent.seconds == 3  # one tick of the clock during each


async def test_tasks_that_a_request_starts_count_for_it(world: World) -> None:
    async def ask() -> None:
        async with tenancy.reading(world.workspace_id) as connection:
            await connection.fetch("SELECT 1")

    spent = count_sql()
    await asyncio.gather(ask(), ask())
    assert spent.statements == 6


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
    assert (mine.statements, theirs.statements >= 2) == (0, True)
