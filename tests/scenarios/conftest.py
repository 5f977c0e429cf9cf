"""The stage of a journey: a fresh workspace, a mail provider over TLS, companies' sites, a name server."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.steps.journeys import Stage, staged
from tests.world import World


@pytest_asyncio.fixture
async def stage(world: World) -> AsyncIterator[Stage]:
    """Everything a journey needs, on loopback."""
    async with staged(world) as opened:
        yield opened
