"""What is remembered of documents, and for how long."""

from dataclasses import dataclass, replace
from uuid import UUID

import pytest

from auth.viewer import Viewer
from domain.api_clients.publishing import disable_document
from domain.api_clients.rules import ClientPolicy, ClientTerms
from resolvers.document_uses import DocumentUses
from resolvers.persisted_documents import REMEMBERED_S, Asked, PersistedDocuments, PersistedQueryNotFound
from tests.steps.api_clients import document_row, examined, id_of, new_client, new_query, publish
from tests.world import World


@dataclass
class Now:
    """Seconds that pass when the test says so."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


def viewer_of(world: World, client_id: UUID) -> Viewer:
    terms = ClientTerms(id=client_id, policy=ClientPolicy.ID_ONLY)
    return replace(Viewer(workspace_id=world.workspace_id), client=terms)


def by_id(text: str) -> Asked:
    return Asked(query=None, document_id=id_of(text), query_hash=None)


async def test_a_document_is_remembered_for_two_seconds_unless_something_was_published_here(
    world: World,
) -> None:
    now, text = Now(), new_query()
    documents = PersistedDocuments(DocumentUses(clock=world.now), clock=now)
    client_id = await new_client(world, ClientPolicy.ID_ONLY)
    viewer = viewer_of(world, client_id)

    with pytest.raises(PersistedQueryNotFound):
        await documents.find(by_id(text), viewer)
    await publish(world, client_id, examined(text))
    with pytest.raises(PersistedQueryNotFound):  # what isn't there is remembered, too
        await documents.find(by_id(text), viewer)
    documents.forget()
    assert (await documents.find(by_id(text), viewer)).text == text

    row = await document_row(world, id_of(text))
    assert row is not None
    await disable_document(actor=world.actor, document_id=row["id"], now=world.now())
    now.seconds = REMEMBERED_S - 0.1
    assert (await documents.find(by_id(text), viewer)).is_registered
    now.seconds = REMEMBERED_S
    with pytest.raises(PersistedQueryNotFound):
        await documents.find(by_id(text), viewer)
