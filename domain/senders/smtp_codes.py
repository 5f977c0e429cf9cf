"""What a mail server's refusal means for us: the recipient, the sender, the content or only the moment.

Sources: RFC 5321 section 4.2 (reply codes), RFC 3463 and the registry of RFC 5248 (enhanced codes), and
what providers are seen to write. They put 5.7.x on unknown users and 5.1.x on blocked senders, so the text
is read as well.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

_ENHANCED = re.compile(r"^\s*([245])\.(\d{1,3})\.(\d{1,3})(?=[\s:;,-]|$)")


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_UNKNOWN_USER = _any_of(
    r"user unknown",
    r"unknown (user|recipient|mailbox|local|address)",
    r"no such (user|recipient|mailbox|person|address|account)",
    r"(user|recipient|mailbox|account|address)\S*( \S+)? (does not|doesn't) exist",
    r"(user|recipient|mailbox|address) not found",
    r"invalid (recipient|mailbox|user)",
    r"no mailbox here",
    r"recipnotfound",
    r"recipient address rejected: (access denied|undeliverable)",
    r"(account|mailbox|recipient)( \S+)? (is|has been) (disabled|deactivated|closed|inactive)",
)
_SENDER_AT_FAULT = _any_of(
    r"sender\S*( \S+)? (\S+ )?(rejected|blocked|denied|not owned|not allowed|suspended)",
    r"send as this sender",
    r"\b(spf|dkim|dmarc)\b|unauthenticated",
    r"(block|black) ?list|spamhaus|reputation|unsolicited|\bspam\b",
    r"relay(ing)? (access )?denied",
    r"(sending|outbound|recipient) (\S+ )?(limit|quota)",
)
_THROTTLED = _any_of(
    r"gr[ea]y-?list",
    r"\brate\b|throttl|limit|unusual",
    r"too (many|fast|much)|slow down",
    r"temporar(y|ily) (deferred|blocked)",
)
_TOO_LARGE = re.compile(r"too (large|big)|size|exceeds", re.IGNORECASE)

_HARD = {(1, 1), (1, 2), (1, 3), (1, 6), (1, 10), (2, 1)}
_SENDER = {(1, 7), (1, 8), (4, 5)}  # 5.4.5 is Gmail's daily sending limit
_CONTENT = {(2, 3), (3, 4)}
_FULL = (2, 2)


class Meaning(StrEnum):
    """Who or what a refusal is about, and so what to do."""

    THROTTLED = "THROTTLED"
    """Too fast or greylisted: slow the lane of (sender, recipient domain), try again later."""
    SOFT = "SOFT"
    """The recipient's side can't take it now (full, down): try again with back-off."""
    HARD = "HARD"
    """The recipient doesn't exist: suppress the address."""
    SENDER_FAULT = "SENDER_FAULT"
    """Our mailbox, domain or reputation: pause the sender, never blame the address."""
    CONTENT = "CONTENT"
    """This message is too large or malformed: fail it and tell its author."""
    REFUSED = "REFUSED"
    """Permanent for this message, without telling why: fail it, keep the address."""


class Stage(StrEnum):
    """Where in the dialogue the server refused; the same code tells different things."""

    GREETING = "GREETING"
    SENDER = "SENDER"
    RECIPIENT = "RECIPIENT"
    CONTENT = "CONTENT"
    REPORT = "REPORT"
    """Later, in a bounce (RFC 3464)."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A server's refusal, read.

    Attributes:
        meaning: what it is about.
        code: the three-digit reply; 0 when a bounce gives only a status.
        enhanced: ``class.subject.detail``; None when the server gave none.
        text: the server's own words, kept for people and for later rules.
    """

    meaning: Meaning
    code: int
    enhanced: str | None
    text: str

    @property
    def may_pass(self) -> bool:
        """Tell whether the same message may be tried again later."""
        return self.meaning in {Meaning.THROTTLED, Meaning.SOFT}


def read_refusal(*, code: int, text: str, stage: Stage, enhanced: str | None = None) -> Refusal:
    """Read a 4xx or 5xx reply, or the ``Status`` and ``Diagnostic-Code`` of a bounce.

    Args:
        code: three-digit SMTP reply code; 0 if there is none (then ``enhanced`` decides).
        text: the reply without its code; an enhanced code at its start is found.
        stage: where it was said.
        enhanced: ``5.1.1``; given by bounces, else taken from ``text``.
    """
    status = enhanced or find_enhanced_code(text)
    kind, subject, detail = (int(part) for part in status.split(".")) if status else (code // 100, 0, 0)
    if kind == 4 or code // 100 == 4:
        meaning = _temporary(code=code, subject=subject, detail=detail, text=text)
    else:
        meaning = _permanent(code=code, subject=subject, detail=detail, text=text, stage=stage)
    return Refusal(meaning=meaning, code=code, enhanced=status, text=text)


def find_enhanced_code(text: str) -> str | None:
    """Return the enhanced code at the start of a reply's text (RFC 2034), else None."""
    found = _ENHANCED.match(text)
    return ".".join(found.groups()) if found else None


def _temporary(*, code: int, subject: int, detail: int, text: str) -> Meaning:
    if (subject, detail) != _FULL and _THROTTLED.search(text):
        return Meaning.THROTTLED
    if subject in {2, 3, 4}:
        return Meaning.SOFT
    return Meaning.THROTTLED if code in {421, 450, 451} else Meaning.SOFT


def _permanent(*, code: int, subject: int, detail: int, text: str, stage: Stage) -> Meaning:
    about = (subject, detail)
    without_status = subject == 0
    if about in _CONTENT or subject == 6 or (code == 552 and without_status and _TOO_LARGE.search(text)):
        return Meaning.CONTENT
    if about == _FULL or (code == 552 and without_status):
        return Meaning.SOFT
    if about in _SENDER or stage in {Stage.GREETING, Stage.SENDER}:
        return Meaning.SENDER_FAULT
    if subject != 1 and _UNKNOWN_USER.search(text):
        return Meaning.HARD
    if _SENDER_AT_FAULT.search(text) or subject == 7:
        return Meaning.SENDER_FAULT
    if about in _HARD:
        return Meaning.HARD
    if without_status and (_UNKNOWN_USER.search(text) or (code in {550, 551} and stage is Stage.RECIPIENT)):
        return Meaning.HARD
    return Meaning.REFUSED
