"""Planned statements keep to their workspace: by their own predicates, and by the wall behind these."""

import re
from typing import Any

import asyncpg
import pytest
from graphql import get_named_type

from resolvers.reading.pool import connect_for_reads
from tests.steps.exploring import everything_below
from tests.steps.leads import import_content
from tests.steps.planning import explained
from tests.world import SCHEMA, World, new_world
from wiring import Application

ROOT: Any = SCHEMA._schema
LISTS = sorted(
    name
    for name, told in ROOT.query_type.fields.items()
    if get_named_type(told.type).name.endswith("Connection")
)
TABLE = re.compile(r"FROM (?P<table>[a-z_]+) (?P<alias>t\d+) WHERE (?P<where>.{0,80})")
ROW = "email,first name,last name,company,website\nada@acme.com,Ada,Lovelace,Acme,acme.com\n"


@pytest.mark.parametrize("name", LISTS)
async def test_every_table_of_a_plan_is_confined(world: World, name: str) -> None:
    statement, values = explained(world, f"{{ {name} {everything_below(ROOT.query_type.fields[name])} }}")

    found = list(TABLE.finditer(statement))
    assert found
    assert values[0] == world.workspace_id
    for table in found:
        alias, where = table["alias"], table["where"]
        assert re.match(rf"{alias}\.(workspace_id|id) = (\$1|t\d+\.(workspace_id|id))\b", where), table[0]


async def test_without_its_predicates_a_plan_still_shows_its_own_workspace_alone(
    app: Application, world: World
) -> None:
    other = await new_world(app)
    for each in (world, other):
        await import_content(each, ROW.encode())
    statement, values = explained(
        world, "{ leads { totalCount nodes { id email company { name } } } companies { nodes { id } } }"
    )
    naked = re.sub(r"(t\d+\.workspace_id = \$1 AND )", "", statement)
    assert naked.count("workspace_id = $1") == 0
    connection = await connect_for_reads(dsn=str(app.settings.database_url))
    try:
        assert [*await _row(connection, naked, values)] == [*await _row(connection, statement, values)]
        # a connection that last served somebody else
        await _row(connection, statement, [other.workspace_id, *values[1:]])
        assert [*await _row(connection, naked, values)] == [*await _row(connection, statement, values)]
        assert await connection.fetchval("SELECT count(*) FROM lead") == 0, (
            "the scope ends with the statement"
        )
    finally:
        await connection.close()


async def _row(
    connection: "asyncpg.Connection[asyncpg.Record]", statement: str, values: list[Any]
) -> "asyncpg.Record":
    row = await connection.fetchrow(statement, *values)
    assert row is not None
    return row
