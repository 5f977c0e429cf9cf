"""An installation of a test's own: its database, its Valkey, its worker, none of which another test can see."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tortoise.context import TortoiseContext

from jobs.worker import working
from operations.embedded.child import plain_environment
from operations.embedded.valkey import Valkey, start_valkey
from tests.servers import scratch_folder
from tests.steps.journeys import Stage
from tests.world import World, new_world, test_application

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Installation:
    """A workspace in an installation of its own.

    Attributes:
        folder: its data folder, with the master key.
        valkey: may be flushed, killed and restarted.
    """

    world: World
    database_url: str
    valkey: Valkey
    folder: Path


@asynccontextmanager
async def own_installation(
    database_url: str, *, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Installation]:
    """Open the application over a database and a Valkey of its own, beside the session's."""
    with scratch_folder() as folder, _own_valkey(folder) as valkey, monkeypatch.context() as patch:
        patch.setattr("tortoise.context._global_context", None)  # the session's; ours is seen in this block
        async with (
            TortoiseContext(),
            test_application(database_url=database_url, redis_url=valkey.url, data_dir=folder) as app,
        ):
            yield Installation(await new_world(app), database_url, valkey, folder)


@contextmanager
def _own_valkey(folder: Path) -> Iterator[Valkey]:
    server = start_valkey(data_dir=folder, append_only=False)
    try:
        yield server
    finally:
        server.stop()


@asynccontextmanager
async def worker_process(
    installation: Installation, *, ca_file: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run ``main.py worker``; kill it at the end of the block, if nobody has."""
    environment = {
        "DATABASE_URL": installation.database_url,
        "REDIS_URL": installation.valkey.url,
        "PLERA_DATA_DIR": str(installation.folder),
        "PLERA_OUTBOUND_ALLOW": "127.0.0.0/8",
        "PLERA_OUTBOUND_CA_FILE": str(ca_file),
        "PLERA_SWEEP_INTERVAL_S": "0.1",
    }
    with (installation.folder / "worker.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(ROOT / "main.py"),
            "worker",
            env={**plain_environment(), **environment},
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@asynccontextmanager
async def worker_in_here(stage: Stage) -> AsyncIterator[None]:
    """Work in this process, with the stage's outside world."""
    async with working(
        ports=stage.world.services.ports,
        clock=stage.world.clock,
        bell=stage.world.app.bell,
        sweep_interval_s=0.1,
        poll_interval_s=60,
    ):
        yield
