"""Why a run lets go of a lead, and how a lead is closed."""

import pytest

from domain.runs.rules import (
    LEAD_STAGES,
    DropReason,
    LeadStage,
    RunState,
    close_lead,
    let_go_reason,
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
@pytest.mark.parametrize("let_go", [None, DropReason.RUN_CANCELLED, DropReason.RUN_FAILED])
def test_whatever_ends_a_sequence_closes_the_lead_by_an_allowed_move(
    stage: LeadStage, ended: EnrollmentStatus, let_go: DropReason | None
) -> None:
    target, reason = close_lead(stage=stage, ended=ended, let_go=let_go)
    LEAD_STAGES.require(stage, target)
    assert LEAD_STAGES.is_terminal(target)
    assert (target is L.DROPPED) == (reason is not None)


@pytest.mark.parametrize("ended", ENDS)
def test_a_lead_that_was_written_to_is_done_whatever_ended_it(ended: EnrollmentStatus) -> None:
    assert close_lead(stage=L.SENDING, ended=ended, let_go=None) == (L.DONE, None)


@pytest.mark.parametrize(
    ("stage", "ended", "let_go", "closed"),
    [
        (L.IN_REVIEW, E.REPLIED, None, (L.DONE, None)),
        (L.DRAFTING, E.REPLIED, None, (L.DROPPED, DropReason.EXCLUSIVE_ELSEWHERE)),
        (L.DRAFTING, E.FAILED, None, (L.DROPPED, DropReason.DRAFT_FAILED)),
        (L.SCHEDULED, E.FAILED, None, (L.DROPPED, DropReason.SEND_FAILED)),
        (L.SCHEDULED, E.SUPPRESSED, DropReason.RUN_CANCELLED, (L.DROPPED, DropReason.SUPPRESSED)),
        (L.SENDING, E.REMOVED, DropReason.RUN_CANCELLED, (L.DROPPED, DropReason.RUN_CANCELLED)),
        (L.SENDING, E.REMOVED, DropReason.RUN_FAILED, (L.DROPPED, DropReason.RUN_FAILED)),
    ],
)
def test_a_lead_is_closed_by_what_happened_to_it(
    stage: LeadStage,
    ended: EnrollmentStatus,
    let_go: DropReason | None,
    closed: tuple[LeadStage, DropReason | None],
) -> None:
    assert close_lead(stage=stage, ended=ended, let_go=let_go) == closed


@pytest.mark.parametrize(
    ("state", "is_retryable", "reason"),
    [
        (RunState.CANCELLING, False, DropReason.RUN_CANCELLED),
        (RunState.FAILED, False, DropReason.RUN_FAILED),
        (RunState.FAILED, True, None),
        (RunState.RUNNING, False, None),
    ],
)
def test_only_a_run_that_has_no_way_on_lets_go_of_its_leads(
    state: RunState, is_retryable: bool, reason: DropReason | None
) -> None:
    assert let_go_reason(state, is_retryable=is_retryable) is reason


def test_the_stages_before_another_are_those_it_may_follow() -> None:
    assert stages_before(L.DRAFTING) == (L.DISCOVERED, L.ENRICHING, L.IN_REVIEW)
    assert stages_before(L.SENDING) == (L.SCHEDULED,)
    assert stages_before(L.DISCOVERED) == ()
