"""What is told about operations over HTTP and sockets to those who run the installation."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx2
import pytest
import pytest_asyncio

from resolvers.observing import Observed
from resolvers.outcome import PlannedPart
from tests.waiting import HANGS_S, in_time
from tests.web.graphql.conftest import EVENTS, open_socket, sign_in
from tests.web.serving import served
from tests.world import World
from wiring import Application

DOCUMENT = "query Mine { workspace { name } }"


class Told(asyncio.Queue[Observed]):
    """What was told, in turn."""

    async def next(self) -> Observed:
        async with in_time():
            return await self.get()


@pytest_asyncio.fixture(scope="module")
async def watched(app: Application) -> AsyncIterator[tuple[str, Told]]:
    told = Told()
    async with served(app, explorer=(), observe=told.put_nowait) as url:
        yield url, told


async def _ask(url: str, world: World, document: str, **headers: str) -> httpx2.Response:
    headers["authorization"] = f"Bearer {await sign_in(world)}"
    async with httpx2.AsyncClient(base_url=url, headers=headers, timeout=HANGS_S) as client:
        return await client.post("/graphql", json={"query": document})


async def test_a_query_is_told_with_its_plan_its_cost_and_its_time(
    world: World, watched: tuple[str, Told]
) -> None:
    url, told = watched
    answer = await _ask(url, world, DOCUMENT)
    observed = await told.next()
    assert (observed.transport, observed.kind, observed.status) == ("http", "query", 200)
    assert observed.operation is not None
    assert observed.operation.name == "Mine"
    assert observed.operation.sha256 == hashlib.sha256(DOCUMENT.encode()).hexdigest()
    assert observed.request_id == answer.headers["x-request-id"]
    assert (observed.planned, observed.declined, observed.codes) == (PlannedPart.ALL, None, ())
    assert (observed.cost_requested, observed.cost_actual) == (1, 1)
    assert observed.sql.statements >= 2  # who asks, and the plan's own
    assert 0 < observed.sql.seconds < observed.seconds
    assert told.empty()


async def test_why_a_query_was_not_planned_is_told(world: World, watched: tuple[str, Told]) -> None:
    url, told = watched
    await _ask(url, world, "{ __schema { queryType { name } } }")
    observed = await told.next()
    assert (observed.planned, observed.declined) == (PlannedPart.NONE, "Query.__schema")


@pytest.mark.parametrize(
    ("selected", "planned", "declined"),
    [
        ("lead { fullName } errors { code }", PlannedPart.PAYLOAD, None),
        ("lead { fullName } errors { code } ... { __typename }", PlannedPart.NONE, "mutation"),
    ],
)
async def test_a_mutation_is_told_by_what_reads_its_payload(
    world: World,
    watched: tuple[str, Told],
    selected: str,
    planned: PlannedPart,
    declined: str | None,
) -> None:
    url, told = watched
    answer = await _ask(
        url, world, f'mutation {{ leadCreate(input: {{email: "ada@acme.com"}}) {{ {selected} }} }}'
    )
    assert answer.json()["data"]["leadCreate"]["errors"] == []
    observed = await told.next()
    assert (observed.kind, observed.planned, observed.declined) == ("mutation", planned, declined)


async def test_a_small_change_by_a_known_caller_takes_five_statements(
    world: World, watched: tuple[str, Told], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Begin with the scope, the row, the log, commit; and the payload's read."""
    monkeypatch.setattr("auth.remembering.REMEMBERED", timedelta(days=1))
    url, told = watched
    created = await world.execute('mutation { leadCreate(input: {email: "ada@acme.com"}) { lead { id } } }')
    lead_id = created["leadCreate"]["lead"]["id"]
    headers = {"authorization": f"Bearer {await sign_in(world)}"}
    async with httpx2.AsyncClient(base_url=url, headers=headers, timeout=HANGS_S) as client:
        for restricted in ("true", "false"):
            document = f"""mutation {{ leadRestrict(input: {{id: "{lead_id}", restricted: {restricted}}}) {{
                lead {{ restrictedAt }} errors {{ code }} }} }}"""
            answer = await client.post("/graphql", json={"query": document})
    first, second = await told.next(), await told.next()
    assert answer.json()["data"]["leadRestrict"] == {"lead": {"restrictedAt": None}, "errors": []}
    assert (first.sql.statements > 5, second.sql.statements) == (True, 5)


async def test_a_refusal_is_told_with_its_code(world: World, watched: tuple[str, Told]) -> None:
    url, told = watched
    async with httpx2.AsyncClient(base_url=url, timeout=HANGS_S) as client:
        await client.post("/graphql", json={"query": DOCUMENT}, headers={"authorization": "Bearer nonsense"})
        await client.put("/graphql")
    wrong, other = await told.next(), await told.next()
    assert (wrong.kind, wrong.status, wrong.codes) == ("refused", 401, ("UNAUTHENTICATED",))
    assert (wrong.operation, wrong.planned, wrong.cost_requested) == (None, None, None)
    assert other.status == 405


async def test_a_stream_is_told_once_when_it_ends(world: World, watched: tuple[str, Told]) -> None:
    url, told = watched
    headers = {"authorization": f"Bearer {await sign_in(world)}", "accept": "text/event-stream"}
    async with (
        httpx2.AsyncClient(base_url=url, headers=headers, timeout=HANGS_S) as client,
        client.stream("POST", "/graphql", json={"query": EVENTS}) as answer,
    ):
        assert answer.status_code == 200
        assert told.empty()
    observed = await told.next()
    assert (observed.kind, observed.status, observed.codes) == ("subscription", 200, ())


async def test_operations_over_a_socket_are_told_like_requests(
    world: World, watched: tuple[str, Told]
) -> None:
    url, told = watched
    token = await sign_in(world)
    async with open_socket(url) as socket:
        await socket.initialise(token)
        await socket.send(type="subscribe", id="a", payload={"query": DOCUMENT})
        query = await told.next()
        await socket.send(type="subscribe", id="b", payload={"query": "{"})
        wrong = await told.next()
        await socket.send(type="subscribe", id="c", payload={"query": EVENTS})
        await socket.send(type="ping")
        while (await socket.receive())["type"] != "pong":
            pass
        await socket.send(type="complete", id="c")
    stream = await told.next()
    assert (query.transport, query.kind, query.status, query.planned) == ("socket", "query", 200, "all")
    assert (wrong.kind, wrong.status, wrong.codes) == ("refused", 400, ("GRAPHQL_PARSE_FAILED",))
    assert (stream.kind, stream.status) == ("subscription", 200)
    assert len({each.request_id for each in (query, wrong, stream)}) == 3
