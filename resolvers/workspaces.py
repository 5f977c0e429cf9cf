"""Workspaces, members, invitations and API tokens."""

import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

from auth.tokens import IssuedToken, TokenKind, hash_token, issue_token
from domain.accounts import queries as accounts
from domain.accounts import service as accounts_service
from domain.accounts.rules import LinkInvalid
from domain.ids import new_id
from domain.secrets.envelope import new_data_key, wrap_data_key
from domain.workspaces import queries, service
from domain.workspaces.rules import Role
from resolvers.context import Context


async def create_workspace(
    context: Context, *, name: str, slug: str | None, postal_address: str, time_zone: str
) -> UUID:
    """Resolve ``Mutation.workspaceCreate``; the session acts in it from then on."""
    user_id = context.viewer.require_user()
    workspace_id = new_id()
    data_key = new_data_key(key_id=new_id(), workspace_id=workspace_id, entropy=secrets.token_bytes)
    await service.create_workspace(
        user_id=user_id,
        name=name,
        slug=slug,
        postal_address=postal_address,
        time_zone=time_zone,
        workspace_id=workspace_id,
        data_key_id=data_key.id,
        wrapped_data_key=wrap_data_key(data_key, keyring=context.ports.keyring, entropy=secrets.token_bytes),
        trial_credits=context.ports.trial_credits,
        now=context.now(),
    )
    if context.viewer.session_id is not None:
        await accounts_service.select_workspace(
            session_id=context.viewer.session_id, workspace_id=workspace_id
        )
    context.read_in(workspace_id)
    return workspace_id


async def update_workspace(
    context: Context, *, changes: dict[str, Any], expected_version: int | None
) -> UUID:
    """Resolve ``Mutation.workspaceUpdate``."""
    return await service.update_workspace(
        actor=context.actor, changes=changes, expected_version=expected_version, now=context.now()
    )


async def list_workspaces(context: Context) -> list[Any]:
    """Resolve ``Viewer.workspaces``."""
    context.viewer.require_user()
    ids = [membership.workspace_id for membership in context.viewer.memberships]
    return await queries.list_workspaces(ids=ids)


async def invite_member(context: Context, *, email: str, role: Role) -> UUID:
    """Resolve ``Mutation.memberInvite``: an invitation and its mail."""
    token = issue_token(TokenKind.ONE_TIME, entropy=secrets.token_bytes)
    invitation_id = await service.invite_member(
        actor=context.actor, email=email, role=role, token_hash=token.hash, now=context.now()
    )
    await accounts_service.queue_mail(
        kind="INVITATION",
        to_address=email.strip().lower(),
        subject="You are invited to a workspace",
        body=f"Join with this link within a week:\n\n{context.services.base_url}/join?token={token.text}\n",
    )
    return invitation_id


async def check_invitation(context: Context, *, token: str) -> None:
    """Do nothing when an invitation is still open; raises LinkInvalid."""
    if not await queries.has_open_invitation(token_hash=hash_token(token), now=context.now()):
        raise LinkInvalid("this invitation is no longer good", field=("token",))


async def accept_invitation(context: Context, *, token: str) -> UUID:
    """Resolve ``Mutation.invitationAccept``."""
    user = await accounts.get_user(user_id=context.viewer.require_user())
    workspace_id, member_id = await service.accept_invitation(
        user_id=user["id"], email=user["email"], token_hash=hash_token(token), now=context.now()
    )
    context.read_in(workspace_id)
    return member_id


async def change_member(
    context: Context, *, member_id: UUID, role: Role | None, remove: bool, expected_version: int | None
) -> UUID:
    """Resolve ``Mutation.memberUpdate`` and ``Mutation.memberRemove``."""
    return await service.change_member(
        actor=context.actor,
        member_id=member_id,
        role=role,
        remove=remove,
        expected_version=expected_version,
        now=context.now(),
    )


async def create_api_token(
    context: Context, *, name: str, role: Role, expires_at: datetime | None
) -> tuple[UUID, IssuedToken]:
    """Resolve ``Mutation.apiTokenCreate``; the token's text is shown this once."""
    token = issue_token(TokenKind.API, entropy=secrets.token_bytes)
    token_id = await service.create_api_token(
        actor=context.actor,
        name=name,
        role=role,
        token_hash=token.hash,
        expires_at=expires_at,
        now=context.now(),
    )
    return token_id, token


async def revoke_api_token(context: Context, *, token_id: UUID) -> UUID:
    """Resolve ``Mutation.apiTokenRevoke``."""
    return await service.revoke_api_token(actor=context.actor, token_id=token_id, now=context.now())
