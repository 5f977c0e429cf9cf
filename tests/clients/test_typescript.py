"""What generators make of our schema for TypeScript compiles, refuses mistakes, and works against a started server."""

from pathlib import Path
from shutil import copy

import pytest

from tests.clients.conftest import HERE, Node
from tests.clients.events import follow_each_other, happening
from tests.clients.journey import OUTCOME, UPLOADED
from tests.clients.ways import Way, token_for
from tests.world import World

pytestmark = pytest.mark.clients

PACKAGES = HERE / "node_modules"
SOURCES = (
    HERE.parents[1] / "schema" / "schema.graphql",
    HERE / "journey.graphql",
    *(HERE / "typescript").iterdir(),
)


@pytest.fixture(scope="session")
async def compiled(tmp_path_factory: pytest.TempPathFactory, node: Node) -> Path:
    """The folder of the manifests, and in `out` the compiled programs; each `@ts-expect-error` in them is a mistake the types must refuse."""
    folder = tmp_path_factory.mktemp("typescript")
    for file in SOURCES:
        copy(file, folder)
    (folder / "node_modules").symlink_to(PACKAGES)
    for command in (
        (PACKAGES / "@graphql-codegen" / "cli" / "esm" / "bin.js", "--config", "codegen.json"),
        (PACKAGES / "gql.tada" / "bin" / "cli.js", "generate-output"),
        (PACKAGES / "gql.tada" / "bin" / "cli.js", "check", "--fail-on-warn"),
        (PACKAGES / "gql.tada" / "bin" / "cli.js", "generate-persisted"),
        (PACKAGES / "typescript" / "bin" / "tsc", "--project", "."),
    ):
        await node(*command, cwd=folder, decoded=False)
    return folder


@pytest.mark.parametrize("way", Way)
async def test_the_client_preset_of_graphql_codegen(
    world: World, server_url: str, compiled: Path, node: Node, way: Way
) -> None:
    token = await token_for(way, world, manifest=compiled / "made" / "persisted-documents.json")
    async with happening(world):
        told = await node(compiled / "out" / "codegen_journey.js", f"{server_url}/graphql", token, way)
    assert told["outcome"] == OUTCOME
    assert told["uploaded"] == UPLOADED
    assert follow_each_other(told["events"])
    assert told["improvised"] == way.refusal


@pytest.mark.parametrize("way", Way)
async def test_gql_tada(world: World, server_url: str, compiled: Path, node: Node, way: Way) -> None:
    token = await token_for(way, world, manifest=compiled / "tada-persisted.json")
    told = await node(compiled / "out" / "tada_page.js", f"{server_url}/graphql", token, way)
    assert told == {"count": 1, "page": ["ada@example.com"], "improvised": way.refusal}
