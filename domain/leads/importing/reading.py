"""Reads a file away from the event loop: a small one in a thread, a large one in processes of its own.

A reader process gets its recipe on stdin and answers with framed chunks on stdout, so that nothing of it is
pickled, it needs no fork of a threaded process, and it ends with whoever reads it.
"""

import asyncio
import base64
import dataclasses
import gc
import os
import struct
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

import orjson

from domain.errors import DomainError, Invalid
from domain.leads.importing.preparing import Chunk, Recipe, prepare

SMALL_BYTES: Final = 1 << 20
READERS_MAX: Final = 4

_HEAD: Final = struct.Struct("!BIIII")
_CHUNK, _END, _REFUSED = 0, 1, 2
_ROOT: Final = Path(__file__).parents[3]


class FileUnreadable(Invalid):
    """The file can't be read to its end; the message says where it is broken."""

    code = "FILE_UNREADABLE"


async def read_chunks(recipe: Recipe, *, byte_size: int) -> AsyncGenerator[Chunk, None]:
    """Yield all chunks of a file, in any order.

    Raises:
        DomainError: the file is broken.
    """
    if byte_size <= SMALL_BYTES:
        async for chunk in _in_thread(prepare(recipe)):
            yield chunk
        return
    readers = min(READERS_MAX, os.cpu_count() or 1)
    ready: asyncio.Queue[Chunk | BaseException | None] = asyncio.Queue(maxsize=2)
    async with AsyncExitStack() as stack:
        for part in range(readers):
            stream = await stack.enter_async_context(_reader(recipe, part=part, parts=readers))
            task = asyncio.create_task(_drain(stream, ready))
            stack.callback(task.cancel)
        ended = 0
        while ended < readers:
            item = await ready.get()
            if isinstance(item, BaseException):
                raise item
            if item is None:
                ended += 1
            else:
                yield item


async def _in_thread(chunks: Iterator[Chunk]) -> AsyncIterator[Chunk]:
    next_or_none: Callable[[], Chunk | None] = lambda: next(chunks, None)  # noqa: E731
    while (chunk := await asyncio.to_thread(next_or_none)) is not None:
        yield chunk


async def _drain(stream: asyncio.StreamReader, ready: "asyncio.Queue[Chunk | BaseException | None]") -> None:
    """Move one reader's chunks into the queue, then None; or why it failed."""
    try:
        async for chunk in _frames(stream):
            await ready.put(chunk)
        await ready.put(None)
    except (DomainError, OSError, EOFError) as error:
        await ready.put(error)


@asynccontextmanager
async def _reader(recipe: Recipe, *, part: int, parts: int) -> AsyncIterator[asyncio.StreamReader]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from domain.leads.importing.reading import serve; serve()",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=_ROOT,
        env={},  # it needs no secret but the one it is handed
        limit=1 << 22,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(_packed(recipe, part=part, parts=parts))
        await process.stdin.drain()
        process.stdin.close()
        yield process.stdout
    except BaseException:
        with suppress(ProcessLookupError):
            process.kill()
        raise
    finally:
        await process.wait()


def _packed(recipe: Recipe, *, part: int, parts: int) -> bytes:
    fields = dataclasses.asdict(recipe)
    fields["identity_key"] = base64.b64encode(recipe.identity_key).decode()
    fields["sieve"] = recipe.sieve and base64.b64encode(recipe.sieve).decode()
    return orjson.dumps({"recipe": fields, "part": part, "parts": parts})


def _unpacked(data: bytes) -> tuple[Recipe, int, int]:
    order = orjson.loads(data)
    fields = order["recipe"]
    fields["identity_key"] = base64.b64decode(fields["identity_key"])
    fields["sieve"] = fields["sieve"] and base64.b64decode(fields["sieve"])
    fields["mapping"] = tuple((index, field) for index, field in fields["mapping"])
    fields["suppressed_kinds"] = tuple(fields["suppressed_kinds"])
    return Recipe(**fields), order["part"], order["parts"]


async def _frames(stream: asyncio.StreamReader) -> AsyncIterator[Chunk]:
    while True:
        kind, records, dropped, leads_size, problems_size = _HEAD.unpack(await stream.readexactly(_HEAD.size))
        leads, problems = await stream.readexactly(leads_size), await stream.readexactly(problems_size)
        if kind == _END:
            return
        if kind == _REFUSED:
            raise FileUnreadable(leads.decode(), field=("file",))
        yield Chunk(records=records, dropped=dropped, leads=leads, problems=problems)


def serve() -> None:
    """Be a reader process: a recipe from stdin, frames to stdout."""
    gc.disable()  # rows hold no cycles, and looking for some costs a tenth of the time
    recipe, part, parts = _unpacked(sys.stdin.buffer.read())
    out = sys.stdout.buffer
    try:
        for chunk in prepare(recipe, part=part, parts=parts):
            _write(out, _CHUNK, chunk.records, chunk.dropped, chunk.leads, chunk.problems)
    except DomainError as error:
        _write(out, _REFUSED, 0, 0, error.message.encode(), b"")
    else:
        _write(out, _END, 0, 0, b"", b"")


def _write(out: BinaryIO, kind: int, records: int, dropped: int, leads: bytes, problems: bytes) -> None:
    out.write(_HEAD.pack(kind, records, dropped, len(leads), len(problems)))
    out.write(leads)
    out.write(problems)
    out.flush()
