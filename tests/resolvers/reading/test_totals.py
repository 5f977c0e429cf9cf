"""The total of a whole list is kept, that of any other counted; both executors say what the table holds."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from graphql import get_named_type

from schema.nodes import ENTITIES, entity_of
from tests.steps.planning import explained, ordinary, planned
from tests.steps.runs import leads
from tests.world import SCHEMA, World

ROOT: Any = SCHEMA._schema
ENTITY_OF_TYPE = {type_.__name__: entity_of(type_) for type_ in ENTITIES.values()}
TOTALS = """
{
  leads { totalCount }
  none: leads(where: {}) { totalCount }
  named: leads(where: {fullName: {eq: "Ada Lovelace"}}) { totalCount }
  found: leads(search: "ada") { totalCount }
  page: leads(first: 1) { totalCount nodes { id } }
  companies { totalCount }
}
"""


def _root_lists() -> Iterator[tuple[str, str]]:
    for name, told in ROOT.query_type.fields.items():
        type_name = get_named_type(told.type).name
        if type_name.endswith("Connection"):
            yield name, type_name.removesuffix("Connection")


@pytest.mark.parametrize(("name", "type_name"), list(_root_lists()))
async def test_a_whole_list_s_total_is_kept_where_its_table_is_counted(
    world: World, name: str, type_name: str
) -> None:
    statement, _ = explained(world, f"{{ {name} {{ totalCount }} }}")
    is_kept = ENTITY_OF_TYPE[type_name].counted and name != "reviewQueue"  # which is a part of the messages
    assert ("FROM row_count" in statement) is is_kept
    assert ("count(*)" in statement) is not is_kept


async def test_both_executors_say_what_the_tables_hold(world: World) -> None:
    await leads(world, 3)
    await leads(world, 2, full_name="Ada Lovelace")
    await world.fetch("DELETE FROM lead WHERE id = (SELECT min(id::text)::uuid FROM lead)")

    found = await planned(world, TOTALS)

    assert found == (await ordinary(world, TOTALS)).data
    [held] = await world.fetch(
        "SELECT count(*), count(*) FILTER (WHERE full_name = 'Ada Lovelace') AS named FROM lead"
    )
    assert held == {"count": 4, "named": 2}
    assert {key: found[key]["totalCount"] for key in ("leads", "none", "named", "found", "page", "companies")} == {
        "leads": 4, "none": 4, "named": 2, "found": 2, "page": 4, "companies": 2,
    }  # fmt: skip


async def test_the_total_of_a_list_below_an_object_is_counted(world: World) -> None:
    statement, _ = explained(world, "{ leads { nodes { messages { totalCount } } } }")
    assert "count(*) FROM message" in statement
    assert "row_count" not in statement


@pytest.mark.parametrize(
    ("arguments", "reads_of_lead"),
    [("", 1), ('(where: {fullName: {eq: "Ada"}})', 2)],
    ids=["whole", "filtered"],
)
async def test_a_page_of_a_whole_list_reads_its_table_for_its_nodes_alone(
    world: World, arguments: str, reads_of_lead: int
) -> None:
    await leads(world, 1)
    statement, values = explained(
        world, f"{{ leads{arguments} {{ totalCount nodes {{ id company {{ name }} }} }} }}"
    )
    [row] = await world.fetch(f"EXPLAIN (FORMAT JSON) {statement}", *values)
    assert [*_relations(orjson.loads(row["QUERY PLAN"]))].count("lead") == reads_of_lead


def _relations(plan: Any) -> Iterator[str]:
    if isinstance(plan, dict) and "Relation Name" in plan:
        yield plan["Relation Name"]
    for part in plan.values() if isinstance(plan, dict) else plan if isinstance(plan, list) else ():
        yield from _relations(part)
