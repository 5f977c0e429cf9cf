import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.runs.rules import (
    LEAD_STAGES,
    OPEN_STAGES,
    RUN_STATES,
    DropReason,
    LeadStage,
    PauseReason,
    PauseReasonMissing,
    RunIncomplete,
    RunProgress,
    RunStage,
    RunState,
    can_resume,
    derive_stage,
    is_complete,
    require_complete,
    require_lead_move,
    require_run_move,
)
from domain.states import IllegalTransition

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


@pytest.mark.parametrize("reason", PauseReason)
def test_a_pause_says_why(reason: PauseReason) -> None:
    require_run_move(state=R.RUNNING, target=R.PAUSED, reason=reason)
    with pytest.raises(PauseReasonMissing):
        require_run_move(state=R.RUNNING, target=R.PAUSED)
    with pytest.raises(PauseReasonMissing):
        require_run_move(state=R.PAUSED, target=R.RUNNING, reason=reason)
    with pytest.raises(IllegalTransition):
        require_run_move(state=R.COMPLETED, target=R.PAUSED, reason=reason)


def test_a_run_resumes_by_itself_only_when_its_cause_can_be_gone() -> None:
    assert [reason for reason in PauseReason if can_resume(paused_for=reason, by_user=False)] == [
        PauseReason.BUDGET,
        PauseReason.AUTH,
    ]
    assert all(can_resume(paused_for=reason, by_user=True) for reason in PauseReason)


def test_a_drop_says_why() -> None:
    require_lead_move(stage=L.DRAFTING, target=L.DROPPED, reason=DropReason.SUPPRESSED)
    require_lead_move(stage=L.DRAFTING, target=L.IN_REVIEW)
    with pytest.raises(Invalid):
        require_lead_move(stage=L.DRAFTING, target=L.DROPPED)
    with pytest.raises(Invalid):
        require_lead_move(stage=L.DRAFTING, target=L.IN_REVIEW, reason=DropReason.SUPPRESSED)
    with pytest.raises(IllegalTransition):
        require_lead_move(stage=L.DONE, target=L.DROPPED, reason=DropReason.SUPPRESSED)


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


@settings(max_examples=100)
@given(
    counts=st.dictionaries(st.sampled_from(LeadStage), st.integers(0, 3)),
    is_discovering=st.booleans(),
    open_enrollments=st.integers(0, 2),
)
def test_a_run_is_complete_exactly_when_it_has_no_stage(
    counts: dict[LeadStage, int], is_discovering: bool, open_enrollments: int
) -> None:
    found = progress(counts, is_discovering=is_discovering, open_enrollments=open_enrollments)

    assert is_complete(found) is (derive_stage(found) is None)


def test_a_run_with_open_work_cant_be_completed() -> None:
    require_complete(state=R.RUNNING, progress=progress({L.DONE: 3}))
    with pytest.raises(RunIncomplete, match="1 leads and 2 sequences"):
        require_complete(state=R.RUNNING, progress=progress({L.SENDING: 1}, open_enrollments=2))
    with pytest.raises(IllegalTransition):
        require_complete(state=R.PAUSED, progress=progress())
