"""Deliveries: what a person decides about those whose fate nobody can look up."""

from uuid import UUID

from domain.sending import deciding
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
