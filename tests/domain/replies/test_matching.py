"""Which of our mails an inbound one belongs to."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.replies.matching import NO_MATCH, MatchBy, Participant, match_mail, normalise_subject
from domain.replies.mime import InboundMail
from tests.domain.replies.samples import (
    DELIVERY,
    LEAD,
    OTHER_DELIVERY,
    RECEIVED_AT,
    SENT_ID,
    fixture,
    mail,
    sent,
)


def by(found: InboundMail, *candidates: object) -> tuple[MatchBy, object, Participant]:
    match = match_mail(found, candidates=candidates or [sent()], received_at=RECEIVED_AT)  # type: ignore[arg-type]
    return match.by, match.delivery_id, match.participant


def test_references_win_over_everything_and_the_nearest_counts() -> None:
    older = sent(delivery_id=OTHER_DELIVERY, message_ids=("<older@x>",), plus_token="k7qx9")
    answer = mail(
        "yes",
        headers=f"References: <older@x> <unknown@x> <{SENT_ID}>\nDelivered-To: ada+k7qx9@plera-sender.example\n",
    )

    assert by(answer, older, sent()) == (MatchBy.REFERENCES, DELIVERY, Participant.LEAD)


def test_an_alias_matches_when_references_are_lost() -> None:
    answer = fixture("human_attachments")

    assert by(answer, sent(plus_token="k7Qx9")) == (MatchBy.ALIAS, DELIVERY, Participant.LEAD)


def test_the_lead_s_address_matches_with_and_without_the_subject() -> None:
    same = match_mail(
        mail("hi", subject="AW: [EXTERNAL] a question  about your Onboarding"),
        candidates=[sent()],
        received_at=RECEIVED_AT,
    )
    fresh = match_mail(mail("hi", subject="Something else"), candidates=[sent()], received_at=RECEIVED_AT)

    assert (same.by, same.score) == (MatchBy.ADDRESS, 0.8)
    assert (fresh.by, fresh.score) == (MatchBy.ADDRESS, 0.5)


def test_a_colleague_matches_only_with_the_subject() -> None:
    same = mail("hi", sender="jean@lead.example", subject="Re: A question about your onboarding")
    other = mail("hi", sender="jean@lead.example", subject="Invoice")

    assert by(same) == (MatchBy.DOMAIN, DELIVERY, Participant.COLLEAGUE)
    assert by(other) == (MatchBy.NONE, None, Participant.STRANGER)


def test_people_at_a_shared_mail_domain_are_no_colleagues() -> None:
    stranger = mail("hi", sender="someone@gmail.com", subject="Re: A question about your onboarding")

    assert by(stranger, sent(recipient="grace@gmail.com")) == (MatchBy.NONE, None, Participant.STRANGER)


def test_sixty_days_later_the_subject_says_nothing() -> None:
    answer = mail("hi", subject="Re: A question about your onboarding")
    at = datetime(2026, 11, 23, 9, 12, tzinfo=UTC) + timedelta(days=60, seconds=1)

    assert match_mail(answer, candidates=[sent()], received_at=at) == NO_MATCH


@pytest.mark.parametrize(
    "name", ["bounce_gmail_unknown_user", "bounce_qmail", "bounce_exim_header", "complaint_arf"]
)
def test_a_report_matches_by_the_original_s_id(name: str) -> None:
    assert by(fixture(name)) == (MatchBy.REFERENCES, DELIVERY, Participant.LEAD)


def test_a_bounce_of_somebody_else_s_mail_is_not_ours_though_the_recipient_is_our_lead() -> None:
    assert (
        match_mail(fixture("bounce_foreign_mail"), candidates=[sent()], received_at=RECEIVED_AT) == NO_MATCH
    )


def test_a_bounce_without_the_original_matches_by_recipient() -> None:
    text = "Hi. This is the qmail-send program at x.\nI'm afraid.\n\n<grace@lead.example>:\nno mailbox here\n"
    bounce = mail(
        text, sender="MAILER-DAEMON@x.example", subject="failure notice", headers="Return-Path: <>\n"
    )

    assert by(bounce) == (MatchBy.ADDRESS, DELIVERY, Participant.LEAD)
    assert by(bounce, sent(recipient="other@lead.example")) == (MatchBy.NONE, None, Participant.STRANGER)


def test_of_several_mails_to_the_lead_the_latest_counts() -> None:
    earlier = sent(
        delivery_id=OTHER_DELIVERY, sent_at=datetime(2026, 11, 1, tzinfo=UTC), message_ids=("<e@x>",)
    )

    assert by(mail("hi", sender=LEAD, subject="New"), earlier, sent())[1] == DELIVERY


@pytest.mark.parametrize(
    ("subject", "plain"),
    [
        ("Re: RE[2]: Fwd: Hi", "hi"),
        ("Réponse automatique : Hi", "hi"),
        ("Regarding: Hi", "regarding: hi"),
        ("Re:", ""),
    ],
)
def test_subjects_lose_their_prefixes(subject: str, plain: str) -> None:
    assert normalise_subject(subject) == plain
