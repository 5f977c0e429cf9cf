"""Decompression that stops at a limit instead of filling the memory.

The client's own decoder inflates each received block whole: 64 KiB of gzip become 64 MiB before anybody
can count. Here at most ``block`` bytes are made at a time.
"""

import zlib
from collections.abc import Iterator

_BLOCK = 64 * 1024
# Text compresses 3-20 times; zlib's theoretical best is about 1030. Small bodies may be very regular.
_RATIO_MAX = 200
_RATIO_FREE = 1024 * 1024


class BodyTooLarge(Exception):
    """The body passed its size limit, or is a decompression bomb."""


class BodyBroken(Exception):
    """The body is not in the encoding it claims."""


class BodyDecoder:
    """Collects a response body, decoded, under a size and a ratio limit.

    Args:
        encoding: the Content-Encoding: identity (or empty), gzip or deflate; others raise BodyBroken.
        limit: bytes, for what is received and for what it becomes.
    """

    def __init__(self, *, encoding: str, limit: int) -> None:
        self._limit = limit
        self._received = 0
        self._body = bytearray()
        self._inflater = _inflater(encoding.strip().lower())

    def feed(self, data: bytes) -> None:
        """Add what has arrived; raises BodyTooLarge or BodyBroken."""
        self._received += len(data)
        for block in self._decode(data):
            self._body += block
            if len(self._body) > self._limit:
                raise BodyTooLarge(f"more than {self._limit} bytes")
            if len(self._body) > max(_RATIO_FREE, self._received * _RATIO_MAX):
                raise BodyTooLarge("it unpacks to far more than any page would")
        if self._received > self._limit:
            raise BodyTooLarge(f"more than {self._limit} bytes")

    def finish(self) -> bytes:
        """Return the whole body; raises BodyBroken if the compressed stream stops half-way."""
        if self._inflater is not None and self._received and not self._inflater.eof:
            raise BodyBroken("the compressed body is cut off")
        return bytes(self._body)

    def _decode(self, data: bytes) -> Iterator[bytes]:
        if self._inflater is None:
            yield data
            return
        try:
            while data and not self._inflater.eof:
                yield self._inflater.decompress(data, _BLOCK)
                data = self._inflater.unconsumed_tail
        except zlib.error as error:
            raise BodyBroken("the compressed body is damaged") from error


def _inflater(encoding: str) -> "zlib._Decompress | None":
    if encoding in ("", "identity"):
        return None
    if encoding in ("gzip", "x-gzip", "deflate"):
        return zlib.decompressobj(zlib.MAX_WBITS | 32)  # takes gzip and zlib headers
    raise BodyBroken(f"unknown content encoding {encoding[:40]!r}")
