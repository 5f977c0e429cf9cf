"""What the measurements share: servers of their own, a workspace, and figures as a table."""

import statistics
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg

from operations.embedded.folders import default_data_dir
from operations.embedded.servers import Servers, embedded_servers
from operations.migrating import migrate
from settings import Settings
from wiring import Application, application

HERE = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a result: what was measured, in which unit, and against what."""

    name: str
    value: float
    unit: str
    ratio: float | None = None
    against: str = ""


@contextmanager
def servers() -> Iterator[Servers]:
    """Run a PostgreSQL (with fsync, as in production) and a Valkey for one measurement."""
    parent = default_data_dir(checkout=HERE).parent
    parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="benchmark-", dir=parent) as folder:
        Path(folder).chmod(0o711)
        with embedded_servers(data_dir=Path(folder)) as started:
            yield started


@asynccontextmanager
async def running(started: Servers, **overrides: Any) -> AsyncIterator[Application]:
    """Migrate and open the composition root over these servers."""
    await migrate(owner_url=started.database_url)
    with TemporaryDirectory() as folder:
        settings = Settings(
            DATABASE_URL=started.database_url,
            REDIS_URL=started.redis_url,
            data_dir=Path(folder),
            outbound_allow=("127.0.0.0/8",),
            **overrides,
        )
        async with application(settings) as app:
            yield app


async def analyze(app: Application) -> None:
    """Gather the planner's statistics, as autovacuum does in production long before anybody acts on bulk-loaded rows.

    Without them the plans of foreign-key checks are those of the nearly empty tables they were made for: an index on
    the workspace alone, so that every check reads the whole workspace.
    """
    connection = await asyncpg.connect(app.settings.database_url)
    try:
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which ``share`` (0..1) of them lie."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def median(values: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def show(title: str, figures: Sequence[Figure]) -> None:
    """Print a Markdown table."""
    print(f"\n### {title}\n\n| what | value | against | ratio |\n|---|---|---|---|")
    for figure in figures:
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
        print(f"| {figure.name} | {figure.value:,.2f} {figure.unit} | {figure.against} | {ratio} |")
