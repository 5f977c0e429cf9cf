from collections.abc import AsyncIterator

import pytest_asyncio

from tests.steps.enrichment import Outside, outside


@pytest_asyncio.fixture
async def sites() -> AsyncIterator[Outside]:
    """The invented companies' sites and their DNS, with nothing asked of them yet."""
    async with outside() as opened:
        yield opened
