"""Valkey only rings: what it forgets, and what is done while it is away, is found in PostgreSQL."""

from collections.abc import Callable

import pytest
from redis.asyncio import Redis

from jobs.bell import QUEUE
from tests.steps import journeys
from tests.steps.installation import own_installation, worker_in_here
from tests.steps.journeys import NAMES, Stage, address, row, staged
from tests.waiting import until

PEOPLE = [address(number) for number in range(len(NAMES))]


async def test_runs_come_to_their_exact_numbers_though_valkey_forgets_everything(
    new_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        own_installation(new_database(), monkeypatch=monkeypatch) as installation,
        staged(installation.world) as stage,
        Redis.from_url(installation.valkey.url) as redis,
    ):
        await journeys.connect_sender(stage)
        await journeys.import_rows(stage, [row(number) for number in range(len(NAMES))])
        run_ids = await _launch_a_run_for_each(stage)
        assert await redis.zcard(QUEUE) >= len(run_ids), "the bell has rung for every one"
        await redis.flushall()

        async with worker_in_here(stage):
            await until(lambda: _have(stage, "message", at_least=1))
            await redis.flushall()
            await until(lambda: _have(stage, "message", at_least=2 * len(NAMES)))

            installation.valkey.kill()
            assert await journeys.approve_all(stage) == 2 * len(NAMES)
            await until(lambda: _have(stage, "delivery", at_least=1))
            installation.valkey.restart()
            await until(lambda: _have(stage, "delivery_attempt", at_least=1))
            await redis.flushall()
            await until(lambda: _are_sent(stage))

        assert sorted(set(stage.post.sent()) - {journeys.US}) == sorted(PEOPLE)
        assert set(stage.post.provider.count_by_message_id().values()) == {1}
        for run_id in run_ids:
            statistics = (await journeys.run_of(stage, run_id))["statistics"]
            counts = [statistics[name] for name in ("discovered", "enriched", "drafted", "approved", "sent")]
            assert counts == [1, 1, 1, 1, 1]
        assert await stage.world.fetch("SELECT kind, error FROM task WHERE state = 'DEAD'") == []


async def _launch_a_run_for_each(stage: Stage) -> list[str]:
    leads = (await stage.ask("{ leads(first: 20) { nodes { id } } }"))["leads"]["nodes"]
    return [
        await journeys.launch(stage, await journeys.play_over(stage, leads=[lead["id"]]), key=lead["id"])
        for lead in leads
    ]


async def _have(stage: Stage, table: str, *, at_least: int) -> bool:
    [found] = await stage.world.fetch(f"SELECT count(*) AS count FROM {table}")
    return bool(found["count"] >= at_least)


async def _are_sent(stage: Stage) -> bool:
    return (await journeys.deliveries(stage)).get("SENT") == len(NAMES)
