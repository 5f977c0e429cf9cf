"""How large a request may be: counted as it arrives, whatever its headers say."""

from starlette.types import Message, Receive, Scope

from domain.errors import LimitReached

JSON_BYTES_MAX = 1_000_000
UPLOAD_BYTES_MAX = 50_000_000 + 1_000_000
"""A file of 50 MB and what surrounds it in a multipart request."""


class RequestTooLarge(LimitReached):
    """The request's body is larger than any that makes sense."""

    code = "REQUEST_TOO_LARGE"


def limited(receive: Receive, *, scope: Scope) -> Receive:
    """Return a ``receive`` that raises RequestTooLarge once more came than the media type may have."""
    headers = dict(scope["headers"])
    is_upload = headers.get(b"content-type", b"").startswith(b"multipart/form-data")
    limit = UPLOAD_BYTES_MAX if is_upload else JSON_BYTES_MAX
    arrived = 0

    async def receive_counted() -> Message:
        nonlocal arrived
        message = await receive()
        arrived += len(message.get("body", b""))
        if arrived > limit:
            raise RequestTooLarge(f"a request of this kind has at most {limit:,} bytes")
        return message

    return receive_counted
