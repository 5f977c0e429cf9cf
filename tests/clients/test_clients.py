"""Clients that people use work unchanged: queries, errors, streams, deferred parts, documents by ids and hashes."""

from pathlib import Path

import orjson
import pytest

from domain.api_clients.manifests import read_manifest
from tests.clients.conftest import HERE, Node
from tests.clients.events import follow_each_other, happening
from tests.clients.journey import OUTCOME
from tests.clients.ways import Way, key_for, token_for
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
    name = "Acme Outreach"
    assert await node("apollo.mjs", f"{server_url}/graphql", await sign_in(world)) == {
        "name": name,
        "wrong": ["GRAPHQL_VALIDATION_FAILED"],
        "refused": ["CURSOR_INVALID"],
        "overHash": [
            {"names": [name, name], "sent": ["POST hash", "POST text", "POST hash"]},
            {"names": [name, name], "sent": ["GET hash", "POST text", "GET hash"]},
        ],
        "incremental": {
            "newer": {"last": name, "type": 'multipart/mixed; boundary="graphql"'},
            "older": {
                "last": name,
                "type": 'multipart/mixed; boundary="graphql"; deferSpec=20220824',
            },
        },
    }


@pytest.fixture(scope="session")
async def manifest(tmp_path_factory: pytest.TempPathFactory, node: Node) -> Path:
    """What Apollo's tool writes of the journey; it takes one operation a file."""
    folder = tmp_path_factory.mktemp("manifest")
    _comment, *operations = (HERE / "journey.graphql").read_text().split("\n\n")
    for number, operation in enumerate(operations):
        (folder / f"{number}.graphql").write_text(operation)
    options = {"documents": ["*.graphql"], "output": "manifest.json"}
    (folder / "persisted-query-manifest.config.json").write_bytes(orjson.dumps(options))
    tool = HERE / "node_modules" / "@apollo" / "generate-persisted-query-manifest" / "cli.js"
    await node(tool, cwd=folder, decoded=False)
    return folder / "manifest.json"


@pytest.mark.parametrize("way", Way)
async def test_the_cache_of_apollo_client(
    world: World, server_url: str, node: Node, manifest: Path, way: Way
) -> None:
    token = await token_for(way, world, manifest=manifest)
    async with happening(world):
        told = await node("apollo_journey.mjs", f"{server_url}/graphql", token, way, manifest)
    assert told["outcome"] == OUTCOME
    assert follow_each_other(told["events"])
    assert told["improvised"] == way.refusal


async def test_urql(world: World, server_url: str, node: Node) -> None:
    async with happening(world):
        answers = await node("urql.mjs", f"{server_url}/graphql", await sign_in(world))
    assert follow_each_other(answers.pop("events"))
    assert answers == {
        "name": "Acme Outreach",
        "wrong": ["GRAPHQL_VALIDATION_FAILED"],
        "late": {"__typename": "Query", "workspace": {"name": "Acme Outreach"}},
    }


async def test_urql_with_hashes_of_its_own(world: World, server_url: str, node: Node) -> None:
    async with happening(world):
        told = await node("urql_persisted.mjs", f"{server_url}/graphql", await sign_in(world))
    assert follow_each_other(told.pop("events"))
    missed = ["GET hash", "GET text"]
    assert told == {
        "reads": ["ada@example.com", "ada@example.com"],
        "improvised": None,
        "sent": ["POST text", *missed, "GET hash", *missed],
    }


async def test_urql_with_a_manifest(world: World, server_url: str, node: Node, manifest: Path) -> None:
    token = await key_for(world, manifest)
    async with happening(world):
        told = await node("urql_persisted.mjs", f"{server_url}/graphql", token, manifest)
    assert follow_each_other(told.pop("events"))
    assert told == {
        "reads": ["ada@example.com", "ada@example.com"],
        "improvised": Way.IDS.refusal,
        "sent": ["POST hash", "GET hash", "GET hash", "GET text"],
    }


async def test_who_has_an_answer_already_is_told_so(
    world: World, server_url: str, node: Node, manifest: Path
) -> None:
    leads = next(listed for listed in read_manifest(manifest.read_bytes()) if "query Leads(" in listed.text)
    address = f"{server_url}/graphql/d/{leads.document_id}"
    first, again = await node("revalidating.mjs", address, await key_for(world, manifest))
    assert first["status"] == 200
    assert orjson.loads(first["body"])["data"]["leads"]["totalCount"] == 0
    assert again == {"status": 304, "tag": first["tag"], "body": ""}
