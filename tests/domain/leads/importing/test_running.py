"""An import that is interrupted, cancelled or run again."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from domain.actor import Actor
from domain.leads.importing import running, settling, staging
from simulators.lead_files import Style, make_lead_file
from tests.steps.leads import counts, show, start, upload
from tests.world import World

FILE = make_lead_file(style=Style.HUBSPOT, rows=6_000, seed=3)
TABLES = ("lead", "company", "suppression", "import_row_error", "lead_search")


async def started(world: World) -> tuple[str, UUID]:
    job = (await upload(world, FILE.content))["importJob"]
    assert (await start(world, job["id"]))["errors"] == []
    return job["id"], UUID(job["id"].rpartition("_")[2])


def run(world: World, import_id: UUID) -> Any:
    return running.run_import(
        actor=Actor.job(world.workspace_id),
        import_id=import_id,
        identity_key=world.services.ports.identity_key,
        clock=world.clock,
    )


async def rows_of(world: World) -> dict[str, int]:
    return {table: (await world.fetch(f"SELECT count(*)::int AS n FROM {table}"))[0]["n"] for table in TABLES}


async def test_a_try_that_is_killed_leaves_nothing_and_the_next_does_all(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown_id, import_id = await started(world)
    keep = settling.keep_problems

    async def killed(work: Any, *, import_id: UUID) -> None:
        assert await work.connection.fetchval("SELECT count(*) FROM lead") > 5_000  # all is written by now
        # The server ends the backend as it does when the process behind it is gone.
        await work.connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr(settling, "keep_problems", killed)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await run(world, import_id)
    assert await rows_of(world) == dict.fromkeys(TABLES, 0)
    job = await show(world, shown_id)
    assert (job["status"], job["processedCount"]) == ("IMPORTING", 6_000)

    monkeypatch.setattr(settling, "keep_problems", keep)
    await run(world, import_id)
    await run(world, import_id)

    job = await show(world, shown_id)
    assert job["status"] == "DONE"
    expected = FILE.expected
    assert counts(job) == {
        "row": expected.records,
        "created": expected.leads - expected.duplicates,
        "updated": 0,
        "duplicate": expected.duplicates,
        "suppressed": 0,
        "error": sum(expected.dropped.values()),
    }
    assert (await rows_of(world))["lead"] == expected.leads - expected.duplicates
    completed = await world.fetch("SELECT seq FROM event WHERE type = 'ImportCompleted'")
    assert len(completed) == 1


async def test_a_cancellation_reaches_an_import_that_is_running(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown_id, import_id = await started(world)
    staged, cancelled = asyncio.Event(), asyncio.Event()
    stage = staging.stage

    async def slow(connection: Any, chunk: Any) -> None:
        await stage(connection, chunk)
        staged.set()
        await cancelled.wait()

    monkeypatch.setattr(staging, "stage", slow)
    importing = asyncio.create_task(run(world, import_id))
    await staged.wait()
    cancel = "mutation ($id: ID!) { leadImportCancel(id: $id) { importJob { status } } }"
    await world.execute(cancel, {"id": shown_id})
    cancelled.set()
    await importing

    assert (await show(world, shown_id))["status"] == "CANCELLED"
    assert await rows_of(world) == dict.fromkeys(TABLES, 0)
    types = [row["type"] for row in await world.fetch("SELECT type FROM event ORDER BY seq")]
    assert "ImportCompleted" not in types


async def test_two_workers_with_the_same_import_take_it_in_once(world: World) -> None:
    shown_id, import_id = await started(world)

    await asyncio.gather(run(world, import_id), run(world, import_id))

    expected = FILE.expected
    assert (await rows_of(world))["lead"] == expected.leads - expected.duplicates
    assert (await show(world, shown_id))["createdCount"] == expected.leads - expected.duplicates


async def test_a_file_that_is_gone_fails_its_import(world: World) -> None:
    shown_id, import_id = await started(world)
    for path in (world.services.ports.data_dir / "uploads" / str(world.workspace_id)).iterdir():
        path.unlink()

    await run(world, import_id)

    job = await show(world, shown_id)
    assert (job["status"], job["error"][:16]) == ("FAILED", "FILE_UNREADABLE:")
