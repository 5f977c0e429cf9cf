"""What a document may ask for, and how fast too much of it is refused."""

import time
from contextlib import suppress

import pytest
from graphql import OperationDefinitionNode, get_introspection_query, parse

from schema.cost import COST_MAX, Measure, TooComplex, check_size, fragments_of, measure
from schema.documents import BadDocument, Documents
from tests.world import SCHEMA

ROOT = SCHEMA._schema
REFUSED_WITHIN_S = 0.1


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


def _chain(length: int) -> str:
    links = [f"fragment F{i} on Query {{ ...F{i + 1} ...F{i + 1} }}" for i in range(length)]
    return " ".join(["{ ...F0 }", *links, f"fragment F{length} on Query {{ eventTypes }}"])


def _nested(levels: int) -> str:
    return "{ workspace " + "{ viewer " * levels + "{ id }" + " }" * levels + " }"


BOMBS = {
    "chained fragments": _chain(20),
    "a long chain of fragments": _chain(400),
    "10,000 aliases": "{ " + " ".join(f"a{i}: eventTypes" for i in range(10_000)) + " }",
    "31 aliases of one field": "{ " + " ".join(f"a{i}: eventTypes" for i in range(31)) + " }",
    "31 aliases over fragments": "{ ...F ...G } "
    + " ".join(
        f"fragment {name} on Query {{ {' '.join(f'{name}{i}: eventTypes' for i in range(16))} }}"
        for name in ("F", "G")
    ),
    "300 overlapping fields": "{ " + "eventTypes " * 300 + "}",
    "300 overlapping objects": "{ " + "workspace { name } " * 300 + "}",
    "overlapping in every level": "{ "
    + ("workspace { " + ("node { " + "id " * 10 + "} ") * 15 + "} ") * 15
    + "}",
    "overlapping in an unused fragment": "{ eventTypes } fragment F on Query { " + "eventTypes " * 300 + "}",
    "overlapping introspection": "{ __schema { " + "queryType { name } " * 300 + "} }",
    "four nested lists of 100": "{ enrollments(first: 100) { nodes { messages(first: 100) { nodes { "
    "enrollment { messages(first: 100) { nodes { approvals(first: 100) { nodes { id } } } } } } } } } }",
    "13 levels": "{ " + "workspace { " * 12 + "id" + " }" * 12 + " }",
    "introspection without end": "{ __schema { types { " + "ofType { " * 25 + "name" + " }" * 25 + " } } }",
    "a list of 251": "{ nodes(ids: [" + '"x" ' * 251 + "]) { id } }",
    "65 KiB": "{ eventTypes } #" + "x" * 65_536,
    "65 KiB in other letters": "{ eventTypes } #" + "é" * 33_000,
}


def _seconds(text: str) -> float:
    """How long a document takes of this thread's time, on the least disturbed of three tries."""
    took = []
    for _ in range(3):
        started = time.thread_time()
        with suppress(BadDocument, TooComplex):
            Documents(ROOT, suggestions=True).prepare(text).choose(None).cost(None)
        took.append(time.thread_time() - started)
    return min(took)


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_before_it_goes_off(name: str) -> None:
    with pytest.raises((BadDocument, TooComplex)) as refused:
        Documents(ROOT, suggestions=True).prepare(BOMBS[name]).choose(None).cost(None)
    assert getattr(refused.value, "code", "QUERY_TOO_COMPLEX") == "QUERY_TOO_COMPLEX"
    assert _seconds(BOMBS[name]) < REFUSED_WITHIN_S


@pytest.mark.parametrize(
    "text",
    [
        "{ ...F } fragment F on Query { ...F }",
        "{ ...F } fragment F on Query { ...G } fragment G on Query { ...F }",
        "{ eventTypes } fragment F on Query { ...G } fragment G on Query { ...F }",
        "{ ...F } fragment F on Query { eventTypes } fragment F on Query { viewer { user { id } } }",
    ],
)
def test_fragments_without_a_size_are_invalid(text: str) -> None:
    with pytest.raises(BadDocument) as refused:
        Documents(ROOT, suggestions=True).prepare(text)
    assert refused.value.code == "GRAPHQL_VALIDATION_FAILED"


def test_what_is_allowed_is_quick_enough_too() -> None:
    """The largest document that the merging of fields lets through."""
    text = "{ " + "eventTypes " * 170 + "}"
    Documents(ROOT, suggestions=True).prepare(text)
    assert _seconds(text) < REFUSED_WITHIN_S


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
