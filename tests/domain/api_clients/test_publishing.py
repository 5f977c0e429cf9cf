"""A manifest is taken as a whole or not at all, and one id names one text for ever."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from domain.actor import Actor
from domain.api_clients import first_party, queries
from domain.api_clients.manifests import Listed
from domain.api_clients.publishing import (
    Examined,
    Known,
    Published,
    PublishOutcome,
    disable_document,
    enable_document,
    hash_of,
    judge,
    publish_documents,
    row_of,
)
from domain.api_clients.rules import ClientPolicy, DocumentState
from domain.api_clients.service import revoke_api_client, suspend_api_client
from domain.errors import Conflict, Forbidden, NotFound
from domain.ids import new_id
from domain.states import IllegalTransition
from domain.workspaces.rules import Role
from tests.steps.api_clients import document_row, examined, id_of, new_client, new_query, publish
from tests.world import World, new_world
from wiring import Application

CREATED, UNCHANGED, REJECTED = PublishOutcome
OTHER_TEXT = ("its id has another text already",)
TEXT, OTHER = "{ eventTypes }", "{ workspace { name } }"
ID = id_of(TEXT)


def broken(text: str = "{") -> Examined:
    listed = Listed(given_id=id_of(text), document_id=id_of(text), text=text)
    return Examined(listed=listed, facts=None, problems=("it doesn't parse",))


def outcomes(published: list[Published]) -> list[PublishOutcome]:
    return [one.outcome for one in published]


@pytest.mark.parametrize(
    ("status", "text", "outcome", "reasons"),
    [
        (None, TEXT, CREATED, ()),
        (DocumentState.ACTIVE, TEXT, UNCHANGED, ()),
        (DocumentState.DISABLED, TEXT, UNCHANGED, ()),
        (DocumentState.PROPOSED, TEXT, CREATED, ()),
        (DocumentState.ACTIVE, OTHER, REJECTED, OTHER_TEXT),
        (DocumentState.DISABLED, OTHER, REJECTED, OTHER_TEXT),
        (DocumentState.PROPOSED, OTHER, CREATED, ()),
    ],
)
def test_what_is_published_keeps_its_text(
    status: DocumentState | None, text: str, outcome: PublishOutcome, reasons: tuple[str, ...]
) -> None:
    known = {ID: Known(text_hash=hash_of(TEXT), status=status)} if status else {}
    [judged] = judge([examined(text, id_=ID)], known=known)
    assert (judged.outcome, judged.reasons) == (outcome, reasons)


def test_one_id_has_one_text_within_a_manifest_too() -> None:
    twice = [examined(text, id_=ID) for text in (TEXT, TEXT, OTHER)]
    assert outcomes(judge(twice, known={})) == [CREATED, UNCHANGED, REJECTED]


def test_all_that_is_wrong_is_said() -> None:
    nameless = replace(broken(), listed=Listed(given_id="Mine", document_id=None, text="{"))
    [judged, known] = judge(
        [nameless, broken()], known={id_of("{"): Known(text_hash=b"", status=DocumentState.ACTIVE)}
    )
    assert judged.reasons == (
        "its id isn't a SHA-256 in hexadecimal; set the tool's hash to sha256",
        "it doesn't parse",
    )
    assert known.reasons == (*OTHER_TEXT, "it doesn't parse")


def test_what_has_problems_is_not_stored() -> None:
    with pytest.raises(ValueError, match="problems"):
        row_of(broken(), DocumentState.ACTIVE)


async def test_nothing_is_published_when_one_is_rejected(world: World) -> None:
    client_id = await new_client(world, ClientPolicy.OPEN)
    assert outcomes(await publish(world, client_id, examined(TEXT), broken())) == [CREATED, REJECTED]
    assert await document_row(world, ID) is None
    assert await world.fetch("SELECT seq FROM event WHERE type = 'DocumentsPublished'") == []


async def test_publishing_leaves_an_event_and_an_audit_entry_once(world: World) -> None:
    client_id = await new_client(world, ClientPolicy.OPEN)
    assert outcomes(await publish(world, client_id, examined(TEXT), examined(OTHER))) == [CREATED] * 2
    assert outcomes(await publish(world, client_id, examined(TEXT), examined(OTHER))) == [UNCHANGED] * 2
    events = await world.fetch("SELECT subject_id, payload FROM event WHERE type = 'DocumentsPublished'")
    assert events == [{"subject_id": client_id, "payload": {"created": 2}}]
    audits = await world.fetch("SELECT detail FROM audit_event WHERE action = 'persisted_document.publish'")
    assert audits == [{"detail": {"documents": [ID, id_of(OTHER)]}}]


async def test_each_client_has_documents_of_its_own(world: World) -> None:
    first, second = [await new_client(world, ClientPolicy.OPEN) for _ in range(2)]
    await publish(world, first, examined(TEXT))
    assert outcomes(await publish(world, second, examined(OTHER, id_=ID))) == [CREATED]
    texts = [
        await queries.find_text(workspace_id=world.workspace_id, client_id=client, document_id=ID)
        for client in (first, second)
    ]
    assert texts == [TEXT, OTHER]


async def test_a_proposal_becomes_what_is_published(world: World) -> None:
    client_id = await new_client(world, ClientPolicy.AUDIT)
    row = row_of(examined(TEXT), DocumentState.PROPOSED)
    await queries.propose(workspace_id=world.workspace_id, client_id=client_id, row=row, at=world.now())
    assert outcomes(await publish(world, client_id, examined(OTHER, id_=ID))) == [CREATED]
    [stored] = await world.fetch("SELECT text, status, uses FROM persisted_document")
    assert stored == {"text": OTHER, "status": "ACTIVE", "uses": 1}


async def test_another_workspace_s_client_is_missing(app: Application, world: World) -> None:
    theirs = await new_client(await new_world(app), ClientPolicy.OPEN)
    for client_id in (theirs, new_id()):
        with pytest.raises(NotFound) as refused:
            await publish(world, client_id, examined(TEXT))
        assert (refused.value.message, refused.value.field) == ("no such API client", ("clientId",))
    assert await document_row(world, ID) is None


async def test_a_suspended_client_can_be_prepared_and_a_revoked_one_not(world: World) -> None:
    client_id = await new_client(world, ClientPolicy.OPEN)
    await suspend_api_client(actor=world.actor, client_id=client_id, now=world.now())
    assert outcomes(await publish(world, client_id, examined(TEXT))) == [CREATED]
    await revoke_api_client(actor=world.actor, client_id=client_id, now=world.now())
    with pytest.raises(Conflict):
        await publish(world, client_id, examined(OTHER))


async def test_a_manifest_that_is_published_by_many_at_once_is_created_by_one(world: World) -> None:
    client_id = await new_client(world, ClientPolicy.OPEN)
    documents = [examined(new_query()) for _ in range(5)]
    answers = await asyncio.gather(*(publish(world, client_id, *documents) for _ in range(8)))
    assert sorted(outcomes(published)[0] for published in answers) == [CREATED, *[UNCHANGED] * 7]
    assert all(len(set(outcomes(published))) == 1 for published in answers)
    [count] = await world.fetch("SELECT count(*) AS n FROM persisted_document")
    assert count == {"n": 5}


async def test_of_two_texts_that_want_one_id_at_once_one_is_rejected(world: World) -> None:
    client_id = await new_client(world, ClientPolicy.OPEN)
    texts = [new_query() for _ in range(6)]
    answers = await asyncio.gather(*(publish(world, client_id, examined(text, id_=ID)) for text in texts))
    assert sorted(outcomes(published)[0] for published in answers) == [CREATED, *[REJECTED] * 5]


async def test_the_rights_to_publish_and_to_switch(world: World) -> None:
    client_id = await new_client(world, ClientPolicy.OPEN)
    publisher, reader = [replace(world.actor, role=role) for role in (Role.PUBLISHER, Role.READ_ONLY)]
    given: dict[str, Any] = {
        "client_id": client_id,
        "examined": [examined(TEXT)],
        "dry_run": False,
        "now": world.now(),
    }
    with pytest.raises(Forbidden):
        await publish_documents(actor=reader, **given)
    await publish_documents(actor=publisher, **given)
    row = await document_row(world, ID)
    assert row is not None
    for switch in (enable_document, disable_document):
        with pytest.raises(Forbidden):
            await switch(actor=publisher, document_id=row["id"], now=world.now())


async def test_a_document_that_was_switched_off_stays_so_when_it_is_published_again(world: World) -> None:
    client_id = await new_client(world, ClientPolicy.OPEN)
    await publish(world, client_id, examined(TEXT))
    row = await document_row(world, ID)
    assert row is not None
    await disable_document(actor=world.actor, document_id=row["id"], now=world.now())
    assert outcomes(await publish(world, client_id, examined(TEXT))) == [UNCHANGED]
    assert (await document_row(world, ID))["status"] == "DISABLED"  # type: ignore[index]


async def test_another_workspace_s_document_can_not_be_switched(app: Application, world: World) -> None:
    them = await new_world(app)
    await publish(them, await new_client(them, ClientPolicy.OPEN), examined(TEXT))
    row = await document_row(them, ID)
    assert row is not None
    with pytest.raises(NotFound):
        await disable_document(actor=world.actor, document_id=row["id"], now=world.now())
    assert (await document_row(them, ID))["status"] == "ACTIVE"  # type: ignore[index]


async def test_jobs_may_publish_for_the_operator(world: World) -> None:
    client_id = await new_client(world, ClientPolicy.OPEN)
    published = await publish_documents(
        actor=Actor.job(world.workspace_id),
        client_id=client_id,
        examined=[examined(TEXT)],
        dry_run=True,
        now=world.now(),
    )
    assert outcomes(published) == [CREATED]
    assert await document_row(world, ID) is None


async def _first_party(document: Examined, *, dry_run: bool = False) -> list[PublishOutcome]:
    return outcomes(await first_party.publish_first_party(examined=[document], dry_run=dry_run))


@pytest.mark.usefixtures("app")
async def test_documents_of_the_installation_s_own_are_published_alike() -> None:
    text = new_query()
    assert await _first_party(examined(text), dry_run=True) == [CREATED]
    assert await first_party.find_first_party_text(document_id=id_of(text)) is None
    assert await _first_party(examined(text)) == [CREATED]
    assert await first_party.find_first_party_text(document_id=id_of(text)) == text
    assert await _first_party(examined(text)) == [UNCHANGED]
    assert await _first_party(examined(new_query(), id_=id_of(text))) == [REJECTED]


@pytest.mark.usefixtures("app")
async def test_of_two_of_our_own_that_want_one_id_at_once_one_is_rejected() -> None:
    id_ = id_of(new_query())
    documents = [examined(new_query(), id_=id_) for _ in range(6)]
    answers = await asyncio.gather(*(_first_party(document) for document in documents))
    assert sorted(answer for [answer] in answers) == [CREATED, *[REJECTED] * 5]


@pytest.mark.usefixtures("app")
async def test_documents_of_the_installation_s_own_are_switched_off_and_on() -> None:
    text = new_query()
    await _first_party(examined(text))
    for target, found in ((DocumentState.DISABLED, None), (DocumentState.DISABLED, None)):
        await first_party.move_first_party(document_id=id_of(text), target=target)
        assert await first_party.find_first_party_text(document_id=id_of(text)) == found
    with pytest.raises(IllegalTransition):
        await first_party.move_first_party(document_id=id_of(text), target=DocumentState.PROPOSED)
    await first_party.move_first_party(document_id=id_of(text), target=DocumentState.ACTIVE)
    assert await first_party.find_first_party_text(document_id=id_of(text)) == text
    with pytest.raises(NotFound):
        await first_party.move_first_party(document_id=id_of(new_query()), target=DocumentState.DISABLED)
