"""Planned reads: the same answers as ordinary execution, by one statement."""

from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resolvers.outcome import Refused
from tests.resolvers.reading.conftest import Lived
from tests.steps.documents import documents
from tests.steps.planning import ENGINE, ORDINARY, in_order, ordinary, planned
from tests.world import SCHEMA

ROOT: Any = SCHEMA._schema
UNSTEADY = {"rateLimit", "auditVerify"}
"""What changes from one answer to the next."""

FIELDS = tuple(name for name in ROOT.query_type.fields if name not in UNSTEADY)
UNHURRIED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
REFUSALS = {"GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT", "CURSOR_INVALID"}


@settings(max_examples=200, suppress_health_check=UNHURRIED)
@given(data=st.data())
async def test_a_planned_answer_is_the_ordinary_one(lived: Lived, data: st.DataObject) -> None:
    drawn = data.draw(documents(ROOT, FIELDS, lived.ids))

    found = await planned(lived.world, drawn.text, drawn.variables)

    expected = await ordinary(lived.world, drawn.text, drawn.variables)
    assert expected.errors == []
    assert found is not None, ENGINE.tally.declined
    assert in_order(found) == in_order(expected.data)


@settings(max_examples=100, suppress_health_check=UNHURRIED)
@given(data=st.data())
async def test_no_plan_answers_what_ordinary_execution_refuses(lived: Lived, data: st.DataObject) -> None:
    drawn = data.draw(documents(ROOT, FIELDS, lived.ids, fitting=False))

    expected = await ordinary(lived.world, drawn.text, drawn.variables)

    assert set(expected.codes) <= REFUSALS
    with suppress(Refused):  # the document itself
        found = await planned(lived.world, drawn.text, drawn.variables)
        if found is not None:
            assert expected.errors == []
            assert in_order(found) == in_order(expected.data)


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
