"""The bytes of a request: how many may come, and how long they may take."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any, Final

from web.graphql.refusals import RequestRefused, RequestTimeout, RequestTooLarge, UnsupportedMediaType

Receive = Callable[[], Awaitable[dict[str, Any]]]

JSON_BYTES_MAX: Final = 1_000_000
UPLOAD_BYTES_MAX: Final = 50_000_000 + 1_000_000
"""A file of 50 MB and what surrounds it in a multipart request."""
JSON_SECONDS_MAX: Final = 20.0
UPLOAD_SECONDS_MAX: Final = 600.0
_MULTIPART: Final = "multipart/form-data"


class ClientGone(Exception):
    """The client hung up before it had said all; nobody is left to answer."""


def is_upload(headers: Mapping[str, str]) -> bool:
    """Return whether the body is a form with files; raises UnsupportedMediaType when it is none we read."""
    if headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
        raise UnsupportedMediaType("compressed bodies aren't read here")
    media, _, parameters = headers.get("content-type", "").partition(";")
    media = media.strip().lower()
    if media == _MULTIPART:
        return True
    if media != "application/json":
        raise UnsupportedMediaType("send application/json, or multipart/form-data with files")
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip().strip('"').lower() not in {"utf-8", "utf8"}:
            raise UnsupportedMediaType("send JSON in UTF-8")
    return False


async def read_whole(receive: Receive, headers: Mapping[str, str]) -> bytes:
    """Return a JSON body; raises RequestTooLarge, RequestTimeout or ClientGone."""
    _check_announced(headers, bytes_max=JSON_BYTES_MAX)
    pieces, arrived, more = [], 0, True
    try:
        async with asyncio.timeout(JSON_SECONDS_MAX):
            while more:
                piece, more = await _next_piece(receive)
                pieces.append(piece)
                arrived += len(piece)
                if arrived > JSON_BYTES_MAX:
                    raise _too_large(JSON_BYTES_MAX)
    except TimeoutError:
        raise _too_slow(JSON_SECONDS_MAX) from None
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


async def pieces_of(
    receive: Receive, headers: Mapping[str, str], *, bytes_max: int, seconds_max: float
) -> AsyncGenerator[bytes, None]:
    """Yield a body as it comes, counted whatever its headers say; raises like ``read_whole``."""
    _check_announced(headers, bytes_max=bytes_max)
    arrived, more = 0, True
    deadline = asyncio.get_running_loop().time() + seconds_max
    while more:
        try:
            async with asyncio.timeout_at(deadline):
                piece, more = await _next_piece(receive)
        except TimeoutError:
            raise _too_slow(seconds_max) from None
        arrived += len(piece)
        if arrived > bytes_max:
            raise _too_large(bytes_max)
        if piece or not more:
            yield piece


async def _next_piece(receive: Receive) -> tuple[bytes, bool]:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientGone
    return message.get("body", b""), message.get("more_body", False)


def _check_announced(headers: Mapping[str, str], *, bytes_max: int) -> None:
    announced = headers.get("content-length", "0")
    if not announced.isascii() or not announced.isdigit():
        raise RequestRefused("Content-Length isn't a number")
    if int(announced[:20]) > bytes_max:
        raise _too_large(bytes_max)


def _too_large(bytes_max: int) -> RequestTooLarge:
    return RequestTooLarge(f"a request of this kind has at most {bytes_max:,} bytes")


def _too_slow(seconds_max: float) -> RequestTimeout:
    return RequestTimeout(f"the body took longer than {seconds_max:.0f} seconds")
