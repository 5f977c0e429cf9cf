from datetime import UTC, datetime, timedelta

import pytest

from domain.sending.states import (
    DELIVERY_STATES,
    AbsenceUnproven,
    DeliveryState,
    require_move,
    retry_at,
)
from domain.states import IllegalTransition

S = DeliveryState
NOW = datetime(2026, 6, 2, 12, 0, tzinfo=UTC)


def test_exactly_these_moves_are_allowed() -> None:
    allowed = {(a, b) for a in S for b in S if DELIVERY_STATES.allows(a, b)}

    assert allowed == {
        *((S.SCHEDULED, b) for b in (S.LEASED, S.SUPPRESSED, S.CANCELLED)),
        *((S.LEASED, b) for b in (S.SCHEDULED, S.HANDOFF, S.FAILED, S.SUPPRESSED, S.CANCELLED)),
        *((S.HANDOFF, b) for b in (S.SENT, S.FAILED, S.UNKNOWN, S.SCHEDULED)),
        *((S.UNKNOWN, b) for b in (S.SENT, S.SCHEDULED, S.REVIEW)),
        *((S.REVIEW, b) for b in (S.SENT, S.SCHEDULED)),
    }


def test_a_finished_delivery_never_moves_again() -> None:
    finished = {state for state in S if DELIVERY_STATES.is_terminal(state)}

    assert finished == {S.SENT, S.FAILED, S.SUPPRESSED, S.CANCELLED}
    with pytest.raises(IllegalTransition):
        require_move(S.SENT, S.SCHEDULED, absence_proven=True)


@pytest.mark.parametrize("state", [S.UNKNOWN, S.REVIEW])
def test_an_unknown_delivery_is_sent_again_only_with_proof(state: DeliveryState) -> None:
    with pytest.raises(AbsenceUnproven):
        require_move(state, S.SCHEDULED)

    require_move(state, S.SCHEDULED, absence_proven=True)
    require_move(state, S.SENT)


def test_after_the_hand_off_nothing_can_be_suppressed_or_cancelled() -> None:
    for state in (S.HANDOFF, S.UNKNOWN, S.REVIEW):
        assert not DELIVERY_STATES.after(state) & {S.SUPPRESSED, S.CANCELLED}


@pytest.mark.parametrize(
    ("failures", "delay"),
    [
        (1, timedelta(minutes=15)),
        (2, timedelta(hours=1)),
        (3, timedelta(hours=4)),
        (4, timedelta(hours=12)),
        (5, timedelta(hours=24)),
        (6, None),
        (99, None),
    ],
)
def test_retries_back_off_and_end(failures: int, delay: timedelta | None) -> None:
    expected = None if delay is None else NOW + delay

    assert retry_at(failures=failures, first_tried_at=NOW, now=NOW) == expected


def test_no_retry_comes_later_than_72_hours_after_the_first_try() -> None:
    limit = NOW - timedelta(hours=48)

    assert retry_at(failures=5, first_tried_at=limit, now=NOW) == NOW + timedelta(hours=24)
    assert retry_at(failures=5, first_tried_at=limit - timedelta(seconds=1), now=NOW) is None
