"""Write plays, and say whether they go on."""

from collections.abc import Set
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.actor import Actor, require
from domain.errors import Conflict, StaleVersion
from domain.events import DomainEvent
from domain.ids import new_id
from domain.plays import queries, references
from domain.plays.events import PlayArchived, PlayCreated, PlayPaused, PlayResumed, PlayUpdated
from domain.plays.models import Play, PlaySender
from domain.plays.rules import PLAY_STATES, Budget, PlayState, is_ready
from domain.plays.sources import Source
from domain.plays.specs import PlaySpec, check_spec
from domain.states import IllegalTransition
from domain.work import Work, unit_of_work
from domain.workspaces.rules import Permission


class PlayBusy(Conflict):
    """Runs of this play haven't ended."""

    code = "PLAY_BUSY"


async def create_play(*, actor: Actor, spec: PlaySpec, known_sources: Set[str], now: datetime) -> UUID:
    """Write a play; it is READY at once when it lacks nothing, else a DRAFT.

    Args:
        known_sources: names of the installation's enrichment sources.

    Raises:
        Invalid: a field makes no sense, or refers to something that isn't there.
    """
    require(actor, Permission.WRITE_PLAYS)
    check_spec(spec, known_sources=known_sources)
    play_id = new_id()
    async with unit_of_work(actor, now=now) as work:
        await references.require_present(work, spec)
        await Play.create(id=play_id, workspace_id=work.workspace_id, **_columns(spec))
        await _choose_senders(work, play_id, spec.sender_ids)
        await settle_readiness(work, play_id=play_id)
        work.emit(PlayCreated(subject_id=play_id))
        work.audit("play.create", target_kind="play", target_id=play_id)
    return play_id


async def update_play(
    *,
    actor: Actor,
    play_id: UUID,
    changes: dict[str, Any],
    expected_version: int | None,
    known_sources: Set[str],
    now: datetime,
) -> UUID:
    """Change a play; runs that were launched before keep what they began with.

    Args:
        changes: fields of ``PlaySpec`` that change; ``max_credits`` and ``max_leads`` change the budget.

    Raises:
        NotFound, StaleVersion, Invalid.
        Conflict: the play was archived.
    """
    require(actor, Permission.WRITE_PLAYS)
    async with unit_of_work(actor, now=now) as work:
        row = await queries.lock_play(work.connection, play_id=play_id)
        if expected_version is not None and row["version"] != expected_version:
            raise StaleVersion(expected=expected_version, current=row["version"])
        if row["status"] == PlayState.ARCHIVED:
            raise Conflict("this play was archived")
        spec = _changed(row, changes)
        check_spec(spec, known_sources=known_sources)
        await references.require_present(work, spec)
        await Play.filter(workspace_id=work.workspace_id, id=play_id).update(**_columns(spec))
        if set(spec.sender_ids) != set(row["sender_ids"]):
            await _choose_senders(work, play_id, spec.sender_ids)
        await settle_readiness(work, play_id=play_id)
        work.emit(PlayUpdated(subject_id=play_id))
        work.audit("play.update", target_kind="play", target_id=play_id, fields=sorted(changes))
    return play_id


async def pause_play(*, actor: Actor, play_id: UUID, now: datetime) -> UUID:
    """Hold everything a play does, in all its runs, until it is resumed. Repeating is safe."""
    return await _move(actor, play_id, PlayState.PAUSED, PlayPaused(subject_id=play_id), now=now)


async def resume_play(*, actor: Actor, play_id: UUID, now: datetime) -> UUID:
    """Let a paused play go on. Repeating is safe."""
    return await _move(actor, play_id, PlayState.ACTIVE, PlayResumed(subject_id=play_id), now=now)


async def archive_play(*, actor: Actor, play_id: UUID, now: datetime) -> UUID:
    """Put a play away. Repeating is safe.

    Raises:
        PlayBusy: cancel its runs first.
    """
    return await _move(actor, play_id, PlayState.ARCHIVED, PlayArchived(subject_id=play_id), now=now)


async def settle_readiness(work: Work, *, play_id: UUID) -> PlayState:
    """Move a play between DRAFT and READY by what it lacks now; returns its state."""
    play = await Play.get(workspace_id=work.workspace_id, id=play_id)
    readiness = (await queries.readiness_of(work.connection, play_ids=[play_id]))[play_id]
    target = {
        (PlayState.DRAFT, True): PlayState.READY,
        (PlayState.READY, False): PlayState.DRAFT,
    }.get((PlayState(play.status), is_ready(readiness)))
    if target is not None:
        play.status = target
        await play.save(update_fields=["status"])
    return PlayState(play.status)


async def _move(actor: Actor, play_id: UUID, target: PlayState, event: DomainEvent, *, now: datetime) -> UUID:
    require(actor, Permission.WRITE_PLAYS)
    async with unit_of_work(actor, now=now) as work:
        row = await queries.lock_play(work.connection, play_id=play_id)
        if row["status"] == target:
            return play_id
        if target is PlayState.ACTIVE and row["status"] != PlayState.PAUSED:
            raise IllegalTransition(
                "only a paused play is resumed; a ready one becomes active when it is launched"
            )
        PLAY_STATES.require(PlayState(row["status"]), target)
        if target is PlayState.ARCHIVED and await queries.count_open_runs(work.connection, play_id=play_id):
            raise PlayBusy("cancel this play's runs, or let them end, before you archive it")
        await Play.filter(workspace_id=work.workspace_id, id=play_id).update(status=target)
        work.emit(event)
        work.audit("play.move", target_kind="play", target_id=play_id, status=target)
    return play_id


async def _choose_senders(work: Work, play_id: UUID, sender_ids: tuple[UUID, ...]) -> None:
    await PlaySender.filter(workspace_id=work.workspace_id, play_id=play_id).delete()
    await PlaySender.bulk_create(
        PlaySender(workspace_id=work.workspace_id, play_id=play_id, sender_id=id_)
        for id_ in dict.fromkeys(sender_ids)
    )


def _changed(row: dict[str, Any], changes: dict[str, Any]) -> PlaySpec:
    budget = Budget(
        max_credits=changes.get("max_credits", row["budget_credits"]),
        max_leads=changes.get("max_leads", row["max_leads"]),
    )
    before = PlaySpec(
        name=row["name"],
        goal=row["goal"],
        profile_id=row["profile_id"],
        sequence_id=row["sequence_id"],
        source=Source.from_json(row["source"]),
        enrichment_plan=tuple(row["enrichment_plan"]),
        sender_ids=tuple(row["sender_ids"]),
        budget=budget,
    )
    return replace(before, **{k: v for k, v in changes.items() if k not in {"max_credits", "max_leads"}})


def _columns(spec: PlaySpec) -> dict[str, Any]:
    return {
        "name": spec.name.strip(),
        "goal": spec.goal,
        "profile_id": spec.profile_id,
        "sequence_id": spec.sequence_id,
        "source": spec.source.as_json(),
        "enrichment_plan": list(spec.enrichment_plan),
        "budget_credits": spec.budget.max_credits,
        "max_leads": spec.budget.max_leads,
    }
