"""API tokens: keys for programs."""

import secrets
from datetime import datetime
from uuid import UUID

from auth.tokens import IssuedToken, TokenKind, issue_token
from domain.api_clients import service
from domain.workspaces.rules import Role
from resolvers.context import Context


async def create_api_token(
    context: Context, *, name: str, role: Role, expires_at: datetime | None, client_id: UUID | None
) -> tuple[UUID, IssuedToken]:
    """Resolve ``Mutation.apiTokenCreate``; the token's text is shown this once."""
    token = issue_token(TokenKind.API, entropy=secrets.token_bytes)
    token_id = await service.create_api_token(
        actor=context.actor,
        name=name,
        role=role,
        token_hash=token.hash,
        expires_at=expires_at,
        client_id=client_id,
        now=context.now(),
    )
    return token_id, token


async def revoke_api_token(context: Context, *, token_id: UUID) -> UUID:
    """Resolve ``Mutation.apiTokenRevoke``."""
    return await service.revoke_api_token(actor=context.actor, token_id=token_id, now=context.now())
