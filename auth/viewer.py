"""Who is calling: from a bearer token or a session cookie to a viewer, in one workspace or none."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, cast
from uuid import UUID

from auth.tokens import SessionLifetime, TokenKind, hash_token, session_expiry, token_kind
from domain.accounts import queries, service
from domain.accounts.queries import Membership
from domain.actor import Actor, ActorKind
from domain.api_clients.rules import ClientPolicy, ClientTerms
from domain.errors import Forbidden, Invalid, Unauthenticated
from domain.workspaces.rules import Role

if TYPE_CHECKING:
    from asyncpg import Record


class WorkspaceRequired(Invalid):
    """The operation acts in a workspace, and none was named."""

    code = "WORKSPACE_REQUIRED"


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """The caller of a request.

    Attributes:
        kind: None when nobody is signed in.
        client: what holds for the program whose key was used; None for people and for keys of no known program.
        workspace_id: the workspace the request acts in, once chosen and allowed.
    """

    kind: ActorKind | None = None
    user_id: UUID | None = None
    session_id: UUID | None = None
    token_id: UUID | None = None
    client: ClientTerms | None = None
    workspace_id: UUID | None = None
    role: Role | None = None
    memberships: Sequence[Membership] = field(default_factory=tuple)
    request_id: str | None = None

    @property
    def principal_id(self) -> UUID | None:
        """Whose limits count: a client's keys share them, other keys and people have their own."""
        return self.client.id if self.client is not None else self.token_id or self.user_id

    def require_user(self) -> UUID:
        """Return the signed-in person; raises Unauthenticated."""
        if self.user_id is None or self.kind is not ActorKind.USER:
            raise Unauthenticated("sign in first")
        return self.user_id

    def require_actor(self) -> Actor:
        """Return the caller in its workspace; raises Unauthenticated or WorkspaceRequired."""
        if self.kind is None:
            raise Unauthenticated("sign in first")
        if self.workspace_id is None or self.role is None:
            raise WorkspaceRequired("name a workspace in the header Plera-Workspace")
        return self._actor

    @cached_property
    def _actor(self) -> Actor:
        """Made once for a request, which asks for it many times; only of a viewer in a workspace."""
        return Actor(
            kind=cast(ActorKind, self.kind),
            workspace_id=cast(UUID, self.workspace_id),
            id=self.token_id or self.user_id,
            user_id=self.user_id,
            role=self.role,
            request_id=self.request_id,
        )


ANONYMOUS = Viewer()
LIFETIME = SessionLifetime()


async def identify(
    *, credential: str | None, workspace: str | None, request_id: str | None, now: datetime
) -> Viewer:
    """Return the viewer behind a token.

    Args:
        credential: the token's text, from the Authorization header, the cookie or ``connection_init``.
        workspace: the header ``Plera-Workspace``: an id, with or without its prefix.

    Raises:
        Unauthenticated: a credential was given, but it is wrong, revoked or too old.
        Forbidden: the workspace isn't one of the caller's.
    """
    if credential is None:
        return Viewer(request_id=request_id)
    kind = token_kind(credential)
    if kind is TokenKind.SESSION:
        return await _user(credential, workspace, request_id, now)
    if kind is TokenKind.API:
        return await _program(credential, workspace, request_id, now)
    raise Unauthenticated("this isn't a token of ours")


async def _user(credential: str, workspace: str | None, request_id: str | None, now: datetime) -> Viewer:
    session = await queries.find_session(token_hash=hash_token(credential), now=now)
    if session is None:
        raise Unauthenticated("the session has ended; sign in again")
    expires_at = session_expiry(created_at=session["created_at"], seen_at=now, lifetime=LIFETIME)
    await service.touch_session(session_id=session["id"], expires_at=expires_at, now=now)
    memberships = await queries.list_memberships(user_id=session["user_id"])
    chosen = _choose(memberships, wanted=_workspace_id(workspace), remembered=session["workspace_id"])
    return Viewer(
        kind=ActorKind.USER,
        user_id=session["user_id"],
        session_id=session["id"],
        workspace_id=chosen.workspace_id if chosen else None,
        role=Role(chosen.role) if chosen else None,
        memberships=memberships,
        request_id=request_id,
    )


async def _program(credential: str, workspace: str | None, request_id: str | None, now: datetime) -> Viewer:
    token = await queries.find_api_token(token_hash=hash_token(credential), now=now)
    if token is None:
        raise Unauthenticated("the token was revoked or is too old")
    if workspace is not None and _workspace_id(workspace) != token["workspace_id"]:
        raise Forbidden("the token belongs to another workspace")
    return Viewer(
        kind=ActorKind.API_TOKEN,
        user_id=token["created_by"],
        token_id=token["id"],
        client=_terms(token),
        workspace_id=token["workspace_id"],
        role=Role(token["role"]),
        memberships=(Membership(workspace_id=token["workspace_id"], role=token["role"]),),
        request_id=request_id,
    )


def _terms(token: "Record") -> ClientTerms | None:
    if token["client_id"] is None:
        return None
    return ClientTerms(
        id=token["client_id"],
        policy=ClientPolicy(token["policy"]),
        points_max=token["points_max"],
        points_per_s=token["points_per_s"],
        subscriptions_max=token["subscriptions_max"],
    )


def _choose(
    memberships: Sequence[Membership], *, wanted: UUID | None, remembered: UUID | None
) -> Membership | None:
    """The named workspace, else the session's, else the only one."""
    by_id = {membership.workspace_id: membership for membership in memberships}
    if wanted is not None:
        if wanted not in by_id:
            raise Forbidden("this workspace doesn't exist or you aren't a member of it")
        return by_id[wanted]
    if remembered in by_id:
        return by_id[remembered]
    return memberships[0] if len(memberships) == 1 else None


def _workspace_id(text: str | None) -> UUID | None:
    if text is None:
        return None
    try:
        return UUID(text.rpartition("_")[2])
    except ValueError:
        raise Forbidden("this workspace doesn't exist or you aren't a member of it") from None
