"""Write strategy profiles: every edit is a new version, and at most one version of a profile is active."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.queryset import QuerySet

from domain.actor import Actor, require
from domain.errors import Conflict, Invalid, NotFound, StaleVersion
from domain.ids import new_id
from domain.plays.events import StrategyProfileArchived, StrategyProfileVersioned
from domain.plays.models import StrategyProfile
from domain.plays.profiles import Profile, ProfileState, check_profile, require_activatable
from domain.plays.writing import columns_of, profile_of
from domain.work import Work, unit_of_work
from domain.workspaces.rules import Permission


async def create_profile(*, actor: Actor, profile: Profile, state: ProfileState, now: datetime) -> UUID:
    """Write the first version of a profile, as a DRAFT or ACTIVE at once.

    Raises:
        Invalid: it is malformed, or nothing could be drafted from it (see ``require_activatable``).
    """
    require(actor, Permission.WRITE_STRATEGY)
    profile_id = new_id()
    async with unit_of_work(actor, now=now) as work:
        await _write(work, profile, state, id_=profile_id, lineage_id=profile_id, number=1)
    return profile_id


async def update_profile(
    *,
    actor: Actor,
    profile_id: UUID,
    changes: dict[str, Any],
    state: ProfileState | None,
    expected_version: int | None,
    now: datetime,
) -> UUID:
    """Write the version that follows the latest; returns its id, or the latest's when nothing changes.

    Args:
        profile_id: any version of the profile.
        changes: fields of ``Profile`` that differ from the latest version.
        state: of the new version; None keeps the latest's.
        expected_version: number of the latest version the caller knows.

    Raises:
        NotFound, StaleVersion, Invalid.
        Conflict: the profile was archived.
    """
    require(actor, Permission.WRITE_STRATEGY)
    async with unit_of_work(actor, now=now) as work:
        latest = (await _lock_versions(work, profile_id))[-1]
        if expected_version is not None and latest.number != expected_version:
            raise StaleVersion(expected=expected_version, current=latest.number)
        if latest.status == ProfileState.ARCHIVED:
            raise Conflict("this strategy profile was archived")
        before = profile_of(latest)
        after, wanted = replace(before, **changes), state or ProfileState(latest.status)
        if (after, wanted) == (before, latest.status):
            return latest.id
        return await _write(
            work, after, wanted, id_=new_id(), lineage_id=latest.lineage_id, number=latest.number + 1
        )


async def archive_profile(*, actor: Actor, profile_id: UUID, now: datetime) -> UUID:
    """Put a profile away with all its versions; runs that were launched with one go on. Repeating is safe."""
    require(actor, Permission.WRITE_STRATEGY)
    async with unit_of_work(actor, now=now) as work:
        versions = await _lock_versions(work, profile_id)
        if any(version.status != ProfileState.ARCHIVED for version in versions):
            await _versions(work, versions[0].lineage_id).update(status=ProfileState.ARCHIVED)
            work.emit(StrategyProfileArchived(subject_id=versions[-1].id))
            work.audit("strategy_profile.archive", target_kind="strategy_profile", target_id=versions[-1].id)
    return versions[-1].id


async def _write(
    work: Work, profile: Profile, state: ProfileState, *, id_: UUID, lineage_id: UUID, number: int
) -> UUID:
    check_profile(profile)
    if state is ProfileState.ACTIVE:
        require_activatable(profile, today=work.now.date())
        await (
            _versions(work, lineage_id)
            .filter(status=ProfileState.ACTIVE)
            .update(status=ProfileState.ARCHIVED)
        )
    elif state is not ProfileState.DRAFT:
        raise Invalid("a new version is a DRAFT or ACTIVE", field=("status",))
    await StrategyProfile.create(
        id=id_,
        workspace_id=work.workspace_id,
        lineage_id=lineage_id,
        number=number,
        status=state,
        **columns_of(profile),
    )
    work.emit(StrategyProfileVersioned(subject_id=id_, lineage_id=lineage_id, number=number))
    work.audit("strategy_profile.write", target_kind="strategy_profile", target_id=id_, number=number)
    return id_


async def _lock_versions(work: Work, profile_id: UUID) -> list[StrategyProfile]:
    """Lock a profile (its first version stands for all) and return its versions, oldest first."""
    named = await StrategyProfile.filter(workspace_id=work.workspace_id, id=profile_id).first()
    if named is None:
        raise NotFound("no such strategy profile", field=("id",))
    await StrategyProfile.filter(workspace_id=work.workspace_id, id=named.lineage_id).select_for_update()
    return await _versions(work, named.lineage_id).order_by("number")


def _versions(work: Work, lineage_id: UUID) -> QuerySet[StrategyProfile]:
    return StrategyProfile.filter(workspace_id=work.workspace_id, lineage_id=lineage_id)
