"""What a document may ask for."""

import pytest
from graphql import OperationDefinitionNode, get_introspection_query, parse

from schema.cost import COST_MAX, Measure, measure
from schema.document_size import TooComplex, check_size, fragments_of
from schema.documents import Documents
from tests.world import SCHEMA

ROOT = SCHEMA._schema


def _measure(text: str, **sizes: object) -> Measure:
    document = parse(text)
    check_size(document)
    [operation] = [part for part in document.definitions if isinstance(part, OperationDefinitionNode)]
    return measure(operation, schema=ROOT, fragments=fragments_of(document), sizes=sizes or None)


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ("{ __typename }", 0),
        ("{ eventTypes }", 0),
        ("{ workspace { name } }", 1),
        ("{ leads { totalCount } }", 1),
        ("{ leads { nodes { id } } }", 1 + 25),
        ("{ leads(first: 10) { nodes { id email } } }", 1 + 10),
        ("{ leads(first: 10) { edges { cursor node { id } } pageInfo { endCursor } } }", 1 + 10 * 2 + 1),
        ("{ leads(first: 10) { nodes { company { name } } } }", 1 + 10 * 2),
        (
            "{ enrollments(first: 10) { nodes { messages(first: 5) { nodes { id } } } } }",
            1 + 10 * (1 + 1 + 5),
        ),
        (
            "{ leads(first: 10) { nodes { messages(where: {isEdited: {eq: true}}, first: 5) { nodes { id } } } } }",
            1 + 10 * (1 + 1 + 5),
        ),
        ("{ leads(last: 7) { nodes { id } } }", 1 + 7),
        ("{ leads(first: 5000) { nodes { id } } }", 1 + 100),
        ("query ($n: Int) { leads(first: $n) { nodes { id } } }", 1 + 100),
        ("{ viewer { workspaces { id } } }", 1 + 10),
        ("{ a: workspace { name } b: workspace { name } }", 2),
        ("{ workspace { name } workspace { name } }", 1),
        ("{ ...F } fragment F on Query { workspace { name } ... on Query { workspace { slug } } }", 1),
        ('mutation { leadRestrict(input: {id: "x"}) { lead { id } errors { code } } }', 10 + 1 + 1 + 10),
        ("{ __schema { types { name } } }", 100),
    ],
)
def test_an_object_costs_one_and_a_list_its_size(text: str, cost: int) -> None:
    assert _measure(text).cost == cost


@pytest.mark.parametrize(
    ("value", "cost"), [(3, 4), (None, 26), (0, 2), (-5, 2), (100_000, 101), ("three", 26), (True, 2)]
)
def test_a_page_by_a_variable_costs_what_the_variable_says(value: object, cost: int) -> None:
    assert _measure("query ($n: Int) { leads(first: $n) { nodes { id } } }", n=value).cost == cost


def test_a_variable_s_default_counts_when_it_is_absent() -> None:
    measured = _measure("query ($n: Int = 4) { leads(first: $n) { nodes { id } } }", other=1)
    assert (measured.cost, measured.size_variables) == (5, ("n",))


def test_depth_counts_fields_and_not_fragments() -> None:
    assert _measure("{ workspace { name } }").depth == 2
    assert _measure("{ ...F } fragment F on Query { ... { workspace { name } } }").depth == 2


def test_the_root_fields_are_seen_through_fragments_and_aliases() -> None:
    measured = _measure(
        "{ ...F } fragment F on Query { a: __schema { queryType { name } } viewer { user { id } } }"
    )
    assert measured.root_fields == {"__schema", "viewer"}


def test_the_usual_introspection_fits() -> None:
    Documents(ROOT, suggestions=True).prepare(get_introspection_query(input_value_deprecation=True))


def test_two_full_pages_inside_each_other_are_allowed_and_three_are_not() -> None:
    two = "{ enrollments(first: 100) { nodes { messages(first: 100) { edges { node { id } } } } } }"
    three = (
        "{ enrollments(first: 100) { nodes { messages(first: 100) { nodes "
        "{ approvals(first: 100) { nodes { id } } } } } } }"
    )
    assert _measure(two).cost == 1 + 100 * (1 + 1 + 100 * 2)
    assert _measure(two).cost <= COST_MAX
    assert _measure(three).cost > COST_MAX


def test_variables_make_an_operation_cheaper_and_dearer() -> None:
    text = """query ($n: Int) { enrollments(first: $n) { nodes { messages(first: $n) { nodes {
        approvals(first: $n) { nodes { id } } } } } } }"""
    operation = Documents(ROOT, suggestions=True).prepare(text).choose(None)
    assert operation.cost({"n": 1}) == 6
    assert operation.cost({"n": 2}) == operation.cost({"n": 2}) > 6
    with pytest.raises(TooComplex):
        operation.cost({"n": 100})
