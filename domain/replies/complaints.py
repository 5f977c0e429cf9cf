"""Spam complaints as mailbox providers report them (ARF, RFC 5965)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

from domain.replies.bounces import find_original_message_id
from domain.replies.mime import InboundMail
from domain.replies.mime_parts import FEEDBACK_REPORT, ORIGINAL

_ADDRESS = re.compile(r"[^\s<>,;:\"()@]{1,128}@[^\s<>,;:\"()@]{1,253}")


class FeedbackType(StrEnum):
    """What the report is about (RFC 5965, 7.3; auth-failure: RFC 6591)."""

    ABUSE = "abuse"
    FRAUD = "fraud"
    VIRUS = "virus"
    OTHER = "other"
    NOT_SPAM = "not-spam"
    AUTH_FAILURE = "auth-failure"

    @property
    def is_complaint(self) -> bool:
        """Whether a recipient objected; the last two say something else."""
        return self not in {FeedbackType.NOT_SPAM, FeedbackType.AUTH_FAILURE}


@dataclass(frozen=True, slots=True)
class Complaint:
    """A recipient pressed "spam".

    Args:
        recipient: who, lower case; None where the provider hides it.
        original_message_id: bare id of our mail; None when hidden.
        reporter: name of the reporting software.
        arrived_at: when our mail came there, aware UTC.
    """

    feedback_type: FeedbackType
    recipient: str | None
    original_message_id: str | None
    reporter: str
    source_ip: str | None
    arrived_at: datetime | None


def parse_feedback(mail: InboundMail) -> Complaint | None:
    """Return a feedback report of any type, or None when the mail carries none; see ``FeedbackType.is_complaint``."""
    report = mail.report(FEEDBACK_REPORT)
    if report is None or report.field("feedback-type") is None:
        return None
    original = mail.report(*ORIGINAL)
    recipient = _address(report.field("original-rcpt-to")) or _address(
        original.field("to") if original else None
    )
    return Complaint(
        feedback_type=_feedback_type(report.field("feedback-type") or ""),
        recipient=recipient,
        original_message_id=find_original_message_id(mail),
        reporter=report.field("user-agent") or "",
        source_ip=report.field("source-ip"),
        arrived_at=_moment(report.field("arrival-date") or report.field("received-date")),
    )


def _feedback_type(word: str) -> FeedbackType:
    try:
        return FeedbackType(word.strip().lower())
    except ValueError:
        return FeedbackType.OTHER  # RFC 5965, 7.3: unknown types are treated as "other"


def _address(value: str | None) -> str | None:
    found = _ADDRESS.search(value or "")
    address = found.group().lower() if found else None
    return None if address is None or "redacted" in address else address


def _moment(value: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime((value or "")[:100])
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
