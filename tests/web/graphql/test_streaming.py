"""Answers that come bit by bit, over a real server."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace
from typing import Any

import httpx2
import orjson
import pytest

from auth.budgets import Budget, Budgets
from domain.api_clients.service import revoke_api_token
from tests.steps.happening import happen, until_followed
from tests.waiting import HANGS_S, in_time
from tests.web.graphql.conftest import EVENTS, api_token, sign_in
from tests.world import EXECUTION, World
from web.graphql import listeners, standing, streaming
from web.graphql.endpoint import GraphQLEndpoint
from web.graphql.streaming import beating

DEFERRED = '{ __typename ... @defer(label: "late") { workspace { name } } }'


async def _events(owner: httpx2.AsyncClient, world: World, **headers: str) -> AsyncIterator[bytes]:
    """Subscribe, let something happen as soon as that is heard, and yield the body as it comes."""
    body = {"query": EVENTS}
    async with owner.stream("POST", "/graphql", json=body, headers=headers) as answer:
        assert answer.status_code == 200
        yield answer.headers["content-type"].encode()
        await until_followed(world)
        await happen(world)
        async for piece in answer.aiter_raw():
            yield piece


async def test_a_subscription_is_an_event_stream(world: World, owner: httpx2.AsyncClient) -> None:
    stream = _events(owner, world, accept="text/event-stream")
    assert await anext(stream) == b"text/event-stream; charset=utf-8"
    piece = (await anext(stream)).split(b"\n\n")[0]
    kind, data = piece.split(b"\n")
    assert kind == b"event: next"
    event = orjson.loads(data.removeprefix(b"data: "))["data"]["workspaceEvents"]
    assert event["type"] == "WorkspaceUpdated"


async def test_a_browser_may_ask_by_get(world: World, owner: httpx2.AsyncClient) -> None:
    asked: Any = {"params": {"query": EVENTS}, "headers": {"accept": "text/event-stream"}}
    async with owner.stream("GET", "/graphql", **asked) as answer:
        assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"


async def test_a_revoked_token_ends_its_streams_though_nothing_happens(
    world: World, server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "LOOK_EVERY_S", 0.05)
    token, token_id = await api_token(world)
    headers = {"authorization": f"Bearer {token}", "accept": "text/event-stream"}
    async with (
        httpx2.AsyncClient(base_url=server_url, headers=headers, timeout=HANGS_S) as client,
        client.stream("POST", "/graphql", json={"query": EVENTS}) as answer,
    ):
        await revoke_api_token(actor=world.actor, token_id=token_id, now=world.now())
        body = b"".join([piece async for piece in answer.aiter_raw()])
    last, end, _ = body.split(b"\n\n")
    assert b'"code":"UNAUTHENTICATED"' in last
    assert end == b"event: complete\ndata:"


async def test_silence_is_broken_by_heartbeats(
    owner: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "HEARTBEAT_S", 0.05)
    for accept, beat in (
        ("text/event-stream", b":\n\n"),
        (
            "multipart/mixed;subscriptionSpec=1.0",
            b"\r\n--graphql\r\ncontent-type: application/json; charset=utf-8\r\n\r\n{}",
        ),
    ):
        body = {"query": EVENTS}
        async with owner.stream("POST", "/graphql", json=body, headers={"accept": accept}) as answer:
            pieces = answer.aiter_raw()
            assert (await anext(pieces))[: len(beat)] == beat


async def test_a_stream_that_ends_says_so(owner: httpx2.AsyncClient) -> None:
    body = {"query": 'subscription { runEvents(runId: "x") { seq } }'}
    answer = await owner.post("/graphql", json=body, headers={"accept": "text/event-stream"})
    first, last, rest = answer.content.split(b"\n\n")
    assert (
        orjson.loads(first.removeprefix(b"event: next\ndata: "))["errors"][0]["extensions"]["code"]
        == "NOT_FOUND"
    )
    assert (last, rest) == (b"event: complete\ndata:", b"")


async def test_a_document_that_is_wrong_is_no_stream(owner: httpx2.AsyncClient) -> None:
    body = {"query": "subscription { nothing }"}
    answer = await owner.post("/graphql", json=body, headers={"accept": "text/event-stream"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


async def test_a_query_streams_only_where_nothing_else_is_taken(owner: httpx2.AsyncClient) -> None:
    body = {"query": "{ __typename }"}
    answer = await owner.post("/graphql", json=body, headers={"accept": "text/event-stream"})
    assert answer.content == (
        b'event: next\ndata: {"data":{"__typename":"Query"}}\n\nevent: complete\ndata:\n\n'
    )
    urql = "application/graphql-response+json, application/json, text/event-stream, multipart/mixed"
    answer = await owner.post("/graphql", json=body, headers={"accept": urql})
    assert answer.headers["content-type"] == "application/graphql-response+json; charset=utf-8"
    assert answer.json() == {"data": {"__typename": "Query"}}


async def test_a_subscription_may_be_multipart(world: World, owner: httpx2.AsyncClient) -> None:
    accept = 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0,application/json'
    stream = _events(owner, world, accept=accept)
    assert await anext(stream) == b'multipart/mixed; boundary="graphql"; subscriptionSpec=1.0'
    head, _, data = (await anext(stream)).partition(b"\r\n\r\n")
    assert head == b"\r\n--graphql\r\ncontent-type: application/json; charset=utf-8"
    payload = orjson.loads(data.split(b"\r\n--graphql")[0])["payload"]
    assert payload["data"]["workspaceEvents"]["type"] == "WorkspaceUpdated"


async def test_a_multipart_subscription_that_fails_says_so(owner: httpx2.AsyncClient) -> None:
    body = {"query": 'subscription { runEvents(runId: "x") { seq } }'}
    answer = await owner.post(
        "/graphql", json=body, headers={"accept": "multipart/mixed;subscriptionSpec=1.0"}
    )
    [part] = _parts(answer.content)
    assert part["payload"] is None
    assert part["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    assert answer.content.endswith(b"\r\n--graphql--\r\n")


def _parts(body: bytes) -> list[Any]:
    found = body.removesuffix(b"\r\n--graphql--\r\n").split(b"\r\n--graphql\r\n")[1:]
    return [orjson.loads(part.partition(b"\r\n\r\n")[2]) for part in found]


async def test_what_is_deferred_comes_in_parts_to_who_takes_parts(owner: httpx2.AsyncClient) -> None:
    body = {"query": DEFERRED}
    answer = await owner.post("/graphql", json=body, headers={"accept": "multipart/mixed, application/json"})
    assert answer.headers["content-type"] == 'multipart/mixed; boundary="graphql"'
    first, *late = _parts(answer.content)
    assert first["data"] == {"__typename": "Query"}
    assert first["pending"] == [{"id": "0", "path": [], "label": "late"}]
    assert first["hasNext"] is True
    assert [part for each in late for part in each.get("incremental", ())] == [
        {"data": {"workspace": {"name": "Acme Outreach"}}, "id": "0"}
    ]
    assert late[-1]["hasNext"] is False


async def test_older_clients_get_the_parts_they_know(owner: httpx2.AsyncClient) -> None:
    accept = "multipart/mixed;deferSpec=20220824,application/json"
    answer = await owner.post("/graphql", json={"query": DEFERRED}, headers={"accept": accept})
    assert answer.headers["content-type"] == 'multipart/mixed; boundary="graphql"; deferSpec=20220824'
    first, *late = _parts(answer.content)
    assert first == {"data": {"__typename": "Query"}, "hasNext": True}
    assert [part for each in late for part in each.get("incremental", ())] == [
        {"data": {"workspace": {"name": "Acme Outreach"}}, "path": [], "label": "late"}
    ]
    assert late[-1]["hasNext"] is False


async def test_everybody_else_gets_the_deferred_with_the_rest(owner: httpx2.AsyncClient) -> None:
    answer = await owner.post("/graphql", json={"query": DEFERRED}, headers={"accept": "application/json"})
    assert answer.json() == {"data": {"__typename": "Query", "workspace": {"name": "Acme Outreach"}}}


async def test_a_subscription_that_costs_too_much_is_no_stream(world: World) -> None:
    documents = ("{ workspace { name } }", EVENTS)
    for document in documents:  # known, so that it isn't paid for by its length
        EXECUTION.prepare(query=document, operation_name=None, context=world.context())
    poor = replace(
        world.services, budgets=Budgets(clock=lambda: 0.0), budget=Budget(points_max=1, points_per_s=1)
    )
    transport = httpx2.ASGITransport(GraphQLEndpoint(EXECUTION, poor))
    headers = {"authorization": f"Bearer {await sign_in(world)}"}
    async with httpx2.AsyncClient(transport=transport, base_url="http://x", headers=headers) as client:
        assert (await client.post("/graphql", json={"query": documents[0]})).status_code == 200
        answer = await client.post(
            "/graphql", json={"query": EVENTS}, headers={"accept": "text/event-stream"}
        )
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    assert answer.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"


async def test_errors_in_late_parts_are_masked(
    owner: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("swordfish")

    monkeypatch.setattr("resolvers.reading.ordinary.Reader.one", broken)
    for accept in ("multipart/mixed", "multipart/mixed;deferSpec=20220824"):
        answer = await owner.post("/graphql", json={"query": DEFERRED}, headers={"accept": accept})
        assert b"INTERNAL_SERVER_ERROR" in answer.content
        assert b"swordfish" not in answer.content


async def test_beating_keeps_what_was_on_its_way() -> None:
    gate = asyncio.Event()
    closed = []

    async def source() -> AsyncGenerator[int, None]:
        try:
            await gate.wait()
            yield 1
            yield 2
        finally:
            closed.append(True)

    items = beating(source(), every_s=0.01)
    assert await anext(items) is None
    gate.set()
    assert [item async for item in items if item is not None] == [1, 2]
    assert closed == [True]


async def test_who_is_shown_out_hears_nothing_more() -> None:
    last: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def source() -> AsyncGenerator[int, None]:
        yield 1
        last.set_result(0)
        yield 2

    assert [item async for item in beating(source(), every_s=60, last=last)] == [1, 0]


async def test_a_client_that_goes_ends_its_subscription(
    world: World, owner: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = asyncio.Event()
    follow = world.services.ports.wakeups.follow

    async def watched(*args: Any, **options: Any) -> AsyncIterator[None]:
        try:
            async for each in follow(*args, **options):
                yield each
        finally:
            ended.set()

    monkeypatch.setattr(type(world.services.ports.wakeups), "follow", lambda _self, *a, **o: watched(*a, **o))
    stream = _events(owner, world, accept="text/event-stream")
    await anext(stream)
    await anext(stream)
    await stream.aclose()  # type: ignore[attr-defined]
    async with in_time():
        await ended.wait()


async def test_streams_are_counted_like_sockets(
    world: World, owner: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listeners, "SUBSCRIPTIONS_MAX", 1)
    headers = {"accept": "text/event-stream"}
    async with owner.stream("POST", "/graphql", json={"query": EVENTS}, headers=headers):
        second = await owner.post("/graphql", json={"query": EVENTS}, headers=headers)
        assert second.status_code == 429
        assert second.json()["errors"][0]["extensions"]["code"] == "TOO_MANY_SUBSCRIPTIONS"
