"""Bombs: documents that are small to send and large to answer are refused with little work."""

import sys
from contextlib import suppress
from types import FrameType
from typing import Any

import pytest

from schema.document_size import TooComplex
from schema.documents import BadDocument, Documents
from tests.world import SCHEMA

ROOT = SCHEMA._schema
CALLS_MAX = 200_000
"""Python functions called for one document, whatever it holds; a tenth of a second of a quiet machine."""


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


def _calls(text: str) -> int:
    """Return how many Python functions are called until a document is ready or refused."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal calls
        calls += event == "call"

    documents, before = Documents(ROOT, suggestions=True), sys.getprofile()
    sys.setprofile(count)
    try:
        with suppress(BadDocument, TooComplex):
            documents.prepare(text).choose(None).cost(None)
    finally:
        sys.setprofile(before)
    return calls


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_before_it_goes_off(name: str) -> None:
    with pytest.raises((BadDocument, TooComplex)) as refused:
        Documents(ROOT, suggestions=True).prepare(BOMBS[name]).choose(None).cost(None)
    assert getattr(refused.value, "code", "QUERY_TOO_COMPLEX") == "QUERY_TOO_COMPLEX"
    assert _calls(BOMBS[name]) < CALLS_MAX


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


def test_what_is_allowed_is_little_enough_work_too() -> None:
    """The largest document that the merging of fields lets through."""
    text = "{ " + "eventTypes " * 170 + "}"
    Documents(ROOT, suggestions=True).prepare(text)
    assert _calls(text) < CALLS_MAX
