"""How long statements take: every connection counts for the task that asked, where somebody wants to know."""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg

T = TypeVar("T")

if TYPE_CHECKING:
    Base = asyncpg.Connection[asyncpg.Record]
else:
    Base = asyncpg.Connection


@dataclass(slots=True)
class SqlTime:
    """What one request or task has spent in statements, begin and commit among them.

    Attributes:
        seconds: from sending to the whole answer, summed up: statements that ran side by side count each. Waiting
            for a free connection isn't in it.
    """

    seconds: float = 0.0
    statements: int = 0


_counted: ContextVar[SqlTime | None] = ContextVar("sql_time", default=None)


def count_sql() -> SqlTime:
    """Count from here on, for this task and those that it starts."""
    spent = SqlTime()
    _counted.set(spent)
    return spent


async def _timed(run: Callable[..., Awaitable[T]], *args: Any, **options: Any) -> T:
    spent = _counted.get()
    if spent is None:
        return await run(*args, **options)
    started = perf_counter()
    try:
        return await run(*args, **options)
    finally:
        spent.seconds += perf_counter() - started
        spent.statements += 1


class TimedConnection(Base):
    """A connection that counts what is run over it."""

    __slots__ = ()

    async def execute(self, *args: Any, **options: Any) -> Any:
        """Run and count."""
        return await _timed(super().execute, *args, **options)

    async def executemany(self, *args: Any, **options: Any) -> Any:
        """Run and count."""
        return await _timed(super().executemany, *args, **options)

    async def fetch(self, *args: Any, **options: Any) -> Any:
        """Run and count."""
        return await _timed(super().fetch, *args, **options)

    async def fetchrow(self, *args: Any, **options: Any) -> Any:
        """Run and count."""
        return await _timed(super().fetchrow, *args, **options)

    async def fetchval(self, *args: Any, **options: Any) -> Any:
        """Run and count."""
        return await _timed(super().fetchval, *args, **options)

    async def copy_records_to_table(self, *args: Any, **options: Any) -> Any:
        """Run and count."""
        return await _timed(super().copy_records_to_table, *args, **options)
