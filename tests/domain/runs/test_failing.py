"""A run whose work was given up says so; a person resumes or cancels it, or all of it is let go."""

from typing import Any
from uuid import UUID

import pytest

from domain.credits.checking import check_balances
from domain.errors import Invalid
from domain.plays import service as plays
from domain.runs import controlling
from domain.states import IllegalTransition
from jobs import runs as run_jobs
from jobs.runner import Runner
from resolvers.following import cursor_of
from tests.steps.parking import park
from tests.steps.runs import (
    approve_all,
    events_of,
    launch,
    launched,
    leads,
    play,
    run_of,
    run_some,
    stages_of,
    status_of,
)
from tests.waiting import HANGS_S
from tests.world import World, listen

DISCOVERY = (
    "DISCOVERY: looking for leads failed again and again, for a fault of ours; resume the run, or cancel it"
)

STREAMS = (
    "subscription ($id: ID!, $after: Cursor) { events: runEvents(runId: $id, after: $after) { type } }",
    "subscription ($id: ID!, $after: Cursor) { events: jobEvents(id: $id, after: $after) { type } }",
)


async def resume(world: World, run_id: UUID) -> None:
    await controlling.resume_run(actor=world.actor, run_id=run_id, budget_credits=None, now=world.now())


async def cancel(world: World, run_id: UUID) -> None:
    await controlling.cancel_run(actor=world.actor, run_id=run_id, now=world.now())


async def states(world: World, table: str, column: str) -> set[str]:
    return {row[column] for row in await world.fetch(f"SELECT {column} FROM {table}")}


async def is_settled(world: World) -> bool:
    """Nothing is held any more, and the books are right."""
    held = await world.fetch("SELECT held FROM credit_account")
    return held == [{"held": 0}] and not await check_balances(
        workspace_id=world.workspace_id, now=world.now()
    )


async def test_a_discovery_that_fails_six_times_fails_the_run(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = await launch(world, await play(world, await leads(world, 2)))
    await run_some(world, 1)

    async def broken(**_: Any) -> bool:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(run_jobs, "discover_page", broken)
    [task] = await world.fetch(
        "UPDATE task SET attempts = 5 WHERE kind = 'DiscoverLeads' AND state = 'READY' RETURNING id"
    )
    runner = Runner(ports=world.services.ports, clock=world.clock, concurrency=1, sweep_interval_s=60)
    runner.ring(world.workspace_id, task["id"])
    await runner.drain(timeout_s=HANGS_S)
    assert await status_of(world, run_id) == "FAILED"

    run = await run_of(world, run_id)
    assert (run["failure"], run["is_retryable"]) == (DISCOVERY, True)
    assert run["finished_at"] is not None
    [told] = await world.fetch("SELECT payload FROM event WHERE type = 'RunFailed'")
    assert told["payload"] == {"failure": "DISCOVERY", "is_retryable": True}
    assert await world.fetch("SELECT id FROM task WHERE state IN ('READY', 'LEASED')") == []


async def test_a_retryable_run_goes_on_where_it_failed(world: World) -> None:
    run_id = await launch(world, await play(world, await leads(world, 2)))
    await run_some(world, 1)
    await park(world, "DiscoverLeads")
    await resume(world, run_id)
    await world.run_tasks()

    assert await stages_of(world, run_id) == {"IN_REVIEW": 2}
    run = await run_of(world, run_id)
    assert [run[name] for name in ("status", "failure", "is_retryable", "finished_at")] == [
        "RUNNING",
        None,
        False,
        None,
    ]


@pytest.mark.parametrize("kind", ["StartRun", "ContinueRun"])
async def test_a_run_that_cannot_begin_or_go_on_fails_and_can_be_resumed(world: World, kind: str) -> None:
    run_id = await launch(world, await play(world, await leads(world, 1)))
    if kind == "ContinueRun":
        await run_some(world, 1)
        await controlling.pause_run(actor=world.actor, run_id=run_id, now=world.now())
        await world.run_tasks()
        await resume(world, run_id)
    await park(world, kind)
    assert await status_of(world, run_id) == "FAILED"
    await resume(world, run_id)
    await world.run_tasks()
    assert await stages_of(world, run_id) == {"IN_REVIEW": 1}


async def test_while_a_run_has_failed_its_messages_wait_with_their_credits(world: World) -> None:
    run_id = await launched(world, 2)
    await approve_all(world, run_id)
    await controlling.pause_run(actor=world.actor, run_id=run_id, now=world.now())
    await resume(world, run_id)
    await park(world, "ContinueRun")

    assert await status_of(world, run_id) == "FAILED"
    assert await states(world, "enrollment", "status") == {"ACTIVE"}
    assert await states(world, "delivery", "state") == {"SCHEDULED"}
    assert await world.fetch("SELECT held FROM credit_account") == [{"held": 2}]
    with pytest.raises(plays.PlayBusy):
        await plays.archive_play(
            actor=world.actor, play_id=(await run_of(world, run_id))["play_id"], now=world.now()
        )


async def test_a_failed_run_can_be_cancelled_and_gives_everything_back(world: World) -> None:
    run_id = await launched(world, 2)
    await approve_all(world, run_id)
    await controlling.pause_run(actor=world.actor, run_id=run_id, now=world.now())
    await resume(world, run_id)
    await park(world, "ContinueRun")
    await cancel(world, run_id)
    await world.run_tasks()

    assert await status_of(world, run_id) == "CANCELLED"
    assert await stages_of(world, run_id) == {"DROPPED(RUN_CANCELLED)": 2}
    assert await states(world, "delivery", "state") == {"CANCELLED"}
    assert await is_settled(world)


async def test_a_source_that_cannot_be_read_lets_go_of_everything(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = await launched(world, 2)
    await approve_all(world, run_id)
    await world.fetch("UPDATE run SET discovered_at = NULL WHERE id = $1", run_id)  # there is more to look at
    await controlling.pause_run(actor=world.actor, run_id=run_id, now=world.now())
    await resume(world, run_id)

    async def refuse(**_: Any) -> bool:
        raise Invalid("no such source")

    monkeypatch.setattr(run_jobs, "discover_page", refuse)
    await run_some(world, 1)
    with pytest.raises(Invalid):
        await run_some(world, 1)
    await world.run_tasks()

    run = await run_of(world, run_id)
    assert (run["status"], run["is_retryable"], run["failure"][:7]) == ("FAILED", False, "SOURCE:")
    assert await stages_of(world, run_id) == {"DROPPED(RUN_FAILED)": 2}
    assert await states(world, "enrollment", "status") == {"REMOVED"}
    assert await states(world, "delivery", "state") == {"CANCELLED"}
    assert await is_settled(world)
    with pytest.raises(IllegalTransition, match="launch its play anew"):
        await resume(world, run_id)


async def test_a_cancellation_that_is_given_up_can_only_be_repeated(world: World) -> None:
    run_id = await launched(world, 1)
    await cancel(world, run_id)
    await park(world, "LetGoOfLeads")
    run = await run_of(world, run_id)
    assert (run["status"], run["is_retryable"], run["failure"][:13]) == ("FAILED", False, "CANCELLATION:")
    assert await stages_of(world, run_id) == {"IN_REVIEW": 1}
    with pytest.raises(IllegalTransition):
        await resume(world, run_id)

    await cancel(world, run_id)
    await world.run_tasks()
    assert await status_of(world, run_id) == "CANCELLED"
    assert (await run_of(world, run_id))["failure"] is None


async def test_an_end_that_is_given_up_is_looked_at_again_after_a_resumption(world: World) -> None:
    run_id = await launch(world, await play(world, await leads(world, 1, email=None)))
    while not await world.fetch("SELECT id FROM task WHERE kind = 'EndRun' AND state = 'READY'"):
        await run_some(world, 1)
    await park(world, "EndRun")
    assert await status_of(world, run_id) == "FAILED"
    await resume(world, run_id)
    await world.run_tasks()
    assert await status_of(world, run_id) == "COMPLETED"


@pytest.mark.parametrize(
    ("kind", "tasks", "reason"),
    [("EnrichRunLeads", 2, "ENRICHMENT_FAILED"), ("DraftRunLeads", 3, "DRAFT_FAILED")],
)
async def test_a_batch_that_is_given_up_is_dropped_and_the_run_comes_to_its_end(
    world: World, kind: str, tasks: int, reason: str
) -> None:
    run_id = await launch(world, await play(world, await leads(world, 2)))
    await run_some(world, tasks)
    await park(world, kind)
    assert await stages_of(world, run_id) == {f"DROPPED({reason})": 2}
    assert await status_of(world, run_id) == "RUNNING"
    await world.run_tasks()
    assert await status_of(world, run_id) == "COMPLETED"


async def test_what_is_parked_while_the_run_is_paused_fails_nothing(world: World) -> None:
    run_id = await launch(world, await play(world, await leads(world, 1)))
    await run_some(world, 1)
    await controlling.pause_run(actor=world.actor, run_id=run_id, now=world.now())
    await park(world, "DiscoverLeads")
    assert await status_of(world, run_id) == "PAUSED(USER)"
    assert "RunFailed" not in await events_of(world, run_id)
    await resume(world, run_id)
    await world.run_tasks()
    assert await stages_of(world, run_id) == {"IN_REVIEW": 1}


@pytest.mark.parametrize("document", STREAMS)
async def test_the_stream_ends_with_a_failure_that_cannot_be_resumed_and_not_with_another(
    world: World, document: str
) -> None:
    run_id = await launch(world, await play(world, await leads(world, 1)))
    await park(world, "StartRun")
    await resume(world, run_id)
    await cancel(world, run_id)
    await park(world, "LetGoOfLeads")

    after = cursor_of(world.context(), 0)
    stream = listen(document, {"id": f"run_{run_id}", "after": after}, context=world.context())
    types = [(answer.data or {})["events"]["type"] async for answer in stream]
    assert [type_ for type_ in types if type_ in {"RunFailed", "RunResumed", "RunCancelling"}] == [
        *("RunFailed", "RunResumed", "RunCancelling", "RunFailed"),
    ]
    assert types[-1] == "RunFailed"

    async def heard(after: str | None) -> list[str]:
        stream = listen(document, {"id": f"run_{run_id}", "after": after}, context=world.context())
        return [(answer.data or {})["events"]["type"] async for answer in stream]

    assert await heard(None) == ["RunFailed"]
    *_, last = await world.fetch("SELECT seq FROM event WHERE type = 'RunFailed' ORDER BY seq")
    failed = cursor_of(world.context(), last["seq"])
    assert await heard(failed) == []

    await cancel(world, run_id)
    await world.run_tasks()
    again = await heard(failed)
    assert (again[0], again[-1]) == ("RunCancelling", "RunCancelled")
    assert await heard(None) == ["RunCancelled"]
