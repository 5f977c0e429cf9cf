"""The two ways in which clients say which document they mean, and who they are when they do."""

from enum import StrEnum
from pathlib import Path

from domain.api_clients.manifests import read_manifest
from domain.api_clients.publishing import PublishOutcome
from domain.api_clients.rules import ClientPolicy
from domain.workspaces.rules import Role
from schema.examining import Examiner
from tests.steps.api_clients import key_of, new_client, publish
from tests.web.graphql.conftest import sign_in
from tests.world import SCHEMA, World

EXAMINER = Examiner(SCHEMA._schema)


class Way(StrEnum):
    """How documents are sent: a session may send every text, a client of the policy ID_ONLY its ids alone."""

    TEXTS = "texts"
    IDS = "ids"

    @property
    def refusal(self) -> str | None:
        """What comes of a text that isn't in the manifest."""
        return "PERSISTED_QUERY_ID_REQUIRED" if self is Way.IDS else None


async def token_for(way: Way, world: World, *, manifest: Path) -> str:
    """Return a session's token, or a key of a client for which all that the manifest lists was published."""
    return await sign_in(world) if way is Way.TEXTS else await key_for(world, manifest)


async def key_for(world: World, manifest: Path) -> str:
    """Publish a manifest as a tool has written it; return a key of its client, which may send nothing else."""
    client_id = await new_client(world, ClientPolicy.ID_ONLY)
    documents = [EXAMINER.examine(listed) for listed in read_manifest(manifest.read_bytes())]
    published = await publish(world, client_id, *documents)
    assert {one.outcome for one in published} == {PublishOutcome.CREATED}, published
    key = await key_of(world, client_id, role=Role.OWNER)
    return key["authorization"].removeprefix("Bearer ")
