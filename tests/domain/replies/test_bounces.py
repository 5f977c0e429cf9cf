"""Bounces and complaints: who, why, which mail, and what to do."""

from datetime import UTC, date, datetime

import pytest

from domain.replies.bounce_policy import (
    BounceClass,
    BounceRemedy,
    BounceVerdict,
    is_hard_by_repetition,
    judge_bounce,
)
from domain.replies.bounces import BounceAction, parse_bounces
from domain.replies.complaints import Complaint, FeedbackType, parse_feedback
from tests.domain.replies.samples import FIXTURES, LEAD, SENT_ID, fixture, mail

C, R, A = BounceClass, BounceRemedy, BounceAction


@pytest.mark.parametrize(
    ("name", "code", "bounce_class", "remedy", "action"),
    [
        ("bounce_gmail_unknown_user", "5.1.1", C.HARD, R.INVALIDATE_ADDRESS, A.FAILED),
        ("bounce_exchange_unknown_user", "5.1.10", C.HARD, R.INVALIDATE_ADDRESS, A.FAILED),
        ("bounce_exchange_edge_access_denied", "5.4.1", C.HARD, R.INVALIDATE_ADDRESS, A.FAILED),
        ("bounce_postfix_full", "5.2.2", C.SOFT, R.RETRY_LATER, A.FAILED),
        ("bounce_postfix_delayed", "4.4.1", C.SOFT, R.WAIT, A.DELAYED),
        ("bounce_qmail", "5.1.1", C.HARD, R.INVALIDATE_ADDRESS, A.FAILED),
        ("bounce_exim_header", "5.2.1", C.HARD, R.INVALIDATE_ADDRESS, A.FAILED),
        ("bounce_gmail_unauthenticated", "5.7.26", C.BLOCK, R.PAUSE_SENDER, A.FAILED),
        ("bounce_outlook_dmarc", "5.7.515", C.BLOCK, R.PAUSE_SENDER, A.FAILED),
        ("bounce_policy_code_on_unknown_user", "5.7.1", C.HARD, R.INVALIDATE_ADDRESS, A.FAILED),
        ("bounce_unknown_user_code_on_block", "5.1.1", C.BLOCK, R.PAUSE_SENDER, A.FAILED),
        ("bounce_too_large", "5.3.4", C.POLICY, R.FAIL_MESSAGE, A.FAILED),
    ],
)
def test_a_bounce_is_read(
    name: str, code: str, bounce_class: BounceClass, remedy: BounceRemedy, action: BounceAction
) -> None:
    (bounce,) = parse_bounces(fixture(name))

    assert (bounce.enhanced_code, bounce.bounce_class, bounce.remedy, bounce.action) == (
        code,
        bounce_class,
        remedy,
        action,
    )
    assert bounce.recipient == LEAD
    assert bounce.original_message_id == SENT_ID
    assert bounce.diagnostic


@pytest.mark.parametrize(
    "name", [path.stem for path in FIXTURES.glob("*.eml") if not path.stem.startswith("bounce_")]
)
def test_nothing_else_is_a_bounce(name: str) -> None:
    assert parse_bounces(fixture(name)) == ()


def test_a_person_called_postmaster_who_quotes_a_bounce_is_no_bounce() -> None:
    person = mail(
        "We saw 550 5.1.1 user unknown <grace@lead.example>: in our logs. What is it?",
        sender="postmaster@lead.example",
    )

    assert parse_bounces(person) == ()


@pytest.mark.parametrize(
    ("code", "text", "verdict"),
    [
        ("5.1.2", "Host not found", BounceVerdict(C.HARD, R.INVALIDATE_ADDRESS)),
        (None, "550 no such user here", BounceVerdict(C.HARD, R.INVALIDATE_ADDRESS)),
        (None, "host 203.0.113.9 said: 550 rejected", BounceVerdict(C.UNKNOWN, R.REVIEW)),
        ("4.2.2", "over quota", BounceVerdict(C.SOFT, R.RETRY_LATER)),
        ("4.7.0", "temporary failure", BounceVerdict(C.SOFT, R.RETRY_LATER)),
        ("4.7.1", "Greylisted, try again", BounceVerdict(C.SOFT, R.SLOW_LANE)),
        (None, "421 too many connections", BounceVerdict(C.SOFT, R.SLOW_LANE)),
        ("4.4.7", "message expired", BounceVerdict(C.SOFT, R.RETRY_LATER)),
        ("5.7.1", "message refused", BounceVerdict(C.BLOCK, R.PAUSE_SENDER)),
        ("5.1.8", "Access denied, bad outbound sender", BounceVerdict(C.BLOCK, R.PAUSE_SENDER)),
        ("5.7.233", "tenant has exceeded threshold", BounceVerdict(C.BLOCK, R.PAUSE_SENDER)),
        ("5.7.133", "RESOLVER.RST.SenderNotAuthenticatedForGroup", BounceVerdict(C.POLICY, R.FAIL_MESSAGE)),
        ("5.7.1", "message rejected as spam", BounceVerdict(C.POLICY, R.PAUSE_SENDER)),
        ("5.2.3", "", BounceVerdict(C.POLICY, R.FAIL_MESSAGE)),
        ("5.0.0", "", BounceVerdict(C.UNKNOWN, R.REVIEW)),
        (None, "", BounceVerdict(C.UNKNOWN, R.REVIEW)),
    ],
)
def test_the_policy_reads_code_and_text(code: str | None, text: str, verdict: BounceVerdict) -> None:
    assert judge_bounce(enhanced_code=code, diagnostic=text) == verdict


def test_three_soft_bounces_count_only_on_three_different_days() -> None:
    first, second, third = date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 23)

    assert not is_hard_by_repetition([first, first, first, second])
    assert is_hard_by_repetition([first, second, third])


def test_a_complaint_names_the_lead_and_our_mail() -> None:
    assert parse_feedback(fixture("complaint_arf")) == Complaint(
        feedback_type=FeedbackType.ABUSE,
        recipient=LEAD,
        original_message_id=SENT_ID,
        reporter="IspFeedback/2.1",
        source_ip="198.51.100.4",
        arrived_at=datetime(2026, 11, 23, 9, 12, 5, tzinfo=UTC),
    )


def test_not_spam_is_feedback_but_no_complaint() -> None:
    feedback = parse_feedback(fixture("feedback_not_spam"))

    assert feedback is not None
    assert not feedback.feedback_type.is_complaint
    assert parse_feedback(fixture("bounce_qmail")) is None
