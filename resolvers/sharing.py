"""What was made a moment ago for one listener serves the others."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from time import monotonic
from typing import Any, TypeVar

T = TypeVar("T")

SHARED_S = 2.0
KEPT_MAX = 2_000


class Shared:
    """Makes things once for those who ask for them at about the same time.

    Args:
        for_s: how long what was made is good.
        kept_max: so many are kept.
    """

    def __init__(
        self,
        *,
        for_s: float = SHARED_S,
        kept_max: int = KEPT_MAX,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._for_s = for_s
        self._kept_max = kept_max
        self._clock = clock
        self._made: OrderedDict[Hashable, tuple[float, asyncio.Future[Any]]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._made)

    async def get(self, key: Hashable, make: Callable[[], Awaitable[T]]) -> T:
        """Return what was made under a key a moment ago, or make it; a failure is shared, too.

        Who makes one thing after the other lets others run in between; who finds it made doesn't wait.

        Args:
            make: gives a future that is done where nothing has to be awaited.
        """
        now = self._clock()
        made = self._made.get(key)
        if made is None or now - made[0] >= self._for_s:
            made = self._made[key] = now, asyncio.ensure_future(make())
            self._made.move_to_end(key)
            self._forget(now)
            await asyncio.sleep(0)
        future: asyncio.Future[T] = made[1]
        return future.result() if future.done() else await asyncio.shield(future)

    def _forget(self, now: float) -> None:
        while len(self._made) > self._kept_max or now - next(iter(self._made.values()))[0] >= self._for_s:
            self._made.popitem(last=False)
