"""What we conclude about an e-mail address without writing to it, and what that allows.

Nobody is probed over SMTP: port 25 is usually closed, large providers lie, and it harms the sender's
reputation. VALID therefore means: well-formed, the domain takes mail, nothing speaks against it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class EmailStatus(StrEnum):
    """The verdict on an address."""

    VALID = "VALID"
    RISKY = "RISKY"
    CATCH_ALL = "CATCH_ALL"  # the domain accepts every name, so this one proves nothing
    INVALID = "INVALID"
    DISPOSABLE = "DISPOSABLE"
    UNKNOWN = "UNKNOWN"


class EmailReason(StrEnum):
    """Why; several may hold at once."""

    SYNTAX = "SYNTAX"
    NO_SUCH_DOMAIN = "NO_SUCH_DOMAIN"
    NULL_MX = "NULL_MX"  # RFC 7505: the domain says it takes no mail
    NO_MAIL_SERVER = "NO_MAIL_SERVER"
    ADDRESS_RECORD_ONLY = "ADDRESS_RECORD_ONLY"  # RFC 5321 5.1: mail goes to the A record; rarely meant
    DNS_UNAVAILABLE = "DNS_UNAVAILABLE"
    DISPOSABLE_DOMAIN = "DISPOSABLE_DOMAIN"
    ROLE_ADDRESS = "ROLE_ADDRESS"
    WEBMAIL = "WEBMAIL"
    ACCEPTS_ALL = "ACCEPTS_ALL"
    MX_FOUND = "MX_FOUND"


class MailRouting(StrEnum):
    """What DNS says about a domain's mail."""

    MX = "MX"
    NULL_MX = "NULL_MX"
    ADDRESS_ONLY = "ADDRESS_ONLY"
    NOWHERE = "NOWHERE"  # the domain exists, but nothing takes mail
    NO_DOMAIN = "NO_DOMAIN"
    UNAVAILABLE = "UNAVAILABLE"  # no answer in time, or a failing name server


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailSignals:
    """What is known about an address. ``routing`` is None if the syntax is already wrong."""

    syntax_valid: bool
    routing: MailRouting | None = None
    disposable: bool = False
    role: bool = False
    webmail: bool = False
    accepts_all: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailVerdict:
    """A dated judgement.

    Args:
        address: normalised (domain in lower-case IDNA, Unicode form), or as given when the syntax is wrong.
        reasons: every signal that counted, the decisive one first.
        mail_hosts: the domain's mail servers, the preferred first.
        expires_at: from when on it has to be asked again.
    """

    address: str
    status: EmailStatus
    reasons: tuple[EmailReason, ...]
    mail_hosts: tuple[str, ...]
    checked_at: datetime
    expires_at: datetime


_TTL_DAYS = {
    EmailStatus.VALID: 30,
    EmailStatus.RISKY: 14,
    EmailStatus.CATCH_ALL: 14,
    EmailStatus.UNKNOWN: 3,
    EmailStatus.INVALID: 180,
    EmailStatus.DISPOSABLE: 180,
}
_DEAD_ENDS = {
    MailRouting.NO_DOMAIN: EmailReason.NO_SUCH_DOMAIN,
    MailRouting.NULL_MX: EmailReason.NULL_MX,
    MailRouting.NOWHERE: EmailReason.NO_MAIL_SERVER,
}


def judge_address(signals: EmailSignals) -> tuple[EmailStatus, tuple[EmailReason, ...]]:
    """Return the verdict and its reasons; the worst signal decides, the others are still told."""
    if not signals.syntax_valid:
        return EmailStatus.INVALID, (EmailReason.SYNTAX,)
    doubts = _doubts(signals)
    if signals.routing in _DEAD_ENDS:
        return EmailStatus.INVALID, (_DEAD_ENDS[signals.routing], *doubts)
    if signals.disposable:
        return EmailStatus.DISPOSABLE, (EmailReason.DISPOSABLE_DOMAIN, *doubts)
    if signals.routing in (None, MailRouting.UNAVAILABLE):
        return EmailStatus.UNKNOWN, (EmailReason.DNS_UNAVAILABLE, *doubts)
    if signals.accepts_all:
        return EmailStatus.CATCH_ALL, (EmailReason.ACCEPTS_ALL, *doubts)
    if doubts:
        return EmailStatus.RISKY, doubts
    return EmailStatus.VALID, (EmailReason.MX_FOUND,)


def _doubts(signals: EmailSignals) -> tuple[EmailReason, ...]:
    found = (
        (signals.role, EmailReason.ROLE_ADDRESS),
        (signals.webmail, EmailReason.WEBMAIL),
        (signals.routing is MailRouting.ADDRESS_ONLY, EmailReason.ADDRESS_RECORD_ONLY),
    )
    return tuple(reason for holds, reason in found if holds)


def verdict_expires_at(status: EmailStatus, *, checked_at: datetime) -> datetime:
    """Return when a verdict is stale: valid 30 days, risky and catch-all 14, unknown 3, refusals 180."""
    return checked_at + timedelta(days=_TTL_DAYS[status])
