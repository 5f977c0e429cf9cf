"""A client's documents: found by what a request names, written by what a manifest lists."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from domain import tenancy
from domain.api_clients.rules import PROPOSALS_MAX
from domain.ids import new_id

if TYPE_CHECKING:
    from asyncpg import Record

    from domain.tenancy import Connection

DocumentRow = tuple[str, bytes, str, str | None, str, int, list[str], list[str], str]
"""``document_id, text_hash, text, name, kind, cost, scopes, deprecated_fields, status``."""


async def find_text(*, workspace_id: UUID, client_id: UUID, document_id: str) -> str | None:
    """Return the text of an active document of a client."""
    async with tenancy.reading(workspace_id) as connection:
        text: str | None = await connection.fetchval(
            """
            SELECT text FROM persisted_document
            WHERE workspace_id = $1 AND api_client_id = $2 AND document_id = $3 AND status = 'ACTIVE'
            """,
            workspace_id,
            client_id,
            document_id,
        )
    return text


async def find_id(*, workspace_id: UUID, client_id: UUID, text_hash: bytes) -> str | None:
    """Return the id under which a text stands among a client's active documents."""
    async with tenancy.reading(workspace_id) as connection:
        id_: str | None = await connection.fetchval(
            """
            SELECT document_id FROM persisted_document
            WHERE workspace_id = $1 AND api_client_id = $2 AND text_hash = $3 AND status = 'ACTIVE'
            ORDER BY document_id LIMIT 1
            """,
            workspace_id,
            client_id,
            text_hash,
        )
    return id_


async def add_uses(*, workspace_id: UUID, uses: Mapping[tuple[UUID, str], int], at: datetime) -> None:
    """Count uses of a workspace's documents, by client and document id."""
    async with tenancy.writing(workspace_id) as connection:
        await connection.executemany(
            """
            UPDATE persisted_document SET uses = uses + $4, last_used_at = greatest(last_used_at, $5)
            WHERE workspace_id = $1 AND api_client_id = $2 AND document_id = $3
            """,
            [(workspace_id, client_id, id_, n, at) for (client_id, id_), n in sorted(uses.items())],
        )


async def propose(*, workspace_id: UUID, client_id: UUID, row: DocumentRow, at: datetime) -> None:
    """Note a document that a client has used without having published it, up to 500 of a client."""
    async with tenancy.writing(workspace_id) as connection:
        await connection.execute(
            """
            INSERT INTO persisted_document (id, workspace_id, api_client_id, document_id, text_hash, text, name, kind,
                                            cost, scopes, deprecated_fields, status, uses, last_used_at)
            SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, $13
            WHERE (SELECT count(*) FROM persisted_document
                   WHERE workspace_id = $2 AND api_client_id = $3 AND status = 'PROPOSED') < $14
               OR EXISTS (SELECT FROM persisted_document
                          WHERE workspace_id = $2 AND api_client_id = $3 AND document_id = $4)
            ON CONFLICT (workspace_id, api_client_id, document_id)
            DO UPDATE SET uses = persisted_document.uses + 1, last_used_at = EXCLUDED.last_used_at
            """,
            new_id(),
            workspace_id,
            client_id,
            *row,
            at,
            PROPOSALS_MAX,
        )


async def list_known(
    connection: "Connection", *, workspace_id: UUID, client_id: UUID, document_ids: Sequence[str]
) -> list[tuple[str, bytes, str]]:
    """Return id, text hash and status of those of a client's documents that are stored."""
    rows = await connection.fetch(
        """
        SELECT document_id, text_hash, status FROM persisted_document
        WHERE workspace_id = $1 AND api_client_id = $2 AND document_id = ANY ($3)
        """,
        workspace_id,
        client_id,
        document_ids,
    )
    return [tuple(row) for row in rows]


async def add_documents(
    connection: "Connection", *, workspace_id: UUID, client_id: UUID, rows: Sequence[DocumentRow]
) -> None:
    """Store documents; what was only proposed becomes what was published."""
    await connection.executemany(
        """
        INSERT INTO persisted_document (id, workspace_id, api_client_id, document_id, text_hash, text, name, kind, cost,
                                        scopes, deprecated_fields, status)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        ON CONFLICT (workspace_id, api_client_id, document_id)
        DO UPDATE SET text_hash = EXCLUDED.text_hash, text = EXCLUDED.text, name = EXCLUDED.name, kind = EXCLUDED.kind,
            cost = EXCLUDED.cost, scopes = EXCLUDED.scopes, deprecated_fields = EXCLUDED.deprecated_fields,
            status = EXCLUDED.status
        WHERE persisted_document.status = 'PROPOSED'
        """,
        [(new_id(), workspace_id, client_id, *row) for row in rows],
    )


async def lock_status(connection: "Connection", *, workspace_id: UUID, id_: UUID) -> str | None:
    """Return a document's status, and keep others from changing it."""
    status: str | None = await connection.fetchval(
        "SELECT status FROM persisted_document WHERE workspace_id = $1 AND id = $2 FOR UPDATE",
        workspace_id,
        id_,
    )
    return status


async def set_status(connection: "Connection", *, workspace_id: UUID, id_: UUID, status: str) -> None:
    """Move a document."""
    await connection.execute(
        "UPDATE persisted_document SET status = $3 WHERE workspace_id = $1 AND id = $2",
        workspace_id,
        id_,
        status,
    )


async def list_client_ids(*, workspace_id: UUID, name: str) -> list[UUID]:
    """Return the clients of a workspace that are called so; for the operator's command line."""
    async with tenancy.reading(workspace_id) as connection:
        rows = await connection.fetch(
            "SELECT id FROM api_client WHERE workspace_id = $1 AND name = $2", workspace_id, name
        )
    return [row["id"] for row in rows]


async def find_document(*, workspace_id: UUID, client_id: UUID, document_id: str) -> UUID | None:
    """Return the row's id of a client's document; for the operator's command line."""
    async with tenancy.reading(workspace_id) as connection:
        id_: UUID | None = await connection.fetchval(
            """
            SELECT id FROM persisted_document
            WHERE workspace_id = $1 AND api_client_id = $2 AND document_id = $3
            """,
            workspace_id,
            client_id,
            document_id,
        )
    return id_


async def list_documents(*, workspace_id: UUID) -> list["Record"]:
    """Return a workspace's documents for the operator, by client and name.

    Columns are ``client`` (its name) and ``document_id, name, kind, status, cost, uses, last_used_at``.
    """
    async with tenancy.reading(workspace_id) as connection:
        return await connection.fetch(
            """
            SELECT c.name AS client, d.document_id, d.name, d.kind, d.status, d.cost, d.uses, d.last_used_at
            FROM persisted_document d JOIN api_client c ON (c.workspace_id, c.id) = (d.workspace_id, d.api_client_id)
            WHERE d.workspace_id = $1 ORDER BY c.name, d.name NULLS LAST, d.document_id
            """,
            workspace_id,
        )
