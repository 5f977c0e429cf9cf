"""API clients, their keys and their documents."""

import hashlib
import secrets
from typing import TYPE_CHECKING, Any
from uuid import UUID

from auth.tokens import TokenKind, issue_token
from domain import tenancy
from domain.api_clients import service
from domain.api_clients.manifests import Listed
from domain.api_clients.publishing import Examined, Published, publish_documents
from domain.api_clients.rules import ClientPolicy, DocumentFacts, DocumentKind
from domain.workspaces.rules import Role
from tests.world import World

if TYPE_CHECKING:
    from asyncpg import Record


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


async def document_row(world: World, id_: str) -> "Record | None":
    """Return ``id, status, uses`` of a document of the world's workspace."""
    async with tenancy.reading(world.workspace_id) as connection:
        return await connection.fetchrow(
            "SELECT id, status, uses FROM persisted_document WHERE workspace_id = $1 AND document_id = $2",
            world.workspace_id,
            id_,
        )
