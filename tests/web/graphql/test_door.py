"""What gets through the door, and what doesn't."""

import json
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import DomainError, Invalid
from web.graphql.door import GraphQLRequest, read_body, read_parameters
from web.graphql.refusals import RequestRefused

QUERY = "{ __typename }"


def _body(**members: Any) -> bytes:
    return orjson.dumps({"query": QUERY, **members})


def _nested(levels: int, opening: str, closing: str) -> bytes:
    return (
        b'{"query": "{ a }", "variables": {"a": '
        + (opening * levels + "1" + closing * levels).encode()
        + b"}}"
    )


@pytest.mark.parametrize(
    ("body", "request_"),
    [
        (_body(), GraphQLRequest(query=QUERY)),
        (_body(operationName=None, variables=None, extensions=None), GraphQLRequest(query=QUERY)),
        (
            _body(operationName="A", variables={"a": [1]}, extensions={"b": 2}),
            GraphQLRequest(query=QUERY, operation_name="A", variables={"a": [1]}, extensions={"b": 2}),
        ),
        (_body(id="x", doc_id="y", more=[1, {}]), GraphQLRequest(query=QUERY)),
        (_body(variables={"n": 2**63 - 1}), GraphQLRequest(query=QUERY, variables={"n": 2**63 - 1})),
        (_body(variables={"n": -(2**63)}), GraphQLRequest(query=QUERY, variables={"n": -(2**63)})),
        (
            _body(variables={"n": "9" * 40, "f": 1.2345678901234567890}),
            GraphQLRequest(query=QUERY, variables={"n": "9" * 40, "f": 1.2345678901234567890}),
        ),
        (_body(variables={"a": "\\u0000"}), GraphQLRequest(query=QUERY, variables={"a": "\\u0000"})),
        (_body(variables={"a": "😀"}), GraphQLRequest(query=QUERY, variables={"a": "😀"})),
        (b'{"query": "", "variables": {}}', GraphQLRequest(query="", variables={})),
    ],
)
def test_a_well_formed_request_is_read(body: bytes, request_: GraphQLRequest) -> None:
    assert read_body(body) == request_


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"nonsense", 400),
        (b'{"query":', 400),
        (b'{"query": "{ a }"} trailing', 400),
        (b'{"query": "{ a }", "variables": {"a": NaN}}', 400),
        (b'{"query": "{ a }", "variables": {"a": Infinity}}', 400),
        (b'{"query": "{ a }", "variables": {"a": -Infinity}}', 400),
        (b'{"query": "\xff"}', 400),
        (b'{"query": "\xed\xa0\x80"}', 400),
        (b'{"query": "\\ud800"}', 400),
        (b'{"query": "\\udc00 alone"}', 400),
        (b'\xef\xbb\xbf{"query": "{ a }"}', 400),
        (b'{"query": "a\x00"}', 400),
        ('{"query": "{ a }"}'.encode("utf-16"), 400),
        (b"\x1f\x8b\x08\x00nonsense", 400),
        (b"1", 422),
        (b"null", 422),
        (b'"x"', 422),
        (b"true", 422),
        (b"[]", 422),
        (b"[" + _body() + b"]", 422),
        (b"{}", 422),
        (b'{"qeury": "{ a }"}', 422),
        (b'{"query": null}', 422),
        (b'{"query": 1}', 422),
        (b'{"query": ["{ a }"]}', 422),
        (_body(operationName=1), 422),
        (_body(operationName={}), 422),
        (_body(variables=[]), 422),
        (_body(variables="{}"), 422),
        (_body(variables=0), 422),
        (_body(variables=False), 422),
        (_body(extensions=[]), 422),
        (_body(extensions="x"), 422),
        (_body(variables={"a": "\x00"}), 422),
        (_body(variables={"a\x00": 1}), 422),
        (_body(variables={"a": [{"b": "x\x00"}]}), 422),
        (_body(more="\x00"), 422),
        (b'{"query": "{ a }", "variables": {"a": 9223372036854775808}}', 422),
        (b'{"query": "{ a }", "variables": {"a": -9223372036854775809}}', 422),
        (b'{"query": "{ a }", "variables": {"a": ' + b"9" * 5_000 + b"}}", 400),
        (b'{"query": "{ a }", "variables": {"a": 18446744073709551615}}', 422),
        (b'{"query": "{ a }", "variables": {"a": 1e400}}', 400),
        (_nested(63, "[", "]"), 422),
        (_nested(63, '{"a":', "}"), 422),
        (_nested(900, "[", "]"), 422),
        (_nested(5_000, "[", "]"), 400),
        (_nested(5_000, '{"a":', "}"), 400),
    ],
)
def test_anything_else_is_refused_in_words(body: bytes, status: int) -> None:
    with pytest.raises(RequestRefused) as refused:
        read_body(body)
    assert (refused.value.status, refused.value.code) == (status, "BAD_REQUEST")
    assert 0 < len(refused.value.message) <= 160


def test_what_nests_as_deeply_as_may_be_passes() -> None:
    assert read_body(_nested(62, "[", "]")).variables is not None


def test_a_list_that_is_too_long_is_a_bad_value_of_its_variable() -> None:
    assert read_body(_body(variables={"ids": [1] * 250})).variables == {"ids": [1] * 250}
    for value in ([1] * 251, {"in": [1] * 251}, [[1] * 251]):
        with pytest.raises(Invalid) as refused:
            read_body(_body(variables={"fine": [1], "ids": value}))
        assert refused.value.field == ("ids",)


HASH = "0A" * 32
WRONG_HASHES: list[Any] = [
    1,
    [],
    {},
    {"version": 2, "sha256Hash": HASH},
    {"version": 1, "sha256Hash": HASH + "0"},
]


@pytest.mark.parametrize(
    ("members", "query", "document_id", "query_hash"),
    [
        ({"documentId": "a"}, None, "a", None),
        ({"doc_id": "a"}, None, "a", None),
        ({"id": "a"}, None, "a", None),
        ({"id": "a", "documentId": "b"}, None, "b", None),
        ({"id": "a", "query": "{ b }"}, "{ b }", None, None),
        ({"id": 1, "query": "{ b }"}, "{ b }", None, None),
        ({"documentId": "a", "query": ""}, None, "a", None),
        ({"id": "a", "query": ""}, None, "a", None),
        ({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": HASH}}}, None, None, HASH.lower()),
        (
            {"query": "", "extensions": {"persistedQuery": {"version": 1, "sha256Hash": HASH}}},
            None,
            None,
            HASH.lower(),
        ),
        ({"query": "{ a }", "extensions": {"persistedQuery": None}}, "{ a }", None, None),
        ({"query": "{ a }", "variables": {"documentId": "b", "id": "c"}}, "{ a }", None, None),
    ],
)
def test_a_document_is_named_by_its_text_its_id_or_its_hash(
    members: dict[str, Any], query: str | None, document_id: str | None, query_hash: str | None
) -> None:
    request = read_body(orjson.dumps(members))
    assert (request.query, request.document_id, request.query_hash) == (query, document_id, query_hash)
    assert read_parameters(b"documentId=a").document_id == "a"


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"query": None},
        {"query": "{ a }", "documentId": "b"},
        {"documentId": ["a"]},
        {"id": {}},
        {"doc_id": 7},
        {"documentId": "a" * 201},
        *({"query": "{ a }", "extensions": {"persistedQuery": wrong}} for wrong in WRONG_HASHES),
    ],
)
def test_a_document_that_isn_t_named_rightly_is_refused(members: dict[str, Any]) -> None:
    with pytest.raises(RequestRefused) as refused:
        read_body(orjson.dumps(members))
    assert (refused.value.status, refused.value.code) == (422, "BAD_REQUEST")


def test_an_address_names_the_document_alone() -> None:
    assert read_body(b"{}", document_id="a").document_id == "a"
    assert read_body(b'{"query":""}', document_id="a") == GraphQLRequest(document_id="a")
    assert read_parameters(b"variables={}", document_id="a").document_id == "a"
    for body in (b'{"query":"{ a }"}', b'{"documentId":"a"}', b'{"id":"a"}'):
        with pytest.raises(RequestRefused):
            read_body(body, document_id="a")


def _code(body: bytes) -> str | None:
    try:
        read_body(body)
    except DomainError as error:
        return error.code
    return None


@given(st.binary(max_size=200))
def test_no_bytes_break_the_door(body: bytes) -> None:
    assert _code(body) in {None, "BAD_REQUEST", "BAD_USER_INPUT"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_no_json_breaks_the_door(value: Any) -> None:
    body = json.dumps({"query": "{ a }", "variables": {"a": value}}).encode()
    assert _code(body) in {None, "BAD_REQUEST", "BAD_USER_INPUT"}


def test_parameters_are_read_like_members() -> None:
    asked = urlencode({"query": QUERY, "operationName": "A", "variables": '{"a": 1}', "extensions": "{}"})
    assert read_parameters(asked.encode()) == GraphQLRequest(
        query=QUERY, operation_name="A", variables={"a": 1}, extensions={}
    )
    assert read_parameters(b"query=%7Ba%7D&operationName=&variables=&more=1") == GraphQLRequest(query="{a}")


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (b"", 422),
        (b"variables=%7B%7D", 422),
        (b"query=a&query=b", 400),
        (b"query=%ff", 400),
        (b"query=\xff", 400),
        (b"query=a&variables=1", 422),
        (b"query=a&variables=%7B", 400),
        (b"query=a&variables=%5B%5D", 422),
        (b"query=%00", 422),
        (b"&".join(b"a%d=1" % number for number in range(30)), 400),
    ],
)
def test_bad_parameters_are_refused(asked: bytes, status: int) -> None:
    with pytest.raises(RequestRefused) as refused:
        read_parameters(asked)
    assert refused.value.status == status
