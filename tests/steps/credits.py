"""Steps about credits that scenario tests share."""

from datetime import datetime
from uuid import UUID

from domain.actor import Actor
from domain.credits import service
from domain.credits.rules import GrantSource
from domain.ids import new_id
from domain.work import unit_of_work
from tests.world import World


async def grant(
    world: World, amount: int, *, expires_at: datetime | None = None, priority: int = 100
) -> UUID:
    """Grant credits under a reference of their own."""
    async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
        return await service.grant(
            work,
            source=GrantSource.PACK,
            amount=amount,
            reference=str(new_id()),
            expires_at=expires_at,
            priority=priority,
        )


async def spend_all_but(world: World, left: int) -> None:
    """Set everything aside but ``left`` credits."""
    available = (await balance(world))["available"]
    if available > left:
        await hold(world, f"rest:{new_id()}", available - left)


async def hold(world: World, key: str, amount: int, *, expires_at: datetime | None = None) -> UUID:
    """Set credits aside."""
    async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
        return await service.hold(
            work, operation_key=key, purpose="TEST", amount=amount, expires_at=expires_at
        )


async def settle(world: World, key: str, amount: int, *, provider_call_id: UUID) -> None:
    """Pay for a provider call."""
    async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
        await service.settle(work, operation_key=key, amount=amount, provider_call_id=provider_call_id)


async def release(world: World, key: str) -> int:
    """Give back what is still held."""
    async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
        return await service.release(work, operation_key=key)


async def refund(
    world: World, key: str, amount: int, *, provider_call_id: UUID, reference: str = "sorry"
) -> None:
    """Reverse what was paid for a provider call."""
    async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
        await service.refund(
            work, operation_key=key, amount=amount, reference=reference, provider_call_id=provider_call_id
        )


async def provider_call(world: World) -> UUID:
    """Write a call that something can be paid for."""
    call_id = new_id()
    async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
        await work.connection.execute(
            """
            INSERT INTO provider_call (id, workspace_id, provider, endpoint, request_fingerprint, status, started_at)
            VALUES ($1, $2, 'website', 'page', 'f', 'OK', $3)
            """,
            call_id,
            world.workspace_id,
            work.now,
        )
    return call_id


async def balance(world: World) -> dict[str, int]:
    """Return the four stored balances."""
    [row] = await world.fetch("SELECT available, held, consumed, expired FROM credit_account")
    return row
