"""How operations run: what the read engine answers, what is masked, what is paid."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson
import pytest

from auth.budgets import Budget, Budgets
from domain.workspaces.rules import Role
from resolvers.context import Context
from resolvers.outcome import Outcome, Refused
from schema.documents import PreparedOperation
from schema.execution import SchemaExecution, unplanned
from tests.world import EXECUTION, SCHEMA, Answer, World, ask

WORKSPACE = "{ workspace { name } }"


async def _execute(
    document: str, context: Context, execution: SchemaExecution = EXECUTION, **variables: Any
) -> Outcome:
    return await execution.execute(query=document, operation_name=None, variables=variables, context=context)


async def test_data_is_ready_for_the_wire(world: World) -> None:
    outcome = await _execute(WORKSPACE, world.context())
    assert (outcome.data, outcome.errors) == (b'{"workspace":{"name":"Acme Outreach"}}', [])


async def test_the_engine_is_asked_first_and_its_bytes_are_not_touched(world: World) -> None:
    asked = []

    async def planned(
        operation: PreparedOperation, variables: Mapping[str, Any] | None, context: Context
    ) -> bytes | None:
        asked.append((operation.text, variables))
        operation.plans["kept"] = len(operation.plans)
        return b'{"any": "bytes"}' if len(asked) == 1 else None

    execution = SchemaExecution(SCHEMA, planned=planned)
    first = await _execute(WORKSPACE, world.context(), execution)
    second = await _execute(WORKSPACE, world.context(), execution)
    assert first.data == b'{"any": "bytes"}'
    assert second.data == b'{"workspace":{"name":"Acme Outreach"}}'
    assert asked == [(WORKSPACE, {}), (WORKSPACE, {})]


@pytest.mark.parametrize(
    "document",
    [
        WORKSPACE,
        "{ __schema { queryType { name } } }",
        '{ __type(name: "Lead") { name } }',
        "{ ...F } fragment F on Query { a: workspace { name } }",
        '{ node(id: "lead_x") { id } }',
        'mutation { leadRestrict(input: {id: "x"}) { errors { code } } }',
    ],
)
async def test_a_stranger_may_sign_in_and_little_else(world: World, document: str) -> None:
    answer = await ask(document, context=world.context(role=None))
    assert (answer.data, answer.codes) == (None, ["UNAUTHENTICATED"])


async def test_a_stranger_may_ask_whether_anybody_is_signed_in(world: World) -> None:
    answer = await ask("{ __typename viewer { user { name } } }", context=world.context(role=None))
    assert answer.data == {"__typename": "Query", "viewer": None}


@pytest.mark.parametrize(
    ("document", "variables", "codes"),
    [
        ("{", {}, ["GRAPHQL_PARSE_FAILED"]),
        ("{ nothing }", {}, ["GRAPHQL_VALIDATION_FAILED"]),
        ("query ($id: ID!) { lead(id: $id) { id } }", {}, ["BAD_USER_INPUT"]),
        ("query ($id: ID!) { lead(id: $id) { id } }", {"id": None}, ["BAD_USER_INPUT"]),
        ("query ($n: Int) { leads(first: $n) { totalCount } }", {"n": "x"}, ["BAD_USER_INPUT"]),
        ("query ($n: Int) { leads(first: $n) { totalCount } }", {"n": 2**40}, ["BAD_USER_INPUT"]),
        ("query ($a: Cursor) { leads(after: $a) { totalCount } }", {"a": "x" * 3_000}, ["BAD_USER_INPUT"]),
        ("query ($n: Int!) { leads(first: $n, last: $n) { totalCount } }", {"n": 1}, ["BAD_USER_INPUT"]),
    ],
)
async def test_what_is_wrong_has_a_code(
    world: World, document: str, variables: dict[str, Any], codes: list[str]
) -> None:
    answer = await ask(document, variables, context=world.context())
    assert answer.codes == codes
    assert {error["extensions"]["requestId"] for error in answer.errors} == {"test"}


async def test_errors_repeat_little_of_the_input(world: World) -> None:
    long = "q" * 5_000
    for document, variables in (
        (f"{{ {long} }}", {}),
        (f'{{ leads(where: {{{long}: "x"}}) {{ totalCount }} }}', {}),
        ("query ($n: Int) { leads(first: $n) { totalCount } }", {"n": long}),
        ("query ($n: Int) { leads(first: $n) { totalCount } }", {"n": {long: {"a": long}}}),
        ("query ($n: [String!]) { leads(where: {email: {in: $n}}) { totalCount } }", {"n": [{}] * 200}),
    ):
        answer = await ask(document, variables, context=world.context())
        assert answer.errors
        for error in answer.errors:
            assert "q" * 81 not in error["message"]
            assert len(error["message"]) <= 400


async def test_no_more_than_five_errors_are_told(world: World) -> None:
    fields = " ".join(f"a{i}: lead(id: $id) {{ id }}" for i in range(20))
    answer = await ask(f"query ($id: ID!) {{ {fields} }}", {"id": "nonsense"}, context=world.context())
    assert answer.codes == ["BAD_USER_INPUT"] * 5
    variables = ", ".join(f"$v{i}: Int!" for i in range(20))
    answer = await ask(f"query ({variables}) {{ eventTypes }}", {}, context=world.context())
    assert len(answer.errors) == 5


async def test_what_breaks_here_is_masked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("the password is swordfish")

    monkeypatch.setattr("resolvers.reading.ordinary.Reader.one", broken)
    answer = Answer.of(await _execute(WORKSPACE, world.context(), SchemaExecution(SCHEMA, planned=unplanned)))
    assert answer.codes == ["INTERNAL_SERVER_ERROR"]
    assert answer.errors[0]["path"] == ["workspace"]
    assert "swordfish" not in orjson.dumps(answer.errors).decode()


async def test_forbidden_stays_what_it_is(world: World) -> None:
    answer = await ask(
        'mutation { workspaceUpdate(input: {name: "x", expectedVersion: 1}) { errors { code } } }',
        context=world.context(role=Role.READ_ONLY),
    )
    assert answer.codes == ["FORBIDDEN"]


def _poor(world: World, points: int) -> Context:
    budget = Budget(points_max=points, points_per_s=1)
    services = replace(world.services, budgets=Budgets(clock=lambda: 0.0), budget=budget)
    return replace(world.context(), services=services)


def _known(world: World, document: str) -> str:
    """Let somebody else pay for preparing the document."""
    EXECUTION.prepare(query=document, operation_name=None, context=world.context())
    return document


async def test_an_operation_is_paid_for_and_the_rest_given_back(world: World) -> None:
    context = _poor(world, 100)
    outcome = await _execute(_known(world, "{ leads(first: 50) { nodes { id } } }"), context)
    assert orjson.loads(outcome.data or b"") == {"leads": {"nodes": []}}
    assert outcome.spending is not None
    assert (outcome.spending.requested, outcome.spending.actual, outcome.spending.left) == (51, 1, 99)


async def test_who_has_too_few_points_is_told_when_to_come_back(world: World) -> None:
    context = _poor(world, 30)
    outcome = await _execute(_known(world, "{ leads(first: 50) { nodes { id } } }"), context)
    assert (outcome.data, outcome.code) == (None, "RATE_LIMITED")
    assert outcome.spending is not None
    assert (outcome.spending.left, outcome.spending.enough_in_s) == (30, 21)


async def test_a_subscription_is_paid_for_when_it_begins(world: World) -> None:
    context = _poor(world, 0)
    context = replace(
        context, services=replace(context.services, budget=Budget(points_max=1, points_per_s=1))
    )
    await _execute(_known(world, WORKSPACE), context)  # spends the only point, and needs it
    document = _known(world, "subscription { workspaceEvents { seq } }")
    operation = EXECUTION.prepare(query=document, operation_name=None, context=context)
    with pytest.raises(Refused) as refused:
        EXECUTION.subscribe(operation, variables=None, context=context)
    outcome = refused.value.outcome
    assert (outcome.data, outcome.code) == (None, "RATE_LIMITED")


async def test_a_new_document_is_paid_for_by_its_length_and_a_known_one_is_not(world: World) -> None:
    context = _poor(world, 100)
    document = "{ eventTypes } # " + "x" * 400 + str(world.workspace_id)
    assert [await _left(document, context) for _ in range(3)] == [95, 95, 95]


async def _left(document: str, context: Context) -> int:
    outcome = await _execute(document, context)
    assert outcome.spending is not None
    return outcome.spending.left


async def test_refusals_are_paid_for_until_nothing_is_left(world: World) -> None:
    context = _poor(world, 30)
    document = "{ nothing } # " + "x" * 900
    codes = [(await _execute(document, context)).code for _ in range(5)]
    assert codes == ["GRAPHQL_VALIDATION_FAILED"] * 3 + ["RATE_LIMITED"] * 2


async def test_a_caller_may_ask_what_is_left(world: World) -> None:
    document = "{ rateLimit { requestedQueryCost maximumAvailable currentlyAvailable restoreRate } }"
    answer = await ask(_known(world, document), context=_poor(world, 30))
    assert answer.data == {
        "rateLimit": {
            "requestedQueryCost": 1,
            "maximumAvailable": 30,
            "currentlyAvailable": 29,
            "restoreRate": 1,
        }
    }


async def test_an_installation_may_count_nothing(world: World) -> None:
    context = _poor(world, 0)
    outcome = await _execute("{ rateLimit { maximumAvailable } leads(first: 100) { nodes { id } } }", context)
    assert Answer.of(outcome).data == {"rateLimit": {"maximumAvailable": 0}, "leads": {"nodes": []}}
