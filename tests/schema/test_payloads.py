"""A mutation's object is read by a plan, and everything else of its answer is what it was."""

from typing import Any

import orjson
import pytest

from domain.workspaces.rules import Role
from schema.execution import SchemaExecution
from tests.steps.planning import ORDINARY
from tests.steps.runs import leads
from tests.world import EXECUTION, Answer, World

RESTRICT = """
mutation ($id: ID!, $short: Boolean!) {
  done: leadRestrict(input: {id: $id}) {
    __typename
    lead { ...Whole @skip(if: $short) fullName isSuppressed facts(first: 1) { totalCount } }
    errors { code message field }
  }
}
fragment Whole on Lead { id restrictedAt company { name } }
"""


async def _run(
    world: World, document: str, execution: SchemaExecution = EXECUTION, role: Role = Role.OWNER, **given: Any
) -> Answer:
    context = world.context(role=role)
    operation = execution.prepare(query=document, operation_name=None, context=context)
    return Answer.of(await execution.run(operation, variables=given, context=context))


@pytest.mark.parametrize("short", [True, False])
async def test_the_answer_is_the_ordinary_one(world: World, short: bool) -> None:
    [lead_id] = await leads(world, 1)
    given: Any = {"id": f"lead_{lead_id}", "short": short}
    planned = await _run(world, RESTRICT, **given)
    assert planned == await _run(world, RESTRICT, ORDINARY, **given)
    assert planned.data is not None
    assert list(planned.data["done"]) == ["__typename", "lead", "errors"]
    assert planned.data["done"]["lead"]["fullName"] == "Grace Hopper"


async def test_the_object_is_not_read_field_by_field(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise AssertionError("read field by field")

    monkeypatch.setattr("resolvers.reading.ordinary.Reader.one", broken)
    [lead_id] = await leads(world, 1)
    answer = await _run(world, RESTRICT, id=f"lead_{lead_id}", short=False)
    assert answer.errors == []


async def test_what_is_refused_has_no_object(world: World) -> None:
    missing = "lead_01930000-0000-7000-8000-000000000001"
    answer = await _run(world, RESTRICT, id=missing, short=True)
    assert answer.data is not None
    assert answer.data["done"]["lead"] is None
    assert [error["code"] for error in answer.data["done"]["errors"]] == ["NOT_FOUND"]


async def test_who_may_not_is_told_so_and_nothing_happens(world: World) -> None:
    [lead_id] = await leads(world, 1)
    answer = await _run(world, RESTRICT, role=Role.READ_ONLY, id=f"lead_{lead_id}", short=True)
    assert (answer.data, answer.codes) == (None, ["FORBIDDEN"])
    assert await world.fetch("SELECT 1 FROM lead WHERE restricted_at IS NOT NULL") == []


async def test_several_mutations_are_executed_in_order(world: World) -> None:
    first, second = await leads(world, 2)
    document = (
        f'mutation {{ a: leadRestrict(input: {{id: "lead_{first}"}}) {{ lead {{ id }} }}'
        f' b: leadRestrict(input: {{id: "lead_{second}"}}) {{ lead {{ id }} }} }}'
    )
    answer = await _run(world, document)
    assert orjson.dumps(answer.data) == orjson.dumps(
        {"a": {"lead": {"id": f"lead_{first}"}}, "b": {"lead": {"id": f"lead_{second}"}}}
    )
