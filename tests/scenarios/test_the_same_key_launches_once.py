"""A client that doesn't know whether its request arrived asks again with the same key, and nothing happens twice."""

import asyncio
from typing import Any

from simulators.mail.people import Reaction
from tests.steps import journeys
from tests.steps.journeys import LAUNCH, Stage, address, row


async def test_launching_again_with_the_same_key_answers_with_the_same_run(stage: Stage) -> None:
    play_id = await _ready_play(stage)
    asked = [stage.world.execute(LAUNCH, {"id": play_id, "key": "monday"}) for _ in range(6)]
    payloads = [data["playLaunch"] for data in await asyncio.gather(*asked)]

    runs = {payload["run"]["id"] for payload in payloads if payload["run"]}
    refused = {error["code"] for payload in payloads for error in payload["errors"]}
    assert len(runs) == 1
    assert refused <= {"IDEMPOTENCY_IN_PROGRESS"}, "one that asks while the first is at work is told so"
    assert await journeys.launch(stage, play_id, key="monday") == runs.pop()
    assert await _count(stage, "run") == 1

    await stage.world.run_tasks()
    await journeys.approve_all(stage)
    await journeys.send_due(stage)
    assert [len(journeys.letters(stage, address(number))) for number in range(2)] == [1, 1]


async def test_the_key_still_holds_when_the_run_is_over_and_another_key_launches_anew(stage: Stage) -> None:
    for number in range(2):
        stage.react(address(number), Reaction.REPLY)
    play_id = await _ready_play(stage)
    first = await journeys.launch(stage, play_id, key="monday")
    await stage.world.run_tasks()
    await journeys.approve_all(stage)
    await journeys.send_due(stage)
    await journeys.read_mail(stage)
    assert (await journeys.run_of(stage, first))["status"] == "COMPLETED"

    assert await journeys.launch(stage, play_id, key="monday") == first
    assert await _count(stage, "run") == 1
    second = await journeys.launch(stage, play_id, key="tuesday")
    assert second != first
    assert await _count(stage, "run") == 2


async def test_the_same_key_for_something_else_is_refused(stage: Stage) -> None:
    play_id, other_id = await _ready_play(stage), await journeys.play_over(stage, filter={"country": "DE"})
    await journeys.launch(stage, play_id, key="monday")
    payload = (await stage.world.execute(LAUNCH, {"id": other_id, "key": "monday"}))["playLaunch"]

    assert payload["run"] is None
    assert [error["code"] for error in payload["errors"]] == ["IDEMPOTENCY_MISMATCH"]
    assert await _count(stage, "run") == 1


async def _ready_play(stage: Stage) -> str:
    await journeys.connect_sender(stage)
    job = await journeys.import_rows(stage, [row(0), row(1)])
    return await journeys.play_over(stage, importJob=job["id"])


async def _count(stage: Stage, table: str) -> Any:
    [found] = await stage.world.fetch(f"SELECT count(*) AS count FROM {table}")
    return found["count"]
