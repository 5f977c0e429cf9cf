"""What an inbound mail is: ordered rules, the first that applies wins.

Machine-made mail is told apart first, then what binds us in law, then tone. Only new words are read, never what was
quoted: our own footer that comes back is not an opt-out.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date

from domain.replies.auto_replies import CHALLENGE, AutoSignal, find_auto_signal
from domain.replies.bounces import parse_bounces
from domain.replies.complaints import parse_feedback
from domain.replies.labels import (
    Classification,
    EvidenceSource,
    EvidenceSpan,
    Label,
    Method,
    Nuance,
    ReferredContact,
)
from domain.replies.mime import InboundMail
from domain.replies.mime_parts import DELIVERY_STATUS, DISPOSITION
from domain.replies.opt_outs import find_opt_out, is_bare_opt_out
from domain.replies.out_of_office import OutOfOffice, find_out_of_office
from domain.replies.referrals import find_referred_contact
from domain.replies.return_dates import find_return_date
from domain.replies.text import Folded, fold
from domain.replies.wording import (
    BINDING_WORDINGS,
    COMPLAINT_WORDING,
    LEFT_COMPANY,
    PERSON_WORDINGS,
    REFERRAL_LEAD_IN,
    REFERRAL_WORDING,
    TONE_WORDINGS,
    Wording,
)

_WORDING_LENGTH_MAX = 20_000
_CALENDAR_ANSWERS = frozenset({"REPLY", "COUNTER", "CANCEL", "DECLINECOUNTER", "REFRESH"})


@dataclass(frozen=True, slots=True)
class _Reading:
    """A mail and the folded texts that several rules look at."""

    mail: InboundMail
    received_on: date
    our_addresses: frozenset[str]
    new: Folded
    stripped: Folded
    auto: AutoSignal | None
    away: OutOfOffice | None

    @property
    def known(self) -> frozenset[str]:
        """Addresses that can't be a referral: ours and the writer's."""
        return self.our_addresses | {self.mail.sender.address}

    def evidence(self, start: int, end: int) -> EvidenceSpan:
        """Point at characters of the new text."""
        return EvidenceSpan.in_text(
            EvidenceSource.NEW_TEXT, text=self.mail.new_text, folded=self.new, start=start, end=end
        )

    def find(self, wording: Wording) -> EvidenceSpan | None:
        """Look for a wording in the writer's words without the signature; point at it in the new text."""
        found = wording.pattern.search(self.stripped.text)
        at = self.new.text.find(found.group()) if found else -1
        return self.evidence(at, at + len(found.group())) if found and at >= 0 else None


def classify(mail: InboundMail, *, received_on: date, our_addresses: Collection[str] = ()) -> Classification:
    """Classify a mail by rules; every mail gets a label, nothing is raised.

    Args:
        received_on: the day it came, in the lead's or the workspace's zone; "back on Monday" counts from it.
        our_addresses: addresses of our senders, any case; never taken for a referral or delegate.
    """
    ours = frozenset(address.lower() for address in our_addresses)
    reading = _Reading(
        mail=mail,
        received_on=received_on,
        our_addresses=ours,
        new=fold(mail.new_text[:_WORDING_LENGTH_MAX]),
        stripped=fold(mail.stripped_text[:_WORDING_LENGTH_MAX]),
        auto=find_auto_signal(mail),
        away=find_out_of_office(mail, received_on=received_on, our_addresses=ours),
    )
    for rule in _RULES:
        found = rule(reading)
        if found:
            return found
    return _rule(Label.HUMAN, 0.5)


def _rule(
    label: Label,
    confidence: float,
    evidence: EvidenceSpan | None = None,
    *,
    nuance: Nuance | None = None,
    return_on: date | None = None,
    referred: ReferredContact | None = None,
) -> Classification:
    return Classification(
        label=label,
        confidence=confidence,
        method=Method.RULE,
        evidence_span=evidence,
        return_on=return_on,
        referred_contact=referred,
        nuance=nuance,
    )


def _bounce(reading: _Reading) -> Classification | None:
    bounces = parse_bounces(reading.mail)
    if bounces:
        standard = reading.mail.report(*DELIVERY_STATUS) is not None
        return _rule(Label.BOUNCE, 1.0 if standard else 0.9, EvidenceSpan.of_report(bounces[0].diagnostic))
    if reading.mail.report(*DELIVERY_STATUS):
        return _rule(
            Label.AUTO, 1.0, EvidenceSpan.of_header("Content-Type", "multipart/report")
        )  # delivered, relayed
    return None


def _complaint(reading: _Reading) -> Classification | None:
    feedback = parse_feedback(reading.mail)
    if feedback is None:
        return None
    evidence = EvidenceSpan.of_report(f"Feedback-Type: {feedback.feedback_type}")
    return _rule(Label.COMPLAINT if feedback.feedback_type.is_complaint else Label.AUTO, 1.0, evidence)


def _read_receipt(reading: _Reading) -> Classification | None:
    report = reading.mail.report(*DISPOSITION)
    if report is None:
        return None
    return _rule(
        Label.READ_RECEIPT, 1.0, EvidenceSpan.of_report(f"Disposition: {report.field('disposition') or ''}")
    )


def _calendar_answer(reading: _Reading) -> Classification | None:
    method = reading.mail.calendar_method
    if method not in _CALENDAR_ANSWERS:
        return None
    return _rule(Label.CALENDAR, 1.0, EvidenceSpan.of_report(f"METHOD:{method}"))


def _challenge(reading: _Reading) -> Classification | None:
    found = CHALLENGE.search(reading.new.text)
    if not found or (reading.auto is None and "http" not in reading.new.text):
        return None
    return _rule(Label.AUTO, 0.8, reading.evidence(*found.span()), nuance=Nuance.CHALLENGE)


def _automatic_left_company(reading: _Reading) -> Classification | None:
    found = LEFT_COMPANY.search(reading.new.text) if reading.auto else None
    if not found:
        return None
    known = reading.known | {each.address for each in reading.mail.to}
    return _rule(
        Label.WRONG_PERSON,
        0.9 if reading.auto and reading.auto.is_strong else 0.75,
        reading.evidence(*found.span()),
        nuance=Nuance.LEFT_COMPANY,
        referred=find_referred_contact(reading.mail.new_text, known=known),
    )


def _out_of_office(reading: _Reading) -> Classification | None:
    auto, away = reading.auto, reading.away
    if away is None or not (auto or away.has_note_manner):
        return None
    confidence = 0.95 if auto and auto.is_strong else 0.75
    return _rule(Label.OOO, confidence, away.evidence, return_on=away.return_on, referred=away.delegate)


def _list_mail(reading: _Reading) -> Classification | None:
    """Mass mail has a list header and answers nothing; a person writing through a group answers something."""
    mail = reading.mail
    if mail.in_reply_to or mail.references:
        return None
    for name in ("list-id", "list-post", "list-unsubscribe", "mailing-list"):
        value = mail.header(name)
        if value is not None:
            return _rule(Label.LIST_MAIL, 0.9, EvidenceSpan.of_header(name, value))
    return None


def _automatic(reading: _Reading) -> Classification | None:
    if reading.auto is None or not reading.auto.is_strong:
        return None
    return _rule(Label.AUTO, 0.9, reading.auto.evidence)


def _opt_out(reading: _Reading) -> Classification | None:
    found = find_opt_out(reading.new.text)
    if found:
        return _rule(Label.UNSUBSCRIBE, 0.9, reading.evidence(*found))
    start = 0
    for line in reading.mail.stripped_text[:_WORDING_LENGTH_MAX].split("\n"):
        if line.strip() and is_bare_opt_out(fold(line).text):
            start = reading.mail.new_text.find(line, start)
            span = EvidenceSpan(EvidenceSource.NEW_TEXT, max(start, 0), max(start, 0) + len(line), line)
            return _rule(Label.UNSUBSCRIBE, 0.9, span)
    subject = reading.mail.subject
    if is_bare_opt_out(fold(subject).text):
        span = EvidenceSpan(EvidenceSource.SUBJECT, 0, len(subject), subject)
        return _rule(
            Label.UNSUBSCRIBE, 0.95, span, nuance=None if reading.stripped.text else Nuance.AUTOMATIC
        )
    return None


def _binding(reading: _Reading) -> Classification | None:
    return _first_wording(reading, BINDING_WORDINGS)


def _spam_complaint(reading: _Reading) -> Classification | None:
    return _first_wording(reading, (COMPLAINT_WORDING,))


def _wrong_person(reading: _Reading) -> Classification | None:
    return _first_wording(reading, PERSON_WORDINGS, referred=_referred(reading))


def _referral(reading: _Reading) -> Classification | None:
    contact = _referred(reading)
    evidence = reading.find(REFERRAL_WORDING)
    if evidence:
        return _rule(
            Label.REFERRAL, 0.85 if contact else REFERRAL_WORDING.confidence, evidence, referred=contact
        )
    lead_in = REFERRAL_LEAD_IN.search(reading.stripped.text) if contact else None
    if contact and lead_in and contact.address in reading.stripped.text:
        return _rule(
            Label.REFERRAL,
            0.75,
            reading.find(Wording(Label.REFERRAL, 0.75, REFERRAL_LEAD_IN)),
            referred=contact,
        )
    return None


def _tone(reading: _Reading) -> Classification | None:
    found = _first_wording(reading, TONE_WORDINGS)
    if found is not None and found.label is not Label.NOT_NOW:
        return found
    if found is None and reading.away is None:
        return None
    named = find_return_date(reading.stripped.text, received_on=reading.received_on)
    evidence = found.evidence_span if found else None
    if evidence is None and reading.away is not None:
        evidence = reading.away.evidence
    return _rule(Label.NOT_NOW, 0.7 if found else 0.6, evidence, return_on=named.day if named else None)


def _invitation(reading: _Reading) -> Classification | None:
    if reading.mail.calendar_method != "REQUEST":
        return None
    return _rule(
        Label.INTERESTED, 0.7, EvidenceSpan.of_report("METHOD:REQUEST"), nuance=Nuance.MEETING_INVITATION
    )


def _question(reading: _Reading) -> Classification | None:
    at = (
        reading.stripped.text.find("? ")
        if "? " in reading.stripped.text
        else reading.stripped.text.rstrip().rfind("?")
    )
    if at < 0:
        return None
    start = max(reading.stripped.text.rfind(mark, 0, at) for mark in (". ", "! ", "\n")) + 1
    quoted = reading.stripped.text[start : at + 1].strip()
    begin = reading.new.text.find(quoted)
    return _rule(Label.QUESTION, 0.6, reading.evidence(begin, begin + len(quoted)) if begin >= 0 else None)


def _first_wording(
    reading: _Reading, wordings: tuple[Wording, ...], *, referred: ReferredContact | None = None
) -> Classification | None:
    for wording in wordings:
        evidence = reading.find(wording)
        if evidence:
            return _rule(
                wording.label, wording.confidence, evidence, nuance=wording.nuance, referred=referred
            )
    return None


def _referred(reading: _Reading) -> ReferredContact | None:
    """Return who is named in the text, else who was put in copy."""
    known = reading.known | {each.address for each in reading.mail.to}
    named = find_referred_contact(reading.mail.stripped_text, known=known)
    copied = next((each for each in reading.mail.cc if each.address not in known), None)
    return named or (ReferredContact(name=copied.name, address=copied.address) if copied else None)


_RULES: tuple[Callable[[_Reading], Classification | None], ...] = (
    _bounce,
    _complaint,
    _read_receipt,
    _calendar_answer,
    _challenge,
    _automatic_left_company,
    _out_of_office,
    _list_mail,
    _automatic,
    _binding,
    _opt_out,
    _spam_complaint,
    _wrong_person,
    _referral,
    _tone,
    _invitation,
    _question,
)
