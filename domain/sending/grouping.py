"""Group commit: what arrives while a transaction runs shares the next one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Grouped(Generic[Item, Result]):
    """Writes items together, one group at a time; a single item waits for nobody.

    Args:
        write: writes items in one transaction and returns a result per item, in the same order. When a group
            of several fails, its items are written one by one, so that one bad item spoils no other.
        size_max: most items of a group.
    """

    def __init__(
        self, write: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]], *, size_max: int = 64
    ) -> None:
        self._write = write
        self._size_max = size_max
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def submit(self, item: Item) -> Result:
        """Write an item and return its result; raises what writing it raises."""
        written: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, written))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        return await written

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting[: self._size_max], self._waiting[self._size_max :]
                await self._write_group(group)
        finally:
            self._writing = None

    async def _write_group(self, group: list[tuple[Item, "asyncio.Future[Result]"]]) -> None:
        try:
            results = await self._write([item for item, _ in group])
        except Exception as error:
            if len(group) > 1:
                for one in group:
                    await self._write_group([one])
            elif not group[0][1].cancelled():
                group[0][1].set_exception(error)
            return
        for (_, written), result in zip(group, results, strict=True):
            if not written.cancelled():
                written.set_result(result)
