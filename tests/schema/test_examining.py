"""What is found out about a document that nobody has sent."""

from typing import Any

import pytest
from graphql import build_schema

from domain.api_clients.manifests import Listed
from domain.api_clients.rules import DocumentFacts, DocumentKind
from domain.workspaces.rules import Permission
from schema.cost import COST_MAX
from schema.documents import Documents
from schema.examining import Examiner, invalidities
from tests.world import SCHEMA

ROOT = SCHEMA._schema
EXAMINER = Examiner(ROOT)
P = Permission


def facts(text: str) -> DocumentFacts:
    found, problems = EXAMINER.look_at(text)
    assert found is not None, problems
    return found


@pytest.mark.parametrize(
    ("text", "name", "kind", "cost", "scopes"),
    [
        ("{ eventTypes }", None, DocumentKind.QUERY, 0, (P.READ,)),
        ("query Mine { viewer { user { name } } }", "Mine", DocumentKind.QUERY, 2, ()),
        (
            "query Two { a: creditAccount { held } leads(first: 5) { nodes { id } } ...More }"
            " fragment More on Query { apiTokens { totalCount } }",
            "Two",
            DocumentKind.QUERY,
            1 + 6 + 1,
            (P.MANAGE_TOKENS, P.READ, P.VIEW_CREDITS),
        ),
        (
            "mutation Off($id: ID!) { leadRestrict(input: {id: $id}) { lead { id } } }",
            "Off",
            DocumentKind.MUTATION,
            10 + 2,
            (P.WRITE_LEADS,),
        ),
        ("subscription { workspaceEvents { seq } }", None, DocumentKind.SUBSCRIPTION, 1, (P.READ,)),
        ("{ __schema { types { name } } }", None, DocumentKind.QUERY, 100, ()),
    ],
)
def test_facts(
    text: str, name: str | None, kind: DocumentKind, cost: int, scopes: tuple[Permission, ...]
) -> None:
    assert facts(text) == DocumentFacts(name=name, kind=kind, cost=cost, scopes=scopes)


def test_pages_of_unknown_size_count_at_their_largest_but_no_operation_costs_more_than_it_may() -> None:
    one = facts("query ($n: Int) { leads(first: $n) { nodes { id } } }")
    two = facts(
        "query ($n: Int) { leads(first: $n) { nodes { messages(first: $n) { nodes { id lead { id } } } } } }"
    )
    assert (one.cost, two.cost) == (101, 20_201)
    three = "query ($n: Int) { leads(first: $n) { nodes { messages(first: $n) { nodes { lead { messages(first: $n)"
    assert facts(f"{three} {{ nodes {{ id }} }} }} }} }} }} }} }}").cost == COST_MAX


def test_facts_are_found_once() -> None:
    operation = Documents(ROOT, suggestions=True).prepare("{ eventTypes }").choose(None)
    assert operation.facts is operation.facts


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("", ("Syntax Error: Unexpected <EOF>.",)),
        ("{", ("Syntax Error: Expected Name, found <EOF>.",)),
        ("{ nothing }", ("Cannot query field 'nothing' on type 'Query'.",)),
        ("{ a b c d }", tuple(f"Cannot query field '{name}' on type 'Query'." for name in "abc")),
        ("{ " + "x" * 200 + " }", (f"Cannot query field '{'x' * 80}…' on type 'Query'.",)),
        (
            "query A { eventTypes } query B { eventTypes }",
            ("a persisted document has exactly one operation",),
        ),
        ("{ eventTypes } #" + "x" * 65_536, ("a document has at most 64 KiB",)),
        (
            "{ leads(first: 100) { nodes { messages(first: 100) { nodes {"
            " lead { messages(first: 100) { nodes { id } } } } } } } }",
            ("it costs 1,030,201 points, and one operation may cost 25,000",),
        ),
    ],
)
def test_what_would_be_refused_is_rejected(text: str, problems: tuple[str, ...]) -> None:
    listed = Listed(given_id="1", document_id=None, text=text)
    examined = EXAMINER.examine(listed)
    assert (examined.listed, examined.facts, examined.problems) == (listed, None, problems)


def _deprecating() -> Any:
    return build_schema(
        """
        enum Shade { LIGHT  DARK @deprecated(reason: "x") }
        input Wish { shade: Shade  tone: Int @deprecated(reason: "x") }
        type Lead { name: String  phone: String @deprecated(reason: "x") }
        type Query {
          lead(wish: Wish, shade: Shade, by: Int @deprecated(reason: "x")): Lead
          old: Int @deprecated(reason: "x")
        }
        """
    )


@pytest.mark.parametrize(
    ("text", "deprecated"),
    [
        ("{ lead { name } }", ()),
        ("{ old lead { ...F } } fragment F on Lead { phone again: phone }", ("Lead.phone", "Query.old")),
        ("{ lead(by: 1) { name } }", ("Query.lead(by:)",)),
        ("{ lead(wish: {tone: 1, shade: DARK}) { name } }", ("Shade.DARK", "Wish.tone")),
        ("query ($shade: Shade = DARK) { lead(shade: $shade) { name } }", ("Shade.DARK",)),
    ],
)
def test_what_will_go_is_named_by_its_coordinate(text: str, deprecated: tuple[str, ...]) -> None:
    operation = Documents(_deprecating(), suggestions=True).prepare(text).choose(None)
    assert operation.facts.deprecated_fields == deprecated


def test_each_operation_has_the_facts_of_its_own_fragments() -> None:
    document = Documents(_deprecating(), suggestions=True).prepare(
        "query A { ...Old } query B { lead { name } } fragment Old on Query { old }"
    )
    assert document.choose("A").facts.deprecated_fields == ("Query.old",)
    assert document.choose("B").facts.deprecated_fields == ()


def test_another_schema_is_asked_for_validity_alone() -> None:
    other = build_schema("type Query { leads(first: Int): [Int!]! }")
    assert invalidities("{ leads(first: 1000) }", schema=other) == ()
    assert invalidities("query A { leads } query B { leads }", schema=other) == ()
    assert invalidities("{ eventTypes }", schema=other) == (
        "Cannot query field 'eventTypes' on type 'Query'.",
    )
    assert invalidities("{", schema=other) == ("Syntax Error: Expected Name, found <EOF>.",)
