"""What a bounce says about the address, the sender or the message, and what to do about it.

Codes are RFC 3463 class.subject.detail (registry: RFC 5248). The text is read too and goes first where it is plain:
providers put 5.7.1 on unknown users and 5.1.x on blocked senders.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

SOFT_RETRY_DELAYS_S = (15 * 60, 3_600, 4 * 3_600, 12 * 3_600, 24 * 3_600)
SOFT_BOUNCE_DAYS_MAX = 3


class BounceClass(StrEnum):
    """Whose fault it is: HARD the address, SOFT the moment, BLOCK the sender, POLICY the message or a rule there."""

    HARD = "HARD"
    SOFT = "SOFT"
    BLOCK = "BLOCK"
    POLICY = "POLICY"
    UNKNOWN = "UNKNOWN"


class BounceRemedy(StrEnum):
    """What to do."""

    INVALIDATE_ADDRESS = "INVALIDATE_ADDRESS"  # suppress in the workspace, end the enrollment
    RETRY_LATER = "RETRY_LATER"  # after SOFT_RETRY_DELAYS_S
    SLOW_LANE = "SLOW_LANE"  # fewer mails from this sender to that domain; the lead isn't touched
    PAUSE_SENDER = "PAUSE_SENDER"  # and alert; the address stays valid
    FAIL_MESSAGE = "FAIL_MESSAGE"  # tell the user; neither address nor sender is bad
    WAIT = "WAIT"  # a delay notice: the server still tries
    REVIEW = "REVIEW"  # nobody can tell from this


@dataclass(frozen=True, slots=True)
class BounceVerdict:
    """The class of a bounce and its remedy."""

    bounce_class: BounceClass
    remedy: BounceRemedy


_HARD = BounceVerdict(BounceClass.HARD, BounceRemedy.INVALIDATE_ADDRESS)
_SOFT = BounceVerdict(BounceClass.SOFT, BounceRemedy.RETRY_LATER)
_THROTTLED = BounceVerdict(BounceClass.SOFT, BounceRemedy.SLOW_LANE)
_DELAYED = BounceVerdict(BounceClass.SOFT, BounceRemedy.WAIT)
_BLOCKED = BounceVerdict(BounceClass.BLOCK, BounceRemedy.PAUSE_SENDER)
_SPAM_CONTENT = BounceVerdict(BounceClass.POLICY, BounceRemedy.PAUSE_SENDER)
_REFUSED = BounceVerdict(BounceClass.POLICY, BounceRemedy.FAIL_MESSAGE)
_UNCLEAR = BounceVerdict(BounceClass.UNKNOWN, BounceRemedy.REVIEW)

_THROTTLE_TEXT = re.compile(
    r"grey-?list|gr[ae]ylist|rate[- ]limit|too many (?:connections|messages|recipients|errors)|try again later|throttl|"
    r"temporarily (?:deferred|rejected|rate)|unusual rate|exceeded the (?:rate|limit)|sending rate|connection limit"
)
_BLOCK_TEXT = re.compile(
    r"spamhaus|barracuda|spamcop|\brbl\b|dnsbl|block ?list|black ?list|blocked (?:using|by|because|for)|"
    r"listed (?:at|in|on|by) |"
    r"poor reputation|reputation (?:of|is|issue)|sender (?:\S{1,60} )?(?:is )?(?:blocked|denied|banned)|"
    r"access denied, banned send|"
    r"unauthenticated|not authenticated|authentication (?:information )?(?:failed|required checks|checks)|"
    r"\bspf\b|\bdkim\b|\bdmarc\b|unsolicited mail originating|daily (?:user )?sending (?:limit|quota)|"
    r"sending limit|tenant has exceeded|bulk sender|does not meet (?:the )?(?:required )?authentication"
)
_UNKNOWN_USER_TEXT = re.compile(
    r"(?:user|mailbox|recipient|account|address|alias|addressee|inbox)(?: \S{1,80})? (?:is )?(?:unknown|"
    r"not found|does(?:n't| not) exist|"
    r"not exist|disabled|inactive|deactivated|suspended|unavailable|not known|no longer (?:valid|available|"
    r"active|exists?)|closed)|"
    r"(?:no such|unknown|invalid|unrouteable|non-?existent|nonexistent|bad) (?:user|mailbox|recipient|address|"
    r"account|person|local part|destination)|"
    r"no mailbox (?:here|by that)|not (?:listed in|our customer)|does(?:n't| not) (?:exist|have (?:an|"
    r"a \S{1,40}) account)|"
    r"recipnotfound|email account that you tried to reach (?:does not exist|is disabled|is inactive)|wasn't found at|"
    r"couldn't be found|no longer (?:works|with|accepts)|host (?:or domain name )?not found|domain (?:name )?not found|"
    r"(?:domain|host) does(?:n't| not) exist|nxdomain|null ?mx|does not accept mail|unknown user|user unknown"
)
_FULL_TEXT = re.compile(
    r"(?:mailbox|inbox|account|user|recipient)\S{0,3} (?:is )?(?:\S{1,40} )?(?:full|over quota|exceeded)|"
    r"over ?quota|quota exceeded|"
    r"mailbox size limit|out of storage|insufficient (?:system )?storage|disk full"
)
_SIZE_TEXT = re.compile(
    r"(?:message|mail|size)[^.]{0,40}(?:too (?:large|big)|exceeds)|exceeds? (?:the )?(?:maximum|size|fixed)"
)
_SPAM_TEXT = re.compile(
    r"(?:detected|classified|identified|rejected|looks|considered|flagged) (?:\S{1,20} )?(?:as |like |"
    r"to be )?(?:\S{1,20} )?spam|spam (?:message|content|detected|score)|"
    r"message content (?:rejected|blocked)|content (?:rejected|filter|blocked)|likely (?:suspicious|"
    r"unsolicited)|virus|malware|phishing"
)
_RESTRICTED_TEXT = re.compile(
    r"authrequired|only accepts? (?:mail|messages|e-?mails?) from|not (?:allowed|permitted|"
    r"authorized) to send to|restricted (?:recipient|to)|"
    r"isn't allowed to send|don't have permission|delivery not authorized|moderat"
)
_SENDER_FAULT_CODES = frozenset(
    [
        "5.1.7",
        "5.1.8",
        "5.4.5",
        "5.7.8",
        "5.7.20",
        "5.7.21",
        "5.7.22",
        "5.7.23",
        "5.7.25",
        "5.7.26",
        "5.7.27",
        "5.7.28",
        "5.7.29",
        "5.7.30",
        "5.7.32",
        "5.7.60",
        "5.7.233",
        "5.7.501",
        "5.7.502",
        "5.7.503",
        "5.7.505",
        "5.7.506",
        "5.7.508",
        "5.7.509",
        "5.7.511",
        "5.7.512",
        "5.7.513",
        "5.7.515",
        "5.7.606",
        "5.7.705",
        "5.7.708",
        "5.7.750",
    ]
)
_HARD_CODES = frozenset(
    ["5.1.1", "5.1.2", "5.1.3", "5.1.4", "5.1.6", "5.1.10", "5.2.1", "5.4.4", "5.4.310", "5.4.12"]
)
_SIZE_CODES = frozenset({"5.2.3", "5.3.4"})
_RECIPIENT_RULE_CODES = re.compile(r"^5\.7\.(?:2|3|4|12|13[0-9]|17|18|124)$")


def judge_bounce(*, enhanced_code: str | None, diagnostic: str, is_delay: bool = False) -> BounceVerdict:
    """Judge one recipient's failure.

    Args:
        enhanced_code: RFC 3463 code such as ``5.1.1``; None when the report has none.
        diagnostic: the server's own words, as long as they are.
        is_delay: the report says ``Action: delayed``: the server goes on trying.
    """
    text, code = " ".join(diagnostic.lower().split())[:4_000], enhanced_code or ""
    if is_delay:
        return _THROTTLED if _THROTTLE_TEXT.search(text) else _DELAYED
    if code.startswith("4.") or (not code and re.match(r"(?:smtp; ?)?4\d\d\b", text)):
        return _judge_passing(code=code, text=text)
    return _judge_by_text(code=code, text=text) or _judge_by_code(code)


def is_hard_by_repetition(soft_bounced_on: Iterable[date]) -> bool:
    """Tell whether soft bounces came on three different days, which counts as hard."""
    return len(set(soft_bounced_on)) >= SOFT_BOUNCE_DAYS_MAX


def _judge_passing(*, code: str, text: str) -> BounceVerdict:
    if _FULL_TEXT.search(text) or code == "4.2.2":
        return _SOFT
    if (
        _THROTTLE_TEXT.search(text)
        or (code.startswith("4.7.") and code != "4.7.0")
        or re.match(r"(?:smtp; ?)?4(?:21|50|51)\b", text)
    ):
        return _THROTTLED
    return _SOFT


def _judge_by_text(*, code: str, text: str) -> BounceVerdict | None:
    """Return what the words say, or None where they say nothing; sender blocks go before unknown users."""
    if _FULL_TEXT.search(text):
        return _SOFT
    if _SIZE_TEXT.search(text) or code in _SIZE_CODES:
        return _REFUSED
    if code in _SENDER_FAULT_CODES or _BLOCK_TEXT.search(text):
        return _BLOCKED
    if _RESTRICTED_TEXT.search(text):
        return _REFUSED
    if code == "5.4.1" and "recipient address rejected: access denied" in text:
        return _HARD  # Exchange Online refuses unknown recipients at the edge with these words
    if _UNKNOWN_USER_TEXT.search(text):
        return _HARD
    if _SPAM_TEXT.search(text):
        return _SPAM_CONTENT
    return _THROTTLED if code == "" and _THROTTLE_TEXT.search(text) else None


def _judge_by_code(code: str) -> BounceVerdict:
    if code in _HARD_CODES:
        return _HARD
    if code == "5.2.2" or code.startswith(("5.4.7", "5.4.3")):
        return _SOFT
    if _RECIPIENT_RULE_CODES.match(code) or code.startswith("5.6."):
        return _REFUSED
    if code.startswith("5.7."):
        return _BLOCKED
    return _UNCLEAR
