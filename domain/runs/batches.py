"""Work on the leads of a batch side by side, as long as the run goes on and can pay."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from domain import tenancy
from domain.actor import Actor
from domain.credits.rules import InsufficientCredits
from domain.errors import DomainError, LimitReached, NotConfigured, ProviderUnavailable
from domain.runs import queries
from domain.runs.controlling import pause
from domain.runs.rules import PauseReason
from domain.work import unit_of_work

CONCURRENCY: Final = 8
"""Groups of one batch that are worked on at once; a worker runs many batches."""

Clock = Callable[[], datetime]


async def work_on_each(
    groups: Sequence[Sequence[UUID]],
    work_on: Callable[[UUID], Awaitable[None]],
    *,
    actor: Actor,
    run_id: UUID,
    clock: Clock,
) -> None:
    """Work on groups of leads side by side, and within a group one after the other.

    A lead that fails stops its group alone; its error is raised at the end.

    Before each lead it is asked whether the run still goes on. When credits or the run's budget are used up the run
    is paused, and when a provider refuses our account likewise; the leads that are left wait for the run to be resumed.
    """
    slots = asyncio.Semaphore(CONCURRENCY)

    async def within_limits(group: Sequence[UUID]) -> None:
        async with slots:
            try:
                for lead_id in group:
                    if await _may_begin(actor, run_id):
                        await work_on(lead_id)
            except InsufficientCredits:
                await _pause(actor, run_id, PauseReason.BUDGET, clock)
            except (NotConfigured, LimitReached):
                await _pause(actor, run_id, PauseReason.AUTH, clock)

    results = await asyncio.gather(*map(within_limits, groups), return_exceptions=True)
    failures = [result for result in results if isinstance(result, BaseException)]
    if failures:
        raise min(failures, key=_mildness)


def _mildness(failure: BaseException) -> int:
    """Order failures: a fault of ours, then what may pass when it is tried again, then what a person must mend."""
    if not isinstance(failure, DomainError):
        return 0
    return 1 if isinstance(failure, ProviderUnavailable) else 2


async def _may_begin(actor: Actor, run_id: UUID) -> bool:
    async with tenancy.reading(actor.workspace_id) as connection:
        return await queries.goes_on(connection, run_id=run_id)


async def _pause(actor: Actor, run_id: UUID, reason: PauseReason, clock: Clock) -> None:
    async with unit_of_work(actor, now=clock()) as work:
        await pause(work, run_id=run_id, reason=reason)
