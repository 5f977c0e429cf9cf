"""How far an import has come, told while it runs, and how it hears that somebody has stopped it."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Self
from uuid import UUID

from domain.actor import Actor
from domain.leads.events import ImportProgressed
from domain.work import unit_of_work


class ImportStopped(Exception):
    """Somebody cancelled the import, or another worker has finished it."""


class Progress:
    """Commits how far an import has come, beside its own transaction, and hears there of a cancellation.

    Followers are told each number once: a file that is read a second time says nothing new.
    Enter it before the import's unit of work opens: its task must not inherit that unit.
    """

    def __init__(self, actor: Actor, import_id: UUID, clock: Callable[[], datetime]) -> None:
        self._actor, self._import_id, self._clock = actor, import_id, clock
        self._processed = self._told = 0
        self._moved = asyncio.Event()
        self._is_ending = self._is_stopped = False
        self._reporting: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._reporting = asyncio.create_task(self._report())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._reporting is not None:
            self._reporting.cancel()
            with suppress(asyncio.CancelledError, ImportStopped):
                await self._reporting

    def advance(self, processed: int) -> None:
        """Note how many rows were read, a second time or not; raises ImportStopped after a cancellation."""
        self._processed = max(self._processed, processed)
        self._moved.set()
        if self._is_stopped:
            raise ImportStopped

    async def end(self) -> None:
        """Wait until the last number is written; raises ImportStopped after a cancellation."""
        self._is_ending = True
        self._moved.set()
        if self._reporting is not None:
            await self._reporting
        if self._is_stopped:
            raise ImportStopped

    async def _report(self) -> None:
        while not self._is_stopped:
            await self._moved.wait()
            self._moved.clear()
            is_last = self._is_ending
            self._is_stopped = not await self._write(self._processed)
            if is_last:
                return

    async def _write(self, processed: int) -> bool:
        async with unit_of_work(self._actor, now=self._clock()) as work:
            goes_on = await work.connection.fetchval(
                """
                UPDATE import_job SET processed_count = $3
                WHERE workspace_id = $1 AND id = $2 AND status = 'IMPORTING' RETURNING true
                """,
                work.workspace_id,
                self._import_id,
                processed,
            )
            if goes_on and processed > self._told:
                work.emit(ImportProgressed(subject_id=self._import_id, processed=processed))
        self._told = processed
        return bool(goes_on)
