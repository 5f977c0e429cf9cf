"""The strict door: what a request may say, whatever carries it.

Everything that would trouble somebody further in is refused here in words: numbers that don't fit 64 bits, values
nested too deeply, characters the database can't keep.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn
from urllib.parse import parse_qsl

import orjson

from domain.errors import Invalid
from web.graphql.refusals import RequestRefused

NESTING_MAX: Final = 64
LIST_MAX: Final = 250
PARAMETERS_MAX: Final = 20
DOCUMENT_ID_MAX: Final = 200
_MEMBERS: Final = ("query", "operationName", "variables", "extensions", "documentId", "doc_id", "id")
_LONG_NUMBER: Final = re.compile(rb"\d{19}")
_HASH: Final = re.compile("[0-9a-fA-F]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphQLRequest:
    """A well-formed request; nothing is known of its document yet.

    Attributes:
        query, document_id, query_hash: what says which document is meant: its text, a registered document's id, or the
            SHA-256 of a text that was sent before. There is one of them at least, and never both of the first two.
    """

    query: str | None = None
    document_id: str | None = None
    query_hash: str | None = None
    operation_name: str | None = None
    variables: dict[str, Any] | None = None
    extensions: dict[str, Any] | None = None


def read_body(body: bytes, *, document_id: str | None = None) -> GraphQLRequest:
    """Read a JSON body; raises RequestRefused, or Invalid for values that are too many.

    Args:
        document_id: what the request's address says; the body names no document then.
    """
    return read_members(read_json(body, what="the body"), document_id=document_id)


def read_parameters(query_string: bytes, *, document_id: str | None = None) -> GraphQLRequest:
    """Read the parameters of a GET request; arguments and errors as those of ``read_body``."""
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=PARAMETERS_MAX,
        )
    except ValueError:
        raise RequestRefused("the parameters aren't URL-encoded UTF-8, or too many") from None
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise RequestRefused("a parameter is given twice")
        if name in _MEMBERS and value:
            is_json = name in {"variables", "extensions"}
            members[name] = read_json(value.encode(), what=name) if is_json else value
    _check(members)
    return read_members(members, document_id=document_id)


def read_json(text: bytes | str, *, what: str) -> Any:
    """Decode JSON and refuse what nobody here can work with.

    Args:
        what: what the text is called in messages.
    """
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise RequestRefused(f"{what} isn't JSON: {str(error)[:80]}") from None
    if _LONG_NUMBER.search(raw):
        _check_numbers(raw, what=what)
    _check(value)
    return value


def read_members(value: Any, *, document_id: str | None = None) -> GraphQLRequest:
    """Check the members of a decoded request; arguments as those of ``read_body``."""
    if not isinstance(value, dict):
        raise RequestRefused("a request is one JSON object; lists of requests aren't answered", status=422)
    operation_name = _member(value, "operationName", str, "a string")
    variables = _member(value, "variables", dict, "an object")
    extensions = _member(value, "extensions", dict, "an object")
    query = _member(value, "query", str, "a string")
    named = _document_id(value, beside_text=bool(query))
    if document_id is not None and (query or named is not None):
        raise RequestRefused(
            "the address says which document is meant, and the request names another", status=422
        )
    query_hash = _query_hash(extensions) if document_id is None else None
    document_id = document_id or named
    if document_id is not None or query_hash is not None:
        query = query or None  # graphql-ws' client sends no message without a text, be it an empty one
    elif query is None:
        raise RequestRefused("the request has no query and names no document", status=422)
    if variables:
        check_lists(variables)
    return GraphQLRequest(
        query=query,
        document_id=document_id,
        query_hash=query_hash,
        operation_name=operation_name,
        variables=variables,
        extensions=extensions,
    )


def _document_id(value: Mapping[str, Any], *, beside_text: bool) -> str | None:
    """Return the id of a registered document; the names that Relay has for it say nothing beside a text."""
    document_id = _member(value, "documentId", str, "a string")
    if beside_text:
        if document_id is not None:
            raise RequestRefused("a request has a query or a documentId, not both", status=422)
        return None
    document_id = document_id or value.get("doc_id") or value.get("id")
    if document_id is not None and not (isinstance(document_id, str) and len(document_id) <= DOCUMENT_ID_MAX):
        raise RequestRefused(
            f"a document's id is a string of at most {DOCUMENT_ID_MAX} characters", status=422
        )
    return document_id


def _query_hash(extensions: Mapping[str, Any] | None) -> str | None:
    """Return the hash of an automatic persisted query."""
    persisted = (extensions or {}).get("persistedQuery")
    if persisted is None:
        return None
    hash_ = persisted.get("sha256Hash") if isinstance(persisted, dict) else None
    if not isinstance(hash_, str) or not _HASH.fullmatch(hash_) or persisted.get("version") != 1:
        raise RequestRefused(
            "persistedQuery has version 1 and a sha256Hash of 64 hexadecimal digits", status=422
        )
    return hash_.lower()


def _member(value: Mapping[str, Any], name: str, type_: type, called: str) -> Any:
    member = value.get(name)
    if member is not None and not isinstance(member, type_):
        raise RequestRefused(f"{name} is {called} or absent", status=422)
    return member


def check_lists(variables: Mapping[str, Any]) -> None:
    """Refuse lists that are too long, by the name of the variable they are in."""
    for name, value in variables.items():
        waiting = [value]
        while waiting:
            inner = waiting.pop()
            if isinstance(inner, list):
                if len(inner) > LIST_MAX:
                    raise Invalid(f"${name[:80]}: at most {LIST_MAX} values in one list", field=(name[:80],))
                waiting.extend(inner)
            elif isinstance(inner, dict):
                waiting.extend(inner.values())


def _check(value: Any, depth: int = 1) -> None:
    """Refuse nesting, characters and numbers that don't work further in."""
    if isinstance(value, str):
        if "\x00" in value:
            raise RequestRefused("a text has the character U+0000", status=422)
    elif isinstance(value, dict):
        if depth > NESTING_MAX:
            _too_deep()
        for key, inner in value.items():
            if "\x00" in key:
                raise RequestRefused("a name has the character U+0000", status=422)
            _check(inner, depth + 1)
    elif isinstance(value, list):
        if depth > NESTING_MAX:
            _too_deep()
        for inner in value:
            _check(inner, depth + 1)
    elif isinstance(value, float) and not math.isfinite(value):
        raise RequestRefused("a number is too large", status=422)


def _too_deep() -> NoReturn:
    raise RequestRefused(f"nested deeper than {NESTING_MAX} levels", status=422)


def _check_numbers(raw: bytes, *, what: str) -> None:
    """Refuse whole numbers that don't fit 64 bits; orjson would make inexact ones of them."""

    def check(digits: str) -> int:
        if len(digits) > 20 or not -(2**63) <= int(digits) < 2**63:
            raise RequestRefused(f"{what} has a whole number that doesn't fit 64 bits", status=422)
        return 0

    try:
        json.loads(raw, parse_int=check)
    except RecursionError:
        _too_deep()
