"""Prepared documents: what is kept, and how an operation is chosen."""

from hashlib import sha256

import pytest

from resolvers.outcome import OperationKind
from schema.documents import BadDocument, Documents
from tests.world import SCHEMA

ROOT = SCHEMA._schema
TWO = "query A { eventTypes } query B { viewer { user { name } } }"


def test_a_document_is_prepared_once() -> None:
    documents = Documents(ROOT, suggestions=True)
    first = documents.prepare("{ eventTypes }")
    assert documents.prepare("{ eventTypes }") is first
    operation = first.choose(None)
    assert (operation.kind, operation.name, operation.text) == (OperationKind.QUERY, None, "{ eventTypes }")
    assert (operation.sha256, operation.plans) == (sha256(b"{ eventTypes }").hexdigest(), {})


def test_as_many_are_kept_as_fit_and_the_ones_used_last() -> None:
    documents = Documents(ROOT, suggestions=True, kept_max=2)
    a, b = documents.prepare("{ eventTypes }"), documents.prepare("{ eventTypes } #b")
    assert documents.prepare("{ eventTypes }") is a
    documents.prepare("{ eventTypes } #c")
    assert len(documents) == 2
    assert documents.prepare("{ eventTypes }") is a
    assert documents.prepare("{ eventTypes } #b") is not b


def test_large_documents_are_kept_by_their_bytes() -> None:
    documents = Documents(ROOT, suggestions=True, bytes_max=1_000)
    for number in range(10):
        documents.prepare("{ eventTypes } #" + str(number) * 400)
    assert len(documents) == 2


def test_what_is_refused_is_not_kept() -> None:
    documents = Documents(ROOT, suggestions=True)
    for text in ("{", "{ nothing }"):
        with pytest.raises(BadDocument):
            documents.prepare(text)
    assert len(documents) == 0


@pytest.mark.parametrize(
    ("text", "name", "code"),
    [
        (TWO, None, "OPERATION_RESOLUTION_FAILURE"),
        (TWO, "C", "OPERATION_RESOLUTION_FAILURE"),
        ("{ eventTypes }", "A", "OPERATION_RESOLUTION_FAILURE"),
        ("", None, "GRAPHQL_PARSE_FAILED"),
        ("{", None, "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", None, "GRAPHQL_VALIDATION_FAILED"),
        ('{ lead(id: "\\u0000") { id } }', None, "GRAPHQL_VALIDATION_FAILED"),
        ("{ leads(first: 9223372036854775808) { totalCount } }", None, "GRAPHQL_VALIDATION_FAILED"),
        ("{ leads(first: " + "9" * 5_000 + ") { totalCount } }", None, "GRAPHQL_VALIDATION_FAILED"),
        ("{ leads(first: 1e999) { totalCount } }", None, "GRAPHQL_VALIDATION_FAILED"),
        ('{ lead(id: "\\ud800") { id } }', None, "GRAPHQL_PARSE_FAILED"),
        ("type A { b: Int }", None, "GRAPHQL_VALIDATION_FAILED"),
        ("fragment F on Query { eventTypes }", None, "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { workspaceEvents { seq } creditEvents { seq } }", None, "GRAPHQL_VALIDATION_FAILED"),
    ],
)
def test_refusals_say_on_what_ground(text: str, name: str | None, code: str) -> None:
    with pytest.raises(BadDocument) as refused:
        Documents(ROOT, suggestions=True).prepare(text).choose(name)
    assert refused.value.code == code


def test_the_named_operation_is_chosen() -> None:
    document = Documents(ROOT, suggestions=True).prepare(TWO)
    assert [document.choose(name).name for name in ("B", "A")] == ["B", "A"]


def test_suggestions_are_made_only_where_they_may() -> None:
    def message(*, suggestions: bool) -> str:
        with pytest.raises(BadDocument) as refused:
            Documents(ROOT, suggestions=suggestions).prepare("{ eventTypez }")
        return refused.value.errors[0].message

    assert "Did you mean 'eventTypes'" in message(suggestions=True)
    assert "Did you mean" not in message(suggestions=False)


def test_no_more_errors_are_looked_for_than_are_told() -> None:
    with pytest.raises(BadDocument) as refused:
        Documents(ROOT, suggestions=True).prepare("{ " + " ".join(f"nothing{i}" for i in range(50)) + " }")
    assert len(refused.value.errors) == 5
