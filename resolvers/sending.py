"""Deliveries whose fate nobody can look up, and the workspace's sending policy."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from domain.sending import deciding, policy
from resolvers.context import Context


async def resend_delivery(context: Context, *, delivery_id: UUID, idempotency_key: str | None) -> UUID:
    """Resolve ``Mutation.deliveryResend``."""
    once = context.once("deliveryResend", idempotency_key, {"id": str(delivery_id)}, required=True)
    return await deciding.resend_delivery(
        actor=context.actor, delivery_id=delivery_id, now=context.now(), idempotency=once
    )


async def mark_delivery_sent(context: Context, *, delivery_id: UUID) -> UUID:
    """Resolve ``Mutation.deliveryMarkSent``."""
    return await deciding.mark_delivery_sent(actor=context.actor, delivery_id=delivery_id, now=context.now())


async def update_sending_policy(
    context: Context,
    *,
    window: Mapping[str, Any] | None,
    limits: Mapping[str, Any] | None,
    expected_version: int | None,
) -> UUID:
    """Resolve ``Mutation.sendingPolicyUpdate``."""
    return await policy.update_sending_policy(
        actor=context.actor,
        window=window,
        limits=limits,
        expected_version=expected_version,
        now=context.now(),
    )
