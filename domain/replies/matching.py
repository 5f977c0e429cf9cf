"""Which of our sent mails an inbound one answers. Pure: the caller brings the candidates."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from domain.replies.bounces import find_original_message_id, parse_bounces
from domain.replies.complaints import parse_feedback
from domain.replies.mime import InboundMail, bare_message_id
from domain.replies.text import fold

SUBJECT_WINDOW = timedelta(days=60)
_CLOCK_SKEW = timedelta(minutes=10)
_PLUS_TOKEN = re.compile(r"^[^@+]{1,128}\+([^@]{1,128})@", re.ASCII)
_PREFIX = re.compile(
    r"^(?:(?:re|aw|antw|antwort|sv|vs|rv|res|resp|r|ref|rif|fw|fwd|wg|tr|i|enc|doorst|automatic reply|"
    r"automatische antwort|"
    r"reponse automatique|respuesta automatica|risposta automatica|automatisch antwoord|resposta automatica|"
    r"accepted|declined|"
    r"tentative|read|undeliverable|unzustellbar)(?:\[\d{1,3}\])? ?: ?|\[(?:ext|external|extern)\w{0,4}\]:? ?)+"
)
_SHARED_DOMAINS = frozenset(
    [
        "gmail.com",
        "googlemail.com",
        "outlook.com",
        "hotmail.com",
        "live.com",
        "msn.com",
        "yahoo.com",
        "ymail.com",
        "icloud.com",
        "me.com",
        "mac.com",
        "aol.com",
        "gmx.de",
        "gmx.net",
        "gmx.com",
        "web.de",
        "t-online.de",
        "freenet.de",
        "orange.fr",
        "wanadoo.fr",
        "free.fr",
        "laposte.net",
        "sfr.fr",
        "libero.it",
        "virgilio.it",
        "tiscali.it",
        "hotmail.fr",
        "hotmail.es",
        "hotmail.it",
        "yahoo.fr",
        "yahoo.de",
        "yahoo.es",
        "yahoo.it",
        "yahoo.co.uk",
        "btinternet.com",
        "proton.me",
        "protonmail.com",
        "pm.me",
        "zoho.com",
        "mail.com",
        "fastmail.com",
        "uol.com.br",
        "bol.com.br",
        "terra.com.br",
        "sapo.pt",
        "ziggo.nl",
        "kpnmail.nl",
        "hotmail.co.uk",
        "live.co.uk",
        "outlook.de",
        "outlook.fr",
        "yandex.com",
        "mail.ru",
        "qq.com",
        "163.com",
    ]
)


class MatchBy(StrEnum):
    """What tied a mail to ours, strongest first."""

    REFERENCES = "REFERENCES"
    ALIAS = "ALIAS"
    ADDRESS = "ADDRESS"
    DOMAIN = "DOMAIN"
    NONE = "NONE"


class Participant(StrEnum):
    """Who wrote, as seen from the lead we mailed."""

    LEAD = "LEAD"
    COLLEAGUE = "COLLEAGUE"
    STRANGER = "STRANGER"


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMail:
    """One of our mails that the inbound one may belong to.

    Args:
        message_ids: every Message-ID it may be known by: the final one read back from the provider, and ours;
            with or without angle brackets.
        plus_token: the token of its ``user+TOKEN@`` reply address, if it has one; compared case-sensitively first.
        recipient: the lead's address as sent to, any case.
        sent_at: aware UTC.
    """

    delivery_id: UUID
    message_ids: tuple[str, ...]
    recipient: str
    subject: str
    sent_at: datetime
    plus_token: str | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """Which mail it belongs to and how sure that is (0..1).

    ``delivery_id`` is None exactly when ``by`` is NONE.
    """

    by: MatchBy
    score: float
    delivery_id: UUID | None
    participant: Participant


NO_MATCH = Match(by=MatchBy.NONE, score=0.0, delivery_id=None, participant=Participant.STRANGER)


def match_mail(mail: InboundMail, *, candidates: Sequence[SentMail], received_at: datetime) -> Match:
    """Match a mail to the sent one it answers, returns or complains about.

    Order: References and In-Reply-To, nearest first; the plus-token it was delivered to; the original's id in a report;
    a report's recipient within 60 days, but only if it names no original: a report about a foreign id isn't about us;
    the writer's address; a colleague with the same subject within 60 days. Of several the latest is taken.

    Args:
        candidates: mails of the same mailbox, at least those that share an id, token, address or domain.
        received_at: aware UTC.
    """
    sent = sorted(candidates, key=lambda each: each.sent_at, reverse=True)
    answered = _by_ids((*reversed(mail.in_reply_to), *reversed(mail.references)), sent)
    if answered:
        return _match(MatchBy.REFERENCES, 1.0, answered, mail)
    aliased = _by_token(mail, sent)
    if aliased:
        return _match(MatchBy.ALIAS, 0.95, aliased, mail)
    recent = [each for each in sent if -_CLOCK_SKEW <= received_at - each.sent_at <= SUBJECT_WINDOW]
    if mail.reports:
        return _match_report(mail, sent=sent, recent=recent)
    return _match_people(mail, recent)


def normalise_subject(subject: str) -> str:
    """Return a subject without reply, forward and gateway prefixes, folded for comparison."""
    return _PREFIX.sub("", fold(subject).text).strip()


def plus_tokens(mail: InboundMail) -> tuple[str, ...]:
    """Return the tokens of ``user+TOKEN@`` addresses the mail was delivered or addressed to (lower case)."""
    addresses = (*mail.delivered_to, *(each.address for each in (*mail.to, *mail.cc)))
    found = (_PLUS_TOKEN.match(address) for address in addresses)
    return tuple(dict.fromkeys(token.group(1) for token in found if token))


def participant_of(mail: InboundMail, *, recipient: str) -> Participant:
    """Tell who wrote: the lead we mailed, someone at the same company domain, or a stranger."""
    lead = recipient.strip().lower()
    domain = lead.rpartition("@")[2]
    if mail.sender.address == lead:
        return Participant.LEAD
    if domain and mail.sender.domain == domain and domain not in _SHARED_DOMAINS:
        return Participant.COLLEAGUE
    return Participant.STRANGER


def _match(by: MatchBy, score: float, sent: SentMail, mail: InboundMail) -> Match:
    participant = participant_of(mail, recipient=sent.recipient)
    if mail.reports and participant is not Participant.LEAD:
        participant = Participant.LEAD  # a server speaks about the lead's address, whoever signs
    return Match(by=by, score=score, delivery_id=sent.delivery_id, participant=participant)


def _by_ids(ids: Iterable[str], sent: Sequence[SentMail]) -> SentMail | None:
    known = {
        bare_message_id(each_id): each for each in reversed(sent) for each_id in each.message_ids if each_id
    }
    return next((known[wanted] for wanted in ids if wanted in known), None)


def _by_token(mail: InboundMail, sent: Sequence[SentMail]) -> SentMail | None:
    tokens = set(plus_tokens(mail))
    return next((each for each in sent if each.plus_token and each.plus_token.lower() in tokens), None)


def _match_report(mail: InboundMail, *, sent: Sequence[SentMail], recent: Sequence[SentMail]) -> Match:
    original_id = find_original_message_id(mail)
    if original_id:
        original = _by_ids((original_id,), sent)
        return _match(MatchBy.REFERENCES, 0.95, original, mail) if original else NO_MATCH
    feedback = parse_feedback(mail)
    named = {bounce.recipient for bounce in parse_bounces(mail)} | {(feedback and feedback.recipient) or ""}
    reported = next((each for each in recent if each.recipient.strip().lower() in named - {""}), None)
    return _match(MatchBy.ADDRESS, 0.6, reported, mail) if reported else NO_MATCH


def _match_people(mail: InboundMail, recent: Sequence[SentMail]) -> Match:
    bounces = parse_bounces(mail)
    if bounces:
        return _match_textual_bounce(mail, recent, recipients={bounce.recipient for bounce in bounces})
    subject = normalise_subject(mail.subject)
    from_lead = [
        each for each in recent if participant_of(mail, recipient=each.recipient) is Participant.LEAD
    ]
    same_subject = [each for each in from_lead if subject and normalise_subject(each.subject) == subject]
    if from_lead:
        return _match(MatchBy.ADDRESS, 0.8 if same_subject else 0.5, (same_subject or from_lead)[0], mail)
    for each in recent:
        is_colleague = participant_of(mail, recipient=each.recipient) is Participant.COLLEAGUE
        if is_colleague and subject and normalise_subject(each.subject) == subject:
            return _match(MatchBy.DOMAIN, 0.4, each, mail)
    return NO_MATCH


def _match_textual_bounce(mail: InboundMail, recent: Sequence[SentMail], *, recipients: set[str]) -> Match:
    original_id = find_original_message_id(mail)
    found = _by_ids((original_id,), recent) if original_id else None
    if original_id is None:
        found = next((each for each in recent if each.recipient.strip().lower() in recipients), None)
    if found is None:
        return NO_MATCH
    return Match(
        by=MatchBy.REFERENCES if original_id else MatchBy.ADDRESS,
        score=0.95 if original_id else 0.6,
        delivery_id=found.delivery_id,
        participant=Participant.LEAD,
    )
