"""Documents become known: a manifest is taken as a whole or not at all."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.actor import Actor, require
from domain.api_clients import queries
from domain.api_clients.events import DocumentsPublished, PersistedDocumentMoved
from domain.api_clients.manifests import Listed
from domain.api_clients.rules import DOCUMENT_STATES, ClientState, DocumentFacts, DocumentState
from domain.api_clients.service import find_client
from domain.errors import Conflict, NotFound
from domain.work import unit_of_work
from domain.workspaces.rules import Permission


class PublishOutcome(StrEnum):
    """What becomes of one document of a manifest."""

    CREATED = "CREATED"
    UNCHANGED = "UNCHANGED"
    REJECTED = "REJECTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A document of a manifest, held against the schema.

    Attributes:
        facts: None when there are problems.
        problems: why it can't be published, a sentence each.
    """

    listed: Listed
    facts: DocumentFacts | None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What became of one document."""

    examined: Examined
    outcome: PublishOutcome
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A document that is stored under an id."""

    text_hash: bytes
    status: DocumentState


def hash_of(text: str) -> bytes:
    """Return a text's SHA-256, 32 bytes."""
    return hashlib.sha256(text.encode()).digest()


def judge(examined: Sequence[Examined], *, known: Mapping[str, Known]) -> list[Published]:
    """Say what would become of each document; one id names one text for ever.

    Args:
        known: what is stored, by id.
    """
    seen = dict(known)
    return [_judge(one, seen) for one in examined]


def is_whole(published: Sequence[Published]) -> bool:
    """Tell whether a manifest may be stored: nothing of it was rejected."""
    return all(one.outcome is not PublishOutcome.REJECTED for one in published)


def _judge(examined: Examined, seen: dict[str, Known]) -> Published:
    id_, text_hash = examined.listed.document_id, hash_of(examined.listed.text)
    problems = examined.problems
    if id_ is None:
        problems = ("its id isn't a SHA-256 in hexadecimal; set the tool's hash to sha256", *problems)
    before = seen.get(id_ or "")
    is_fixed = before is not None and before.status is not DocumentState.PROPOSED
    if before is not None and is_fixed and before.text_hash != text_hash:
        problems = ("its id has another text already", *problems)
    if problems or id_ is None:
        return Published(examined=examined, outcome=PublishOutcome.REJECTED, reasons=problems)
    if is_fixed:
        return Published(examined=examined, outcome=PublishOutcome.UNCHANGED)
    seen[id_] = Known(text_hash=text_hash, status=DocumentState.ACTIVE)
    return Published(examined=examined, outcome=PublishOutcome.CREATED)


async def publish_documents(
    *, actor: Actor, client_id: UUID, examined: Sequence[Examined], dry_run: bool, now: datetime
) -> list[Published]:
    """Make a client's documents known, unless one of them is rejected; those that stand already stay as they are.

    A document that is disabled stays so. Publishing the same again changes nothing.

    Raises:
        NotFound: no such client.
        Conflict: it was revoked.
    """
    require(actor, Permission.PUBLISH_DOCUMENTS)
    async with unit_of_work(actor, now=now) as work:
        client = await find_client(work, client_id, field="clientId")
        if client.status == ClientState.REVOKED:
            raise Conflict("this client was revoked", field=("clientId",))
        ids = [one.listed.document_id for one in examined if one.listed.document_id]
        known = await queries.list_known(
            work.connection, workspace_id=work.workspace_id, client_id=client_id, document_ids=ids
        )
        published = judge(
            examined, known={id_: Known(text_hash=h, status=DocumentState(s)) for id_, h, s in known}
        )
        created = [one for one in published if one.outcome is PublishOutcome.CREATED]
        if created and is_whole(published) and not dry_run:
            await queries.add_documents(
                work.connection,
                workspace_id=work.workspace_id,
                client_id=client_id,
                rows=[row_of(one.examined, DocumentState.ACTIVE) for one in created],
            )
            work.emit(DocumentsPublished(subject_id=client_id, created=len(created)))
            work.audit(
                "persisted_document.publish",
                target_kind="api_client",
                target_id=client_id,
                documents=[one.examined.listed.document_id for one in created],
            )
    return published


async def enable_document(*, actor: Actor, document_id: UUID, now: datetime) -> UUID:
    """Answer a document that was proposed or disabled. Repeating is safe; raises NotFound.

    A build pipeline's key can't: it would undo what a person has switched off.
    """
    return await _move(actor, document_id, DocumentState.ACTIVE, now=now)


async def disable_document(*, actor: Actor, document_id: UUID, now: datetime) -> UUID:
    """Answer a document no longer, at once. Repeating is safe; raises NotFound."""
    return await _move(actor, document_id, DocumentState.DISABLED, now=now)


def row_of(examined: Examined, status: DocumentState) -> queries.DocumentRow:
    """Return what is stored of a document that was found right."""
    if examined.facts is None or examined.listed.document_id is None:
        raise ValueError("a document with problems isn't stored")
    facts = examined.facts
    return (
        examined.listed.document_id,
        hash_of(examined.listed.text),
        examined.listed.text,
        facts.name,
        facts.kind.value,
        facts.cost,
        [scope.value for scope in facts.scopes],
        list(facts.deprecated_fields),
        status.value,
    )


async def _move(actor: Actor, document_id: UUID, target: DocumentState, *, now: datetime) -> UUID:
    require(actor, Permission.MANAGE_TOKENS)
    async with unit_of_work(actor, now=now) as work:
        before = await queries.lock_status(work.connection, workspace_id=work.workspace_id, id_=document_id)
        if before is None:
            raise NotFound("no such document", field=("id",))
        if before != target:
            DOCUMENT_STATES.require(DocumentState(before), target)
            await queries.set_status(
                work.connection, workspace_id=work.workspace_id, id_=document_id, status=target
            )
            work.emit(PersistedDocumentMoved(subject_id=document_id, status=target))
            work.audit(
                "persisted_document.move",
                target_kind="persisted_document",
                target_id=document_id,
                status=target,
            )
    return document_id
