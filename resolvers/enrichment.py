"""Resolvers of enrichment."""

from collections.abc import Sequence
from uuid import UUID

from domain.enrichment import correcting, requesting, withdrawing
from resolvers.context import Context


async def request_enrichment(
    context: Context, *, lead_ids: Sequence[UUID], plan: Sequence[str] | None, idempotency_key: str | None
) -> UUID:
    """Resolve ``Mutation.enrichmentRequest``."""
    arguments = {"leadIds": [str(id_) for id_ in lead_ids], "plan": plan}
    return await requesting.request_enrichment(
        ports=context.ports,
        actor=context.actor,
        lead_ids=lead_ids,
        plan=plan,
        now=context.now(),
        idempotency=context.once("enrichmentRequest", idempotency_key, arguments, required=True),
    )


async def reject_fact(context: Context, *, fact_id: UUID) -> UUID:
    """Resolve ``Mutation.factReject``."""
    return await correcting.reject_fact(actor=context.actor, fact_id=fact_id, now=context.now())


async def pin_fact(context: Context, *, fact_id: UUID, pinned: bool) -> UUID:
    """Resolve ``Mutation.factPin``."""
    return await correcting.pin_fact(actor=context.actor, fact_id=fact_id, pinned=pinned, now=context.now())


async def withdraw_provider(context: Context, *, provider: str, idempotency_key: str | None) -> None:
    """Resolve ``Mutation.providerDataWithdraw``."""
    await withdrawing.request_withdrawal(
        actor=context.actor,
        provider=provider,
        now=context.now(),
        idempotency=context.once(
            "providerDataWithdraw", idempotency_key, {"provider": provider}, required=True
        ),
    )
