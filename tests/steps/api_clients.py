"""API clients, their keys and their documents."""

import hashlib
import secrets
from typing import Any
from uuid import UUID

import asyncpg

from auth.tokens import TokenKind, issue_token
from domain import tenancy
from domain.api_clients import service
from domain.api_clients.manifests import Listed
from domain.api_clients.publishing import Examined, Published, publish_documents
from domain.api_clients.rules import ClientPolicy, DocumentFacts, DocumentKind
from domain.ids import new_id
from domain.workspaces.rules import Role
from tests.world import World


def id_of(text: str) -> str:
    """Return the id that tools give a document."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def new_query(of: str = "workspace { name }") -> str:
    """Return a query that no other test has."""
    return f"query Q{secrets.token_hex(6)} {{ {of} }}"


def examined(text: str, *, id_: str | None = None, kind: DocumentKind = DocumentKind.QUERY) -> Examined:
    """Return a document as it is after it was found right."""
    listed = Listed(given_id=id_ or id_of(text), document_id=id_ or id_of(text), text=text)
    return Examined(listed=listed, facts=DocumentFacts(name=None, kind=kind, cost=1, scopes=()))


async def new_client(world: World, policy: ClientPolicy, **limits: Any) -> UUID:
    """Make a program known."""
    terms: dict[str, Any] = dict.fromkeys(("points_max", "points_per_s", "subscriptions_max", "expires_at"))
    return await service.create_api_client(
        actor=world.actor, name="app", policy=policy, now=world.now(), **(terms | limits)
    )


async def key_of(world: World, client_id: UUID, *, role: Role = Role.READ_ONLY) -> dict[str, str]:
    """Issue a key of a client, as a header."""
    token = issue_token(TokenKind.API, entropy=secrets.token_bytes)
    await service.create_api_token(
        actor=world.actor,
        name="key",
        role=role,
        token_hash=token.hash,
        expires_at=None,
        client_id=client_id,
        now=world.now(),
    )
    return {"authorization": f"Bearer {token.text}"}


async def publish(world: World, client_id: UUID, *documents: Examined) -> list[Published]:
    """Publish documents for a client."""
    return await publish_documents(
        actor=world.actor, client_id=client_id, examined=documents, dry_run=False, now=world.now()
    )


async def document_row(world: World, id_: str) -> asyncpg.Record | None:
    """Return ``id, status, uses`` of a document of the world's workspace."""
    async with tenancy.reading(world.workspace_id) as connection:
        return await connection.fetchrow(
            "SELECT id, status, uses FROM persisted_document WHERE workspace_id = $1 AND document_id = $2",
            world.workspace_id,
            id_,
        )


async def insert_published(url: str, *, text: str, status: str = "ACTIVE") -> None:
    """Write a document of the client `Web app` of a workspace, `acme-` and the status, by the superuser's URL."""
    connection = await asyncpg.connect(url)
    await connection.execute("SET session_replication_role = replica")  # no keys and no triggers
    workspace_id, client_id = new_id(), new_id()
    await connection.execute(
        "INSERT INTO workspace (id, name, slug, owner_user_id, default_time_zone, postal_address)"
        " VALUES ($1, 'Acme', $2, $1, 'UTC', 'x')",
        workspace_id,
        f"acme-{status.lower()}",
    )
    await connection.execute(
        "INSERT INTO api_client (id, workspace_id, name, policy) VALUES ($1, $2, 'Web app', 'OPEN')",
        client_id,
        workspace_id,
    )
    await connection.execute(
        """
        INSERT INTO persisted_document (id, workspace_id, api_client_id, document_id, text_hash, text, name, kind, cost,
                                        scopes, deprecated_fields, status)
        VALUES ($1, $2, $3, $4, sha256($5::bytea), $6, 'Mine', 'query', 1, '{}', '{}', $7)
        """,
        new_id(),
        workspace_id,
        client_id,
        id_of(text),
        text.encode(),
        text,
        status,
    )
    await connection.close()
