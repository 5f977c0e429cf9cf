"""How a request's bytes are taken in."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from web.graphql import bodies
from web.graphql.bodies import ClientGone, pieces_of, read_whole
from web.graphql.refusals import RequestRefused, RequestTimeout, RequestTooLarge

Message = dict[str, Any]


def _coming(*messages: Message, then_silence: bool = False) -> Callable[[], Awaitable[Message]]:
    waiting = list(messages)

    async def receive() -> Message:
        if not waiting and then_silence:
            await asyncio.Event().wait()
        return waiting.pop(0)

    return receive


def _piece(body: bytes, *, more: bool) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


async def test_pieces_become_one_body() -> None:
    receive = _coming(_piece(b"a", more=True), _piece(b"", more=True), _piece(b"b", more=False))
    assert await read_whole(receive, {}) == b"ab"
    assert await read_whole(_coming({"type": "http.request"}), {}) == b""


async def test_a_body_that_is_announced_too_large_is_not_waited_for() -> None:
    with pytest.raises(RequestTooLarge):
        await read_whole(_coming(then_silence=True), {"content-length": "1000001"})


async def test_a_body_that_lies_about_its_length_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "JSON_BYTES_MAX", 3)
    receive = _coming(_piece(b"aa", more=True), _piece(b"bb", more=True), then_silence=True)
    with pytest.raises(RequestTooLarge):
        await read_whole(receive, {"content-length": "2"})


@pytest.mark.parametrize("announced", ["-1", "x", "1e3", "١", ""])
async def test_a_length_that_is_no_number_is_refused(announced: str) -> None:
    with pytest.raises(RequestRefused):
        await read_whole(_coming(then_silence=True), {"content-length": announced})


async def test_a_body_that_trickles_is_given_up() -> None:
    receive = _coming(_piece(b"a", more=True), then_silence=True)
    with pytest.raises(RequestTimeout):
        async for _ in pieces_of(receive, {}, bytes_max=10, seconds_max=0.02):
            pass


async def test_who_hangs_up_has_said_nothing() -> None:
    with pytest.raises(ClientGone):
        await read_whole(_coming(_piece(b"a", more=True), {"type": "http.disconnect"}), {})
