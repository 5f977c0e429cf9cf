"""The request log: what stands in a line, what never does, and how long it may be."""

import re
from typing import Any

import orjson
import pytest

from auth.budgets import Budget, Spending
from operations.request_log import RequestLines, fields_of, line_of
from resolvers.observing import Observed
from resolvers.outcome import Operation, OperationKind, Outcome, PlannedPart
from settings import RequestLog

AT = "2026-03-02T10:00:00.000Z"


class _Operation:
    kind = OperationKind.QUERY
    sha256 = "ab" * 32
    may_change_callers = False

    def __init__(self, name: str | None = "Leads") -> None:
        self.name = name


def _error(code: str, message: str = "ada@example.com isn't one") -> dict[str, Any]:
    return {"message": message, "extensions": {"code": code, "field": ["ada@example.com"]}}


def _observed(
    *, operation: Operation | None = None, outcome: Outcome | None = None, status: int = 200
) -> Observed:
    observed = Observed(
        "f" * 32, "http", operation=operation, outcome=outcome, status=status, seconds=0.0123456
    )
    observed.sql.seconds, observed.sql.statements = 0.001, 4
    return observed


def _spending(requested: int = 120, actual: int | None = 7) -> Spending:
    budget = Budget(points_max=50_000, points_per_s=5_000)
    return Spending(budget=budget, requested=requested, left=1, actual=actual)


async def test_a_planned_query() -> None:
    outcome = Outcome(data=b'{"leads":"ada@example.com"}', planned=PlannedPart.ALL, spending=_spending())
    line = line_of(_observed(operation=_Operation(), outcome=outcome), at=AT)
    assert orjson.loads(line) == {
        "timestamp": AT,
        "level": "info",
        "event": "request",
        "request_id": "f" * 32,
        "transport": "http",
        "kind": "query",
        "operation": "Leads",
        "document": "ab" * 32,
        "cost_requested": 120,
        "cost_actual": 7,
        "planned": "all",
        "status": 200,
        "ms": 12.346,
        "sql_ms": 1.0,
        "statements": 4,
    }


CASES = [
    _observed(
        operation=_Operation(), outcome=Outcome(data=b"{}", planned=PlannedPart.ALL, spending=_spending())
    ),
    _observed(
        operation=_Operation(None),
        outcome=Outcome(data=b"null", planned=PlannedPart.NONE, declined='Lead."x"'),
    ),
    _observed(operation=_Operation(), outcome=Outcome(data=b"{}", planned=PlannedPart.PAYLOAD)),
    _observed(outcome=Outcome(errors=[_error("FORBIDDEN"), _error("FORBIDDEN")]), status=403),
    _observed(status=499),
    _observed(operation=_Operation(), outcome=Outcome(spending=_spending(actual=None)), status=429),
]


@pytest.mark.parametrize("observed", CASES)
async def test_the_terminal_and_the_line_say_the_same(observed: Observed) -> None:
    line = orjson.loads(line_of(observed, at=AT))
    assert {**fields_of(observed), "timestamp": AT, "level": "info", "event": "request"} == line


async def test_nothing_of_what_was_asked_or_answered_is_logged() -> None:
    outcome = Outcome(
        data=b'{"email":"ada@example.com"}', errors=[_error("BAD_USER_INPUT")], planned=PlannedPart.NONE
    )
    line = line_of(_observed(operation=_Operation(), outcome=outcome, status=294), at=AT)
    assert "ada" not in line
    assert orjson.loads(line)["errors"] == ["BAD_USER_INPUT"]


async def test_the_longest_line_has_500_bytes_and_only_its_name_is_cut() -> None:
    codes = [_error(code * 28) for code in ("A", "B", "C", "D")]
    spending = _spending(requested=25_000, actual=25_000)
    outcome = Outcome(
        data=b"{}", errors=codes, planned=PlannedPart.NONE, declined="d" * 200, spending=spending
    )
    observed = _observed(operation=_Operation("N" * 300), outcome=outcome, status=294)
    observed.seconds = 86_400.0
    line = line_of(observed, at=AT)
    assert len(line.encode()) + 1 <= 500
    told = orjson.loads(line)
    assert re.fullmatch("N{1,100}", told["operation"])
    assert told["errors"] == ["A" * 28, "B" * 28]


async def test_lines_are_written_together_and_what_is_left_at_the_end() -> None:
    written: list[str] = []
    lines = RequestLines(RequestLog.ALL, write=written.append, clock=lambda: 1_772_445_600.25)
    for _ in range(51):
        lines.observe(_observed())
    assert [text.count("\n") for text in written] == [50]
    lines.flush()
    lines.flush()
    assert [text.count("\n") for text in written] == [50, 1]
    assert orjson.loads(written[1])["timestamp"] == "2026-03-02T10:00:00.250Z"


async def test_errors_alone_can_be_logged() -> None:
    written: list[str] = []
    lines = RequestLines(RequestLog.ERRORS, write=written.append)
    lines.observe(_observed(outcome=Outcome(data=b"{}")))
    lines.observe(_observed(outcome=Outcome(data=b"{}", errors=[_error("NOT_FOUND")])))
    lines.observe(_observed(status=503))
    lines.flush()
    assert [orjson.loads(line)["status"] for line in written[0].splitlines()] == [200, 503]
