"""A step of a privacy request that is given up is taken up again, and its stream says so."""

from datetime import timedelta
from typing import Any

from tests.domain.privacy.rows import Rows
from tests.steps.parking import park
from tests.steps.privacy import open_request
from tests.world import World


async def stalled(world: World) -> list[dict[str, Any]]:
    return await world.fetch(
        "SELECT payload->>'step' AS step FROM event WHERE type = 'PrivacyRequestStalled' ORDER BY seq"
    )


async def test_an_objection_that_is_given_up_is_tried_again_until_it_is_fulfilled(world: World) -> None:
    await Rows(world).run_of_a_play()
    await open_request(world, "OBJECT", "ada@canary.example")
    await park(world, "FulfilPrivacyRequest")
    waiting = await world.fetch(
        "SELECT kind, due_at > clock_timestamp() + interval '5 hours' AS is_later FROM task"
        " WHERE state = 'READY' AND kind = 'FulfilPrivacyRequest'"
    )
    assert waiting == [{"kind": "FulfilPrivacyRequest", "is_later": True}]
    assert await stalled(world) == [{"step": "FulfilPrivacyRequest"}]
    assert await world.fetch("SELECT status FROM privacy_request") == [{"status": "VERIFIED"}]

    world.clock.offset_s += timedelta(hours=7).total_seconds()
    await world.fetch("UPDATE task SET due_at = clock_timestamp() WHERE state = 'READY'")
    await world.run_tasks()
    assert await world.fetch("SELECT status FROM privacy_request") == [{"status": "FULFILLED"}]


async def test_a_code_that_cannot_be_mailed_is_tried_again(world: World) -> None:
    await open_request(world, "ACCESS", "ada@canary.example")
    await park(world, "MailPrivacyCode")
    assert await stalled(world) == [{"step": "MailPrivacyCode"}]
    assert await world.fetch("SELECT state, count(*)::int AS n FROM task GROUP BY state ORDER BY state") == [
        {"state": "DEAD", "n": 1},
        {"state": "READY", "n": 1},
    ]
