"""The admin port, over a real socket."""

from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio

from operations.admin import admin_app, admin_port
from operations.metrics import Metrics
from tests.waiting import HANGS_S


class Look:
    """What the metrics look up, and a clock."""

    def __init__(self) -> None:
        self.times = 0
        self.now = 0.0
        self.broken = False

    async def __call__(self) -> None:
        self.times += 1
        if self.broken:
            raise OSError("the database is away")


@pytest.fixture
def look() -> Look:
    return Look()


@pytest_asyncio.fixture
async def admin(look: Look) -> AsyncIterator[httpx2.AsyncClient]:
    async def fine() -> bool:
        return True

    async def broken() -> bool:
        raise OSError("gone")

    metrics = Metrics()
    metrics.beat("sweep_tasks")
    metrics.watch("plera_sockets_open", "Sockets", lambda: 3)
    app = admin_app(metrics, readiness={"fine": fine, "broken": broken}, look=look, clock=lambda: look.now)
    async with (
        admin_port(app, port=0) as port,
        httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=HANGS_S) as client,
    ):
        yield client


async def test_metrics_are_told_as_prometheus_reads_them(admin: httpx2.AsyncClient) -> None:
    answer = await admin.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert "plera_sockets_open 3.0" in answer.text.splitlines()


async def test_the_database_is_looked_into_every_ten_seconds_at_most(
    admin: httpx2.AsyncClient, look: Look
) -> None:
    for now, times in ((0.0, 1), (9.9, 1), (10.0, 2)):
        look.now = now
        await admin.get("/metrics")
        assert look.times == times


async def test_metrics_are_told_when_the_database_is_away(admin: httpx2.AsyncClient, look: Look) -> None:
    look.broken = True
    answer = await admin.get("/metrics")
    assert (answer.status_code, look.times) == (200, 1)
    assert "plera_worker_loop_last_success_timestamp_seconds" in answer.text


async def test_health_is_told_there_too(admin: httpx2.AsyncClient) -> None:
    alive, ready = await admin.get("/livez"), await admin.get("/readyz")
    assert (alive.status_code, alive.text) == (200, "ok")
    assert (ready.status_code, ready.json()) == (503, {"fine": True, "broken": False})


async def test_there_is_nothing_else(admin: httpx2.AsyncClient) -> None:
    assert (await admin.post("/graphql", json={"query": "{ __typename }"})).status_code == 404


async def test_a_port_that_is_taken_is_an_error(admin: httpx2.AsyncClient) -> None:
    with pytest.raises(OSError, match="in use"):
        async with admin_port(None, port=int(admin.base_url.port or 0)):
            raise AssertionError
