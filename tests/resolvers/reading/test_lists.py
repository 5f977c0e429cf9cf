"""Lists, at the root and below objects: chosen from in the same ways, by both executors."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from graphql import get_named_type

from domain.ids import new_id
from domain.workspaces.rules import Role
from resolvers.loaders import Loader
from tests.resolvers.reading.conftest import Lived
from tests.steps.planning import ENGINE, in_order, ordinary, planned
from tests.steps.runs import insert, leads
from tests.world import SCHEMA, Answer, World, new_world
from wiring import Application

ROOT: Any = SCHEMA._schema
PAGE = "first: $first, after: $after, last: $last, before: $before"
SHOWN = "{ totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }"


@dataclass(frozen=True, slots=True)
class List:
    """A list of the schema; ``of`` is the type that has it below each object, None at the root."""

    of: str | None
    name: str
    told: Any

    def __str__(self) -> str:
        return f"{self.of or 'Query'}.{self.name}"

    @property
    def keys(self) -> tuple[str, ...]:
        """What it can be sorted by."""
        order = self.told.args.get("orderBy")
        return () if order is None else tuple(get_named_type(order.type).fields["field"].type.of_type.values)

    def document(self) -> str:
        """Return a query for a page of it."""
        order = self.told.args.get("orderBy")
        head = "$first: Int, $after: Cursor, $last: Int, $before: Cursor"
        call = PAGE
        if order is not None:
            head, call = f"{head}, $order: {order.type}", f"{PAGE}, orderBy: $order"
        page = f"list: {self.name}({call}) {SHOWN}"
        if self.of is None:
            return f"query ({head}) {{ {page} }}"
        return f"query ({head}, $id: ID!) {{ node(id: $id) {{ ... on {self.of} {{ {page} }} }} }}"


def _lists() -> Iterator[List]:
    for of, type_ in (("Query", ROOT.query_type), *ROOT.type_map.items()):
        if of == "Query" or "Node" in {interface.name for interface in getattr(type_, "interfaces", ())}:
            for name, told in getattr(type_, "fields", {}).items():
                if "first" in told.args:
                    yield List(None if of == "Query" else of, name, told)


LISTS = list({str(found): found for found in _lists()}.values())
FACTS = """
query ($where: FactWhere, $order: [FactOrder!], $first: Int, $after: Cursor) {
  leads(orderBy: [{field: CREATED_AT}]) {
    nodes { facts(where: $where, orderBy: $order, first: $first, after: $after) {
      totalCount nodes { value } pageInfo { hasNextPage endCursor } } } } }
"""
FACTS_OF_ONE = """
query ($id: ID!, $where: FactWhere, $order: [FactOrder!], $first: Int, $after: Cursor) {
  lead(id: $id) {
    facts(where: $where, orderBy: $order, first: $first, after: $after) {
      totalCount nodes { value } pageInfo { hasNextPage endCursor } } } }
"""
BY_CONFIDENCE = [{"field": "CONFIDENCE", "direction": "DESC"}]
SURE = {"confidence": {"gte": 0.5}, "state": {"eq": "CURRENT"}}


async def _both(world: World, document: str, variables: dict[str, Any]) -> Any:
    """Return what both executors answer."""
    found = await planned(world, document, variables)
    expected = await ordinary(world, document, variables)
    assert expected.errors == []
    assert found is not None, ENGINE.tally.declined
    assert in_order(found) == in_order(expected.data)
    return found


async def _refused(world: World, document: str, variables: dict[str, Any]) -> dict[str, Any]:
    """Return the only error, which ordinary execution tells, because no plan answers."""
    assert await planned(world, document, variables) is None
    answer = await ordinary(world, document, variables)
    [error] = answer.errors
    return error


@pytest.mark.parametrize("asked", LISTS, ids=str)
async def test_every_list_is_paged_by_every_key_of_its_own(lived: Lived, asked: List) -> None:
    async def page(**variables: Any) -> Any:
        given = {"id": lived.ids.get(asked.of or "", "nobody_7"), **variables}
        found = await _both(lived.world, asked.document(), given)
        return found["list"] if asked.of is None else (found["node"] or {}).get("list")

    for order in (None, *([{"field": key, "direction": "DESC"}] for key in asked.keys)):
        whole = await page(order=order, first=7)
        if whole is None:
            return  # the workspace has no such object
        seen: list[Any] = []
        cursor = None
        while len(seen) < len(whole["nodes"]):
            part = await page(order=order, first=2, after=cursor)
            seen += part["nodes"]
            cursor = part["pageInfo"]["endCursor"]
            assert part["totalCount"] == whole["totalCount"]
        assert seen[:7] == whole["nodes"]
        back = await page(order=order, last=100, before=cursor)
        assert back["nodes"] == seen[:-1]


@pytest.fixture
async def people(world: World) -> tuple[str, str]:
    """Two leads: one with four facts, of which three are sure, the other with two."""
    one, other = await leads(world, 2)
    await _facts(world, one, [("a", 0.9, "CURRENT"), ("b", 0.5, "CURRENT"), ("c", 0.7, "CURRENT")])
    await _facts(world, one, [("d", 0.8, "SUPERSEDED")])
    await _facts(world, other, [("e", 0.6, "CURRENT"), ("f", 0.1, "CURRENT")])
    return f"lead_{one}", f"lead_{other}"


async def _facts(world: World, lead_id: Any, facts: Sequence[tuple[str, float, str]]) -> None:
    for value, confidence, state in facts:
        told = {"field": "TITLE", "value": value, "confidence": confidence, "state": state}
        source = {"source_kind": "PUBLIC", "source": "website", "retrieved_at": world.now()}
        await insert(world, "field_value", id=new_id(), lead_id=lead_id, **told, **source)


def _values(found: Any) -> list[tuple[int, str]]:
    """Return how many facts each lead has, and those of the page in one word."""
    lists = [lead["facts"] for lead in found["leads"]["nodes"]]
    return [(facts["totalCount"], "".join(fact["value"] for fact in facts["nodes"])) for facts in lists]


@pytest.mark.usefixtures("people")
async def test_each_object_s_list_is_filtered_sorted_and_counted_by_itself(world: World) -> None:
    found = await _both(world, FACTS, {"where": SURE, "order": BY_CONFIDENCE, "first": 2})
    assert _values(found) == [(3, "ac"), (1, "e")]
    assert [lead["facts"]["pageInfo"]["hasNextPage"] for lead in found["leads"]["nodes"]] == [True, False]


@pytest.mark.usefixtures("people")
async def test_alternatives_stay_with_their_own_object(app: Application, world: World) -> None:
    stranger = await new_world(app)
    [theirs] = await leads(stranger, 1)
    await _facts(stranger, theirs, [("x", 0.9, "CURRENT")])
    everything = {"or": [{"value": {"eq": "b"}}, {"not": {"value": {"in": ["b", "nothing"]}}}]}
    found = await _both(world, FACTS, {"where": everything, "order": BY_CONFIDENCE})
    assert _values(found) == [(4, "adcb"), (2, "ef")]
    found = await _both(world, FACTS, {"where": {"or": []}})
    assert _values(found) == [(0, ""), (0, "")]


async def test_a_cursor_below_an_object_goes_on_in_its_order_and_filter(
    world: World, people: tuple[str, str]
) -> None:
    chosen = {"id": people[0], "where": SURE, "order": [{"field": "CONFIDENCE"}], "first": 2}
    facts = (await _both(world, FACTS_OF_ONE, chosen))["lead"]["facts"]
    assert [fact["value"] for fact in facts["nodes"]] == ["b", "c"]
    cursor = facts["pageInfo"]["endCursor"]
    rest = (await _both(world, FACTS_OF_ONE, {**chosen, "after": cursor}))["lead"]["facts"]
    assert [fact["value"] for fact in rest["nodes"]] == ["a"]
    assert rest["totalCount"] == 3


@pytest.mark.parametrize(
    "changed",
    [
        {"where": {**SURE, "confidence": {"gte": 0.4}}},
        {"where": None},
        {"order": BY_CONFIDENCE},
        {"order": None},
    ],
)
async def test_a_cursor_of_another_filter_or_order_is_refused(
    world: World, people: tuple[str, str], changed: dict[str, Any]
) -> None:
    chosen = {"id": people[0], "where": SURE, "order": [{"field": "CONFIDENCE"}], "first": 1}
    facts = (await _both(world, FACTS_OF_ONE, chosen))["lead"]["facts"]
    error = await _refused(
        world, FACTS_OF_ONE, {**chosen, "after": facts["pageInfo"]["endCursor"], **changed}
    )
    assert error["extensions"]["code"] == "CURSOR_INVALID"
    assert error["path"] == ["lead", "facts"]


async def test_a_cursor_of_one_object_s_list_is_refused_below_another(
    world: World, people: tuple[str, str]
) -> None:
    facts = (await _both(world, FACTS_OF_ONE, {"id": people[0], "first": 1}))["lead"]["facts"]
    cursor = facts["pageInfo"]["endCursor"]
    for_other = {"id": people[1], "first": 1, "after": cursor}
    error = await _refused(world, FACTS_OF_ONE, for_other)
    assert (error["extensions"]["code"], error["path"]) == ("CURSOR_INVALID", ["lead", "facts"])
    error = await _refused(world, FACTS, {"first": 1, "after": cursor})
    assert error["path"] == ["leads", "nodes", 1, "facts"], "the first is the one it belongs to"


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ("where: {confidence: {}}", ["where", "confidence"]),
        ("where: {confidence: {gt: 0.1, lt: 0.9}}", ["where", "confidence"]),
        ("where: {or: [{not: {sourceKind: {}}}]}", ["where", "sourceKind"]),
        ("where: {confidence: {between: {from: 1, to: 0}}}", ["where", "confidence"]),
        (f"orderBy: [{'{field: FIELD} ' * 5}]", ["orderBy"]),
        ("first: 0", ["first"]),
    ],
)
async def test_what_is_wrong_is_named_with_its_place(world: World, arguments: str, field: list[str]) -> None:
    document = f"{{ leads(first: 1) {{ nodes {{ facts({arguments}) {{ nodes {{ id }} }} }} }} }}"
    error = await _refused(world, document, {})
    assert (error["extensions"]["code"], error["extensions"]["field"]) == ("BAD_USER_INPUT", field)
    assert error["path"] == ["leads", "nodes", 0, "facts"]


async def test_who_may_not_read_a_list_may_not_filter_what_is_below_it(world: World) -> None:
    document = '{ importJobs { nodes { rowErrors(where: {code: {eq: "x"}}) { totalCount } } } }'
    assert await planned(world, document, role=Role.READ_ONLY) is None
    answer: Answer = await ordinary(world, document, role=Role.READ_ONLY)
    assert answer.codes == ["FORBIDDEN"]


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("shown", ["totalCount", "__typename", "pageInfo { hasPreviousPage }"])
async def test_a_filter_may_choose_what_is_not_shown(world: World, shown: str) -> None:
    document = f"""query ($where: LeadWhere, $facts: FactWhere) {{
      leads(where: $where) {{ {shown} }}
      all: leads {{ nodes {{ facts(where: $facts, last: 1) {{ {shown} }} }} }} }}"""
    await _both(world, document, {"where": {"email": {"eq": "a"}}, "facts": SURE})


async def test_one_who_gives_up_waiting_leaves_the_value_to_the_others() -> None:
    async def load_many(keys: Sequence[int]) -> list[int]:
        await asyncio.sleep(0)
        return [key * 2 for key in keys]

    loader = Loader(load_many)
    given_up, patient = loader.load(1), loader.load(1)
    given_up.cancel()
    assert await patient == 2
    assert await loader.load(1) == 2
