"""What results make of deliveries: pure decisions, fenced by epoch and state."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.senders.ports import Accepted, Deferred, Rejected, Unknown
from domain.senders.smtp_codes import Stage, read_refusal
from domain.sending.results import Result, ResultKind, judge_result, result_of
from domain.sending.states import DeliveryState

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
ID = UUID(int=1)
THROTTLED = read_refusal(code=450, text="4.7.1 Greylisted", stage=Stage.RECIPIENT)
HARD = read_refusal(code=550, text="5.1.1 User unknown", stage=Stage.RECIPIENT)
OURS = read_refusal(code=550, text="5.7.60 not allowed to send as this sender", stage=Stage.SENDER)


def row(state: str = "HANDOFF", **more: Any) -> dict[str, Any]:
    return {"state": state, "epoch": 3, "attempts": 0, "first_tried_at": None, **more}


def judged(result: Result, of: dict[str, Any]) -> Any:
    return judge_result(result, of, now=NOW)


def of_kind(kind: ResultKind, **more: Any) -> Result:
    return Result(delivery_id=ID, epoch=3, kind=kind, **more)


@pytest.mark.parametrize(
    ("outcome", "state", "wait"),
    [
        (Accepted("queued as 7"), "SENT", None),
        (Deferred(THROTTLED), "SCHEDULED", timedelta(minutes=15)),
        (Rejected(HARD), "FAILED", None),
        (Rejected(OURS), "SCHEDULED", timedelta(minutes=10)),
        (Unknown("no answer"), "UNKNOWN", None),
    ],
)
def test_every_outcome_has_its_state(outcome: Any, state: str, wait: timedelta | None) -> None:
    verdict = judged(result_of(outcome, delivery_id=ID, epoch=3), row())

    assert (verdict.state, verdict.due_at) == (state, NOW + wait if wait else None)


@pytest.mark.parametrize("state", ["HANDOFF", "UNKNOWN", "REVIEW", "SCHEDULED", "LEASED"])
def test_a_late_acceptance_counts_as_long_as_nobody_tried_again(state: str) -> None:
    assert judged(of_kind(ResultKind.ACCEPTED), row(state)).state is DeliveryState.SENT
    assert judged(of_kind(ResultKind.ACCEPTED), row(state, epoch=4)) is None


@pytest.mark.parametrize("state", ["SENT", "FAILED", "CANCELLED", "SUPPRESSED"])
@pytest.mark.parametrize("kind", list(ResultKind))
def test_nothing_moves_a_delivery_that_has_ended(state: str, kind: ResultKind) -> None:
    assert judged(of_kind(kind), row(state)) is None


@pytest.mark.parametrize("kind", [kind for kind in ResultKind if kind is not ResultKind.ACCEPTED])
@pytest.mark.parametrize("state", ["UNKNOWN", "REVIEW", "SCHEDULED"])
def test_only_an_acceptance_may_come_late(state: str, kind: ResultKind) -> None:
    assert judged(of_kind(kind), row(state)) is None


def test_refusals_wait_longer_each_time_and_end_after_three_days() -> None:
    refused = of_kind(ResultKind.REFUSED, refusal=THROTTLED)

    waits = [judged(refused, row(attempts=n, first_tried_at=NOW)).due_at - NOW for n in range(5)]
    assert [wait / timedelta(hours=1) for wait in waits] == [0.25, 1, 4, 12, 24]
    assert judged(refused, row(attempts=5, first_tried_at=NOW)).state is DeliveryState.FAILED
    late = row(attempts=3, first_tried_at=NOW - timedelta(hours=61))
    assert judged(refused, late).state is DeliveryState.FAILED


def test_an_unreachable_server_is_tried_soon_and_for_three_days() -> None:
    trouble = of_kind(ResultKind.TROUBLE)

    waits = [judged(trouble, row("LEASED", attempts=n)).due_at - NOW for n in (0, 1, 2, 3, 4, 50)]
    assert [wait.total_seconds() for wait in waits] == [5, 30, 120, 600, 3600, 3600]
    late = row("LEASED", attempts=60, first_tried_at=NOW - timedelta(hours=72))
    assert judged(trouble, late).state is DeliveryState.FAILED


def test_what_was_taken_back_is_due_at_once_and_is_no_failure() -> None:
    verdict = judged(of_kind(ResultKind.TAKEN_BACK), row())

    assert (verdict.state, verdict.due_at, verdict.failures) == (DeliveryState.SCHEDULED, NOW, 0)
