"""Planned reads: the same answers as ordinary execution, by one statement."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schema.nodes import ENTITIES
from simulators.mail.people import Reaction
from tests.steps import journeys
from tests.steps.documents import documents
from tests.steps.exploring import one_of_each
from tests.steps.journeys import address, row, staged
from tests.steps.planning import ENGINE, ORDINARY, ordinary, planned
from tests.world import SCHEMA, Answer, World, new_world
from wiring import Application

ROOT: Any = SCHEMA._schema
UNSTEADY = {"rateLimit", "auditVerify"}
"""What changes from one answer to the next."""

FIELDS = tuple(name for name in ROOT.query_type.fields if name not in UNSTEADY)


@dataclass(frozen=True, slots=True)
class Lived:
    """A workspace in which the main job was done.

    Attributes:
        ids: type name -> a global id.
    """

    world: World = field(repr=False)
    ids: dict[str, str] = field(repr=False)


@pytest_asyncio.fixture(scope="module")
async def lived(app: Application) -> AsyncIterator[Lived]:
    async with staged(await new_world(app)) as stage:
        for number, reaction in enumerate((Reaction.REPLY, Reaction.BOUNCE)):
            stage.react(address(number), reaction)
        await journeys.sent_run(stage, [row(0), row(1), row(2), row(5, first="", last="", email="nobody")])
        await journeys.read_mail(stage)
        found = await one_of_each(stage.world)
        ids = {type_.__name__: found[prefix] for prefix, type_ in ENTITIES.items() if prefix in found}
        yield Lived(stage.world, ids)


@pytest.mark.timeout(240)  # a hundred documents, each executed twice
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
async def test_a_planned_answer_is_the_ordinary_one(lived: Lived, data: st.DataObject) -> None:
    drawn = data.draw(documents(ROOT, FIELDS, lived.ids))

    found = await planned(lived.world, drawn.text, drawn.variables)

    assert found is not None, ENGINE.tally.declined
    assert Answer(found, []) == await ordinary(lived.world, drawn.text, drawn.variables)


async def test_wrong_variables_of_one_request_don_t_spoil_the_plan_of_the_next(lived: Lived) -> None:
    document = "query ($first: Int, $skip: Boolean = false) { leads(first: $first) { nodes { id ...x @skip(if: $skip) } } }"
    document += ' fragment x on Lead { messages(first: 1, after: "x") { totalCount } }'
    operation = ORDINARY.prepare(query=document, operation_name=None, context=lived.world.context())

    async def answer(**variables: Any) -> bytes | None:
        return await ENGINE.answer(operation, variables, lived.world.context())

    assert await answer(first="many", skip=True) is None
    assert await answer(first=0, skip=True) is None
    assert await answer(first=1, skip=False) is None, "a cursor below an object is for ordinary execution"
    assert await answer(first=1, skip=True) is not None


async def test_why_something_is_not_planned_is_kept_and_counted(lived: Lived) -> None:
    document = "{ eventTypes __schema { queryType { name } } }"
    operation = ORDINARY.prepare(query=document, operation_name=None, context=lived.world.context())
    before = ENGINE.tally.declined["Query.__schema"]
    for _ in range(2):
        assert await ENGINE.answer(operation, {}, lived.world.context()) is None
    assert ENGINE.tally.declined["Query.__schema"] == before + 2
