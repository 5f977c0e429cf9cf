"""Which kind of answer a client gets for what it accepts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.graphql.negotiation import Accepted, MediaType, accepted

GRAPHQL, JSON = MediaType.GRAPHQL, MediaType.JSON


@pytest.mark.parametrize(
    ("header", "whole"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("application/json", JSON),
        ("APPLICATION/JSON", JSON),
        ("application/json; charset=utf-8", JSON),
        ("application/graphql-response+json", GRAPHQL),
        ("application/graphql-response+json; charset=UTF-8", GRAPHQL),
        ("application/graphql-response+json, application/json;q=0.9", GRAPHQL),
        ("application/json, application/graphql-response+json", GRAPHQL),
        ("application/json, application/graphql-response+json;q=0.9", JSON),
        ("application/graphql-response+json;q=0, application/json", JSON),
        ("application/json;q=0, */*", GRAPHQL),
        ("application/json;q=0, application/graphql-response+json;q=0, */*", None),
        ("application/json;q=nonsense", None),
        ("application/json;q=nan", None),
        ("text/html,application/xhtml+xml,*/*;q=0.8", JSON),
        ("text/html", None),
        ("application/xml", None),
        ("application/json; charset=iso-8859-1", None),
        ("text/event-stream", None),
        ("nonsense", None),
        (",,;;==,", None),
        ("x" * 100_000, None),
    ],
)
def test_an_answer_in_one_piece(header: str | None, whole: MediaType | None) -> None:
    assert accepted(header).whole == whole


@pytest.mark.parametrize(
    ("header", "answer"),
    [
        ("text/event-stream", Accepted(whole=None, events=True)),
        (
            "application/graphql-response+json, application/graphql+json, application/json, "
            "text/event-stream, multipart/mixed",
            Accepted(whole=GRAPHQL, events=True, parts=True),
        ),
        (
            'multipart/mixed;boundary="graphql";subscriptionSpec=1.0,application/json',
            Accepted(whole=JSON, parts=True),
        ),
        (
            "multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json;q=0.9",
            Accepted(whole=GRAPHQL, parts=True, old_parts=True),
        ),
        ("*/*", Accepted(whole=JSON, any_stream=True)),
        ("text/event-stream;q=0, application/json", Accepted(whole=JSON)),
    ],
)
def test_streams_are_told_apart(header: str, answer: Accepted) -> None:
    assert accepted(header) == answer


@given(st.text(max_size=200))
def test_no_header_breaks_it(header: str) -> None:
    accepted(header)
