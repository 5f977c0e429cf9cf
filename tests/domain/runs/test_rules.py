import pytest

from domain.runs.rules import (
    LEAD_STAGES,
    OPEN_STAGES,
    RUN_STATES,
    LeadStage,
    PauseReason,
    RunProgress,
    RunStage,
    RunState,
    can_resume,
    derive_stage,
)

R, L = RunState, LeadStage


def progress(
    leads: dict[LeadStage, int] | None = None, *, is_discovering: bool = False, open_enrollments: int = 0
) -> RunProgress:
    return RunProgress(is_discovering=is_discovering, leads=leads or {}, open_enrollments=open_enrollments)


def test_exactly_these_run_moves_are_allowed() -> None:
    allowed = {(a, b) for a in R for b in R if RUN_STATES.allows(a, b)}

    assert allowed == {
        *((R.QUEUED, b) for b in (R.RUNNING, R.PAUSED, R.CANCELLED, R.FAILED)),
        *((R.RUNNING, b) for b in (R.PAUSED, R.COMPLETED, R.CANCELLING, R.FAILED)),
        *((R.PAUSED, b) for b in (R.RUNNING, R.CANCELLING, R.FAILED)),
        *((R.CANCELLING, b) for b in (R.CANCELLED, R.FAILED)),
        *((R.FAILED, b) for b in (R.RUNNING, R.CANCELLING)),
    }


def test_exactly_these_lead_moves_are_allowed() -> None:
    allowed = {(a, b) for a in L for b in L if LEAD_STAGES.allows(a, b)}

    assert allowed == {
        *((L.DISCOVERED, b) for b in (L.ENRICHING, L.DRAFTING, L.DROPPED)),
        *((L.ENRICHING, b) for b in (L.DRAFTING, L.DROPPED)),
        *((L.DRAFTING, b) for b in (L.IN_REVIEW, L.DROPPED)),
        *((L.IN_REVIEW, b) for b in (L.DRAFTING, L.SCHEDULED, L.DONE, L.DROPPED)),
        *((L.SCHEDULED, b) for b in (L.IN_REVIEW, L.SENDING, L.DONE, L.DROPPED)),
        *((L.SENDING, b) for b in (L.DONE, L.DROPPED)),
    }


def test_nothing_is_sent_without_a_review() -> None:
    reached = {L.DISCOVERED}
    for _ in L:
        reached |= {target for stage in reached for target in LEAD_STAGES.after(stage)} - {L.IN_REVIEW}

    assert not reached & {L.SCHEDULED, L.SENDING, L.DONE}


def test_the_open_stages_are_those_that_lead_on() -> None:
    assert set(OPEN_STAGES) == {stage for stage in L if not LEAD_STAGES.is_terminal(stage)}
    assert list(OPEN_STAGES) == [stage for stage in L if stage in OPEN_STAGES]
    assert list(OPEN_STAGES.values()) == list(RunStage)


def test_a_run_resumes_by_itself_only_when_its_cause_can_be_gone() -> None:
    assert [reason for reason in PauseReason if can_resume(paused_for=reason, by_user=False)] == [
        PauseReason.BUDGET,
        PauseReason.AUTH,
    ]
    assert all(can_resume(paused_for=reason, by_user=True) for reason in PauseReason)


@pytest.mark.parametrize(
    ("found", "stage"),
    [
        (progress(), None),
        (progress({L.DONE: 9, L.DROPPED: 3}), None),
        (progress(is_discovering=True), RunStage.DISCOVERING),
        (progress({L.SENDING: 4}, is_discovering=True), RunStage.DISCOVERING),
        (progress({L.SENDING: 4, L.DISCOVERED: 1}), RunStage.DISCOVERING),
        (progress({L.SENDING: 4, L.ENRICHING: 1, L.IN_REVIEW: 2}), RunStage.ENRICHING),
        (progress({L.SENDING: 4, L.DRAFTING: 0, L.IN_REVIEW: 2}), RunStage.IN_REVIEW),
        (progress({L.SCHEDULED: 1, L.DONE: 5}), RunStage.SCHEDULED),
        (progress({L.SENDING: 1}), RunStage.SENDING),
        (progress({L.DONE: 1}, open_enrollments=1), RunStage.SENDING),
    ],
)
def test_a_runs_stage_is_the_earliest_with_open_work(found: RunProgress, stage: RunStage | None) -> None:
    assert derive_stage(found) is stage
