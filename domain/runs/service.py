"""Launch runs."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from domain.actor import Actor, require
from domain.errors import Conflict
from domain.idempotency import Idempotency
from domain.ids import new_id
from domain.plays import queries as plays
from domain.plays.models import Play
from domain.plays.rules import PlayState, can_launch, require_ready
from domain.plays.service import settle_readiness
from domain.runs.events import RunLaunched, RunStarted
from domain.runs.models import Run
from domain.runs.rules import RunState
from domain.runs.tasks import DiscoverLeads, StartRun
from domain.work import Work, unit_of_work
from domain.workspaces.rules import Permission


class PlayHeld(Conflict):
    """The play is paused or archived."""

    code = "PLAY_HELD"


async def launch_run(
    *, actor: Actor, play_id: UUID, seed: int, now: datetime, idempotency: Idempotency | None
) -> UUID:
    """Launch a play: freeze what it is now into a run, and queue it.

    Args:
        seed: decides every choice of variants; 63 random bits.
        idempotency: the same key launches once.

    Raises:
        NotFound, PlayHeld.
        PlayNotReady: with everything the play lacks.
    """
    require(actor, Permission.LAUNCH_RUNS)
    run_id = new_id()
    async with unit_of_work(actor, now=now, idempotency=idempotency) as work:
        play = await plays.lock_play(work.connection, play_id=play_id)
        await _make_active(work, play)
        inputs = await _freeze(work, play)
        await Run.create(
            id=run_id,
            workspace_id=work.workspace_id,
            play_id=play_id,
            seed=seed,
            requested_by=actor.user_id,
            inputs_hash=_hash({**inputs, "senders": play["sender_ids"]}),
            **inputs,
        )
        await work.enqueue(StartRun(run_id=run_id))
        work.emit(RunLaunched(subject_id=run_id, run_id=run_id, play_id=play_id))
        work.audit("run.launch", target_kind="run", target_id=run_id, inputs_hash=_hash(inputs))
        work.answer(run_id)
    return run_id


async def start_run(*, actor: Actor, run_id: UUID, now: datetime) -> None:
    """Begin a queued run; one that was paused or cancelled meanwhile stays so. Safe to repeat."""
    async with unit_of_work(actor, now=now) as work:
        started = await Run.filter(workspace_id=work.workspace_id, id=run_id, status=RunState.QUEUED).update(
            status=RunState.RUNNING, started_at=now
        )
        if started:
            work.emit(RunStarted(subject_id=run_id, run_id=run_id))
            await work.enqueue(DiscoverLeads(run_id=run_id))


async def _make_active(work: Work, play: dict[str, Any]) -> None:
    """Require that a play can be launched; the first launch makes it ACTIVE."""
    if play["status"] in {PlayState.PAUSED, PlayState.ARCHIVED}:
        raise PlayHeld("this play is paused or archived")
    require_ready((await plays.readiness_of(work.connection, play_ids=[play["id"]]))[play["id"]])
    state = await settle_readiness(work, play_id=play["id"])
    if can_launch(state) and state is not PlayState.ACTIVE:
        await Play.filter(workspace_id=work.workspace_id, id=play["id"]).update(status=PlayState.ACTIVE)


async def _freeze(work: Work, play: dict[str, Any]) -> dict[str, Any]:
    """Return what the run begins with: the versions that are active now, and the play's choices."""
    return {
        "profile_id": await plays.find_active_profile(work.connection, profile_id=play["profile_id"]),
        "sequence_id": await plays.find_active_sequence(work.connection, sequence_id=play["sequence_id"]),
        "source": play["source"],
        "enrichment_plan": play["enrichment_plan"],
        "budget_credits": play["budget_credits"],
        "max_leads": play["max_leads"],
    }


def _hash(inputs: dict[str, Any]) -> str:
    return hashlib.sha256(orjson.dumps(inputs, default=str, option=orjson.OPT_SORT_KEYS)).hexdigest()
