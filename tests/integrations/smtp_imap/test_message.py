"""Outgoing bytes, looked at raw, since Python's parser would hide the mistakes."""

import email
import email.policy
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.senders.ports import OutgoingMail
from integrations.smtp_imap.message import serialise, stuff_dots

MAIL = OutgoingMail(
    message_id="<0190a1b2@example.com>",
    from_name="Jo Doe",
    from_address="jo@example.com",
    to_name="Ada",
    to_address="ada@example.org",
    subject="A question about your bakery",
    text_body="Hello Ada,\n\nhow are you?\n",
    html_body="<p>Hello Ada,</p><p>how are you?</p>",
    date=datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
)


def raw_headers(mail: OutgoingMail) -> dict[str, str]:
    """Unfold, without decoding anything."""
    head = serialise(mail).split(b"\r\n\r\n", 1)[0].decode("ascii").replace("\r\n ", " ")
    return dict(line.split(": ", 1) for line in head.split("\r\n"))


def parsed(mail: OutgoingMail) -> Any:
    return email.message_from_bytes(serialise(mail), policy=email.policy.default)


def content(part: Any) -> str:
    return str(part.get_content()).replace("\r\n", "\n")


def test_long_ids_and_urls_stay_in_one_piece() -> None:
    url = "https://u.example/" + "x" * 122
    parent = f"<{'p' * 78}@example.com>"
    references = tuple(f"<{index}{'r' * 70}@example.org>" for index in range(8))
    mail = replace(
        MAIL,
        list_unsubscribe_url=url,
        list_unsubscribe_mailto="u+token@example.com",
        in_reply_to=parent,
        references=references,
    )

    raw = serialise(mail)

    assert len(url) == 140
    assert len(parent) >= 90
    assert b"=?" not in raw
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    headers = raw_headers(mail)
    assert headers["List-Unsubscribe"] == f"<{url}>, <mailto:u+token@example.com>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["In-Reply-To"] == parent
    assert headers["References"].split() == list(references)


def test_references_are_trimmed_in_the_middle() -> None:
    references = tuple(f"<{index:03}{'r' * 60}@example.org>" for index in range(60))

    kept = raw_headers(replace(MAIL, references=references))["References"].split()

    assert kept[0] == references[0]
    assert kept[1:] == list(references[-len(kept) + 1 :])
    assert 900 - 80 < len(" ".join(kept)) <= 900


def test_text_comes_before_html_and_both_survive() -> None:
    message = parsed(replace(MAIL, text_body="Grüße\n.\n..dots\nFrom here", html_body="<p>Grüße</p>"))

    assert message.get_content_type() == "multipart/alternative"
    text, html = message.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert content(text) == "Grüße\n.\n..dots\nFrom here\n"
    assert content(html) == "<p>Grüße</p>\n"
    assert message.defects == []


def test_without_html_it_is_plain_text() -> None:
    message = parsed(replace(MAIL, html_body=None))

    assert message.get_content_type() == "text/plain"
    assert content(message) == MAIL.text_body


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        ("plain\n", "7bit"),
        ("x" * 998, "7bit"),
        ("x" * 999, "quoted-printable"),
        ("ein bisschen Ärger in einem langen Satz", "quoted-printable"),
        ("こんにちは、元気ですか", "base64"),
        ("", "7bit"),
    ],
)
def test_bodies_take_the_plainest_encoding_that_survives(body: str, encoding: str) -> None:
    message = parsed(replace(MAIL, text_body=body, html_body=None))

    assert message["Content-Transfer-Encoding"] == encoding
    assert content(message) == (body if body.endswith("\n") else body + "\n")


def test_headers_people_read_are_encoded() -> None:
    mail = replace(
        MAIL,
        from_name='Zoë "Z" Ünal, CEO',
        to_name='Doe, "J" \\',
        subject="Größere Brötchen für alle, jeden Morgen, überall in Österreich und darüber hinaus " * 2,
    )

    message = parsed(mail)

    assert message["Subject"] == mail.subject.strip() or message["Subject"] == mail.subject
    assert message["From"].addresses[0].display_name == mail.from_name
    assert message["From"].addresses[0].addr_spec == "jo@example.com"
    assert message["To"].addresses[0].display_name == mail.to_name
    head = serialise(mail).split(b"\r\n\r\n", 1)[0]
    assert max(map(len, head.split(b"\r\n"))) <= 78


def test_the_same_mail_gives_the_same_bytes() -> None:
    assert serialise(MAIL) == serialise(replace(MAIL))
    assert serialise(MAIL) != serialise(replace(MAIL, message_id="<other@example.com>"))


def test_a_plain_http_or_mailto_unsubscribe_promises_no_one_click() -> None:
    assert "List-Unsubscribe-Post" not in raw_headers(
        replace(MAIL, list_unsubscribe_url="http://u.example/x")
    )
    assert "List-Unsubscribe-Post" not in raw_headers(replace(MAIL, list_unsubscribe_mailto="u@example.com"))
    assert "List-Unsubscribe" not in raw_headers(MAIL)


def test_our_own_notices_say_what_they_are() -> None:
    mail = replace(MAIL, auto_submitted="auto-generated", extra_headers={"X-Auto-Response-Suppress": "All"})

    headers = raw_headers(mail)

    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["X-Auto-Response-Suppress"] == "All"


BREAKS = (
    "\r\nBcc: x@evil.example",
    "\nBcc: x@evil.example",
    "\rBcc: x",
    "\0",
    "\x0b",
    "\u2028Bcc: x",
    "\x85Bcc: x",
)
FIELDS: Mapping[str, str] = {
    "message_id": "<a@b>",
    "from_name": "Jo",
    "from_address": "jo@example.com",
    "to_name": "Ada",
    "to_address": "ada@example.org",
    "subject": "Hello",
    "reply_to": "jo@example.com",
    "in_reply_to": "<a@b>",
    "list_unsubscribe_url": "https://u.example/x",
    "list_unsubscribe_mailto": "u@example.com",
    "auto_submitted": "auto-generated",
}


@pytest.mark.parametrize("broken", BREAKS)
@pytest.mark.parametrize("name", FIELDS)
def test_no_header_can_be_injected(name: str, broken: str) -> None:
    with pytest.raises(Invalid):
        serialise(replace(MAIL, **{name: FIELDS[name] + broken}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "extra", [{"X-A": "b\r\nBcc: x"}, {"X-A\r\nBcc": "x"}, {"Bcc": "x@example.org"}, {"X-": "a"}]
)
def test_extra_headers_are_only_extra(extra: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        serialise(replace(MAIL, extra_headers=extra))


@pytest.mark.parametrize(
    "changes",
    [
        {"references": ("<a@b>", "<c d@e>")},
        {"references": ("a@b",)},
        {"to_address": "ada@example.org> RCPT TO:<eve@example.org"},
        {"to_address": "ada@bäckerei.example"},
        {"to_address": "ada@example.org, eve@example.org"},
        {"to_address": ""},
        {"list_unsubscribe_url": "javascript:alert(1)"},
        {"list_unsubscribe_url": "https://u.example/a>,<https://evil.example"},
        {"message_id": "<" + "x" * 1000 + "@example.com>"},
        {"date": datetime(2026, 11, 23, 9, 30)},  # noqa: DTZ001 - what must be refused
    ],
)
def test_malformed_parts_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        serialise(replace(MAIL, **changes))


def test_dots_are_stuffed() -> None:
    assert stuff_dots(b".\r\n..a\r\nb.\r\n.") == b"..\r\n...a\r\nb.\r\n.."


PRINTABLE = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=200)


@settings(max_examples=100, deadline=None)
@given(
    subject=PRINTABLE, name=PRINTABLE, body=st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
)
def test_any_words_give_a_valid_message(subject: str, name: str, body: str) -> None:
    raw = serialise(replace(MAIL, subject=subject, to_name=name, text_body=body, html_body=body))

    assert raw.isascii()
    assert raw.endswith(b"\r\n")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert message["Message-ID"] == MAIL.message_id
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
