"""Strategy profiles and plays, written and changed."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from domain.errors import Conflict, Invalid, NotFound, StaleVersion
from domain.ids import new_id
from domain.plays import service as plays
from domain.plays import sources, strategy
from domain.plays.profiles import IdealCustomer, ProfileState, Proof
from domain.plays.rules import Budget, PlayNotReady
from domain.plays.service import PlayBusy
from domain.plays.specs import PlaySpec
from domain.runs.service import PlayHeld
from domain.states import IllegalTransition
from tests.steps.runs import PROFILE, launch, leads, play, profile, run_of, sender, sequence
from tests.world import World, new_world


async def _update(world: World, profile_id: UUID, **options: Any) -> UUID:
    return await strategy.update_profile(
        actor=world.actor,
        profile_id=profile_id,
        **{"changes": {}, "state": None, "expected_version": None, "now": world.now(), **options},
    )


async def _versions(world: World) -> list[tuple[int, str]]:
    rows = await world.fetch("SELECT number, status FROM strategy_profile ORDER BY number")
    return [(row["number"], row["status"]) for row in rows]


async def test_an_edit_is_a_new_version_and_the_old_one_keeps_its_words(world: World) -> None:
    first = await profile(world)
    second = await _update(world, first, changes={"tone": "Dry."})
    third = await _update(world, first, changes={"cta": "Shall we talk?"}, state=ProfileState.DRAFT)

    rows = await world.fetch("SELECT id, tone, cta, status FROM strategy_profile ORDER BY number")
    assert [tuple(row.values()) for row in rows] == [
        (first, PROFILE.tone, PROFILE.cta, "ARCHIVED"),
        (second, "Dry.", PROFILE.cta, "ACTIVE"),
        (third, "Dry.", "Shall we talk?", "DRAFT"),
    ]


async def test_a_profile_comes_back_from_its_columns(world: World) -> None:
    full = replace(
        PROFILE,
        proofs=(Proof("Twice as fast.", "https://engine.example/fast", date(2030, 1, 31)),),
        forbidden_claims=("best",),
        languages=("de", "en"),
        icp=IdealCustomer(titles=("CFO",), geos=("DE",)),
    )
    profile_id = await strategy.create_profile(
        actor=world.actor, profile=full, state=ProfileState.ACTIVE, now=world.now()
    )
    assert await _update(world, profile_id, changes={"languages": ("de", "en")}) == profile_id
    assert await _versions(world) == [(1, "ACTIVE")]


async def test_a_profile_nothing_can_be_drafted_from_stays_a_draft(world: World) -> None:
    without = replace(PROFILE, proofs=())
    with pytest.raises(Invalid) as refused:
        await strategy.create_profile(
            actor=world.actor, profile=without, state=ProfileState.ACTIVE, now=world.now()
        )
    assert refused.value.field == ("proofs",)
    assert await _versions(world) == []
    await strategy.create_profile(
        actor=world.actor, profile=without, state=ProfileState.DRAFT, now=world.now()
    )
    assert await _versions(world) == [(1, "DRAFT")]


async def test_an_update_of_a_version_that_isnt_the_latest_is_refused_when_asked_to(world: World) -> None:
    first = await profile(world)
    await _update(world, first, changes={"tone": "Dry."}, expected_version=1)
    with pytest.raises(StaleVersion) as stale:
        await _update(world, first, changes={"tone": "Warm."}, expected_version=1)
    assert stale.value.current == 2
    assert len(await _versions(world)) == 2


async def test_an_archived_profile_takes_no_new_version_and_no_play_can_run_on_it(world: World) -> None:
    play_id = await play(world, await leads(world, 1))
    [row] = await world.fetch("SELECT profile_id FROM play")
    await _update(world, row["profile_id"], changes={"tone": "Dry."})
    for _ in range(2):
        await strategy.archive_profile(actor=world.actor, profile_id=row["profile_id"], now=world.now())
    assert {status for _, status in await _versions(world)} == {"ARCHIVED"}
    with pytest.raises(Conflict):
        await _update(world, row["profile_id"], changes={"tone": "Warm."})
    with pytest.raises(PlayNotReady):
        await launch(world, play_id)


async def test_another_workspaces_profile_is_not_there(world: World) -> None:
    profile_id = await profile(world)
    other = await new_world(world.app)
    with pytest.raises(NotFound):
        await _update(other, profile_id, changes={"tone": "Dry."})
    assert await _versions(world) == [(1, "ACTIVE")]


async def test_a_run_takes_the_versions_that_are_active_at_its_launch(world: World) -> None:
    play_id = await play(world, await leads(world, 1))
    [row] = await world.fetch("SELECT profile_id FROM play")
    before = await launch(world, play_id)
    newer = await _update(world, row["profile_id"], changes={"tone": "Dry."})
    after = await launch(world, play_id)

    assert (await run_of(world, before))["profile_id"] == row["profile_id"]
    assert (await run_of(world, after))["profile_id"] == newer
    assert (await run_of(world, before))["inputs_hash"] != (await run_of(world, after))["inputs_hash"]


async def _status(world: World, play_id: UUID) -> str:
    [row] = await world.fetch("SELECT status FROM play WHERE id = $1", play_id)
    return str(row["status"])


async def _change(world: World, play_id: UUID, **changes: Any) -> UUID:
    return await plays.update_play(
        actor=world.actor,
        play_id=play_id,
        changes=changes,
        expected_version=None,
        known_sources={"website"},
        now=world.now(),
    )


async def test_a_play_is_ready_when_it_lacks_nothing_and_a_draft_again_when_it_does(world: World) -> None:
    play_id = await play(world, await leads(world, 1), sender_ids=[])
    assert await _status(world, play_id) == "DRAFT"
    await _change(world, play_id, sender_ids=(await sender(world),), enrichment_plan=("website",))
    assert await _status(world, play_id) == "READY"
    await _change(world, play_id, sender_ids=())
    assert await _status(world, play_id) == "DRAFT"


async def test_a_change_names_what_makes_no_sense_and_changes_nothing(world: World) -> None:
    play_id = await play(world, await leads(world, 1))
    before = await world.fetch("SELECT * FROM play")
    for changes, field in (
        ({"enrichment_plan": ("nobody",)}, ("enrichmentPlan", "0")),
        ({"sender_ids": (new_id(),)}, ("senderIds",)),
        ({"sequence_id": new_id()}, ("sequenceId",)),
        ({"source": sources.from_import(new_id())}, ("source", "import")),
        ({"source": sources.from_leads((new_id(),))}, ("source", "leads")),
        ({"name": " "}, ("name",)),
        ({"max_credits": 0}, ("budget", "maxCredits")),
    ):
        with pytest.raises(Invalid) as refused:
            await _change(world, play_id, **changes)
        assert refused.value.field == field
    assert await world.fetch("SELECT * FROM play") == before


async def test_another_workspaces_sender_cannot_be_used(world: World) -> None:
    other = await new_world(world.app)
    theirs = await sender(other)
    with pytest.raises(Invalid):
        await plays.create_play(
            actor=world.actor,
            spec=PlaySpec(
                name="Theft",
                profile_id=await profile(world),
                sequence_id=await sequence(world),
                source=sources.from_filter(country="DE"),
                sender_ids=(theirs,),
                budget=Budget(max_credits=1, max_leads=1),
            ),
            known_sources=set(),
            now=world.now(),
        )
    assert await world.fetch("SELECT 1 FROM play") == []


async def test_a_play_is_paused_resumed_and_archived(world: World) -> None:
    play_id = await play(world, await leads(world, 1))
    act: dict[str, Any] = {"actor": world.actor, "play_id": play_id, "now": world.now()}
    with pytest.raises(IllegalTransition):
        await plays.pause_play(**act)  # READY: nothing of it runs
    with pytest.raises(IllegalTransition):
        await plays.resume_play(**act)
    await launch(world, play_id)
    assert await _status(world, play_id) == "ACTIVE"
    for _ in range(2):
        await plays.pause_play(**act)
    with pytest.raises(PlayHeld):
        await launch(world, play_id)
    with pytest.raises(PlayBusy):
        await plays.archive_play(**act)
    await plays.resume_play(**act)
    assert await _status(world, play_id) == "ACTIVE"
    assert len(await world.fetch("SELECT 1 FROM run")) == 1
