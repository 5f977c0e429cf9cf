"""The parts of a parsed message: its readable body, its machine-readable reports, its attachments."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from email.utils import collapse_rfc2231_value

from domain.replies.encoding import decode_bytes, decode_words
from domain.replies.html_text import html_to_text
from domain.replies.text import TEXT_BYTES_MAX, clean_line, clean_text

PARTS_MAX = 200
_PART_BYTES_MAX = 2_000_000
_ATTACHMENTS_MAX = 50
_BLOCKS_MAX = 50
_FIELDS_MAX = 100

DELIVERY_STATUS = ("message/delivery-status", "message/global-delivery-status")
FEEDBACK_REPORT = "message/feedback-report"
DISPOSITION = ("message/disposition-notification", "message/global-disposition-notification")
ORIGINAL = (
    "message/rfc822",
    "message/global",
    "text/rfc822-headers",
    "text/rfc822-header",
    "message/global-headers",
)
_STATUS = (*DELIVERY_STATUS, FEEDBACK_REPORT, *DISPOSITION)
_FAILURES = (ValueError, LookupError, TypeError, AttributeError, AssertionError)
_CALENDAR_METHOD = re.compile(r"^METHOD:\s{0,5}([A-Za-z]{3,20})", re.MULTILINE)

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ReportPart:
    """A part with header-like fields.

    Args:
        content_type: lower case.
        blocks: groups of (lower-case name, one-line value); a delivery status has one per message, then one per
            recipient; an embedded original has one, its headers.
    """

    content_type: str
    blocks: tuple[Fields, ...]

    def field(self, name: str) -> str | None:
        """Return the first value of a field in any block, or None."""
        return next((found for block in self.blocks if (found := field_of(block, name)) is not None), None)


@dataclass(frozen=True, slots=True)
class Attachment:
    """What came along; the content itself isn't kept. ``size_bytes`` is the decoded size."""

    name: str
    content_type: str
    size_bytes: int


def field_of(block: Fields, name: str) -> str | None:
    """Return the first value of ``name`` (lower case) in a block, or None."""
    return next((value for kept, value in block if kept == name), None)


def read_body(message: Message) -> str:
    """Return the cleaned text a person would read, at most 100 kB; HTML only where there is no plain text."""
    return clean_text("\n".join(text for text in _texts(message) if text.strip()))


def list_reports(message: Message) -> tuple[ReportPart, ...]:
    """Return delivery-status, feedback, disposition parts and the headers of embedded originals, in order."""
    return tuple(
        ReportPart(content_type=part.get_content_type(), blocks=_blocks(part))
        for part in _walk(message)
        if part.get_content_type() in (*_STATUS, *ORIGINAL)
    )


def list_attachments(message: Message) -> tuple[Attachment, ...]:
    """Return name, type and size of at most 50 attached files."""
    found = (part for part in _walk(message) if not part.is_multipart() and _is_attachment(part))
    return tuple(
        Attachment(name=_file_name(part), content_type=part.get_content_type()[:100], size_bytes=_size(part))
        for part, _ in zip(found, range(_ATTACHMENTS_MAX), strict=False)
    )


def read_calendar_method(message: Message) -> str | None:
    """Return the iTIP method (RFC 5546) of the first calendar part, upper case, or None without one."""
    for part in _walk(message):
        if part.get_content_type() in {"text/calendar", "application/ics"} and not part.is_multipart():
            named = _parameter(part, "method") or ""
            inside = _CALENDAR_METHOD.search(_text(part)[:20_000])
            return clean_line(named or (inside.group(1) if inside else "PUBLISH"), length_max=20).upper()
    return None


def _walk(message: Message) -> Iterator[Message]:
    """Yield parts in order, not those inside embedded messages, at most 200."""
    waiting, seen = [message], 0
    while waiting and seen < PARTS_MAX:
        part = waiting.pop(0)
        seen += 1
        yield part
        if part.is_multipart() and part.get_content_maintype() == "multipart":
            waiting[:0] = _children(part)


def _children(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [child for child in payload if isinstance(child, Message)] if isinstance(payload, list) else []


def _texts(part: Message) -> list[str]:
    kind = part.get_content_type()
    if kind == "multipart/alternative":
        return _best_alternative(part)
    if part.get_content_maintype() == "multipart":
        return [text for child in _children(part)[:PARTS_MAX] for text in _texts(child)]
    if part.is_multipart() or _is_attachment(part):
        return []
    if kind == "text/html":
        return [html_to_text(_text(part))]
    return [_text(part)] if kind in {"text/plain", "text/enriched"} else []


def _best_alternative(part: Message) -> list[str]:
    choices = _children(part)[:PARTS_MAX]
    plain = [text for child in choices if child.get_content_type() == "text/plain" for text in _texts(child)]
    if any(text.strip() for text in plain):
        return plain
    by_richness = (_texts(child) for child in reversed(choices))
    return next((texts for texts in by_richness if any(text.strip() for text in texts)), [])


def _blocks(part: Message) -> tuple[Fields, ...]:
    children = _children(part) if part.is_multipart() else [_headers_of(_text(part))]
    blocks: list[Fields] = []
    for child in children[:_BLOCKS_MAX]:
        blocks.append(_fields(child))
        rest = child.get_payload()
        if part.get_content_type() in _STATUS and isinstance(rest, str) and rest.strip():
            paragraphs = re.split(r"\n[ \t]*\n", rest[:50_000].replace("\r\n", "\n").strip())
            blocks.extend(_fields(_headers_of(paragraph)) for paragraph in paragraphs[:_BLOCKS_MAX])
    return tuple(block for block in blocks if block)[:_BLOCKS_MAX]


def _headers_of(text: str) -> Message:
    return HeaderParser().parsestr(text[:TEXT_BYTES_MAX].lstrip())


def _fields(message: Message) -> Fields:
    pairs = [(name, value) for name, value in message.raw_items() if isinstance(value, str)][:_FIELDS_MAX]
    return tuple(
        (name.lower()[:100], clean_line(decode_words(value, length_max=4_000))) for name, value in pairs
    )


def _is_attachment(part: Message) -> bool:
    disposition = (_disposition(part) or "").lower()
    if part.get_content_type() in {"text/plain", "text/html"}:
        return disposition == "attachment" or (bool(_file_name(part)) and disposition != "inline")
    return part.get_content_type() not in {*_STATUS, *ORIGINAL, "text/enriched"}


def _disposition(part: Message) -> str | None:
    try:
        return part.get_content_disposition()
    except _FAILURES:
        return None


def _file_name(part: Message) -> str:
    try:
        name = part.get_filename() or ""
    except _FAILURES:
        return ""
    return clean_line(decode_words(name, length_max=1_000), length_max=255)


def _parameter(part: Message, name: str) -> str | None:
    try:
        value = part.get_param(name)
        return collapse_rfc2231_value(value) if value is not None else None
    except _FAILURES:
        return None


def _text(part: Message) -> str:
    return decode_bytes(_content(part), charset=_parameter(part, "charset"))


def _content(part: Message) -> bytes:
    try:
        content = part.get_payload(decode=True)
    except _FAILURES:
        return b""
    return content[:_PART_BYTES_MAX] if isinstance(content, bytes) else b""


def _size(part: Message) -> int:
    try:
        content = part.get_payload(decode=True)
    except _FAILURES:
        return 0
    return len(content) if isinstance(content, bytes) else 0
