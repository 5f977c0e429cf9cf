"""Persisted documents from the command line: published, listed, counted and switched off."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from domain.actor import Actor
from domain.api_clients import first_party, queries
from domain.api_clients.manifests import read_manifest
from domain.api_clients.publishing import (
    Examined,
    Published,
    PublishOutcome,
    disable_document,
    is_whole,
    publish_documents,
)
from domain.api_clients.rules import DocumentFacts, DocumentState, parse_document_id
from domain.errors import Conflict, Invalid, NotFound
from domain.workspaces.queries import find_workspace_id
from schema.examining import Examiner
from schema.root import build_schema

if TYPE_CHECKING:
    import asyncpg


async def publish(*, content: bytes, slug: str | None, client: str | None, dry_run: bool) -> str:
    """Publish a manifest for a workspace's client, or without both for everybody, and say what became of it.

    Raises:
        Conflict: nothing was published, because a document was rejected; the message says which and why.
    """
    examined = examine(content)
    if slug is None and client is None:
        published = await first_party.publish_first_party(examined=examined, dry_run=dry_run)
    else:
        workspace_id, client_id = await _find_client(slug, client)
        published = await publish_documents(
            actor=Actor.job(workspace_id),
            client_id=client_id,
            examined=examined,
            dry_run=dry_run,
            now=datetime.now(UTC),
        )
    return told(published, end="a dry run: nothing was published" if dry_run else "published")


async def list_documents(*, slug: str | None) -> str:
    """Return a line for each document of a workspace's clients, or of the installation's own programs."""
    return _by_client(
        await _rows(slug),
        lambda row: f"{row['status']:<9} {row['kind']:<12} {row['cost']:>6,} points",
    )


async def tell_usage(*, slug: str | None) -> str:
    """Return a line for each document: how often it was sent, and when last."""
    return _by_client(await _rows(slug), _usage)


async def revoke(*, document_id: str, slug: str | None, client: str | None) -> str:
    """Switch off a document of a workspace's client, or without both one of the installation's own, and say so."""
    id_ = parse_document_id(document_id)
    if id_ is None:
        raise Invalid("not a document's id; those are sha256: and 64 hexadecimal digits")
    if slug is None and client is None:
        await first_party.move_first_party(document_id=id_, target=DocumentState.DISABLED)
    else:
        workspace_id, client_id = await _find_client(slug, client)
        row_id = await queries.find_document(workspace_id=workspace_id, client_id=client_id, document_id=id_)
        if row_id is None:
            raise NotFound(f"{client} has no such document")
        await disable_document(actor=Actor.job(workspace_id), document_id=row_id, now=datetime.now(UTC))
    return f"{id_} isn't answered any more; processes that run notice it within two seconds"


def live_examiner() -> Examiner:
    """Return what examines documents by this version's schema."""
    return Examiner(build_schema()._schema)


def examine(content: bytes) -> list[Examined]:
    """Return a manifest's documents, held against this version's schema."""
    examiner = live_examiner()
    return [examiner.examine(listed) for listed in read_manifest(content)]


def told(published: Sequence[Published], *, end: str) -> str:
    """Return a line for each document of a manifest and one for all.

    Args:
        end: what else is said when all of them are right.

    Raises:
        Conflict: one was rejected; the message has the same lines.
    """
    lines = [line for one in published for line in _lines(one)]
    counts = Counter(one.outcome for one in published)
    total = ", ".join(f"{counts[outcome]} {outcome.lower()}" for outcome in PublishOutcome if counts[outcome])
    total = total or "no documents"
    if not is_whole(published):
        raise Conflict("\n".join([*lines, f"{total}; nothing is published"]))
    return "\n".join([*lines, f"{total}; {end}"])


def title_of(name: str | None, id_: str) -> str:
    """Return what a document is called for people."""
    return f"{name or '(no name)'} {id_}"


async def _find_client(slug: str | None, client: str | None) -> tuple[UUID, UUID]:
    if slug is None or client is None:
        raise Invalid("name both --workspace and --client, or neither for the installation's own documents")
    workspace_id = await _find_workspace(slug)
    ids = await queries.list_client_ids(workspace_id=workspace_id, name=client)
    if len(ids) != 1:
        raise NotFound(f"{slug} has {len(ids) or 'no'} API clients that are called {client}")
    return workspace_id, ids[0]


async def _find_workspace(slug: str) -> UUID:
    workspace_id = await find_workspace_id(slug=slug)
    if workspace_id is None:
        raise NotFound(f"no workspace has the slug {slug}")
    return workspace_id


async def _rows(slug: str | None) -> Sequence["asyncpg.Record"]:
    if slug is None:
        return await first_party.list_first_party()
    return await queries.list_documents(workspace_id=await _find_workspace(slug))


def _lines(published: Published) -> Iterable[str]:
    facts, listed = published.examined.facts, published.examined.listed
    title = title_of(facts.name if facts else None, listed.document_id or listed.given_id[:80])
    yield f"{published.outcome:<9} {title}{_known(facts)}"
    yield from (f"          {reason}" for reason in published.reasons)


def _known(facts: DocumentFacts | None) -> str:
    if facts is None:
        return ""
    scopes = f", {' '.join(facts.scopes)}" if facts.scopes else ""
    going = f", will go: {' '.join(facts.deprecated_fields)}" if facts.deprecated_fields else ""
    return f": {facts.kind}, up to {facts.cost:,} points{scopes}{going}"


def _by_client(rows: Sequence["asyncpg.Record"], line_of: Callable[[Any], str]) -> str:
    """Return a line for each row, under the name of its client if it has one."""
    lines: list[str] = []
    client = None
    for row in rows:
        if row.get("client") != client:
            client = row["client"]
            lines.append(f"{client}:")
        lines.append(f"{line_of(row)}  {title_of(row['name'], row['document_id'])}")
    return "\n".join(lines) or "no documents"


def _usage(row: Any) -> str:
    when = f"{row['last_used_at']:%Y-%m-%d %H:%M}" if row["last_used_at"] else "never used"
    return f"{row['uses']:>12,} {when:<16}"
