"""Batching: look-ups of the same kind in one tick of the event loop become one query."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Loader(Generic[Key, Value]):
    """Collects keys and loads them together; each key is loaded once per request.

    Args:
        load_many: gets distinct keys, returns a value per key in the same order.
    """

    def __init__(self, load_many: Callable[[Sequence[Key]], Awaitable[Sequence[Value]]]) -> None:
        self._load_many = load_many
        self._futures: dict[Key, asyncio.Future[Value]] = {}
        self._waiting: list[Key] = []

    def load(self, key: Key) -> "asyncio.Future[Value]":
        """Return the value of a key, soon; who gives up waiting leaves it to the others that wait for the key."""
        future = self._futures.get(key)
        if future is None:
            loop = asyncio.get_running_loop()
            future = self._futures[key] = loop.create_future()
            if not self._waiting:
                loop.call_soon(lambda: loop.create_task(self._dispatch()))
            self._waiting.append(key)
        return asyncio.shield(future)

    async def _dispatch(self) -> None:
        keys, self._waiting = self._waiting, []
        try:
            values = await self._load_many(keys)
        except BaseException as error:
            for key in keys:
                self._futures[key].set_exception(error)
            if not isinstance(error, Exception):
                raise
            return
        for key, value in zip(keys, values, strict=True):
            self._futures[key].set_result(value)
