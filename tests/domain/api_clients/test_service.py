"""Programs and their keys, against the database."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from auth.tokens import hash_token
from auth.viewer import identify
from domain.accounts.queries import find_api_token
from domain.api_clients import queries, service
from domain.api_clients.publishing import row_of
from domain.api_clients.rules import PROPOSALS_MAX, ClientPolicy, ClientTerms, DocumentState
from domain.errors import Conflict, Forbidden, NotFound, Unauthenticated
from domain.ids import new_id
from domain.workspaces.rules import Role
from tests.steps.api_clients import examined, id_of, key_of, new_client, new_query
from tests.world import World, new_world
from wiring import Application


async def terms_of(world: World, headers: dict[str, str]) -> ClientTerms | None:
    """Return what holds for a key; raises Unauthenticated when it doesn't work."""
    credential = headers["authorization"].removeprefix("Bearer ")
    viewer = await identify(credential=credential, workspace=None, request_id="test", now=world.now())
    return viewer.client


async def test_the_terms_of_a_client_hold_for_its_keys(world: World) -> None:
    limits = {"points_max": 100, "points_per_s": 5, "subscriptions_max": 0}
    client_id = await new_client(world, ClientPolicy.ID_ONLY, **limits)
    terms = ClientTerms(id=client_id, policy=ClientPolicy.ID_ONLY, **limits)
    assert await terms_of(world, await key_of(world, client_id)) == terms


async def test_the_keys_of_a_client_work_while_it_is_active_and_not_too_old(world: World) -> None:
    client_id = await new_client(world, ClientPolicy.OPEN, expires_at=world.now() + timedelta(hours=1))
    key = await key_of(world, client_id)
    given: dict[str, Any] = {"actor": world.actor, "client_id": client_id}
    await service.suspend_api_client(**given, now=world.now())
    with pytest.raises(Unauthenticated):
        await terms_of(world, key)
    await service.resume_api_client(**given, now=world.now())
    assert await terms_of(world, key) is not None
    world.clock.offset_s = 3_601
    with pytest.raises(Unauthenticated):
        await terms_of(world, key)
    await service.update_api_client(
        **given, changes={"expires_at": None}, expected_version=None, now=world.now()
    )
    assert await terms_of(world, key) is not None
    await service.revoke_api_client(**given, now=world.now())
    with pytest.raises(Unauthenticated):
        await terms_of(world, key)


async def test_a_key_without_a_client_has_no_terms(world: World) -> None:
    hash_ = hash_token("made up for this test")
    await service.create_api_token(
        actor=world.actor, name="x", role=Role.READ_ONLY, token_hash=hash_, expires_at=None, now=world.now()
    )
    found = await find_api_token(token_hash=hash_, now=world.now())
    assert found is not None
    assert (found["client_id"], found["policy"]) == (None, None)


async def test_another_workspace_s_client_answers_like_a_missing_one(app: Application, world: World) -> None:
    theirs = await new_client(await new_world(app), ClientPolicy.OPEN)
    for client_id in (theirs, new_id()):
        await _is_missing_everywhere(world, client_id)


async def _is_missing_everywhere(world: World, client_id: UUID) -> None:
    given: dict[str, Any] = {"actor": world.actor, "client_id": client_id, "now": world.now()}
    for move in (service.suspend_api_client, service.resume_api_client, service.revoke_api_client):
        with pytest.raises(NotFound, match="no such API client"):
            await move(**given)
    with pytest.raises(NotFound):
        await service.update_api_client(**given, changes={"name": "ours"}, expected_version=None)
    with pytest.raises(NotFound) as refused:
        await key_of(world, client_id)
    assert refused.value.field == ("clientId",)


async def test_no_key_is_issued_for_a_revoked_client(world: World) -> None:
    client_id = await new_client(world, ClientPolicy.OPEN)
    await service.revoke_api_client(actor=world.actor, client_id=client_id, now=world.now())
    with pytest.raises(Conflict):
        await key_of(world, client_id)
    assert await world.fetch("SELECT id FROM api_token") == []


async def test_only_who_manages_tokens_makes_clients_known(world: World) -> None:
    publisher = replace(world.actor, role=Role.PUBLISHER)
    with pytest.raises(Forbidden):
        await service.create_api_client(
            actor=publisher,
            name="x",
            policy=ClientPolicy.OPEN,
            now=world.now(),
            points_max=None,
            points_per_s=None,
            subscriptions_max=None,
            expires_at=None,
        )
    assert await world.fetch("SELECT id FROM api_client") == []


async def test_an_update_with_nothing_in_it_leaves_no_trace(world: World) -> None:
    client_id = await new_client(world, ClientPolicy.OPEN)
    await service.update_api_client(
        actor=world.actor, client_id=client_id, changes={}, expected_version=1, now=world.now()
    )
    assert await world.fetch("SELECT version FROM api_client") == [{"version": 1}]
    assert await world.fetch("SELECT seq FROM event WHERE type = 'ApiClientUpdated'") == []


async def test_a_client_s_use_proposes_500_documents_and_no_more(world: World) -> None:
    client_id, other = [await new_client(world, ClientPolicy.AUDIT) for _ in range(2)]

    async def propose(text: str, *, of: UUID = client_id) -> None:
        row = row_of(examined(text), DocumentState.PROPOSED)
        await queries.propose(workspace_id=world.workspace_id, client_id=of, row=row, at=world.now())

    texts = [new_query() for _ in range(PROPOSALS_MAX + 1)]
    for text in texts:
        await propose(text)
    await propose(texts[1])
    await propose(texts[-1], of=other)
    counts = await world.fetch(
        "SELECT api_client_id, count(*)::int AS n, sum(uses)::int AS uses FROM persisted_document GROUP BY 1"
    )
    found = {row["api_client_id"]: (row["n"], row["uses"]) for row in counts}
    assert found == {client_id: (500, 501), other: (1, 1)}
    stored = await world.fetch(
        "SELECT document_id FROM persisted_document WHERE api_client_id = $1", client_id
    )
    assert id_of(texts[-1]) not in {row["document_id"] for row in stored}
