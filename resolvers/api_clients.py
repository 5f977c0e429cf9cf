"""API clients: programs, what they may send and what they may use up."""

from datetime import datetime
from typing import Any
from uuid import UUID

from domain.api_clients import service
from domain.api_clients.rules import ClientPolicy
from resolvers.context import Context


async def create_api_client(
    context: Context,
    *,
    name: str,
    policy: ClientPolicy,
    points_max: int | None,
    points_per_s: int | None,
    subscriptions_max: int | None,
    expires_at: datetime | None,
) -> UUID:
    """Resolve ``Mutation.apiClientCreate``."""
    return await service.create_api_client(
        actor=context.actor,
        name=name,
        policy=policy,
        points_max=points_max,
        points_per_s=points_per_s,
        subscriptions_max=subscriptions_max,
        expires_at=expires_at,
        now=context.now(),
    )


async def update_api_client(
    context: Context, *, client_id: UUID, changes: dict[str, Any], expected_version: int | None
) -> UUID:
    """Resolve ``Mutation.apiClientUpdate``."""
    return await service.update_api_client(
        actor=context.actor,
        client_id=client_id,
        changes=changes,
        expected_version=expected_version,
        now=context.now(),
    )


async def suspend_api_client(context: Context, *, client_id: UUID) -> UUID:
    """Resolve ``Mutation.apiClientSuspend``."""
    return await service.suspend_api_client(actor=context.actor, client_id=client_id, now=context.now())


async def resume_api_client(context: Context, *, client_id: UUID) -> UUID:
    """Resolve ``Mutation.apiClientResume``."""
    return await service.resume_api_client(actor=context.actor, client_id=client_id, now=context.now())


async def revoke_api_client(context: Context, *, client_id: UUID) -> UUID:
    """Resolve ``Mutation.apiClientRevoke``."""
    return await service.revoke_api_client(actor=context.actor, client_id=client_id, now=context.now())
