"""Members, and the invitations by which they come."""

import secrets
from uuid import UUID

from auth.tokens import TokenKind, hash_token, issue_token
from domain.accounts import queries as accounts
from domain.accounts import service as accounts_service
from domain.accounts.rules import LinkInvalid
from domain.workspaces import queries, service
from domain.workspaces.rules import Role
from resolvers.context import Context


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
