"""A refused document's variables are looked at, too."""

from typing import Any

import pytest

from tests.world import World, ask


@pytest.mark.parametrize(
    ("document", "variables", "fields"),
    [
        ("query ($n: Int!) { nothing }", {}, ["n"]),
        ("query ($n: Int!) { nothing }", {"n": 1}, None),
        ("query ($where: LeadWhere) { nothing }", {"where": {"emial": {"eq": "x"}}}, ["where", "emial"]),
        ("query ($n: Int!, $m: Int!) { nothing }", {"n": "x", "m": "x"}, ["n"]),
        ("query ($n: Nonsense!) { eventTypes }", {}, None),
        ("query ($n: Lead!) { eventTypes }", {}, None),
        ('query ($n: Int = "x") { eventTypes }', {}, None),
        ("query ($n: Int!, $n: Int!) { eventTypes }", {"n": 1}, None),
        ("query A($n: Int!) { nothing } query B { nothing }", {}, None),
        (f"query ($n: Int!) {{ {' '.join(f'nothing{number}' for number in range(9))} }}", {}, ["n"]),
    ],
)
async def test_a_variable_that_does_not_fit_is_named_beside_the_document_s_faults(
    world: World, document: str, variables: dict[str, Any], fields: list[str] | None
) -> None:
    answer = await ask(document, variables, context=world.context())

    assert answer.codes[0] == "GRAPHQL_VALIDATION_FAILED"
    assert len(answer.errors) <= 5
    named = [error["extensions"]["field"] for error in answer.errors if "field" in error["extensions"]]
    assert named == ([] if fields is None else [fields])
    assert ("BAD_USER_INPUT" in answer.codes) is (fields is not None)


async def test_a_stranger_is_suggested_nothing(world: World) -> None:
    document = "query ($where: LeadWhere) { nothing }"
    variables = {"where": {"emial": {"eq": "x"}}}
    told = await ask(document, variables, context=world.context(role=None))
    assert "Did you mean" not in str(told.errors)
    known = await ask(document, variables, context=world.context())
    assert "Did you mean" in str(known.errors)
