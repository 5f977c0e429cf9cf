"""What an import's progress tells, whatever the pace of its reader and its reporter."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from domain.actor import Actor
from domain.leads.importing.progress import ImportStopped, Progress
from tests.steps.leads import show, start, upload
from tests.world import World


class WatchedProgress(Progress):
    """Counts its writes, and says when one is over."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.written: asyncio.Queue[int] = asyncio.Queue()

    async def _write(self, processed: int) -> bool:
        goes_on = await super()._write(processed)
        self.written.put_nowait(processed)
        return goes_on


@pytest.fixture
async def import_id(world: World) -> UUID:
    job = (await upload(world, b"Email\nada@acme.com\n"))["importJob"]
    assert (await start(world, job["id"]))["errors"] == []
    found = UUID(job["id"].rpartition("_")[2])
    await world.fetch("UPDATE import_job SET status = 'IMPORTING' WHERE id = $1", found)
    return found


def watched(world: World, import_id: UUID) -> WatchedProgress:
    return WatchedProgress(Actor.job(world.workspace_id), import_id, world.clock)


async def told(world: World) -> list[int]:
    sql = "SELECT payload FROM event WHERE type = 'ImportProgressed' ORDER BY seq"
    return [row["payload"]["processed"] for row in await world.fetch(sql)]


async def test_each_number_is_told_once_however_often_it_is_written(world: World, import_id: UUID) -> None:
    async with watched(world, import_id) as progress:
        for processed in (5, 9, 5, 9):  # read, and read again from the beginning
            progress.advance(processed)
            await progress.written.get()
        await progress.end()

    assert progress.written.qsize() == 1  # the last look for a cancellation
    assert await told(world) == [5, 9]


async def test_what_was_read_while_a_number_was_written_is_told_in_the_end(
    world: World, import_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = WatchedProgress._write
    is_writing, goes_on = asyncio.Event(), asyncio.Event()

    async def slow(self: WatchedProgress, processed: int) -> bool:
        is_writing.set()
        await goes_on.wait()
        return await write(self, processed)

    monkeypatch.setattr(WatchedProgress, "_write", slow)
    async with watched(world, import_id) as progress:
        progress.advance(5)
        await is_writing.wait()
        progress.advance(9)
        ending = asyncio.create_task(progress.end())
        await asyncio.sleep(0)  # it has asked for the end
        goes_on.set()
        await ending

    assert await told(world) == [5, 9]


async def test_a_cancellation_is_heard_by_the_next_row_and_in_the_end(world: World, import_id: UUID) -> None:
    cancel = "mutation ($id: ID!) { leadImportCancel(id: $id) { importJob { status } } }"
    shown_id = f"import_{import_id}"
    async with watched(world, import_id) as progress:
        progress.advance(5)
        await progress.written.get()
        await world.execute(cancel, {"id": shown_id})
        progress.advance(5)
        await progress.written.get()
        with pytest.raises(ImportStopped):
            progress.advance(5)
        with pytest.raises(ImportStopped):
            await progress.end()

    assert (await show(world, shown_id))["status"] == "CANCELLED"
    assert await told(world) == [5]
