"""Files that callers send: large ones are written to the data folder piece by piece, never whole in memory."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from domain.errors import Invalid, LimitReached

PIECE_BYTES = 1 << 20
NAME_LENGTH_MAX = 200


class Upload(Protocol):
    """A file of a multipart request."""

    @property
    def filename(self) -> str | None:
        """What the caller calls it."""

    async def read(self, size: int = -1) -> bytes:
        """Return the next bytes; empty at the end."""


class UploadTooLarge(LimitReached):
    """The file is larger than this upload may be."""

    code = "UPLOAD_TOO_LARGE"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """An upload in the data folder.

    Attributes:
        name: what the caller called it, for people to read; never part of a path.
        sha256: of its content, in hexadecimal.
    """

    path: Path
    name: str
    byte_size: int
    sha256: str


async def keep_upload(upload: Upload, *, path: Path, bytes_max: int) -> KeptFile:
    """Write an upload to ``path``, which must be new.

    Raises:
        UploadTooLarge: nothing is kept.
        Invalid: it is empty, or no file was sent.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    try:
        with open(path, "xb", opener=_private) as file:  # noqa: ASYNC230 - Path.open takes no opener
            async for piece in _pieces(upload, bytes_max=bytes_max, field="file"):
                size += len(piece)
                digest.update(piece)
                await asyncio.to_thread(file.write, piece)
    except BaseException:
        await asyncio.to_thread(path.unlink, missing_ok=True)
        raise
    name = "".join(char for char in upload.filename or "" if char.isprintable())[:NAME_LENGTH_MAX]
    return KeptFile(path=path, name=name or "list", byte_size=size, sha256=digest.hexdigest())


async def read_upload(upload: Upload, *, bytes_max: int, field: str) -> bytes:
    """Return the content of a small upload; raises like ``keep_upload``.

    Args:
        field: where the file stands, for errors.
    """
    return b"".join([piece async for piece in _pieces(upload, bytes_max=bytes_max, field=field)])


async def _pieces(upload: Upload, *, bytes_max: int, field: str) -> AsyncIterator[bytes]:
    if not hasattr(upload, "read"):
        raise Invalid("send a file as the GraphQL multipart request specification says", field=(field,))
    size = 0
    while piece := await upload.read(PIECE_BYTES):
        size += len(piece)
        if size > bytes_max:
            raise UploadTooLarge(f"at most {bytes_max >> 20} MB", field=(field,))
        yield piece
    if not size:
        raise Invalid("the file is empty", field=(field,))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
