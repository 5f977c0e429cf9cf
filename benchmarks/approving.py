"""Approving many messages at once: everything that follows in the same transaction, per message.

Each approval is written with its audit entry and event, moves its lead to the run's next stage, gets a delivery at
the first opening of the window, and has its credits set aside. The floor beside it inserts the same number of bare
approvals, with their keys and checks, in one statement.
"""

import asyncio
import time
from typing import Any

from benchmarks.campaigns import Outreach, approve, outreach
from benchmarks.stage import Figure, analyze, running, servers, show
from domain.actor import Actor
from domain.ids import new_id
from domain.work import unit_of_work
from tests.world import World, new_world

COUNTS = (300, 3_000, 10_000)


async def _insert_approvals(world: World, wanted: Outreach) -> None:
    async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
        await work.connection.execute(
            """
            INSERT INTO approval (id, workspace_id, message_id, content_hash, decided_by, decision)
            SELECT id, $1, message_id, '-', $2, 'APPROVED' FROM unnest($3::uuid[], $4::uuid[]) AS n (id, message_id)
            """,
            world.workspace_id,
            world.user_id,
            [new_id() for _ in wanted.message_ids],
            wanted.message_ids,
        )


async def _time(action: Any, *, messages: int, app: Any) -> float:
    world = await new_world(app)
    wanted = await outreach(world, messages=messages, ports=app.services.ports)
    await analyze(app)
    started = time.perf_counter()
    await action(world, wanted)
    return time.perf_counter() - started


async def _main(started: Any) -> None:
    figures = []
    async with running(started) as app:
        for messages in COUNTS:
            floor = await _time(_insert_approvals, messages=messages, app=app)
            ours = await _time(approve, messages=messages, app=app)
            name = f"{messages:,} messages"
            figures.append(Figure(f"approve {name}", ours, "s", ours / floor, "bare approvals"))
            figures.append(Figure(f"bare approvals of {name}", floor, "s"))
    show("Bulk approval", figures)


def main() -> None:
    """Measure and print."""
    with servers() as started:
        asyncio.run(_main(started))


if __name__ == "__main__":
    main()
