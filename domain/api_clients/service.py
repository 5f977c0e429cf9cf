"""Programs and their keys: make them known, limit them, stop them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from domain.accounts.rules import parse_name
from domain.actor import Actor, require
from domain.api_clients import rules
from domain.api_clients.events import ApiClientCreated, ApiClientMoved, ApiClientUpdated
from domain.api_clients.models import ApiClient, ApiToken
from domain.api_clients.rules import CLIENT_STATES, ClientPolicy, ClientState
from domain.errors import Conflict, Invalid, NotFound, StaleVersion
from domain.ids import new_id
from domain.work import Work, unit_of_work
from domain.workspaces.rules import Permission, Role, permissions_of, require_assignable


async def create_api_client(
    *,
    actor: Actor,
    name: str,
    policy: ClientPolicy,
    points_max: int | None,
    points_per_s: int | None,
    subscriptions_max: int | None,
    expires_at: datetime | None,
    now: datetime,
) -> UUID:
    """Make a program known; see ``ClientTerms`` for its limits. Raises Invalid."""
    require(actor, Permission.MANAGE_TOKENS)
    rules.check_limits(points_max=points_max, points_per_s=points_per_s, subscriptions_max=subscriptions_max)
    rules.check_expiry(expires_at, now=now)
    client_id = new_id()
    async with unit_of_work(actor, now=now) as work:
        await ApiClient.create(
            id=client_id,
            workspace_id=work.workspace_id,
            name=parse_name(name),
            policy=policy,
            points_max=points_max,
            points_per_s=points_per_s,
            subscriptions_max=subscriptions_max,
            expires_at=expires_at,
        )
        work.emit(ApiClientCreated(subject_id=client_id, policy=policy))
        work.audit("api_client.create", target_kind="api_client", target_id=client_id, policy=policy)
    return client_id


async def update_api_client(
    *, actor: Actor, client_id: UUID, changes: dict[str, Any], expected_version: int | None, now: datetime
) -> UUID:
    """Change a program's name, policy, limits or expiry; its open requests end as they began.

    Raises:
        NotFound, StaleVersion, Invalid.
        Conflict: it was revoked.
    """
    require(actor, Permission.MANAGE_TOKENS)
    async with unit_of_work(actor, now=now) as work:
        client = await find_client(work, client_id)
        if expected_version is not None and client.version != expected_version:
            raise StaleVersion(expected=expected_version, current=client.version)
        if client.status == ClientState.REVOKED:
            raise Conflict("this client was revoked")
        if "name" in changes:
            changes["name"] = parse_name(changes["name"])
        if "expires_at" in changes:
            rules.check_expiry(changes["expires_at"], now=now)
        client.update_from_dict(changes)
        rules.check_limits(
            points_max=client.points_max,
            points_per_s=client.points_per_s,
            subscriptions_max=client.subscriptions_max,
        )
        if changes:
            await client.save(update_fields=list(changes))
            fields = tuple(sorted(changes))
            work.emit(ApiClientUpdated(subject_id=client_id, fields=fields))
            work.audit("api_client.update", target_kind="api_client", target_id=client_id, fields=fields)
    return client_id


async def suspend_api_client(*, actor: Actor, client_id: UUID, now: datetime) -> UUID:
    """Stop all keys of a program until it is resumed. Repeating is safe."""
    return await _move(actor, client_id, ClientState.SUSPENDED, now=now)


async def resume_api_client(*, actor: Actor, client_id: UUID, now: datetime) -> UUID:
    """Let a suspended program's keys work again. Repeating is safe."""
    return await _move(actor, client_id, ClientState.ACTIVE, now=now)


async def revoke_api_client(*, actor: Actor, client_id: UUID, now: datetime) -> UUID:
    """Stop a program for good. Repeating is safe."""
    return await _move(actor, client_id, ClientState.REVOKED, now=now)


async def find_client(work: Work, client_id: UUID, *, field: str = "id") -> ApiClient:
    """Return a program, locked; raises NotFound.

    Args:
        field: where its id stands, for the error.
    """
    client = await ApiClient.filter(workspace_id=work.workspace_id, id=client_id).select_for_update().first()
    if client is None:
        raise NotFound("no such API client", field=(field,))
    return client


async def create_api_token(
    *,
    actor: Actor,
    name: str,
    role: Role,
    token_hash: bytes,
    expires_at: datetime | None,
    now: datetime,
    client_id: UUID | None = None,
) -> UUID:
    """Issue a key for a program; it can't do more than who issues it.

    Args:
        client_id: the program whose terms hold for it; without one none do.
    """
    require(actor, Permission.MANAGE_TOKENS)
    if actor.user_id is None or actor.role is None:
        raise Invalid("a token is issued by a person")
    rules.check_expiry(expires_at, now=now)
    if not permissions_of(role) <= permissions_of(actor.role):
        require_assignable(actor=actor.role, present=None, wanted=role)
    async with unit_of_work(actor, now=now) as work:
        if client_id is not None:
            client = await find_client(work, client_id, field="clientId")
            if client.status == ClientState.REVOKED:
                raise Conflict("this client was revoked", field=("clientId",))
        token = await ApiToken.create(
            workspace_id=actor.workspace_id,
            name=parse_name(name),
            role=role,
            token_hash=token_hash,
            api_client_id=client_id,
            created_by=actor.user_id,
            expires_at=expires_at,
        )
        work.audit("api_token.create", target_kind="api_token", target_id=token.id, role=role)
    return token.id


async def revoke_api_token(*, actor: Actor, token_id: UUID, now: datetime) -> UUID:
    """Stop a key at once; revoking it twice changes nothing."""
    require(actor, Permission.MANAGE_TOKENS)
    async with unit_of_work(actor, now=now) as work:
        token = (
            await ApiToken.filter(workspace_id=actor.workspace_id, id=token_id).select_for_update().first()
        )
        if token is None:
            raise NotFound("no such token", field=("id",))
        if token.revoked_at is None:
            token.revoked_at = now
            await token.save(update_fields=["revoked_at"])
            work.audit("api_token.revoke", target_kind="api_token", target_id=token.id)
    return token_id


async def _move(actor: Actor, client_id: UUID, target: ClientState, *, now: datetime) -> UUID:
    require(actor, Permission.MANAGE_TOKENS)
    async with unit_of_work(actor, now=now) as work:
        client = await find_client(work, client_id)
        if client.status != target:
            CLIENT_STATES.require(ClientState(client.status), target)
            client.status = target
            await client.save(update_fields=["status"])
            work.emit(ApiClientMoved(subject_id=client_id, status=target))
            work.audit("api_client.move", target_kind="api_client", target_id=client_id, status=target)
    return client_id
