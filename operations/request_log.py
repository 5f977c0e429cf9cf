"""One line for each GraphQL operation: what it was, what it cost and how long it took; nothing of what was in it.

In production lines are put together by hand and a few at a time: a logger's chain and a write to a pipe for each would
cost half as much as a request's whole front.
"""

import asyncio
import sys
import time
from collections.abc import Callable
from typing import Any, Final

import orjson
import structlog

from resolvers.observing import Observed
from settings import RequestLog

LINE_BYTES_MAX: Final = 500
NAME_MAX: Final = 100
REASON_MAX: Final = 40
LINES_HELD_MAX: Final = 50
HELD_S: Final = 0.2


def fields_of(observed: Observed) -> dict[str, Any]:
    """Return what is logged of an operation; what isn't known is absent."""
    operation = observed.operation
    fields = {
        "request_id": observed.request_id,
        "transport": observed.transport,
        "kind": observed.kind,
        "operation": operation.name[:NAME_MAX] if operation is not None and operation.name else None,
        "document": operation.sha256 if operation is not None else None,
        "cost_requested": observed.cost_requested,
        "cost_actual": observed.cost_actual,
        "planned": observed.planned,
        "declined": observed.declined and observed.declined[:REASON_MAX],
        "status": observed.status,
        "ms": round(observed.seconds * 1000, 3),
        "sql_ms": round(observed.sql.seconds * 1000, 3),
        "statements": observed.sql.statements,
        "errors": list(observed.codes) or None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def line_of(observed: Observed, *, at: str) -> str:
    """Return the line as JSON, the same fields; a line that would be longer than 500 bytes loses from the name.

    Args:
        at: the moment, as RFC 3339 has it.
    """
    line = _line(observed, at, NAME_MAX)
    if len(line) >= LINE_BYTES_MAX:
        line = _line(observed, at, max(0, NAME_MAX - (len(line) - LINE_BYTES_MAX) - 1))
    return line


def _line(observed: Observed, at: str, name_max: int) -> str:
    """Names, hashes and codes are ASCII without quotes; reasons are the schema's words, quoted all the same."""
    operation, outcome, sql = observed.operation, observed.outcome, observed.sql
    what = ran = errors = ""
    if operation is not None:
        name = operation.name
        what = f',"operation":"{name[:name_max]}"' if name else ""
        what = f'{what},"document":"{operation.sha256}"'
    if outcome is not None:
        spending = outcome.spending
        if spending is not None:
            ran = f',"cost_requested":{spending.requested}'
            if spending.actual is not None:
                ran = f'{ran},"cost_actual":{spending.actual}'
        if outcome.planned is not None:
            ran += f',"planned":"{outcome.planned}"{_declined(outcome.declined)}'
        if outcome.errors:
            errors = f',"errors":{orjson.dumps(observed.codes).decode()}'
    return (
        f'{{"timestamp":"{at}","level":"info","event":"request","request_id":"{observed.request_id}"'
        f',"transport":"{observed.transport}","kind":"{observed.kind}"{what}{ran}'
        f',"status":{observed.status},"ms":{observed.seconds * 1000:.3f}'
        f',"sql_ms":{sql.seconds * 1000:.3f},"statements":{sql.statements}{errors}}}'
    )


def _declined(reason: str | None) -> str:
    return f',"declined":{orjson.dumps(reason[:REASON_MAX]).decode()}' if reason else ""


def _to_stderr(lines: str) -> None:
    sys.stderr.write(lines)
    sys.stderr.flush()


class RequestLines:
    """Writes the lines, as JSON.

    Args:
        which: about which operations.
        write: takes whole lines.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        which: RequestLog,
        *,
        write: Callable[[str], None] = _to_stderr,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._errors_only = which is RequestLog.ERRORS
        self._write = write
        self._clock = clock
        self._second, self._second_text = -1, ""
        self._held: list[tuple[Observed, float]] = []

    def observe(self, observed: Observed) -> None:
        """Log one operation within a fifth of a second."""
        if self._errors_only and not is_fault(observed):
            return
        held = self._held
        held.append((observed, self._clock()))
        if len(held) == 1:
            asyncio.get_running_loop().call_later(HELD_S, self.flush)
        elif len(held) >= LINES_HELD_MAX:
            self.flush()

    def flush(self) -> None:
        """Write what is held."""
        if self._held:
            held, self._held = self._held, []
            lines = [line_of(observed, at=self._moment(at)) for observed, at in held]
            self._write("\n".join(lines) + "\n")

    def _moment(self, at: float) -> str:
        """Write a moment; all of it but the fraction once a second."""
        second = int(at)
        if second != self._second:
            self._second = second
            self._second_text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        return f"{self._second_text}.{int((at - second) * 1e3):03d}Z"


def log_readably(observed: Observed) -> None:
    """Log one operation for whoever looks at a terminal."""
    structlog.get_logger(__name__).info("request", **fields_of(observed))


def is_fault(observed: Observed) -> bool:
    """Return whether somebody may want to know why."""
    return observed.status >= 400 or bool(observed.codes)
