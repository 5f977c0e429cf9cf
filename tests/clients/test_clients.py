"""Clients that people use work unchanged: queries, errors, streams, deferred parts."""

import pytest

from tests.clients.conftest import Node
from tests.clients.events import follow_each_other, happening
from tests.clients.journey import OUTCOME
from tests.web.graphql.conftest import sign_in
from tests.world import World

pytestmark = pytest.mark.clients

NAMED = [{"data": {"workspace": {"name": "Acme Outreach"}}}]


async def test_the_reference_clients_of_sockets_and_event_streams(
    world: World, server_url: str, node: Node
) -> None:
    async with happening(world):
        answers = await node("reference_streams.mjs", f"{server_url}/graphql", await sign_in(world))
    assert [answers[name] for name in ("wsQuery", "wsAfterwards", "sseQuery")] == [NAMED] * 3
    for name in ("wsEvents", "sseEvents"):
        assert follow_each_other([answer["data"]["workspaceEvents"] for answer in answers[name]])
    assert answers["wsInvalid"] == {"failed": ["GRAPHQL_VALIDATION_FAILED"]}
    assert answers["wsStranger"] == {"failed": 4401}


async def test_apollo_client(world: World, server_url: str, node: Node) -> None:
    async with happening(world):
        answers = await node("apollo.mjs", f"{server_url}/graphql", await sign_in(world))
    assert follow_each_other(answers.pop("events"))
    assert answers == {
        "name": "Acme Outreach",
        "wrong": ["GRAPHQL_VALIDATION_FAILED"],
        "refused": ["CURSOR_INVALID"],
        "overHash": "Acme Outreach",
        "tries": [True, False],
        "incremental": {
            "newer": {"last": "Acme Outreach", "type": 'multipart/mixed; boundary="graphql"'},
            "older": {
                "last": "Acme Outreach",
                "type": 'multipart/mixed; boundary="graphql"; deferSpec=20220824',
            },
        },
    }


async def test_the_cache_of_apollo_client(world: World, server_url: str, node: Node) -> None:
    assert await node("apollo_journey.mjs", f"{server_url}/graphql", await sign_in(world)) == OUTCOME


async def test_urql(world: World, server_url: str, node: Node) -> None:
    async with happening(world):
        answers = await node("urql.mjs", f"{server_url}/graphql", await sign_in(world))
    assert follow_each_other(answers.pop("events"))
    assert answers == {
        "name": "Acme Outreach",
        "wrong": ["GRAPHQL_VALIDATION_FAILED"],
        "late": {"__typename": "Query", "workspace": {"name": "Acme Outreach"}},
    }
