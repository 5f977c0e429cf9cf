"""Cancelling a run whose messages are all approved and paid for: everything that is taken back, per lead.

Each enrollment ends, its message and its delivery are cancelled, its credits come back through the ledger, its lead is
closed, and all of it is told by events; page by page, each a transaction. The floor beside it changes the same rows
(enrollments, messages, deliveries, holds, leads) with bare statements in one transaction: no events, no ledger.
"""

import asyncio
import time
from typing import Any

from benchmarks.campaigns import Outreach, approve, outreach
from benchmarks.stage import Figure, analyze, running, servers, show
from domain.actor import Actor
from domain.runs.controlling import cancel_run
from domain.runs.ending import finish_run, let_go_page
from domain.work import unit_of_work
from tests.world import World, new_world

COUNTS = (300, 3_000, 10_000)


async def _cancel(world: World, wanted: Outreach) -> None:
    run_id, worker = wanted.campaign.run_id, Actor.job(world.workspace_id)
    await cancel_run(actor=world.actor, run_id=run_id, now=world.now())
    while await let_go_page(actor=worker, run_id=run_id, now=world.now()):
        pass
    await finish_run(actor=worker, run_id=run_id, now=world.now())


async def _change_the_rows(world: World, wanted: Outreach) -> None:
    async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
        for statement in _BARE:
            await work.connection.execute(statement, world.workspace_id, wanted.campaign.run_id)


async def _time(action: Any, *, messages: int, app: Any) -> float:
    world = await new_world(app)
    wanted = await outreach(world, messages=messages, ports=app.services.ports)
    await analyze(app)
    await approve(world, wanted)
    started = time.perf_counter()
    await action(world, wanted)
    took = time.perf_counter() - started
    [left] = await world.fetch("SELECT count(*) AS open FROM delivery WHERE state = 'SCHEDULED'")
    if left["open"]:
        raise RuntimeError(f"{left['open']} deliveries are still scheduled")
    return took


async def _main(started: Any) -> None:
    figures = []
    async with running(started) as app:
        for messages in COUNTS:
            floor = await _time(_change_the_rows, messages=messages, app=app)
            ours = await _time(_cancel, messages=messages, app=app)
            name = f"{messages:,} leads"
            figures.append(Figure(f"cancel a run of {name}", ours, "s", ours / floor, "bare statements"))
            figures.append(Figure(f"bare statements about {name}", floor, "s"))
    show("Cancelling a run", figures)


def main() -> None:
    """Measure and print."""
    with servers() as started:
        asyncio.run(_main(started))


_OF_RUN = "(SELECT id FROM message WHERE workspace_id = $1 AND run_id = $2)"
_BARE = (
    "UPDATE enrollment SET status = 'REMOVED', ended_at = now() WHERE workspace_id = $1 AND run_id = $2",
    "UPDATE message SET status = 'CANCELLED' WHERE workspace_id = $1 AND run_id = $2",
    f"UPDATE delivery SET state = 'CANCELLED' WHERE workspace_id = $1 AND message_id IN {_OF_RUN}",
    "UPDATE credit_hold SET status = 'RELEASED' WHERE workspace_id = $1 AND run_id = $2",
    """
    UPDATE run_lead SET stage = 'DROPPED', dropped_reason = 'RUN_CANCELLED' WHERE workspace_id = $1 AND run_id = $2
    """,
)

if __name__ == "__main__":
    main()
