"""Manifests: what tools write is read, and whatever else comes is refused in words."""

from contextlib import suppress
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.api_clients.manifests import APOLLO, DOCUMENTS_MAX, Listed, read_manifest
from domain.errors import Invalid

DIGITS = "ab" * 32
TEXT = "query Mine { workspace { name } }"
LISTED = Listed(given_id=DIGITS, document_id=f"sha256:{DIGITS}", text=TEXT)


def refused(content: bytes) -> str:
    with pytest.raises(Invalid) as caught:
        read_manifest(content)
    assert caught.value.field == ("manifest",)
    return caught.value.message


def apollo(*operations: Any, **members: Any) -> bytes:
    return orjson.dumps({"format": APOLLO, "version": 1, "operations": operations} | members)


def test_relay_codegen_and_tada_write_an_object_from_ids_to_texts() -> None:
    other = f"sha256:{'cd' * 32}"
    assert read_manifest(orjson.dumps({DIGITS: TEXT, other: "{ eventTypes }"})) == [
        LISTED,
        Listed(given_id=other, document_id=other, text="{ eventTypes }"),
    ]
    assert read_manifest(b"{}") == []


def test_apollo_writes_a_list_of_operations() -> None:
    operation = {"id": DIGITS, "name": "Mine", "type": "query", "body": TEXT}
    assert read_manifest(apollo(operation)) == [LISTED]
    assert read_manifest(apollo({"id": DIGITS, "body": TEXT}, generated="2026-01-01")) == [LISTED]
    assert read_manifest(apollo()) == []


def test_an_id_of_another_form_is_kept_as_it_is() -> None:
    assert read_manifest(b'{"Mine": "{ a }"}') == [Listed(given_id="Mine", document_id=None, text="{ a }")]


def test_the_order_and_doubles_of_a_list_are_kept() -> None:
    operations = [{"id": id_, "body": TEXT} for id_ in ("b", "a", "b")]
    assert [one.given_id for one in read_manifest(apollo(*operations))] == ["b", "a", "b"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the manifest isn't JSON: "),
        (b"email\n", "the manifest isn't JSON: "),
        (b"\xff", "the manifest isn't JSON: "),
        (b'{"a": NaN}', "the manifest isn't JSON: "),
        (b'{"a": "\\ud800"}', "the manifest isn't JSON: "),
        (b"[" * 5_000, "the manifest isn't JSON: "),
        *((text, "a manifest is a JSON object") for text in (b"[]", b"null", b"1", b'"x"', b"true")),
        (b'{"a": 1}', "a manifest's ids and documents are texts"),
        (b'{"a": null}', "a manifest's ids and documents are texts"),
        (b'{"a": "\\u0000"}', "a manifest's ids and documents are texts"),
        (b'{"format": "other"}', f"the only format with a name that is known is {APOLLO}, version 1"),
        (apollo(version=2), f"the only format with a name that is known is {APOLLO}, version 1"),
        (apollo(operations={}), f"the only format with a name that is known is {APOLLO}, version 1"),
        (apollo(1), "the operations of a manifest are objects"),
        (apollo({"id": DIGITS}), "a manifest's ids and documents are texts"),
        (apollo({"body": TEXT}), "a manifest's ids and documents are texts"),
        (apollo({"id": 1, "body": TEXT}), "a manifest's ids and documents are texts"),
    ],
)
def test_what_no_tool_writes_is_refused(content: bytes, message: str) -> None:
    assert refused(content).startswith(message)


def test_a_manifest_has_at_most_2_000_documents() -> None:
    most = {str(number): TEXT for number in range(DOCUMENTS_MAX)}
    assert len(read_manifest(orjson.dumps(most))) == 2_000
    assert refused(orjson.dumps(most | {"one more": TEXT})) == "a manifest has at most 2,000 documents"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31) | st.text() | st.just(TEXT),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_MEMBERS = st.fixed_dictionaries(
    {},
    optional={
        "format": st.just(APOLLO) | _JSON,
        "version": st.just(1) | _JSON,
        "operations": st.lists(st.fixed_dictionaries({"id": _JSON, "body": _JSON}) | _JSON, max_size=3)
        | _JSON,
        DIGITS: _JSON,
    },
)


@given(st.binary() | (_JSON | _MEMBERS).map(orjson.dumps))
def test_whatever_comes_is_read_or_refused(content: bytes) -> None:
    with suppress(Invalid):
        found = read_manifest(content)
        assert all(isinstance(one.text, str) and "\x00" not in one.text for one in found)
