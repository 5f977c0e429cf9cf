"""Relay works unchanged: its compiler with our schema, its runtime with our server, both without React."""

from pathlib import Path
from shutil import copy

import pytest

from tests.clients.conftest import HERE, Node
from tests.clients.events import follow_each_other, happening
from tests.clients.journey import OUTCOME, UPLOADED
from tests.web.graphql.conftest import sign_in
from tests.world import World

pytestmark = pytest.mark.clients

SOURCES = (
    HERE.parents[1] / "schema" / "schema.graphql",
    HERE / "relay" / "journey.js",
    HERE / "relay" / "relay.config.json",
)


@pytest.fixture
async def artifacts(tmp_path: Path, node: Node) -> Path:
    """The folder of what relay-compiler has made of the journey and our schema."""
    for file in SOURCES:
        copy(file, tmp_path)
    (tmp_path / "made").mkdir()
    compiler = HERE / "node_modules" / "relay-compiler" / "cli.js"
    await node(compiler, cwd=tmp_path, decoded=False)
    return tmp_path / "made"


async def test_relay(world: World, server_url: str, artifacts: Path, node: Node) -> None:
    async with happening(world):
        told = await node("relay/journey.mjs", f"{server_url}/graphql", await sign_in(world), artifacts)
    assert told["outcome"] == OUTCOME
    assert told["more"] == [True, False]
    assert told["uploaded"] == UPLOADED
    assert follow_each_other(told["events"])
