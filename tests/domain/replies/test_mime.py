"""Raw bytes become a mail, whatever they are."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.replies.classifying import classify
from domain.replies.labels import Label
from domain.replies.matching import match_mail
from domain.replies.mime import InboundMail, MailAddress, bare_message_id, read_mail
from domain.replies.mime_parts import Attachment
from domain.replies.text import TEXT_BYTES_MAX
from tests.domain.replies.samples import FIXTURES, RECEIVED_AT, RECEIVED_ON, SENT_ID, fixture, sent

_SEEDS = [path.read_bytes() for path in sorted(FIXTURES.glob("*.eml"))]


def check_total(raw: bytes) -> InboundMail:
    mail = read_mail(raw)
    found = classify(mail, received_on=RECEIVED_ON)
    match_mail(mail, candidates=[sent()], received_at=RECEIVED_AT)
    assert found.label in Label
    for text in (mail.text_body, mail.new_text, mail.stripped_text, mail.subject, mail.sender.name):
        text.encode()
        assert "\0" not in text
        assert "\u202e" not in text
    assert len(mail.text_body.encode()) <= TEXT_BYTES_MAX
    return mail


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=2_000))
def test_any_bytes_give_a_mail_and_a_label(raw: bytes) -> None:
    check_total(raw)


@settings(max_examples=100, deadline=None)
@given(seed=st.sampled_from(_SEEDS), data=st.data())
def test_damaged_mails_give_a_mail_and_a_label(seed: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(seed)))
    length = data.draw(st.integers(0, 200))
    junk = data.draw(
        st.binary(max_size=50) | st.sampled_from([b"\0", b"=?utf-8?B?", b"boundary=", b"\xff", b"\r\n\r\n"])
    )

    check_total(seed[:at] + junk + seed[at + length :])


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(
        ["From", "To", "Date", "Subject", "Content-Type", "Content-Transfer-Encoding", "References"]
    ),
    st.text(max_size=60)
    | st.sampled_from(['text/plain; charset="\0"', "multipart/mixed; boundary*=x''%ff", "(((((("]),
)
def test_any_header_value_gives_a_mail(name: str, value: str) -> None:
    check_total(f"{name}: {value}\n\nbody".encode("utf-8", "surrogatepass"))


def test_headers_and_names_are_decoded() -> None:
    mail = fixture("human_outlook_html")

    assert mail.sender == MailAddress(name="Gräce Höpper", address="grace@lead.example")
    assert mail.subject == "AW: A question about your onboarding"
    assert mail.message_id == "outlook-1@mail.lead.example"
    assert mail.in_reply_to == (SENT_ID,)
    assert mail.sent_at == datetime(2026, 11, 23, 10, 15, 29, tzinfo=UTC)
    assert mail.stripped_text == "Guten Tag Frau Rep,\n\nwir haben derzeit keinen Bedarf."


def test_nested_parts_attachments_and_aliases_are_read() -> None:
    mail = fixture("human_attachments")

    assert mail.text_body == "Please find our requirements attached."
    assert mail.attachments == (
        Attachment(name="logo.png", content_type="image/png", size_bytes=8),
        Attachment(name="Anforderungen ü.pdf", content_type="application/pdf", size_bytes=9),
    )
    assert mail.sender == MailAddress(name="Hopper, Grace", address="grace@lead.example")
    assert [each.address for each in mail.to] == ["ada@plera-sender.example", "second@plera-sender.example"]
    assert mail.cc == (MailAddress(name="Jean Bartik", address="jean@lead.example"),)
    assert mail.delivered_to == ("ada+k7qx9@plera-sender.example",)


def test_html_becomes_text_without_hidden_words_and_with_quotes_marked() -> None:
    mail = fixture("human_gmail_html_only")

    assert mail.new_text == "Happy to have a call.\nHow about Thursday?"
    assert "> unsubscribe me" in mail.text_body
    assert "remove me" not in mail.text_body


def test_invisible_and_direction_changing_characters_are_gone() -> None:
    assert fixture("human_nul_and_bidi").text_body == "Who else uses it?"


def test_bytes_in_another_charset_than_labelled_are_readable() -> None:
    assert fixture("human_charset_liar").new_text == "Das wäre spannend für uns, können wir telefonieren?"


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        (b"Subject: Gr\xc3\xbc\xc3\x9fe\n\nx", "Grüße"),
        (b"Subject: Gr\xfc\xdfe\n\nx", "Grüße"),
        (b"Subject: =?utf-8?B?R3LDvMOf?=\n =?utf-8?B?ZQ==?=\n\nx", "Grüße"),
        (b"Subject: =?nonsense?Q?Gr=FC=DFe?=\n\nx", "Grüße"),
        (b"Subject: =?utf-8?B?%%%?=\n\nx", "=?utf-8?B?%%%?="),
        (b"Subject: a\0b\n\nx", "ab"),
    ],
)
def test_subjects_survive_bad_encodings(raw: bytes, subject: str) -> None:
    assert read_mail(raw).subject == subject


def test_a_mail_without_headers_has_empty_ones_and_a_stable_key() -> None:
    mail = read_mail(b"\n\nhello")

    assert (mail.message_id, mail.references, mail.sender.address, mail.sent_at) == ("", (), "", None)
    assert mail.dedupe_key == read_mail(b"\n\nhello").dedupe_key
    assert mail.dedupe_key != read_mail(b"\n\nhullo").dedupe_key


def test_a_huge_body_is_capped_and_a_huge_mail_says_so() -> None:
    assert len(read_mail(b"\n" + "ü".encode() * 200_000).text_body.encode()) == TEXT_BYTES_MAX
    huge = read_mail(b"Subject: big\n\n" + b"x" * 11_000_000)
    assert huge.is_truncated
    assert huge.subject == "big"


def test_hundreds_of_nested_parts_leave_the_headers() -> None:
    bomb = b"Subject: bomb\nFrom: grace@lead.example\n" + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level) for level in range(900)
    )
    mail = read_mail(bomb)

    assert (mail.subject, mail.sender.address, mail.text_body, mail.is_truncated) == (
        "bomb",
        "grace@lead.example",
        "",
        True,
    )


@pytest.mark.parametrize(
    "body",
    [
        "Best\n" * 20000,
        "On a 1\n" * 15000,
        "remove me to unsubscribe http: " * 3000,
        "a@" * 50000,
        "\n" * 100000,
        "until the 5 " * 8000,
        "=?a?q?" * 16000,
        "mailbox rejected as " * 5000,
    ],
    ids=lambda body: body[:12].strip() or "blank",
)
def test_hostile_repetition_is_read_before_the_suite_s_timeout(body: str) -> None:
    """Backtracking would need minutes, more than any test may take."""
    check_total(
        f"From: mailer-daemon@x.example\nReturn-Path: <>\nSubject: {body[:2000]!r}\n\n{body}".encode()
    )


def test_message_ids_are_bare_whatever_they_look_like() -> None:
    assert bare_message_id(" <a@b.example> ") == "a@b.example"
    assert bare_message_id("a@b.example") == "a@b.example"
    assert read_mail(b"References: <1@x> <2@x>\n\t<1@x>\n\n").references == ("1@x", "2@x")
