"""The end of a workspace's log, read once in this process for everybody who follows it."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from uuid import UUID

import structlog

from domain.events import EventFilter, LoggedEvent, list_events
from domain.ports import Wakeups
from domain.tenancy import AWAY

log = structlog.get_logger(__name__)

LOOK_S = 2.0
"""How long the wake-ups are trusted before the log is looked at without one."""

BATCH = 500
KEPT = 1_000
"""Events kept for followers that are a little behind; who is further behind reads the log by itself."""

EVERYTHING = EventFilter()


class Tail:
    """The last events of one log, without a gap.

    Attributes:
        seq: the last event that was read.
    """

    def __init__(self, *, seq: int) -> None:
        self.seq = seq
        self._events: deque[LoggedEvent] = deque(maxlen=KEPT)
        self._waiting: list[asyncio.Future[None]] = []

    def has_all_after(self, seq: int) -> bool:
        """Tell whether nothing after ``seq`` is missing here."""
        return seq >= self.seq - len(self._events)

    def after(self, seq: int) -> list[LoggedEvent]:
        """Return what was read after ``seq``; see ``has_all_after``."""
        new = self.seq - seq
        return list(islice(self._events, len(self._events) - new, None)) if new > 0 else []

    def append(self, events: Sequence[LoggedEvent]) -> None:
        """Add what stands next in the log, and wake everybody who waits for it."""
        if not events:
            return
        self._events.extend(events)
        self.seq = events[-1].seq
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():  # who went away was cancelled
                future.set_result(None)

    async def grown(self) -> None:
        """Wait until something is added.

        An ``asyncio.Event`` looks each waiter up among all the others when it wakes them.
        """
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        await future


@dataclass(slots=True)
class _Read:
    """A tail while somebody follows it; each follower enters and leaves it.

    Attributes:
        end: called when the last one leaves, before its reader is stopped.
    """

    tail: Tail
    reader: "asyncio.Task[None]"
    end: Callable[[], object]
    followers: int = 0

    def __enter__(self) -> Tail:
        self.followers += 1
        return self.tail

    def __exit__(self, *_: object) -> None:
        self.followers -= 1
        if not self.followers:
            self.end()
            self.reader.cancel()


class Tails:
    """The logs that are followed in this process.

    Args:
        delayed: told for each event how many seconds after it happened it was here.
    """

    def __init__(
        self,
        wakeups: Wakeups,
        *,
        clock: Callable[[], datetime],
        delayed: Callable[[float], None] | None = None,
    ) -> None:
        self._wakeups = wakeups
        self._clock = clock
        self._delayed = delayed
        self._read: dict[UUID, _Read] = {}

    def __len__(self) -> int:
        return len(self._read)

    def join(self, workspace_id: UUID, *, seq: int) -> AbstractContextManager[Tail]:
        """Follow a log; the first one who does begins at ``seq``, the last one who leaves ends the reading."""
        read = self._read.get(workspace_id)
        if read is None:
            tail = Tail(seq=seq)
            reader = asyncio.create_task(self._keep_reading(workspace_id, tail), name="log_tail")
            read = _Read(tail, reader, end=partial(self._read.pop, workspace_id))
            self._read[workspace_id] = read
        return read

    async def _keep_reading(self, workspace_id: UUID, tail: Tail) -> None:
        async for _ in self._wakeups.follow(workspace_id, timeout_s=LOOK_S):
            try:
                await self._read_on(workspace_id, tail)
            except AWAY as error:  # the next look comes by itself
                log.warning("log_unread", workspace_id=str(workspace_id), error=type(error).__name__)

    async def _read_on(self, workspace_id: UUID, tail: Tail) -> None:
        while True:
            events = await list_events(
                workspace_id=workspace_id, after=tail.seq, where=EVERYTHING, limit=BATCH
            )
            tail.append(events)
            if self._delayed is not None:
                for event in events:
                    self._delayed((self._clock() - event.occurred_at).total_seconds())
            if len(events) < BATCH:
                return
