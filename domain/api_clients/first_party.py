"""Documents of the installation's own programs: every caller may send them by their ids, signing in among them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from domain import tenancy
from domain.api_clients.publishing import Examined, Known, Published, PublishOutcome, is_whole, judge, row_of
from domain.api_clients.rules import DOCUMENT_STATES, DocumentState
from domain.errors import NotFound
from domain.ids import new_id

if TYPE_CHECKING:
    from asyncpg import Record


async def find_first_party_text(*, document_id: str) -> str | None:
    """Return the text of an active document."""
    async with tenancy.looking_across_workspaces() as connection:
        text: str | None = await connection.fetchval(
            "SELECT text FROM first_party_document WHERE document_id = $1 AND status = 'ACTIVE'", document_id
        )
    return text


async def find_first_party_id(*, text_hash: bytes) -> str | None:
    """Return the id under which a text stands among the active documents."""
    async with tenancy.looking_across_workspaces() as connection:
        id_: str | None = await connection.fetchval(
            """
            SELECT document_id FROM first_party_document WHERE text_hash = $1 AND status = 'ACTIVE'
            ORDER BY document_id LIMIT 1
            """,
            text_hash,
        )
    return id_


async def add_first_party_uses(*, uses: Mapping[str, int], at: datetime) -> None:
    """Count uses, by document id."""
    async with tenancy.across_workspaces() as connection:
        await connection.executemany(
            """
            UPDATE first_party_document SET uses = uses + $2, last_used_at = greatest(last_used_at, $3)
            WHERE document_id = $1
            """,
            [(id_, n, at) for id_, n in sorted(uses.items())],
        )


async def publish_first_party(*, examined: Sequence[Examined], dry_run: bool) -> list[Published]:
    """Make documents known to everybody, unless one of them is rejected; like ``publish_documents``.

    One manifest is published after the other.
    """
    async with tenancy.across_workspaces() as connection:
        await connection.execute("LOCK TABLE first_party_document IN SHARE ROW EXCLUSIVE MODE")
        ids = [one.listed.document_id for one in examined if one.listed.document_id]
        rows = await connection.fetch(
            "SELECT document_id, text_hash, status FROM first_party_document WHERE document_id = ANY ($1)",
            ids,
        )
        known = {id_: Known(text_hash=h, status=DocumentState(status)) for id_, h, status in rows}
        published = judge(examined, known=known)
        created = [one.examined for one in published if one.outcome is PublishOutcome.CREATED]
        if created and is_whole(published) and not dry_run:
            await connection.executemany(
                """
                INSERT INTO first_party_document (id, document_id, text_hash, text, name, kind, cost, scopes,
                                                  deprecated_fields, status)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                """,
                [(new_id(), *row_of(one, DocumentState.ACTIVE)) for one in created],
            )
    return published


async def move_first_party(*, document_id: str, target: DocumentState) -> None:
    """Answer a document no longer, or again. Repeating is safe; raises NotFound."""
    async with tenancy.across_workspaces() as connection:
        before = await connection.fetchval(
            "SELECT status FROM first_party_document WHERE document_id = $1 FOR UPDATE", document_id
        )
        if before is None:
            raise NotFound("no document of ours has this id")
        if before != target:
            DOCUMENT_STATES.require(DocumentState(before), target)
            await connection.execute(
                "UPDATE first_party_document SET status = $2 WHERE document_id = $1", document_id, target
            )


async def list_first_party() -> list["Record"]:
    """Return ``document_id, name, kind, status, cost, uses, last_used_at`` of all, by name."""
    async with tenancy.looking_across_workspaces() as connection:
        return await connection.fetch(
            """
            SELECT document_id, name, kind, status, cost, uses, last_used_at
            FROM first_party_document ORDER BY name NULLS LAST, document_id
            """
        )
