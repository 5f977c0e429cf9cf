"""Strategy profiles and plays."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from domain import tenancy
from domain.plays import queries, service, strategy
from domain.plays.profiles import Profile, ProfileState
from domain.plays.rules import missing_of
from domain.plays.specs import PlaySpec
from resolvers.context import Context


async def create_profile(context: Context, *, profile: Profile, state: ProfileState) -> UUID:
    """Resolve ``Mutation.strategyProfileCreate``."""
    return await strategy.create_profile(actor=context.actor, profile=profile, state=state, now=context.now())


async def update_profile(
    context: Context,
    *,
    profile_id: UUID,
    changes: dict[str, Any],
    state: ProfileState | None,
    expected_version: int | None,
) -> UUID:
    """Resolve ``Mutation.strategyProfileUpdate``."""
    return await strategy.update_profile(
        actor=context.actor,
        profile_id=profile_id,
        changes=changes,
        state=state,
        expected_version=expected_version,
        now=context.now(),
    )


async def archive_profile(context: Context, *, profile_id: UUID) -> UUID:
    """Resolve ``Mutation.strategyProfileArchive``."""
    return await strategy.archive_profile(actor=context.actor, profile_id=profile_id, now=context.now())


async def create_play(context: Context, *, spec: PlaySpec) -> UUID:
    """Resolve ``Mutation.playCreate``."""
    return await service.create_play(
        actor=context.actor, spec=spec, known_sources=context.ports.sources.keys(), now=context.now()
    )


async def update_play(
    context: Context, *, play_id: UUID, changes: dict[str, Any], expected_version: int | None
) -> UUID:
    """Resolve ``Mutation.playUpdate``."""
    return await service.update_play(
        actor=context.actor,
        play_id=play_id,
        changes=changes,
        expected_version=expected_version,
        known_sources=context.ports.sources.keys(),
        now=context.now(),
    )


async def pause_play(context: Context, *, play_id: UUID) -> UUID:
    """Resolve ``Mutation.playPause``."""
    return await service.pause_play(actor=context.actor, play_id=play_id, now=context.now())


async def resume_play(context: Context, *, play_id: UUID) -> UUID:
    """Resolve ``Mutation.playResume``."""
    return await service.resume_play(actor=context.actor, play_id=play_id, now=context.now())


async def archive_play(context: Context, *, play_id: UUID) -> UUID:
    """Resolve ``Mutation.playArchive``."""
    return await service.archive_play(actor=context.actor, play_id=play_id, now=context.now())


async def list_missing(context: Context, play_ids: Sequence[UUID]) -> list[list[str]]:
    """Resolve ``Play.missing`` for many plays."""
    async with tenancy.reading(context.actor.workspace_id) as connection:
        found = await queries.readiness_of(connection, play_ids=play_ids)
    return [list(missing_of(found[play_id])) for play_id in play_ids]
