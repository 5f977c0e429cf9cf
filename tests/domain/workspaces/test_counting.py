"""The row counts that triggers keep are those of the rows, in every snapshot and whatever anybody does meanwhile."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from domain import tenancy
from domain.ids import new_id
from domain.workspaces.counting import DELTAS_MAX, fold, list_workspaces_to_fold
from jobs.upkeep import fold_row_counts
from tests.world import World, new_world
from wiring import Application

ADD = """
INSERT INTO company (id, workspace_id, name, name_key) SELECT id, $1, 'Acme', id::text FROM unnest($2::uuid[]) AS id
"""
REMOVE = "DELETE FROM company WHERE workspace_id = $1 AND id = ANY ($2)"


class Undone(Exception):
    """Rolls back what a writer did."""


async def add(world: World, count: int = 1) -> list[UUID]:
    ids = [new_id() for _ in range(count)]
    async with tenancy.writing(world.workspace_id) as connection:
        await connection.execute(ADD, world.workspace_id, ids)
    return ids


async def deltas(world: World) -> list[int]:
    rows = await world.fetch("SELECT delta FROM row_count WHERE relation = 'company' ORDER BY delta")
    return [row["delta"] for row in rows]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("INSERT INTO company (id, workspace_id, name, name_key) SELECT gen_random_uuid(), $1, 'x', n::text"
         " FROM generate_series(1, 5) n", [2, 5]),
        ("INSERT INTO company (id, workspace_id, name, name_key) SELECT gen_random_uuid(), $1, 'x', name_key"
         " FROM company ON CONFLICT DO NOTHING", [2]),
        ("INSERT INTO company (id, workspace_id, name, name_key) SELECT gen_random_uuid(), $1, 'x', key FROM (SELECT"
         " name_key AS key FROM company UNION SELECT 'new') k ON CONFLICT (workspace_id, name_key)"
         " WHERE domain IS NULL DO UPDATE SET name = excluded.name", [1, 2]),
        ("WITH made AS (INSERT INTO company (id, workspace_id, name, name_key) VALUES (gen_random_uuid(), $1, 'x', 'x')"
         " RETURNING id) SELECT id FROM made", [1, 2]),
        ("UPDATE company SET name = 'y' WHERE workspace_id = $1", [2]),
        ("DELETE FROM company WHERE workspace_id = $1", [-2, 2]),
        ("DELETE FROM company WHERE workspace_id = $1 AND name = 'nobody'", [2]),
    ],
)  # fmt: skip
async def test_a_statement_leaves_one_delta_of_what_it_changed(
    world: World, statement: str, expected: list[int]
) -> None:
    await add(world, 2)
    await world.fetch(statement, world.workspace_id)
    assert await deltas(world) == expected


async def test_a_copy_leaves_one_delta_for_each_workspace(
    app: Application, database_url: str, world: World
) -> None:
    other = await new_world(app)
    places = [world.workspace_id] * 30 + [other.workspace_id] * 20
    admin = await asyncpg.connect(
        database_url
    )  # the application's role may not copy into tables behind the wall
    await admin.copy_records_to_table(
        "company",
        records=[(new_id(), place, "Acme", str(number)) for number, place in enumerate(places)],
        columns=["id", "workspace_id", "name", "name_key"],
    )
    await admin.close()
    assert (await deltas(world), await deltas(other)) == ([30], [20])


async def test_what_is_rolled_back_was_never_counted(world: World) -> None:
    with suppress(Undone):
        async with tenancy.writing(world.workspace_id) as connection:
            await connection.execute(ADD, world.workspace_id, [new_id()])
            raise Undone
    assert await deltas(world) == []


async def test_a_workspace_neither_sees_nor_writes_another_s_deltas(app: Application, world: World) -> None:
    other = await new_world(app)
    await add(other, 3)

    assert await deltas(world) == []
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await world.fetch("INSERT INTO row_count VALUES ($1, 'company', 1)", other.workspace_id)
    assert await deltas(other) == [3]


async def test_folding_leaves_one_delta_with_the_same_sum(world: World) -> None:
    ids = [id_ for count in (1, 2, 3) for id_ in await add(world, count)]
    async with tenancy.writing(world.workspace_id) as connection:
        await connection.execute(REMOVE, world.workspace_id, ids[:2])
    for _ in range(2):
        await fold(workspace_id=world.workspace_id)
        assert await deltas(world) == [4]


async def test_nothing_is_left_where_nothing_is(world: World) -> None:
    ids = await add(world, 2)
    async with tenancy.writing(world.workspace_id) as connection:
        await connection.execute(REMOVE, world.workspace_id, ids)
    await fold(workspace_id=world.workspace_id)
    assert await deltas(world) == []


async def test_folding_waits_for_nobody_and_leaves_what_others_are_at(world: World) -> None:
    await add(world, 1)
    await add(world, 2)
    async with tenancy.writing(world.workspace_id) as writer:
        await writer.execute(ADD, world.workspace_id, [new_id()])
        await writer.fetch(
            "SELECT FROM row_count WHERE workspace_id = $1 AND delta = 2 FOR UPDATE", world.workspace_id
        )
        async with asyncio.timeout(30):
            await fold(workspace_id=world.workspace_id)
        assert await deltas(world) == [1, 2]
    assert await deltas(world) == [1, 1, 2]


async def test_only_what_has_become_much_is_folded(app: Application, world: World) -> None:
    few = await new_world(app)
    for each, count in ((world, DELTAS_MAX + 1), (few, DELTAS_MAX)):
        async with tenancy.writing(each.workspace_id) as connection:
            await connection.executemany(ADD, [(each.workspace_id, [new_id()]) for _ in range(count)])

    assert world.workspace_id in await list_workspaces_to_fold()
    await fold_row_counts()

    assert await deltas(world) == [DELTAS_MAX + 1]
    assert await deltas(few) == [1] * DELTAS_MAX


async def test_every_snapshot_is_exact_while_64_write_and_two_fold(
    app: Application, database_url: str
) -> None:
    worlds = [await new_world(app) for _ in range(3)]
    writers = asyncio.gather(*(write(worlds[number % 3], seed=number) for number in range(64)))

    await asyncio.gather(
        writers,
        fold_until(writers, worlds),
        fold_until(writers, worlds),
        compare_until(writers, worlds, database_url),
    )

    stayed = writers.result()
    for place, world in enumerate(worlds):
        assert sum(await deltas(world)) == sum(stayed[place::3])


async def write(world: World, *, seed: int) -> int:
    """Add and remove companies of one's own, and take a part of it back; returns how many there are in the end."""
    chance, mine = random.Random(seed), set[UUID]()
    for _ in range(8):
        added = {new_id() for _ in range(chance.randint(1, 5))}
        removed = set(chance.sample(sorted(mine), chance.randint(0, len(mine))))
        with suppress(Undone):
            async with tenancy.writing(world.workspace_id) as connection:
                await connection.execute(ADD, world.workspace_id, list(added))
                await connection.execute(REMOVE, world.workspace_id, list(removed))
                if chance.random() < 0.3:
                    raise Undone
            mine = (mine | added) - removed
    return len(mine)


async def fold_until(done: "asyncio.Future[Any]", worlds: Sequence[World]) -> None:
    while not done.done():
        for world in worlds:
            await fold(workspace_id=world.workspace_id)


async def compare_until(done: "asyncio.Future[Any]", worlds: Sequence[World], database_url: str) -> None:
    """Count in one snapshot after the other, and in each a second time when much has happened since."""
    connection = await asyncpg.connect(database_url)
    ids = [world.workspace_id for world in worlds]
    try:
        while not done.done():
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                for _ in range(2):
                    rows, sums = await connection.fetch(_ROWS, ids), await connection.fetch(_SUMS, ids)
                    assert set(map(tuple, rows)) == set(map(tuple, sums))
    finally:
        await connection.close()


_ROWS = "SELECT workspace_id, count(*) FROM company WHERE workspace_id = ANY ($1) GROUP BY workspace_id"
_SUMS = """
SELECT workspace_id, sum(delta)::bigint FROM row_count WHERE workspace_id = ANY ($1) AND relation = 'company'
GROUP BY workspace_id HAVING sum(delta) <> 0
"""
