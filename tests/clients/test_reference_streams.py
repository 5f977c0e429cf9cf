"""The reference clients of the two streaming protocols work unchanged."""

import asyncio

import pytest

from tests.clients.conftest import Node
from tests.web.graphql.conftest import happen, sign_in
from tests.world import World

pytestmark = pytest.mark.clients

NAMED = [{"data": {"workspace": {"name": "Acme Outreach"}}}]


async def test_they_get_what_they_ask_for(world: World, server_url: str, node: Node) -> None:
    async def keep_happening() -> None:
        while True:
            await happen(world)
            await asyncio.sleep(0.1)

    happening = asyncio.create_task(keep_happening())
    try:
        answers = await node("reference_streams.mjs", f"{server_url}/graphql", await sign_in(world))
    finally:
        happening.cancel()

    assert [answers[name] for name in ("wsQuery", "wsAfterwards", "sseQuery")] == [NAMED] * 3
    for name in ("wsEvents", "sseEvents"):
        events = [answer["data"]["workspaceEvents"] for answer in answers[name]]
        assert [event["type"] for event in events] == ["WorkspaceUpdated"] * 3
        assert [event["seq"] - events[0]["seq"] for event in events] == [0, 1, 2]
    assert answers["wsInvalid"] == {"failed": ["GRAPHQL_VALIDATION_FAILED"]}
    assert answers["wsStranger"] == {"failed": 4401}
