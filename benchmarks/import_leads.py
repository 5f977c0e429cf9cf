"""A 100,000-row import against a bare COPY of the same file.

The import does everything a customer's does: detection, mapping, normalising every value, row errors, duplicates in
the file and in the workspace, a check of every address, domain, phone and profile against suppressions, companies,
opt-outs. Two bare COPYs stand beside it, because "a plain table" can mean two things:

- *text*: the file's cells as text; no types, keys or indexes, nothing looked at. What parsing and a disk cost.
- *lead*: what the import brought, copied out and in again into a table with the columns, checks, indexes and foreign
  keys of ``lead``. What storing leads costs whoever does it.
"""

import asyncio
import csv
import io
import shutil
import time
from collections.abc import AsyncIterator, Awaitable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg

from benchmarks.stage import Figure, median, running, servers, show
from domain.actor import Actor
from domain.ids import new_id
from domain.leads.importing import service
from domain.leads.importing.running import run_import
from domain.leads.importing.service import ImportOrder, UploadedFile
from domain.leads.rules import DuplicatePolicy, LegalBasis, RowErrorPolicy
from domain.leads.searching import index_import
from domain.leads.tables import open_table
from domain.suppression.entering import NewEntry, enter
from domain.suppression.rules import SuppressionKind, SuppressionReason
from domain.work import unit_of_work
from simulators.lead_files import Style, make_lead_file
from tests.world import World, new_world
from wiring import Application

ROWS = 100_000
RUNS = 3
SUPPRESSED = 5_000
"""Of each kind; a tenth of them are in the file."""

BARE_LEAD = """
CREATE TABLE bare_lead (
    LIKE lead INCLUDING ALL,
    FOREIGN KEY (workspace_id) REFERENCES workspace (id),
    FOREIGN KEY (workspace_id, company_id) REFERENCES company (workspace_id, id),
    FOREIGN KEY (workspace_id, import_job_id) REFERENCES import_job (workspace_id, id)
)
"""


def now() -> datetime:
    return datetime.now(UTC)


async def timed(work: Awaitable[Any]) -> float:
    started = time.perf_counter()
    await work
    return time.perf_counter() - started


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 1 << 18):
        yield content[start : start + (1 << 18)]


def plain_rows(path: Path) -> bytes:
    """The rows as a bare COPY takes them: as wide as the header, UTF-8."""
    table, text = open_table(path), io.StringIO()
    width = len(table.headers)
    csv.writer(text).writerows((cells or [])[:width] for _, cells, _ in table.records() if cells)
    return text.getvalue().encode()


def fresh_copy(path: Path, *, name: str) -> tuple[Path, int]:
    """An import deletes its file; returns the copy and its size."""
    copy = Path(shutil.copy(path, path.with_name(name)))
    return copy, copy.stat().st_size


async def suppress_some(world: World) -> None:
    values = {
        SuppressionKind.EMAIL: "lead{0}@acme-0.com",
        SuppressionKind.DOMAIN: "company-{0}.example",
        SuppressionKind.PHONE: "+4930{0:07d}",
        SuppressionKind.LINKEDIN: "in/lead-{0:x}",
    }
    entries = [
        NewEntry(
            kind=kind,
            value=value.format(1_000_000 + number if number % 10 else number),
            reason=SuppressionReason.BOUNCE,
        )
        for kind, value in values.items()
        for number in range(1, SUPPRESSED + 1)
    ]
    async with unit_of_work(world.actor, now=now()) as work:
        for start in range(0, len(entries), 1_000):
            await enter(work, entries[start : start + 1_000], identity_key=world.services.ports.identity_key)


async def start_import(world: World, path: Path) -> Any:
    import_id = new_id()
    copy, byte_size = fresh_copy(path, name=str(import_id))
    file = UploadedFile(path=copy, name="leads.csv", sha256="-", byte_size=byte_size)
    await service.add_upload(actor=world.actor, import_id=import_id, file=file, now=now())
    order = ImportOrder(
        mapping=None,
        legal_basis=LegalBasis.CONSENT,
        confirmed=True,
        on_row_error=RowErrorPolicy.REJECT_ROWS,
        on_duplicate=DuplicatePolicy.UPDATE,
    )
    await service.start_import(
        actor=world.actor, import_id=import_id, order=order, now=now(), idempotency=None
    )
    return import_id


async def import_once(world: World, path: Path) -> tuple[float, Any]:
    import_id = await start_import(world, path)
    actor = Actor.job(world.workspace_id)
    key = world.services.ports.identity_key
    took = await timed(run_import(actor=actor, import_id=import_id, identity_key=key, clock=now))
    return took, import_id


async def one_run(app: Application, admin: Any, path: Path, plain: bytes) -> dict[str, float]:
    world = await new_world(app)
    await suppress_some(world)
    await admin.execute("CHECKPOINT")
    took = {"text": await timed(admin.copy_to_table("bare_text", source=pieces(plain), format="csv"))}
    took["import"], import_id = await import_once(world, path)
    took["index"] = await timed(
        index_import(actor=Actor.job(world.workspace_id), import_id=import_id, now=now())
    )
    stored = io.BytesIO()
    query = "SELECT * FROM lead WHERE workspace_id = $1"
    await admin.copy_from_query(query, world.workspace_id, output=stored)
    await admin.execute("CHECKPOINT")
    took["lead"] = await timed(admin.copy_to_table("bare_lead", source=pieces(stored.getvalue())))
    took["again"], _ = await import_once(world, path)
    await admin.execute("TRUNCATE bare_text, bare_lead")
    return took


async def measure(app: Application, database_url: str, folder: Path, style: Style) -> list[Figure]:
    """Return the medians."""
    path = folder / "leads.csv"
    path.write_bytes(make_lead_file(style=style, rows=ROWS, seed=1).content)
    plain = plain_rows(path)
    admin = await asyncpg.connect(database_url)
    try:
        columns = ", ".join(f"c{index} text" for index in range(len(open_table(path).headers)))
        await admin.execute(f"DROP TABLE IF EXISTS bare_text, bare_lead; CREATE TABLE bare_text ({columns})")
        await admin.execute(BARE_LEAD)
        runs = [await one_run(app, admin, path, plain) for _ in range(RUNS)]
    finally:
        await admin.close()
    took = {name: median([run[name] for run in runs]) for name in runs[0]}

    def ratio(name: str) -> float:
        return median([run["import"] / run[name] for run in runs])

    return [
        Figure(f"import, {ROWS:,} rows", took["import"], "s", ratio("text"), "bare COPY, text"),
        Figure(f"import, {ROWS:,} rows", took["import"], "s", ratio("lead"), "bare COPY, lead"),
        Figure("bare COPY, text", took["text"], "s"),
        Figure("bare COPY, lead", took["lead"], "s"),
        Figure("the same file again", took["again"], "s"),
        Figure("search words, afterwards", took["index"], "s"),
    ]


async def _main(started: Any) -> None:
    async with running(started) as app:
        for style in (Style.HUBSPOT, Style.APOLLO):
            figures = await measure(app, started.database_url, app.services.ports.data_dir, style)
            show(f"Import of leads, {style.value} export", figures)


def main() -> None:
    """Measure and print."""
    with servers() as started:
        asyncio.run(_main(started))
