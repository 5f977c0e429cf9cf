"""What is done to a whole campaign at once, beside bare statements that change the same rows."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from benchmarks.campaigns import Outreach, outreach
from benchmarks.stage import Figure, analyze, running, servers, show
from operations.embedded.servers import Servers
from tests.world import World, new_world
from wiring import Application

COUNTS = (300, 3_000, 10_000)

Act = Callable[[World, Outreach], Awaitable[None]]


async def nothing(_world: World, _wanted: Outreach) -> None:
    """Do nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """One measurement; each act gets a workspace of its own.

    Attributes:
        title: of its table.
        ours: its line, with ``{}`` for how many.
        bare: the floor's line, likewise.
        against: what the floor is called beside ours.
        act, floor: what is timed.
        before, after: what isn't: how the rows come where they are acted upon, and what must be true then.
    """

    title: str
    ours: str
    bare: str
    against: str
    act: Act
    floor: Act
    before: Act = nothing
    after: Act = nothing

    def measure(self) -> None:
        """Measure and print."""
        with servers() as started:
            asyncio.run(self._measure(started))

    async def _measure(self, started: Servers) -> None:
        figures = []
        async with running(started) as app:
            for count in COUNTS:
                floor = await self._time(self.floor, count, app)
                ours = await self._time(self.act, count, app)
                number = f"{count:,}"
                figures.append(Figure(self.ours.format(number), ours, "s", ours / floor, self.against))
                figures.append(Figure(self.bare.format(number), floor, "s"))
        show(self.title, figures)

    async def _time(self, act: Act, messages: int, app: Application) -> float:
        world = await new_world(app)
        wanted = await outreach(world, messages=messages, ports=app.services.ports)
        await analyze(app)
        await self.before(world, wanted)
        started = time.perf_counter()
        await act(world, wanted)
        took = time.perf_counter() - started
        await self.after(world, wanted)
        return took
