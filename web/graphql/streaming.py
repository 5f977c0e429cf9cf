"""Answers that come bit by bit: event streams, multipart subscriptions and incremental delivery."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import orjson

from resolvers.outcome import Outcome
from web.graphql.answering import Headers, Send, render
from web.graphql.bodies import Receive

T = TypeVar("T")

HEARTBEAT_S: Final = 12.0
"""Proxies that hang up on silence do so after 30 seconds or more."""
_PART: Final = b"\r\n--graphql\r\ncontent-type: application/json; charset=utf-8\r\n\r\n"
_END: Final = b"\r\n--graphql--\r\n"


@dataclass(frozen=True, slots=True)
class Wire:
    """What a stream needs of its connection; ``leaving`` is set when the server stops."""

    send: Send
    receive: Receive
    leaving: asyncio.Event


async def send_events(
    wire: Wire,
    answers: AsyncGenerator[Outcome, None],
    *,
    headers: Headers,
    last: "asyncio.Future[Outcome] | None" = None,
) -> None:
    """Send a subscription, or one answer, as an event stream in graphql-sse's distinct connections mode.

    Args:
        last: what is sent as soon as it is there, in place of all further answers.
    """
    await _stream(
        wire,
        answers,
        last=last,
        encode=lambda answer: b"event: next\ndata: " + render(answer) + b"\n\n",
        heartbeat=b":\n\n",
        end=b"event: complete\ndata:\n\n",
        headers=[
            (b"content-type", b"text/event-stream; charset=utf-8"),
            (b"x-accel-buffering", b"no"),
            *headers,
        ],
    )


async def send_subscription_parts(
    wire: Wire,
    answers: AsyncGenerator[Outcome, None],
    *,
    headers: Headers,
    last: "asyncio.Future[Outcome] | None" = None,
) -> None:
    """Send a subscription as multipart/mixed, as Apollo's multipart subscriptions have it.

    Args:
        last: what is sent as soon as it is there, in place of all further answers.
    """
    kind = b'multipart/mixed; boundary="graphql"; subscriptionSpec=1.0'
    await _stream(
        wire,
        answers,
        last=last,
        encode=lambda answer: _PART + _payload(answer),
        heartbeat=_PART + b"{}",
        end=_END,
        headers=[(b"content-type", kind), *headers],
    )


def _payload(answer: Outcome) -> bytes:
    if answer.data is None:  # the subscription has failed as a whole
        return b'{"payload":null,"errors":' + orjson.dumps(answer.errors) + b"}"
    return b'{"payload":' + render(answer) + b"}"


async def send_incrementally(
    wire: Wire, frames: AsyncGenerator[dict[str, Any], None], *, old: bool, headers: Headers
) -> None:
    """Send an answer with ``@defer`` or ``@stream`` as multipart/mixed.

    Args:
        old: whether the client takes the parts of Apollo's first incremental delivery (``deferSpec=20220824``).
    """
    kind = b'multipart/mixed; boundary="graphql"' + (b"; deferSpec=20220824" if old else b"")
    announced: dict[str, dict[str, Any]] = {}
    await _stream(
        wire,
        frames,
        encode=lambda frame: _PART + orjson.dumps(_in_the_old_way(frame, announced) if old else frame),
        heartbeat=b"",
        end=_END,
        headers=[(b"content-type", kind), *headers],
    )


def _in_the_old_way(frame: dict[str, Any], announced: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Name each part by its path and label instead of by the id it was announced under."""
    announced.update({each["id"]: each for each in frame.pop("pending", ())})
    failed = [each for each in frame.pop("completed", ()) if each.get("errors")]
    parts = [_named(part, announced) for part in frame.pop("incremental", ())]
    parts += [_named({**each, "data": None}, announced) for each in failed]
    return {**frame, "incremental": parts} if parts else frame


def _named(part: dict[str, Any], announced: dict[str, dict[str, Any]]) -> dict[str, Any]:
    origin = announced.get(part["id"], {})
    named = {key: value for key, value in part.items() if key not in {"id", "subPath"}}
    named["path"] = [*origin.get("path", ()), *part.get("subPath", ())]
    if origin.get("label"):
        named["label"] = origin["label"]
    return named


async def beating(
    source: AsyncIterator[T], *, every_s: float, last: "asyncio.Future[T] | None" = None
) -> AsyncGenerator[T | None, None]:
    """Yield what the source yields, and None whenever it has been silent for so long.

    Args:
        last: ends it, whatever the source had still to say.
    """
    coming: asyncio.Task[T] | None = None
    try:
        while True:
            coming = coming or asyncio.ensure_future(_next(source))
            awaited = {coming} if last is None else {coming, last}
            done, _ = await asyncio.wait(awaited, timeout=every_s, return_when=asyncio.FIRST_COMPLETED)
            if last is not None and last.done():
                yield last.result()
                return
            if not done:
                yield None
                continue
            task, coming = coming, None
            try:
                item = task.result()
            except StopAsyncIteration:
                return
            yield item
    finally:
        if coming is not None:
            coming.cancel()
            with suppress(asyncio.CancelledError, StopAsyncIteration):
                await coming


async def _next(source: AsyncIterator[T]) -> T:
    return await anext(source)


async def _stream(
    wire: Wire,
    source: AsyncGenerator[T, None],
    *,
    encode: Callable[[T], bytes],
    heartbeat: bytes,
    end: bytes,
    headers: Headers,
    last: "asyncio.Future[T] | None" = None,
) -> None:
    """Send what comes until it ends or the client is gone; the source is closed either way."""
    await wire.send({"type": "http.response.start", "status": 200, "headers": headers})

    finished = False

    async def pour() -> None:
        nonlocal finished
        items = beating(source, every_s=HEARTBEAT_S, last=last)
        async with aclosing(items):
            async for item in items:
                body = heartbeat if item is None else encode(item)
                await wire.send({"type": "http.response.body", "body": body, "more_body": True})
        finished = True
        await wire.send({"type": "http.response.body", "body": end})

    async with aclosing(source):
        await _until_first(pour(), _gone(wire.receive), wire.leaving.wait())
    if wire.leaving.is_set() and not finished:  # the body ends, but doesn't say that the operation has
        await wire.send({"type": "http.response.body", "body": b""})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _until_first(*works: Awaitable[object]) -> None:
    """Run all until one ends, then stop the others."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
