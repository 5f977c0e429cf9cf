"""Runs through the API."""

from typing import Any
from uuid import UUID

import pytest

from domain.actor import Actor
from domain.sequences import enrollments
from domain.sequences.rules import EnrollmentStatus
from domain.work import unit_of_work
from domain.workspaces.rules import Role
from schema.nodes import global_id
from tests.steps.runs import approve_all, insert, launched, leads, play, run_of
from tests.world import World, new_world

LAUNCH = """
mutation ($input: PlayLaunchInput!) { playLaunch(input: $input) {
  run { id status stage play { status } profile { version } sequence { number } budgetCredits } errors { code field }
} }
"""
ACT = """
mutation ($id: ID!, $input: RunResumeInput!) {
  runPause(id: $id) { run { status pauseReason } errors { code } }
  runResume(input: $input) { run { status pauseReason budgetCredits } errors { code } }
  runCancel(id: $id) { run { status } errors { code } }
}
"""
NUMBERS = """
query ($id: ID!) { run(id: $id) { status stage statistics {
  discovered enriched drafted approved scheduled sent replied bounced optedOut creditsSpent creditsHeld
  stages { stage count } dropped { reason count }
  steps { position kind drafted waiting sent replied bounced optedOut }
} providerUse { provider calls cacheHits credits }
  leads(where: {stage: {eq: DROPPED}}) { totalCount nodes { stage droppedReason lead { id } } }
} }
"""


async def test_a_play_is_launched_once_per_key_and_not_without_one(world: World) -> None:
    play_id = global_id("play", await play(world, await leads(world, 1)))
    without = (await world.execute(LAUNCH, {"input": {"id": play_id}}))["playLaunch"]
    assert without == {
        "run": None,
        "errors": [{"code": "IDEMPOTENCY_KEY_REQUIRED", "field": ["input", "idempotencyKey"]}],
    }
    first, again = [
        (await world.execute(LAUNCH, {"input": {"id": play_id, "idempotencyKey": "k"}}))["playLaunch"]
        for _ in range(2)
    ]
    assert (
        first
        == again
        == {
            "run": {
                "id": first["run"]["id"],
                "status": "QUEUED",
                "stage": "DISCOVERING",
                "play": {"status": "ACTIVE"},
                "profile": {"version": 1},
                "sequence": {"number": 1},
                "budgetCredits": 10_000,
            },
            "errors": [],
        }
    )
    assert len(await world.fetch("SELECT 1 FROM run")) == 1


async def test_a_play_that_isnt_ready_answers_with_an_error_and_no_run(world: World) -> None:
    play_id = global_id("play", await play(world, await leads(world, 1), sender_ids=[]))
    payload = (await world.execute(LAUNCH, {"input": {"id": play_id, "idempotencyKey": "k"}}))["playLaunch"]
    assert payload == {"run": None, "errors": [{"code": "PLAY_NOT_READY", "field": []}]}


async def test_a_run_is_paused_resumed_with_a_higher_budget_and_cancelled(world: World) -> None:
    run_id = global_id("run", await launched(world, 1))
    data = await world.execute(ACT, {"id": run_id, "input": {"id": run_id, "budgetCredits": 20_000}})
    assert data == {
        "runPause": {"run": {"status": "PAUSED", "pauseReason": "USER"}, "errors": []},
        "runResume": {
            "run": {"status": "RUNNING", "pauseReason": None, "budgetCredits": 20_000},
            "errors": [],
        },
        "runCancel": {"run": {"status": "CANCELLING"}, "errors": []},
    }


async def test_the_numbers_of_a_run(world: World) -> None:
    run_id = await launched(world, 4, steps=2)
    await approve_all(world, run_id)
    rows = await world.fetch("SELECT id FROM enrollment WHERE run_id = $1 ORDER BY id", run_id)
    first, second, third, _ = [row["id"] for row in rows]
    await _sent(world, first, replied_at=world.now())
    await _end(world, first, EnrollmentStatus.REPLIED)
    await _sent(world, second)
    await _end(world, second, EnrollmentStatus.OPTED_OUT)
    await _end(world, third, EnrollmentStatus.REMOVED)

    run = (await world.execute(NUMBERS, {"id": global_id("run", run_id)}))["run"]
    assert (run["status"], run["stage"]) == ("RUNNING", "SCHEDULED")
    spent = run["statistics"].pop("creditsSpent"), run["statistics"].pop("creditsHeld")
    assert spent == await _credits(world, run_id)
    assert run["statistics"] == {
        "discovered": 4,
        "enriched": 4,
        "drafted": 4,
        "approved": 3,
        "scheduled": 4,
        "sent": 2,
        "replied": 1,
        "bounced": 0,
        "optedOut": 1,
        "stages": [
            {"stage": "SCHEDULED", "count": 1},
            {"stage": "DONE", "count": 2},
            {"stage": "DROPPED", "count": 1},
        ],
        "dropped": [{"reason": "REJECTED", "count": 1}],
        "steps": [
            _step(1, drafted=4, waiting=1, sent=2, replied=1, optedOut=1),
            _step(2, drafted=4, waiting=1),
        ],
    }
    assert run["leads"]["totalCount"] == 1
    assert run["leads"]["nodes"][0]["droppedReason"] == "REJECTED"


def _step(position: int, **counts: int) -> dict[str, Any]:
    nothing = {"drafted": 0, "waiting": 0, "sent": 0, "replied": 0, "bounced": 0, "optedOut": 0}
    return {"position": position, "kind": "EMAIL", **nothing, **counts}


async def _credits(world: World, run_id: UUID) -> tuple[int, int]:
    [row] = await world.fetch(
        """
        SELECT coalesce(sum(settled), 0)::int AS spent,
               coalesce(sum(amount - settled) FILTER (WHERE status = 'HELD'), 0)::int AS held
        FROM credit_hold WHERE run_id = $1
        """,
        run_id,
    )
    return row["spent"], row["held"]


async def _sent(world: World, enrollment_id: UUID, **columns: Any) -> None:
    """Pretend the first delivery of an enrollment has left."""
    names = "".join(f", {name} = ${index}" for index, name in enumerate(columns, start=3))
    async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
        await work.connection.execute(
            f"UPDATE delivery SET state = 'SENT', sent_at = $2{names} WHERE enrollment_id = $1",
            enrollment_id,
            world.now(),
            *columns.values(),
        )
        await enrollments.advance(work, enrollment_id=enrollment_id, sent_position=1, sent_at=world.now())


async def _end(world: World, enrollment_id: UUID, status: EnrollmentStatus) -> None:
    async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
        await enrollments.stop(work, enrollment_id=enrollment_id, status=status)


async def test_what_was_asked_of_whom_for_how_much(world: World) -> None:
    run_id = await launched(world, 1)
    for cached, cost in ((False, 2), (True, 0)):
        await insert(
            world,
            "provider_call",
            run_id=run_id,
            provider="website",
            endpoint="find",
            request_fingerprint="f",
            status="OK",
            cache_hit=cached,
            cost_credits=cost,
            started_at=world.now(),
        )
    run = (await world.execute(NUMBERS, {"id": global_id("run", run_id)}))["run"]
    assert run["providerUse"] == [{"provider": "website", "calls": 2, "cacheHits": 1, "credits": 2}]


@pytest.mark.parametrize("role", [Role.READ_ONLY, Role.REVIEWER, Role.ANALYST, Role.BILLING])
async def test_who_may_only_look_launches_and_stops_nothing(world: World, role: Role) -> None:
    run_id = await launched(world, 1)
    before = await run_of(world, run_id)
    run, play_id = global_id("run", run_id), global_id("play", before["play_id"])
    launch = {"input": {"id": play_id, "idempotencyKey": "k"}}
    assert await world.refused(LAUNCH, launch, role=role) == ["FORBIDDEN"]
    assert set(await world.refused(ACT, {"id": run, "input": {"id": run}}, role=role)) == {"FORBIDDEN"}
    assert await run_of(world, run_id) == before
    assert len(await world.fetch("SELECT 1 FROM run")) == 1
    assert (await world.execute("{ runs { totalCount } }", role=role))["runs"] == {"totalCount": 1}


async def test_another_workspaces_run_is_not_there(world: World) -> None:
    other = await new_world(world.app)
    run_id = await launched(other, 1)
    before = await run_of(other, run_id)
    id_ = global_id("run", run_id)
    data = await world.execute(ACT, {"id": id_, "input": {"id": id_}})
    assert [payload["errors"] for payload in data.values()] == [[{"code": "NOT_FOUND"}]] * 3
    launch = {"input": {"id": global_id("play", before["play_id"]), "idempotencyKey": "k"}}
    assert (await world.execute(LAUNCH, launch))["playLaunch"]["errors"][0]["code"] == "NOT_FOUND"
    seen = await world.execute("query ($id: ID!) { run(id: $id) { id } runs { totalCount } }", {"id": id_})
    assert seen == {"run": None, "runs": {"totalCount": 0}}
    assert await run_of(other, run_id) == before
