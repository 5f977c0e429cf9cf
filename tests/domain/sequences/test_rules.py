from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.sequences.rules import (
    ENROLLMENT_STATES,
    MESSAGE_STATES,
    SEQUENCE_STATES,
    VARIANT_STATES,
    EnrollmentStatus,
    MessageStatus,
    SequenceStatus,
    StepDelay,
    ThreadMode,
    VariantStatus,
    check_thread_modes,
    choose_variant,
)
from domain.states import IllegalTransition

STEP, LEAD = UUID(int=10), UUID(int=20)


@pytest.mark.parametrize(
    ("current", "target"),
    [
        (MessageStatus.GENERATING, MessageStatus.APPROVED),
        (MessageStatus.DRAFTED, MessageStatus.APPROVED),
        (MessageStatus.EDITED, MessageStatus.APPROVED),
        (MessageStatus.APPROVED, MessageStatus.EDITED),
        (MessageStatus.REJECTED, MessageStatus.APPROVED),
        (MessageStatus.CANCELLED, MessageStatus.DRAFTED),
    ],
)
def test_a_message_is_approved_only_out_of_the_review(current: MessageStatus, target: MessageStatus) -> None:
    with pytest.raises(IllegalTransition):
        MESSAGE_STATES.require(current, target)


def test_an_edit_after_the_approval_leads_back_to_the_review() -> None:
    MESSAGE_STATES.require(MessageStatus.APPROVED, MessageStatus.IN_REVIEW)
    assert MESSAGE_STATES.after(MessageStatus.APPROVED) == {MessageStatus.IN_REVIEW, MessageStatus.CANCELLED}


def test_the_terminal_states_are_those_of_the_domain_model() -> None:
    assert {s for s in SequenceStatus if SEQUENCE_STATES.is_terminal(s)} == {SequenceStatus.ARCHIVED}
    assert {s for s in VariantStatus if VARIANT_STATES.is_terminal(s)} == {
        VariantStatus.WINNER,
        VariantStatus.RETIRED,
    }
    assert {s for s in EnrollmentStatus if not ENROLLMENT_STATES.is_terminal(s)} == {
        EnrollmentStatus.PENDING,
        EnrollmentStatus.ACTIVE,
        EnrollmentStatus.PAUSED,
    }


def test_an_ended_enrollment_never_goes_on() -> None:
    with pytest.raises(IllegalTransition):
        ENROLLMENT_STATES.require(EnrollmentStatus.OPTED_OUT, EnrollmentStatus.ACTIVE)


@pytest.mark.parametrize("days", [-1, 366])
def test_a_delay_outside_a_year_is_refused(days: int) -> None:
    with pytest.raises(Invalid) as caught:
        StepDelay(days=days)
    assert caught.value.field == ("delayDays",)


def test_the_first_email_opens_a_thread() -> None:
    check_thread_modes([])
    check_thread_modes([ThreadMode.NEW, ThreadMode.REPLY, ThreadMode.NEW])
    with pytest.raises(Invalid):
        check_thread_modes([ThreadMode.REPLY, ThreadMode.NEW])


@pytest.mark.parametrize("weights", [[], [(UUID(int=1), 0)], [(UUID(int=1), -1)], [(UUID(int=1), 1001)]])
def test_variants_without_a_usable_weight_are_refused(weights: list[tuple[UUID, int]]) -> None:
    with pytest.raises(Invalid):
        choose_variant(weights=weights, step_id=STEP, lead_id=LEAD, seed=1)


@settings(max_examples=60)
@given(
    seed=st.integers(),
    lead=st.uuids(),
    order=st.permutations([(UUID(int=1), 3), (UUID(int=2), 0), (UUID(int=3), 7)]),
)
def test_the_choice_depends_on_nothing_but_lead_step_and_seed(
    seed: int, lead: UUID, order: list[tuple[UUID, int]]
) -> None:
    chosen = choose_variant(weights=order, step_id=STEP, lead_id=lead, seed=seed)
    assert chosen == choose_variant(weights=sorted(order), step_id=STEP, lead_id=lead, seed=seed)
    assert chosen != UUID(int=2)  # weight 0


def test_the_choice_follows_the_weights_and_is_independent_between_steps() -> None:
    weights = [(UUID(int=1), 1), (UUID(int=2), 3)]
    leads = [UUID(int=n) for n in range(4000)]
    first = [choose_variant(weights=weights, step_id=STEP, lead_id=lead, seed=5) for lead in leads]
    other = [choose_variant(weights=weights, step_id=UUID(int=11), lead_id=lead, seed=5) for lead in leads]
    assert 900 < first.count(UUID(int=1)) < 1100
    both = sum(a == b == UUID(int=1) for a, b in zip(first, other, strict=True))
    assert 190 < both < 310  # 1/16 of them, not 1/4
