"""What an answer looks like on the wire: its bytes, its status, its headers."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import orjson

from domain.errors import DomainError
from resolvers.outcome import Outcome
from web.graphql.negotiation import MediaType

Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

PARTIAL: Final = 294
NOTHING_RIGHT: Final = frozenset({"GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT"})
"""Neither the document nor its variables (decision 0014)."""
_STATUS: Final = {
    "GRAPHQL_PARSE_FAILED": 400,
    "UNAUTHENTICATED": 401,
    "FORBIDDEN": 403,
    "PERSISTED_QUERY_NOT_FOUND": 200,  # clients go on with the document's text
    "RATE_LIMITED": 429,
    "INTERNAL_SERVER_ERROR": 500,
}
_CONTENT_TYPES: Final = {
    kind: (b"content-type", f"{kind.value}; charset=utf-8".encode()) for kind in MediaType
}
_ALWAYS: Final = (
    (b"vary", b"Accept"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
)


def render(outcome: Outcome) -> bytes:
    """Return the response as JSON; ``data`` is taken as it is."""
    parts = []
    if outcome.errors:
        parts.append(b'"errors":' + orjson.dumps(outcome.errors))
    if outcome.data is not None:
        parts.append(b'"data":' + outcome.data)
    if outcome.extensions:
        parts.append(b'"extensions":' + orjson.dumps(outcome.extensions))
    return b"{" + b",".join(parts) + b"}"


def status_of(outcome: Outcome, kind: MediaType) -> int:
    """Return the status: for plain JSON 200 but for what a proxy should see (decision 0003)."""
    if outcome.data is not None:
        return PARTIAL if outcome.errors and kind is MediaType.GRAPHQL else 200
    code = outcome.code or ""
    if kind is MediaType.JSON and code not in {"RATE_LIMITED", "INTERNAL_SERVER_ERROR"}:
        return 200
    if outcome.codes >= NOTHING_RIGHT:
        return 400
    return _STATUS.get(code, 422)


def headers_of(outcome: Outcome, *, request_id: str) -> Headers:
    """Return the headers that every answer has, and those of the caller's budget."""
    headers: Headers = [*_ALWAYS, (b"x-request-id", request_id.encode())]
    spending = outcome.spending
    if spending is not None and spending.budget.points_max:
        budget = spending.budget
        policy = f'"points";q={budget.points_max};w={budget.points_max // budget.points_per_s}'
        headers.append((b"ratelimit-policy", policy.encode()))
        headers.append((b"ratelimit", f'"points";r={spending.left};t={spending.full_in_s}'.encode()))
        if not spending.granted:
            headers.append((b"retry-after", str(spending.enough_in_s).encode()))
    return headers


async def send_whole(send: Send, *, status: int, kind: MediaType, headers: Headers, body: bytes) -> None:
    """Send an answer in one piece."""
    if status == 401:
        headers = [*headers, (b"www-authenticate", b"Bearer")]
    length = (b"content-length", str(len(body)).encode())
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [_CONTENT_TYPES[kind], length, *headers],
        }
    )
    await send({"type": "http.response.body", "body": body})


def refusal_of(error: DomainError, *, request_id: str) -> Outcome:
    """Return the response of a request that was turned away."""
    extensions: dict[str, Any] = {"code": error.code, "requestId": request_id}
    if error.field:
        extensions["field"] = list(error.field)
    return Outcome(errors=[{"message": error.message, "extensions": extensions}])


def broken(request_id: str) -> Outcome:
    """Return the response where something of ours broke; the request id finds it in the log."""
    extensions = {"code": "INTERNAL_SERVER_ERROR", "requestId": request_id}
    return Outcome(
        errors=[{"message": "Something went wrong here; the request id finds it.", "extensions": extensions}]
    )
