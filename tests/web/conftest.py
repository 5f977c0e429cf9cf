"""The server of the tests in this folder, with the small explorer."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.web.serving import served
from web.explorer import page
from wiring import Application


@pytest_asyncio.fixture(scope="session")
async def server_url(app: Application) -> AsyncIterator[str]:
    """Where the API answers: ``http://127.0.0.1:port``."""
    async with served(app, explorer=page.routes) as url:
        yield url
