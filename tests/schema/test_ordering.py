"""`orderBy`: absent values go where the caller wants them, and pages cover the list both ways."""

from itertools import product
from typing import Any

import pytest

from tests.world import World

CREATE = """
mutation ($input: LeadCreateInput!) { leadCreate(input: $input) { lead { id } errors { code } } }
"""
PAGE = """
query ($order: [LeadOrder!], $first: Int, $after: Cursor, $last: Int, $before: Cursor) {
  leads(orderBy: $order, first: $first, after: $after, last: $last, before: $before) {
    nodes { fullName } pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
  }
}
"""


@pytest.fixture
async def people(world: World) -> World:
    for number, name in enumerate(["Ada", None, "Cleo", None, "Bo"]):
        person = {"email": f"p{number}@example.com", **({"firstName": name} if name else {})}
        assert (await world.execute(CREATE, {"input": person}))["leadCreate"]["errors"] == []
    return world


async def _page(world: World, **variables: Any) -> dict[str, Any]:
    page: dict[str, Any] = (await world.execute(PAGE, variables))["leads"]
    return page


async def _forward(world: World, order: list[dict[str, str]]) -> list[str | None]:
    seen, cursor = [], None
    while True:
        page = await _page(world, order=order, first=2, after=cursor)
        seen += [node["fullName"] for node in page["nodes"]]
        cursor = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return seen


async def _backward(world: World, order: list[dict[str, str]]) -> list[str | None]:
    seen: list[str | None] = []
    cursor = None
    while True:
        page = await _page(world, order=order, last=2, before=cursor)
        seen = [*[node["fullName"] for node in page["nodes"]], *seen]
        cursor = page["pageInfo"]["startCursor"]
        if not page["pageInfo"]["hasPreviousPage"]:
            return seen


async def test_nulls_go_first_or_last_whichever_way_one_sorts_and_reads(people: World) -> None:
    named: dict[str, list[str | None]] = {"ASC": ["Ada", "Bo", "Cleo"], "DESC": ["Cleo", "Bo", "Ada"]}
    for direction, nulls in product(named, ("FIRST", "LAST")):
        order = [{"field": "FULL_NAME", "direction": direction, "nulls": nulls}]
        absent: list[str | None] = [None, None]
        expected = absent + named[direction] if nulls == "FIRST" else named[direction] + absent
        assert await _forward(people, order) == expected, order
        assert await _backward(people, order) == expected, order


async def test_absent_values_come_last_unless_one_says_otherwise(people: World) -> None:
    found = await _forward(people, [{"field": "FULL_NAME", "direction": "DESC"}])
    assert found == ["Cleo", "Bo", "Ada", None, None]


async def test_a_fifth_sort_key_is_refused(world: World) -> None:
    keys = [{"field": "EMAIL"}] * 5
    assert await world.refused(
        "query ($o: [LeadOrder!]) { leads(orderBy: $o) { nodes { id } } }", {"o": keys}
    ) == ["BAD_USER_INPUT"]
