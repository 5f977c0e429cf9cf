"""Runs."""

import secrets
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from domain import tenancy
from domain.runs import controlling, service
from domain.runs.statistics import (
    ProviderUse,
    RunStatistics,
    StepStatistics,
    providers_of,
    statistics_of,
    steps_of,
)
from resolvers.context import Context


async def launch_run(context: Context, *, play_id: UUID, idempotency_key: str | None, arguments: Any) -> UUID:
    """Resolve ``Mutation.playLaunch``."""
    return await service.launch_run(
        actor=context.actor,
        play_id=play_id,
        seed=secrets.randbits(63),
        now=context.now(),
        idempotency=context.once("playLaunch", idempotency_key, arguments, required=True),
    )


async def pause_run(context: Context, *, run_id: UUID) -> UUID:
    """Resolve ``Mutation.runPause``."""
    return await controlling.pause_run(actor=context.actor, run_id=run_id, now=context.now())


async def resume_run(context: Context, *, run_id: UUID, budget_credits: int | None) -> UUID:
    """Resolve ``Mutation.runResume``."""
    return await controlling.resume_run(
        actor=context.actor, run_id=run_id, budget_credits=budget_credits, now=context.now()
    )


async def cancel_run(context: Context, *, run_id: UUID) -> UUID:
    """Resolve ``Mutation.runCancel``."""
    return await controlling.cancel_run(actor=context.actor, run_id=run_id, now=context.now())


async def load_statistics(context: Context, run_ids: Sequence[UUID]) -> list[RunStatistics]:
    """Resolve ``Run.statistics`` and ``Run.stage`` for many runs."""
    async with tenancy.reading(context.actor.workspace_id) as connection:
        found = await statistics_of(connection, run_ids=run_ids)
    return [found[run_id] for run_id in run_ids]


async def load_steps(context: Context, run_ids: Sequence[UUID]) -> list[list[StepStatistics]]:
    """Resolve ``RunStatistics.steps`` for many runs."""
    async with tenancy.reading(context.actor.workspace_id) as connection:
        found = await steps_of(connection, run_ids=run_ids)
    return [found[run_id] for run_id in run_ids]


async def load_providers(context: Context, run_ids: Sequence[UUID]) -> list[list[ProviderUse]]:
    """Resolve ``Run.providerUse`` for many runs."""
    async with tenancy.reading(context.actor.workspace_id) as connection:
        found = await providers_of(connection, run_ids=run_ids)
    return [found[run_id] for run_id in run_ids]
