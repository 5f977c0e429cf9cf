"""Python's clients work unchanged, each in an environment of its own: its packages aren't ours."""

import sys
from pathlib import Path
from shutil import copy

import pytest

from tests.clients.conftest import HERE, Peer
from tests.clients.events import follow_each_other, happening
from tests.clients.journey import OUTCOME, UPLOADED
from tests.web.graphql.conftest import sign_in
from tests.world import World

pytestmark = pytest.mark.clients

ROOT = HERE.parents[1]
ENVIRONMENTS = ROOT / "build" / "clients"
JOURNEY = HERE / "journey.graphql"


async def test_gql(world: World, server_url: str, peer: Peer) -> None:
    python, script = ENVIRONMENTS / "gql" / "bin" / "python", HERE / "python" / "gql_journey.py"
    async with happening(world):
        told = await peer(python, script, f"{server_url}/graphql", await sign_in(world), JOURNEY)
    assert told["outcome"] == OUTCOME
    assert told["uploaded"] == UPLOADED
    assert told["composed"] == "Acme Outreach"
    assert set(told["events"]) == {"websockets", "aiohttp"}
    assert all(follow_each_other(events) for events in told["events"].values())


@pytest.fixture
async def generated(tmp_path: Path, peer: Peer) -> Path:
    """A folder in which ariadne-codegen has made a client for the journey from our schema."""
    for file in (ROOT / "schema" / "schema.graphql", JOURNEY, HERE / "python" / "ariadne_journey.py"):
        copy(file, tmp_path)
    generator = (ENVIRONMENTS / "ariadne" / "bin" / "python", "-m", "ariadne_codegen")
    await peer(*generator, "--config", HERE / "python" / "ariadne.toml", cwd=tmp_path, decoded=False)
    return tmp_path


async def test_what_ariadne_codegen_makes_works(
    world: World, server_url: str, generated: Path, peer: Peer
) -> None:
    python = ENVIRONMENTS / "ariadne" / "bin" / "python"
    async with happening(world):
        told = await peer(
            python, "ariadne_journey.py", f"{server_url}/graphql", await sign_in(world), cwd=generated
        )
    assert told["outcome"] == OUTCOME
    assert told["uploaded"] == UPLOADED
    assert follow_each_other(told["events"])


async def test_what_ariadne_codegen_makes_fits_its_types(generated: Path, peer: Peer) -> None:
    python = ENVIRONMENTS / "ariadne" / "bin" / "python"
    cached = ("--cache-dir", ROOT / ".mypy_cache" / "clients")
    options = ("--config-file", HERE / "python" / "mypy.ini", "--python-executable", python, *cached)
    verdict = await peer(
        sys.executable, "-m", "mypy", *options, "ariadne_journey.py", cwd=generated, decoded=False
    )
    assert verdict.startswith("Success: no issues found")
