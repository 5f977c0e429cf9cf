"""The background worker: one runner, fed by the bell and by sweeping, and what repeats by the clock."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime

from domain.ports import Ports
from jobs import handlers, schedule
from jobs.bell import Bell
from jobs.observing import WorkObserver
from jobs.runner import Runner
from jobs.sending import pump_of

__all__ = ["handlers", "working"]

DRAIN_S = 20.0


@asynccontextmanager
async def working(
    *,
    ports: Ports,
    clock: Callable[[], datetime],
    bell: Bell,
    sweep_interval_s: float,
    poll_interval_s: float,
    concurrency: int = 50,
    observe: WorkObserver | None = None,
) -> AsyncIterator[Runner]:
    """Work in the background until the block ends; then finish what runs."""
    runner = Runner(
        ports=ports,
        clock=clock,
        concurrency=concurrency,
        sweep_interval_s=sweep_interval_s,
        observe=observe,
    )
    runner.start()
    schedule.begin(
        runner,
        ports=ports,
        clock=clock,
        sweep_interval_s=sweep_interval_s,
        poll_interval_s=poll_interval_s,
    )
    listening = asyncio.create_task(bell.listen(runner), name="bell")
    try:
        yield runner
    finally:
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening
        await runner.drain(timeout_s=DRAIN_S)
        await pump_of(ports, clock).finish(timeout_s=DRAIN_S)
