"""Bounces: standard delivery-status notifications (RFC 3464), and the texts of servers that know no standard."""

import re
from dataclasses import dataclass
from email.message import Message
from enum import StrEnum

from flufl.bounce import all_failures

from domain.replies.bounce_policy import BounceClass, BounceRemedy, judge_bounce
from domain.replies.mime import InboundMail, bare_message_id
from domain.replies.mime_parts import DELIVERY_STATUS, ORIGINAL, Fields, field_of
from domain.replies.text import clean_line

_RECIPIENTS_MAX = 50
_ENHANCED = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?!\.?\d)")
_REPLY_CODE = re.compile(r"(?<![\d.])([45])\d\d(?=[ -])")
_ADDRESS = re.compile(r"[^\s<>,;:\"()@]{1,128}@[^\s<>,;:\"()@]{1,253}")
_DAEMON = re.compile(
    r"^(?:mailer-daemon|mail-daemon|postmaster|mailerdaemon|mdaemon|bounce\S{0,60}|microsoftexchange[0-9a-f]{8,40})$"
)
_BOUNCE_SUBJECT = re.compile(
    r"undeliver(?:able|ed)|delivery (?:status notification|failure|has failed|incomplete|delayed)|(?:mail|"
    r"message) (?:delivery )?(?:failed|failure)|"
    r"failure notice|returned (?:mail|to sender)|non.?remis|unzustellbar|nicht zugestellt|onbestelbaar|"
    r"no se puede entregar|non recapitabile|"
    r"nao entregue|não entregue|notification d'échec|rejected mail|mail system error",
    re.IGNORECASE,
)
_ORIGINAL_ID = re.compile(r"^[> ]{0,4}Message-I[dD]:\s{0,5}<([^<>\s]{1,990})>", re.MULTILINE)
_COPY_FOLLOWS = re.compile(
    r"^-{2,}.{0,20}(?:below this line|original message|returned message|copy of (?:the|your) message|"
    r"message header).{0,60}$",
    re.MULTILINE | re.IGNORECASE,
)


class BounceAction(StrEnum):
    """The ``Action`` field of RFC 3464, 2.3.3."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    RELAYED = "relayed"
    EXPANDED = "expanded"


@dataclass(frozen=True, slots=True)
class Bounce:
    """One recipient a server couldn't or cannot yet reach.

    Args:
        recipient: lower case, as we addressed it where the report tells; may be empty.
        enhanced_code: RFC 3463 code; None when there is none.
        remedy: what to do (``bounce_policy``).
        action: FAILED or DELAYED.
        diagnostic: the server's words, one line, at most 1,000 characters.
        original_message_id: bare id of the mail that bounced; None when the report doesn't say.
    """

    recipient: str
    enhanced_code: str | None
    bounce_class: BounceClass
    remedy: BounceRemedy
    action: BounceAction
    diagnostic: str
    original_message_id: str | None


def parse_bounces(mail: InboundMail) -> tuple[Bounce, ...]:
    """Return one bounce per failed or delayed recipient; empty when the mail isn't a bounce.

    Success reports (``delivered``, ``relayed``, ``expanded``) are no bounces.
    """
    status = mail.report(*DELIVERY_STATUS)
    if status and any(field_of(block, "action") for block in status.blocks):
        return _standard_bounces(mail, status.blocks)
    return _textual_bounces(mail) if _looks_like_bounce(mail) else ()


def find_original_message_id(mail: InboundMail) -> str | None:
    """Return the bare Message-ID of the mail that a report returns, or None."""
    original = mail.report(*ORIGINAL)
    named = original.field("message-id") if original else None
    if named:
        return bare_message_id(named)
    status = mail.report(*DELIVERY_STATUS)
    named = (status.field("x-original-message-id") or status.field("original-message-id")) if status else None
    if named:
        return bare_message_id(named)
    in_copy = _ORIGINAL_ID.search(mail.text_body)
    return in_copy.group(1) if in_copy else None


def _standard_bounces(mail: InboundMail, blocks: tuple[Fields, ...]) -> tuple[Bounce, ...]:
    original_id = find_original_message_id(mail)
    found = (
        _standard_bounce(block, text=mail.text_body, original_id=original_id)
        for block in blocks[:_RECIPIENTS_MAX]
    )
    return tuple(bounce for bounce in found if bounce)


def _standard_bounce(block: Fields, *, text: str, original_id: str | None) -> Bounce | None:
    word = (field_of(block, "action") or "").strip().lower()
    if word.startswith(("fail", "error")):
        action = BounceAction.FAILED
    elif word.startswith("delayed"):
        action = BounceAction.DELAYED
    else:
        return None
    diagnostic = field_of(block, "diagnostic-code") or ""
    recipient = _typed_address(field_of(block, "original-recipient")) or _typed_address(
        field_of(block, "final-recipient")
    )
    code = _best_code(status=field_of(block, "status") or "", diagnostic=diagnostic)
    return _bounce(
        recipient=recipient or "",
        code=code,
        diagnostic=diagnostic or _words_about(text),
        action=action,
        original_id=original_id,
    )


def _bounce(
    *, recipient: str, code: str | None, diagnostic: str, action: BounceAction, original_id: str | None
) -> Bounce:
    diagnostic = clean_line(diagnostic)
    verdict = judge_bounce(enhanced_code=code, diagnostic=diagnostic, is_delay=action is BounceAction.DELAYED)
    return Bounce(
        recipient=recipient,
        enhanced_code=code,
        bounce_class=verdict.bounce_class,
        remedy=verdict.remedy,
        action=action,
        diagnostic=diagnostic,
        original_message_id=original_id,
    )


def _looks_like_bounce(mail: InboundMail) -> bool:
    """Tell whether a server returned the mail; a null return path alone is also what vacation notes have."""
    from_daemon = bool(_DAEMON.match(mail.sender.address.partition("@")[0]))
    null_path = (mail.header("return-path") or "").replace(" ", "") == "<>"
    named_failure = (
        bool(_BOUNCE_SUBJECT.search(mail.subject)) or mail.header("x-failed-recipients") is not None
    )
    return (from_daemon and (null_path or named_failure)) or (null_path and named_failure)


def _textual_bounces(mail: InboundMail) -> tuple[Bounce, ...]:
    delayed, failed = _failures_in_text(mail)
    if not delayed and not failed:
        return ()
    words = _words_about(mail.text_body)
    code, original_id = _best_code(status="", diagnostic=words), find_original_message_id(mail)
    listed = [(address, BounceAction.FAILED) for address in failed] + [
        (each, BounceAction.DELAYED) for each in delayed
    ]
    return tuple(
        _bounce(
            recipient=address,
            code=code,
            diagnostic=_words_near(address, words),
            action=action,
            original_id=original_id,
        )
        for address, action in listed[:_RECIPIENTS_MAX]
    )


def _failures_in_text(mail: InboundMail) -> tuple[list[str], list[str]]:
    """Return (delayed, failed) addresses, sorted: from the header, else as flufl.bounce reads the text."""
    named = _ADDRESS.findall(mail.header("x-failed-recipients") or "")
    if named:
        return [], sorted({address.lower() for address in named})
    try:
        delayed, failed = all_failures(_as_plain_message(mail))
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError):
        return [], []  # its heuristics expect well-formed texts
    return _addresses(delayed), _addresses(failed - delayed)


def _addresses(found: frozenset[bytes]) -> list[str]:
    return sorted(
        {address.decode("ascii", "replace").strip().lower() for address in found if b"@" in address}
    )


def _as_plain_message(mail: InboundMail) -> Message:
    message = Message()
    message["From"], message["Subject"] = mail.sender.address, mail.subject
    message.set_payload(mail.text_body.encode("ascii", "replace").decode("ascii"))
    return message


def _typed_address(value: str | None) -> str | None:
    """Return the address of ``rfc822; <ada@example.com>``, lower case, or None."""
    found = _ADDRESS.search((value or "").partition(";")[2] or (value or ""))
    return found.group().strip("'.").lower() if found else None


def _best_code(*, status: str, diagnostic: str) -> str | None:
    """Return the most telling enhanced code: the remote server's own, unless it has none or a vaguer one."""
    codes = [found.group(1) for text in (diagnostic, status) for found in [_ENHANCED.search(text)] if found]
    precise = [code for code in codes if not code.endswith(".0.0")]
    return next(iter(precise or codes), None)


def _words_about(text: str) -> str:
    """Return what the server wrote, without the copy of our mail that follows."""
    copy = _COPY_FOLLOWS.search(text)
    return text[: copy.start() if copy else 4_000][:4_000]


def _words_near(address: str, words: str) -> str:
    """Return the words from the mention of ``address`` on, else from the first reply code, else all."""
    at = words.lower().find(address)
    if at < 0:
        code = _REPLY_CODE.search(words) or _ENHANCED.search(words)
        at = code.start() if code else 0
    return words[at : at + 1_000]
