"""Answers to registered questions by GET carry a tag: a client that has the same answer already gets no body."""

import hashlib
from typing import Final

from resolvers.outcome import Outcome
from web.graphql.answering import Headers, Send
from web.graphql.negotiation import MediaType

_INSTEAD: Final[Headers] = [
    (b"vary", b"Accept, Authorization, Cookie, Origin, Plera-Workspace"),
    (b"cache-control", b"private, no-cache"),  # kept by the client alone, and asked about each time
]


def tag_of(outcome: Outcome, body: bytes, *, kind: MediaType) -> str | None:
    """Return the tag of a whole answer without errors; None for others, which nobody should keep."""
    if outcome.data is None or outcome.errors:
        return None
    return f'"{hashlib.sha256(kind.value.encode() + body).hexdigest()[:32]}"'


def tagged(headers: Headers, tag: str) -> Headers:
    """Return an answer's headers with its tag, and what caches have to know."""
    replaced = {name for name, _ in _INSTEAD}
    kept = [(name, value) for name, value in headers if name not in replaced]
    return [*kept, *_INSTEAD, (b"etag", tag.encode())]


def is_known(if_none_match: str | None, tag: str) -> bool:
    """Tell whether the client has this answer."""
    if if_none_match is None:
        return False
    known = [one.strip().removeprefix("W/") for one in if_none_match.split(",")]
    return "*" in known or tag in known


async def send_unchanged(send: Send, *, headers: Headers) -> None:
    """Say that the client's answer is still right."""
    await send({"type": "http.response.start", "status": 304, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
