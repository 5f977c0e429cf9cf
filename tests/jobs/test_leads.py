"""Exports whose work is given up, and files that dead workers leave behind."""

import os
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain.actor import Actor
from domain.ids import new_id
from domain.leads import exports
from jobs.leads import delete_old_files
from tests.steps.leads import import_content, start, upload
from tests.steps.parking import park
from tests.world import World, new_world

EXPORT = "mutation { leadsExport(input: {}) { leadExport { id } errors { code } } }"
SHOW = "query ($id: ID!) { leadExport(id: $id) { status jobStatus error url } }"
FILE = b"email,first name\nada@acme.com,Ada\n"
GIVEN_UP = {
    "status": "FAILED",
    "jobStatus": "FAILED",
    "error": "EXPORT_GIVEN_UP: it failed again and again, for a fault of ours; ask for it anew",
    "url": None,
}


async def ask_for_export(world: World) -> str:
    """Return the id of an export that nobody has written yet."""
    shown: str = (await world.execute(EXPORT))["leadsExport"]["leadExport"]["id"]
    return shown


async def write(world: World, shown: str) -> None:
    await exports.run_export(
        actor=Actor.job(world.workspace_id),
        export_id=UUID(shown.rpartition("_")[2]),
        data_dir=world.services.ports.data_dir,
        clock=world.clock,
    )


async def show(world: World, shown: str) -> dict[str, Any]:
    found: dict[str, Any] = (await world.execute(SHOW, {"id": shown}))["leadExport"]
    return found


async def test_an_export_whose_task_is_parked_says_so_and_stays_failed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = await ask_for_export(world)

    async def given_up_meanwhile(*_: Any) -> Any:
        await park(world, "ExportLeads")
        return exports._Written()

    with monkeypatch.context() as patched:
        patched.setattr(exports, "_write_file", given_up_meanwhile)
        await write(world, shown)  # a worker that comes to its end after it was given up
    await write(world, shown)

    assert await show(world, shown) == GIVEN_UP
    failed = await world.fetch("SELECT payload->>'code' AS code FROM event WHERE type = 'ExportFailed'")
    assert failed == [{"code": "EXPORT_GIVEN_UP"}]
    assert await world.fetch("SELECT 1 FROM event WHERE type = 'ExportCompleted'") == []


def leave(world: World, folder: str, name: str, *, age_s: float) -> Path:
    """Write a file of the workspace that is as old as said."""
    path = world.services.ports.data_dir / folder / str(world.workspace_id) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(FILE)
    return grow_old(world, path, age_s=age_s)


def grow_old(world: World, path: Path, *, age_s: float = 3_601) -> Path:
    then = world.now().timestamp() - age_s
    os.utime(path, (then, then))
    return path


async def path_in(world: World, table: str, shown: str) -> Path:
    [row] = await world.fetch(f"SELECT file_path FROM {table} WHERE id = $1", UUID(shown.rpartition("_")[2]))
    return Path(row["file_path"])


async def test_files_nobody_refers_to_are_deleted_once_they_are_an_hour_old(world: World) -> None:
    for folder in ("uploads", "suppressions", "exports"):
        leave(world, folder, f"{new_id()}", age_s=3_601)
    fresh = [leave(world, folder, "fresh", age_s=3_500) for folder in ("uploads", "suppressions", "exports")]
    other = await new_world(world.app)
    elsewhere = leave(other, "exports", "fresh", age_s=10)

    await delete_old_files(world.services.ports, world.clock)

    left = [
        path
        for folder in ("uploads", "suppressions", "exports")
        for path in (world.services.ports.data_dir / folder / str(world.workspace_id)).iterdir()
    ]
    assert left == fresh
    assert elsewhere.exists()


async def test_the_file_of_a_finished_import_goes_and_that_of_a_waiting_one_stays(world: World) -> None:
    waiting = (await upload(world, FILE))["importJob"]["id"]
    given_up = (await upload(world, FILE))["importJob"]["id"]
    await start(world, given_up)
    await park(world, "ImportLeads")
    done = (await import_content(world, FILE))["id"]
    kept = [grow_old(world, await path_in(world, "import_job", shown)) for shown in (waiting, given_up)]
    left_behind = await path_in(world, "import_job", done)
    assert not left_behind.exists()
    left_behind.write_bytes(FILE)  # as if the worker had died before it deleted the file
    grow_old(world, left_behind)

    await delete_old_files(world.services.ports, world.clock)

    assert [path.exists() for path in kept] == [True, True]
    assert not left_behind.exists()


async def test_a_ready_export_and_one_that_is_being_written_keep_their_files(world: World) -> None:
    ready = await ask_for_export(world)
    await write(world, ready)
    waiting, given_up = await ask_for_export(world), await ask_for_export(world)
    await world.fetch(
        "UPDATE lead_export SET status = 'FAILED' WHERE id = $1", UUID(given_up.rpartition("_")[2])
    )
    finished = grow_old(world, await path_in(world, "lead_export", ready))
    begun, dropped = (
        leave(world, "exports", f"{shown.rpartition('_')[2]}.part", age_s=3_601)
        for shown in (waiting, given_up)
    )

    await delete_old_files(world.services.ports, world.clock)

    assert [finished.exists(), begun.exists(), dropped.exists()] == [True, True, False]
