"""Relay works unchanged: its compiler with our schema, its runtime with our server, both without React; with texts and with ids."""

from pathlib import Path
from shutil import copy
from typing import Any

import orjson
import pytest

from tests.clients.conftest import HERE, Node
from tests.clients.events import follow_each_other, happening
from tests.clients.journey import OUTCOME, UPLOADED
from tests.clients.ways import Way, token_for
from tests.world import World

pytestmark = pytest.mark.clients

CONFIGURATION = HERE / "relay" / "relay.config.json"
SOURCES = (HERE.parents[1] / "schema" / "schema.graphql", HERE / "relay" / "journey.js")
MANIFEST = "persisted.json"
PERSISTING = {"persistConfig": {"file": f"./{MANIFEST}", "algorithm": "SHA256"}}


async def compile_journey(folder: Path, node: Node, options: dict[str, Any]) -> Path:
    """Return the folder of what relay-compiler makes of the journey and our schema."""
    for file in SOURCES:
        copy(file, folder)
    configuration = orjson.loads(CONFIGURATION.read_bytes()) | options
    (folder / CONFIGURATION.name).write_bytes(orjson.dumps(configuration))
    (folder / MANIFEST).write_text("{}")  # the compiler adds to it, and wants it to be there
    (folder / "made").mkdir()
    compiler = HERE / "node_modules" / "relay-compiler" / "cli.js"
    await node(compiler, cwd=folder, decoded=False)
    return folder / "made"


@pytest.mark.parametrize("way", Way)
async def test_relay(world: World, server_url: str, tmp_path: Path, node: Node, way: Way) -> None:
    artifacts = await compile_journey(tmp_path, node, PERSISTING if way is Way.IDS else {})
    token = await token_for(way, world, manifest=tmp_path / MANIFEST)
    async with happening(world):
        told = await node("relay/journey.mjs", f"{server_url}/graphql", token, artifacts)
    assert told["outcome"] == OUTCOME
    assert told["more"] == [True, False]
    assert told["uploaded"] == UPLOADED
    assert follow_each_other(told["events"])
    assert told["improvised"] == way.refusal
