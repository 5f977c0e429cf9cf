"""What refusals mean: the table of outside-world 1.7, and the replies real providers give."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.senders.smtp_codes import Meaning, Stage, find_enhanced_code, read_refusal


@pytest.mark.parametrize(
    ("code", "text", "stage", "meaning"),
    [
        (
            450,
            "4.2.0 Recipient address rejected: Greylisted",
            Stage.RECIPIENT,
            Meaning.THROTTLED,
        ),
        (451, "4.7.1 Please try again later", Stage.RECIPIENT, Meaning.THROTTLED),
        (
            421,
            "4.7.0 We have detected an unusual rate of mail",
            Stage.CONTENT,
            Meaning.THROTTLED,
        ),
        (421, "service shutting down", Stage.GREETING, Meaning.THROTTLED),
        (452, "4.2.2 The recipient's mailbox is full", Stage.RECIPIENT, Meaning.SOFT),
        (451, "4.3.0 Mail server temporarily out of disk", Stage.CONTENT, Meaning.SOFT),
        (451, "4.4.1 No answer from host", Stage.CONTENT, Meaning.SOFT),
        (454, "4.7.0 Temporary lookup failure", Stage.RECIPIENT, Meaning.SOFT),
        (550, "5.1.1 User unknown", Stage.RECIPIENT, Meaning.HARD),
        (550, "5.1.2 Bad destination system", Stage.RECIPIENT, Meaning.HARD),
        (550, "5.1.3 Bad address syntax", Stage.RECIPIENT, Meaning.HARD),
        (550, "5.1.6 Mailbox has moved", Stage.RECIPIENT, Meaning.HARD),
        (556, "5.1.10 Recipient address has null MX", Stage.RECIPIENT, Meaning.HARD),
        (550, "5.2.1 The account is disabled", Stage.RECIPIENT, Meaning.HARD),
        (550, "5.4.1 Recipient address rejected: Access denied", Stage.RECIPIENT, Meaning.HARD),
        (550, "5.7.1 <x@example.org>: no such user here", Stage.RECIPIENT, Meaning.HARD),
        (550, "No thank you", Stage.RECIPIENT, Meaning.HARD),
        (552, "5.2.2 Mailbox full", Stage.RECIPIENT, Meaning.SOFT),
        (552, "Mailbox over its allocation", Stage.RECIPIENT, Meaning.SOFT),
        (550, "5.7.1 Message refused by policy", Stage.CONTENT, Meaning.SENDER_FAULT),
        (550, "5.7.26 This mail is unauthenticated", Stage.CONTENT, Meaning.SENDER_FAULT),
        (550, "5.7.515 Access denied, sending domain fails DMARC", Stage.CONTENT, Meaning.SENDER_FAULT),
        (550, "5.7.233 Tenant exceeded its external recipient limit", Stage.RECIPIENT, Meaning.SENDER_FAULT),
        (501, "5.1.8 Access denied, bad outbound sender", Stage.CONTENT, Meaning.SENDER_FAULT),
        (
            550,
            "5.1.1 Sender address rejected",
            Stage.RECIPIENT,
            Meaning.SENDER_FAULT,
        ),
        (550, "5.4.5 Daily user sending limit exceeded", Stage.CONTENT, Meaning.SENDER_FAULT),
        (554, "5.7.1 <ada@example.org>: Relay access denied", Stage.RECIPIENT, Meaning.SENDER_FAULT),
        (553, "you may not write as this person", Stage.SENDER, Meaning.SENDER_FAULT),
        (554, "no service for you", Stage.GREETING, Meaning.SENDER_FAULT),
        (552, "5.3.4 Message size exceeds the limit", Stage.SENDER, Meaning.CONTENT),
        (552, "5.2.3 Too long for this recipient", Stage.CONTENT, Meaning.CONTENT),
        (552, "message too large", Stage.SENDER, Meaning.CONTENT),
        (554, "5.6.0 Malformed headers", Stage.CONTENT, Meaning.CONTENT),
        (554, "Transaction failed", Stage.CONTENT, Meaning.REFUSED),
        (550, "No thank you", Stage.CONTENT, Meaning.REFUSED),
        (554, "5.4.6 Routing loop detected", Stage.CONTENT, Meaning.REFUSED),
    ],
)
def test_a_reply_means(code: int, text: str, stage: Stage, meaning: Meaning) -> None:
    refusal = read_refusal(code=code, text=text, stage=stage)

    assert refusal.meaning is meaning
    assert (refusal.code, refusal.text) == (code, text)


def test_a_bounce_is_read_by_its_status() -> None:
    refusal = read_refusal(code=0, text="smtp; 550 gone", stage=Stage.REPORT, enhanced="5.1.1")

    assert refusal.meaning is Meaning.HARD
    assert not refusal.may_pass


def test_a_delayed_bounce_may_pass() -> None:
    assert read_refusal(
        code=0, text="smtp; connection timed out", stage=Stage.REPORT, enhanced="4.4.1"
    ).may_pass


@pytest.mark.parametrize(
    ("text", "enhanced"),
    [
        ("5.1.1 gone", "5.1.1"),
        ("5.7.139", "5.7.139"),
        ("gone 5.1.1", None),
        ("5.1 gone", None),
        ("10.0.0.1 listed", None),
    ],
)
def test_the_enhanced_code_stands_at_the_start(text: str, enhanced: str | None) -> None:
    assert find_enhanced_code(text) == enhanced


@settings(max_examples=100)
@given(code=st.integers(400, 599), text=st.text(max_size=80), stage=st.sampled_from(Stage))
def test_every_reply_is_read_and_only_temporary_ones_or_full_mailboxes_may_pass(
    code: int, text: str, stage: Stage
) -> None:
    refusal = read_refusal(code=code, text=text, stage=stage)

    assert refusal.meaning in Meaning
    if code < 500:
        assert refusal.may_pass
    if refusal.meaning is Meaning.THROTTLED:
        assert code < 500 or (refusal.enhanced or "").startswith("4")
