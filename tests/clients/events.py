"""Something to listen to, and whether it was all heard."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from tests.steps.happening import happen
from tests.world import World


@asynccontextmanager
async def happening(world: World) -> AsyncIterator[None]:
    """Let something happen in the workspace all the time."""

    async def keep() -> None:
        while True:
            await happen(world)
            await asyncio.sleep(0.1)

    kept = asyncio.create_task(keep())
    try:
        yield
    finally:
        kept.cancel()
        with suppress(asyncio.CancelledError):
            await kept


def follow_each_other(events: list[Any]) -> bool:
    """Return whether three events came, none left out and none twice."""
    assert [event["type"] for event in events] == ["WorkspaceUpdated"] * 3
    return [event["seq"] - events[0]["seq"] for event in events] == [0, 1, 2]
