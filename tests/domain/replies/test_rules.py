"""What a label does to the enrollment, and how labels, replies and threads may move."""

from dataclasses import replace
from datetime import date

import pytest

from domain.replies.bounce_policy import BounceClass, BounceRemedy
from domain.replies.bounces import Bounce, BounceAction
from domain.replies.labels import (
    Classification,
    ClassificationStatus,
    Label,
    Method,
    Nuance,
    correct_by_hand,
)
from domain.replies.matching import Participant
from domain.replies.rules import (
    NOTHING,
    REPLY_STATES,
    THREAD_STATES,
    Effect,
    ReplyStatus,
    Subject,
    Suppression,
    ThreadStatus,
    decide_effect,
    next_business_day,
    status_after_reply,
)
from domain.sequences.reply_rules import OnColleagueReply, OnOoo, OnReply, ReplyRules
from domain.sequences.rules import EnrollmentStatus, PauseReason
from domain.states import IllegalTransition
from domain.suppression.rules import SuppressionReason, SuppressionScope

MONDAY = date(2026, 11, 23)
RULES = ReplyRules()
HUMAN_TONES = [
    Label.INTERESTED,
    Label.QUESTION,
    Label.REFERRAL,
    Label.NOT_NOW,
    Label.NOT_INTERESTED,
    Label.WRONG_PERSON,
    Label.HUMAN,
]


def labelled(label: Label, *, nuance: Nuance | None = None, return_on: date | None = None) -> Classification:
    return Classification(label=label, confidence=0.9, method=Method.RULE, nuance=nuance, return_on=return_on)


def effect(
    classification: Classification,
    who: Participant = Participant.LEAD,
    rules: ReplyRules = RULES,
    bounce: Bounce | None = None,
) -> Effect:
    return decide_effect(classification, participant=who, rules=rules, received_on=MONDAY, bounce=bounce)


def bounced(remedy: BounceRemedy) -> Bounce:
    return Bounce("grace@lead.example", None, BounceClass.UNKNOWN, remedy, BounceAction.FAILED, "", None)


@pytest.mark.parametrize("label", HUMAN_TONES)
def test_any_word_from_the_lead_stops_the_sequence(label: Label) -> None:
    assert effect(labelled(label)) == Effect(stop=EnrollmentStatus.REPLIED, needs_review=True)


@pytest.mark.parametrize("label", [Label.AUTO, Label.CALENDAR, Label.READ_RECEIPT, Label.LIST_MAIL])
def test_machines_change_nothing(label: Label) -> None:
    assert effect(labelled(label)) == NOTHING


def test_a_challenge_waits_for_a_person_and_stops_nothing() -> None:
    assert effect(labelled(Label.AUTO, nuance=Nuance.CHALLENGE)) == Effect(needs_review=True)


@pytest.mark.parametrize(
    ("label", "reason", "needs_review"),
    [
        (Label.UNSUBSCRIBE, SuppressionReason.UNSUBSCRIBE, False),
        (Label.LEGAL, SuppressionReason.LEGAL, True),
        (Label.DSR, SuppressionReason.OBJECTION, True),
    ],
)
@pytest.mark.parametrize("who", [Participant.LEAD, Participant.COLLEAGUE])
def test_binding_words_stop_and_suppress_at_once(
    label: Label, reason: SuppressionReason, needs_review: bool, who: Participant
) -> None:
    unsure = replace(labelled(label), confidence=0.1)
    both = frozenset({Subject.LEAD, Subject.WRITER})

    assert effect(
        unsure, who, ReplyRules(on_reply=OnReply.PAUSE, on_colleague_reply=OnColleagueReply.NONE)
    ) == Effect(
        stop=EnrollmentStatus.OPTED_OUT,
        suppress=Suppression(reason, SuppressionScope.WORKSPACE, both),
        needs_review=needs_review,
    )


def test_a_stranger_s_opt_out_binds_for_the_stranger_only() -> None:
    found = effect(labelled(Label.UNSUBSCRIBE), Participant.STRANGER)

    assert found.stop is None
    assert found.suppress is not None
    assert found.suppress.subjects == {Subject.WRITER}


def test_a_complaint_suppresses_the_lead_not_the_provider_that_reports_it() -> None:
    found = effect(labelled(Label.COMPLAINT))

    assert found.stop is EnrollmentStatus.OPTED_OUT
    assert found.suppress == Suppression(
        SuppressionReason.COMPLAINT, SuppressionScope.WORKSPACE, frozenset({Subject.LEAD})
    )


@pytest.mark.parametrize(
    ("return_on", "rules", "until"),
    [
        (date(2026, 12, 3), RULES, date(2026, 12, 4)),
        (date(2026, 12, 4), RULES, date(2026, 12, 7)),
        (None, RULES, date(2026, 12, 1)),
        (date(2026, 11, 20), RULES, date(2026, 12, 1)),
        (date(2027, 8, 1), ReplyRules(ooo_days_max=10), date(2026, 12, 4)),
        (
            date(2026, 12, 3),
            ReplyRules(on_ooo=OnOoo.RESUME_AFTER_DAYS, ooo_default_days=2),
            date(2026, 11, 26),
        ),
    ],
)
def test_an_absence_snoozes_and_stops_nothing(return_on: date | None, rules: ReplyRules, until: date) -> None:
    assert effect(labelled(Label.OOO, return_on=return_on), rules=rules) == Effect(snooze_until=until)


def test_an_absence_of_a_colleague_or_under_the_rule_to_go_on_does_nothing() -> None:
    assert effect(labelled(Label.OOO), Participant.COLLEAGUE) == NOTHING
    assert effect(labelled(Label.OOO), rules=ReplyRules(on_ooo=OnOoo.CONTINUE)) == NOTHING


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (OnColleagueReply.NONE, Effect(needs_review=True)),
        (OnColleagueReply.PAUSE, Effect(pause=PauseReason.COLLEAGUE_REPLY, needs_review=True)),
        (OnColleagueReply.STOP, Effect(stop=EnrollmentStatus.REPLIED, needs_review=True)),
    ],
)
def test_a_colleague_s_reply_follows_the_ruleset(rule: OnColleagueReply, expected: Effect) -> None:
    assert (
        effect(labelled(Label.QUESTION), Participant.COLLEAGUE, ReplyRules(on_colleague_reply=rule))
        == expected
    )


def test_who_has_left_the_company_is_not_written_to_again() -> None:
    found = effect(labelled(Label.WRONG_PERSON, nuance=Nuance.LEFT_COMPANY), Participant.COLLEAGUE)

    assert found.stop is EnrollmentStatus.BOUNCED
    assert found.suppress == Suppression(
        SuppressionReason.BOUNCE, SuppressionScope.WORKSPACE, frozenset({Subject.LEAD})
    )


@pytest.mark.parametrize(
    ("remedy", "stop", "suppresses"),
    [
        (BounceRemedy.INVALIDATE_ADDRESS, EnrollmentStatus.BOUNCED, True),
        (BounceRemedy.FAIL_MESSAGE, EnrollmentStatus.FAILED, False),
        (BounceRemedy.PAUSE_SENDER, None, False),
        (BounceRemedy.SLOW_LANE, None, False),
        (BounceRemedy.RETRY_LATER, None, False),
        (BounceRemedy.WAIT, None, False),
        (BounceRemedy.REVIEW, None, False),
    ],
)
def test_only_a_bad_address_is_suppressed(
    remedy: BounceRemedy, stop: EnrollmentStatus | None, suppresses: bool
) -> None:
    found = effect(labelled(Label.BOUNCE), bounce=bounced(remedy))

    assert (found.stop, found.suppress is not None, found.remedy) == (stop, suppresses, remedy)


def test_the_third_day_of_soft_bounces_is_hard() -> None:
    days = (date(2026, 11, 20), date(2026, 11, 21))
    soft = bounced(BounceRemedy.RETRY_LATER)

    found = decide_effect(
        labelled(Label.BOUNCE),
        participant=Participant.LEAD,
        rules=RULES,
        received_on=MONDAY,
        bounce=soft,
        soft_bounced_on=days,
    )

    assert (found.stop, found.remedy) == (EnrollmentStatus.BOUNCED, BounceRemedy.INVALIDATE_ADDRESS)


def test_business_days_skip_weekends_and_holidays() -> None:
    assert next_business_day(date(2026, 12, 24), holidays={date(2026, 12, 25), date(2026, 12, 28)}) == date(
        2026, 12, 29
    )


def test_a_person_confirms_or_corrects_and_may_do_it_twice() -> None:
    proposed = labelled(Label.QUESTION)
    confirmed = correct_by_hand(current=proposed, label=Label.QUESTION)
    corrected = correct_by_hand(current=proposed, label=Label.INTERESTED)

    assert (confirmed.status, confirmed.method) == (ClassificationStatus.CONFIRMED, Method.RULE)
    assert (corrected.status, corrected.method, corrected.confidence) == (
        ClassificationStatus.CORRECTED,
        Method.HUMAN,
        1.0,
    )
    assert correct_by_hand(current=confirmed, label=Label.QUESTION) == confirmed
    assert correct_by_hand(current=corrected, label=Label.INTERESTED) == corrected


def test_replies_and_threads_move_only_forward() -> None:
    for before, after in [
        (ReplyStatus.RECEIVED, ReplyStatus.CLASSIFIED),
        (ReplyStatus.HANDLED, ReplyStatus.RECEIVED),
    ]:
        with pytest.raises(IllegalTransition):
            REPLY_STATES.require(before, after)
    with pytest.raises(IllegalTransition):
        THREAD_STATES.require(ThreadStatus.CLOSED, ThreadStatus.SNOOZED)
    assert REPLY_STATES.allows(ReplyStatus.UNMATCHED, ReplyStatus.MATCHED)
    assert THREAD_STATES.allows(ThreadStatus.SNOOZED, ThreadStatus.OPEN)


@pytest.mark.parametrize("status", ThreadStatus)
def test_a_person_reopens_a_thread_and_a_machine_doesnt(status: ThreadStatus) -> None:
    assert status_after_reply(status, label=Label.QUESTION) is ThreadStatus.OPEN
    assert status_after_reply(status, label=Label.OOO) is status
