"""What is told about an operation to those who run the installation: no text, no values, nobody's data."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Final

from domain.sql_time import SqlTime, count_sql
from resolvers.outcome import Operation, Outcome, PlannedPart

GONE: Final = 499
"""The status of an operation whose client went away before it was answered."""
CODES_MAX: Final = 2


@dataclass(slots=True)
class Observed:
    """One operation, from the moment it came; made in the task that answers it.

    Attributes:
        transport: ``http`` or ``socket``.
        traceparent: the caller's place in a trace, as W3C's Trace Context writes it.
        sql: what it has spent in statements.
        operation: None when it was refused before it was understood.
        outcome: the last one, of a subscription; None when there was none.
        status: as over HTTP, on a socket too.
        seconds: until the answer was sent; of a subscription, until it ended.
    """

    request_id: str
    transport: str
    traceparent: str | None = None
    operation: Operation | None = None
    outcome: Outcome | None = None
    status: int = GONE
    seconds: float = 0.0
    started: float = field(default_factory=perf_counter)
    sql: SqlTime = field(default_factory=count_sql)

    @property
    def kind(self) -> str:
        """What the operation does; ``refused`` when that isn't known."""
        return self.operation.kind.value if self.operation is not None else "refused"

    @property
    def planned(self) -> PlannedPart | None:
        """What the read engine answered; None when nothing ran."""
        return self.outcome.planned if self.outcome is not None else None

    @property
    def declined(self) -> str | None:
        """Why the read engine answered nothing, in words of the schema."""
        return self.outcome.declined if self.outcome is not None else None

    @property
    def codes(self) -> tuple[str, ...]:
        """The first errors' codes, each once."""
        if self.outcome is None or not self.outcome.errors:
            return ()
        codes = dict.fromkeys(error["extensions"]["code"] for error in self.outcome.errors)
        return tuple(codes)[:CODES_MAX]

    @property
    def cost_requested(self) -> int | None:
        """Points that were taken before it ran; None when it didn't come to that."""
        spending = self.outcome.spending if self.outcome is not None else None
        return spending.requested if spending is not None else None

    @property
    def cost_actual(self) -> int | None:
        """Points that it needed."""
        spending = self.outcome.spending if self.outcome is not None else None
        return spending.actual if spending is not None else None

    def ended(self) -> None:
        """Stop the clock."""
        self.seconds = perf_counter() - self.started


Observer = Callable[[Observed], None]
"""Told once about each operation, when it has ended; takes microseconds and raises nothing."""
