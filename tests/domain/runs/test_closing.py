"""Why a run lets go of a lead, and how a lead is closed."""

import pytest

from domain.runs.rules import (
    LEAD_STAGES,
    DropReason,
    LeadStage,
    close_lead,
    require_lead_move,
    stages_before,
    unfit_for,
)
from domain.sequences.rules import EnrollmentStatus

L, E = LeadStage, EnrollmentStatus
FIT = {
    "status": "QUALIFIED",
    "is_restricted": False,
    "is_suppressed": False,
    "email": "ada@example.com",
    "verdict": "VALID",
    "address_is_final": True,
}
ENDS = [status for status in E if status not in {E.PENDING, E.ACTIVE, E.PAUSED}]


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({}, None),
        ({"verdict": "UNKNOWN"}, None),
        ({"verdict": "RISKY"}, None),
        ({"status": "ERASED", "is_suppressed": True}, DropReason.ERASED),
        ({"status": "MERGED"}, DropReason.DUPLICATE),
        ({"is_restricted": True, "is_suppressed": True}, DropReason.RESTRICTED),
        ({"is_suppressed": True, "email": None}, DropReason.SUPPRESSED),
        ({"email": None}, DropReason.NO_ADDRESS),
        ({"email": None, "address_is_final": False}, None),
        ({"verdict": "INVALID"}, DropReason.INVALID_ADDRESS),
        ({"verdict": "DISPOSABLE"}, DropReason.INVALID_ADDRESS),
        ({"verdict": "INVALID", "address_is_final": False}, None),
    ],
)
def test_a_lead_is_unfit_for_the_gravest_reason(facts: dict[str, object], reason: DropReason | None) -> None:
    assert unfit_for(**{**FIT, **facts}) is reason  # type: ignore[arg-type]


@pytest.mark.parametrize("stage", [L.DRAFTING, L.IN_REVIEW, L.SCHEDULED, L.SENDING])
@pytest.mark.parametrize("ended", ENDS)
@pytest.mark.parametrize("is_cancelling", [False, True])
def test_whatever_ends_a_sequence_closes_the_lead_by_an_allowed_move(
    stage: LeadStage, ended: EnrollmentStatus, is_cancelling: bool
) -> None:
    target, reason = close_lead(stage=stage, ended=ended, is_cancelling=is_cancelling)
    require_lead_move(stage=stage, target=target, reason=reason)
    assert LEAD_STAGES.is_terminal(target)


@pytest.mark.parametrize("ended", ENDS)
def test_a_lead_that_was_written_to_is_done_whatever_ended_it(ended: EnrollmentStatus) -> None:
    assert close_lead(stage=L.SENDING, ended=ended, is_cancelling=False) == (L.DONE, None)


@pytest.mark.parametrize(
    ("stage", "ended", "is_cancelling", "closed"),
    [
        (L.IN_REVIEW, E.REPLIED, False, (L.DONE, None)),
        (L.DRAFTING, E.REPLIED, False, (L.DROPPED, DropReason.EXCLUSIVE_ELSEWHERE)),
        (L.DRAFTING, E.FAILED, False, (L.DROPPED, DropReason.DRAFT_FAILED)),
        (L.SCHEDULED, E.FAILED, False, (L.DROPPED, DropReason.SEND_FAILED)),
        (L.SCHEDULED, E.SUPPRESSED, True, (L.DROPPED, DropReason.SUPPRESSED)),
        (L.SENDING, E.REMOVED, True, (L.DROPPED, DropReason.RUN_CANCELLED)),
    ],
)
def test_a_lead_is_closed_by_what_happened_to_it(
    stage: LeadStage,
    ended: EnrollmentStatus,
    is_cancelling: bool,
    closed: tuple[LeadStage, DropReason | None],
) -> None:
    assert close_lead(stage=stage, ended=ended, is_cancelling=is_cancelling) == closed


def test_the_stages_before_another_are_those_it_may_follow() -> None:
    assert stages_before(L.DRAFTING) == (L.DISCOVERED, L.ENRICHING, L.IN_REVIEW)
    assert stages_before(L.SENDING) == (L.SCHEDULED,)
    assert stages_before(L.DISCOVERED) == ()
