"""An ``OutgoingMail`` as the bytes that go over the wire: always the same ones for the same mail.

Bodies are 7bit, quoted-printable or base64, never 8bit: a relay that must convert it breaks DKIM signatures.
"""

import re
from base64 import encodebytes
from binascii import b2a_qp
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256

from domain.errors import Invalid
from domain.senders.ports import OutgoingMail
from integrations.smtp_imap.headers import (
    LINE_OCTETS_MAX,
    address_header,
    ids_header,
    links_header,
    text_header,
    trim_references,
)

_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_EXTRA_NAME = re.compile(r"X-[A-Za-z0-9-]{1,60}", re.IGNORECASE)
_LEADING_DOT = re.compile(rb"(?m)^\.")


def serialise(mail: OutgoingMail) -> bytes:
    """Return the message with CRLF line ends, ending in one.

    Raises:
        Invalid: a header holds a line break, an id, address or link is malformed, or a word is too long.
    """
    text = _part("plain", mail.text_body)
    if mail.html_body is None:
        return "\r\n".join([*_headers(mail), text]).encode("ascii")
    boundary = f"=_{sha256(mail.message_id.encode()).hexdigest()[:40]}"
    kind = f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"'
    html = _part("html", mail.html_body)
    parts = f"--{boundary}\r\n{text}\r\n--{boundary}\r\n{html}\r\n--{boundary}--\r\n"
    return "\r\n".join([*_headers(mail), kind, "", parts]).encode("ascii")


def stuff_dots(message: bytes) -> bytes:
    """Double each dot that begins a line, so that none of them ends the message (RFC 5321 4.5.2)."""
    return _LEADING_DOT.sub(b"..", message)


def _headers(mail: OutgoingMail) -> list[str]:
    lines = [
        f"Date: {_date(mail.date)}",
        address_header("From", person=mail.from_name, address=mail.from_address),
        address_header("To", person=mail.to_name, address=mail.to_address),
        text_header("Subject", mail.subject),
        ids_header("Message-ID", [mail.message_id]),
    ]
    if mail.reply_to:
        lines.append(address_header("Reply-To", person="", address=mail.reply_to))
    if mail.in_reply_to:
        lines.append(ids_header("In-Reply-To", [mail.in_reply_to]))
    if mail.references:
        lines.append(ids_header("References", trim_references(mail.references)))
    lines += _unsubscribe_headers(mail)
    if mail.auto_submitted:
        lines.append(text_header("Auto-Submitted", mail.auto_submitted))
    lines += [_extra_header(name, value) for name, value in mail.extra_headers.items()]
    return [*lines, "MIME-Version: 1.0"]


def _unsubscribe_headers(mail: OutgoingMail) -> list[str]:
    url, mailto = mail.list_unsubscribe_url, mail.list_unsubscribe_mailto
    links = [link for link in (url, mailto and f"mailto:{mailto.removeprefix('mailto:')}") if link]
    if not links:
        return []
    header = links_header("List-Unsubscribe", links)
    one_click = url is not None and url.startswith("https:")  # RFC 8058 knows HTTPS alone
    return [header, "List-Unsubscribe-Post: List-Unsubscribe=One-Click"] if one_click else [header]


def _extra_header(name: str, value: str) -> str:
    if not _EXTRA_NAME.fullmatch(name):
        raise Invalid("an extra header's name must begin with X- and hold only letters, digits and hyphens")
    return text_header(name, value)


def _date(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise Invalid("the date of a message needs a time zone")
    return format_datetime(moment.astimezone(UTC))


def _part(subtype: str, body: str) -> str:
    """Return one body with its content headers, in the plainest encoding that survives every relay."""
    text = _LINE_BREAK.sub("\r\n", body)
    if not text.endswith("\r\n"):
        text += "\r\n"
    encoding, encoded = _encode(text)
    charset = "us-ascii" if encoding == "7bit" else "utf-8"
    return (
        f"Content-Type: text/{subtype}; charset={charset}\r\n"
        f"Content-Transfer-Encoding: {encoding}\r\n\r\n{encoded}"
    )


def _encode(text: str) -> tuple[str, str]:
    if text.isascii() and "\0" not in text and max(map(len, text.split("\r\n"))) <= LINE_OCTETS_MAX:
        return "7bit", text
    octets = text.encode()
    quoted = b2a_qp(octets, istext=True).decode("ascii")
    if len(quoted) <= len(octets) * 4 / 3:
        return "quoted-printable", quoted
    return "base64", encodebytes(octets).decode("ascii").replace("\n", "\r\n")
