"""What an inbound mail is, and how sure we are: the vocabulary that every other file here shares."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import ClassVar

from domain.errors import Conflict
from domain.replies.text import Folded


class Label(StrEnum):
    """What a mail is. The last three never count as replies."""

    INTERESTED = "INTERESTED"
    QUESTION = "QUESTION"
    REFERRAL = "REFERRAL"
    NOT_NOW = "NOT_NOW"
    NOT_INTERESTED = "NOT_INTERESTED"
    WRONG_PERSON = "WRONG_PERSON"
    HUMAN = "HUMAN"  # a person wrote; the tone is unknown
    OOO = "OOO"
    AUTO = "AUTO"
    BOUNCE = "BOUNCE"
    UNSUBSCRIBE = "UNSUBSCRIBE"
    COMPLAINT = "COMPLAINT"
    LEGAL = "LEGAL"
    DSR = "DSR"
    CALENDAR = "CALENDAR"
    READ_RECEIPT = "READ_RECEIPT"
    LIST_MAIL = "LIST_MAIL"

    @property
    def is_human(self) -> bool:
        """Whether a person wrote it and expects us to have read it."""
        return self in _HUMAN

    @property
    def is_binding(self) -> bool:
        """Whether it acts at once and no machine may take it back."""
        return self in _BINDING


_BINDING = frozenset({Label.UNSUBSCRIBE, Label.LEGAL, Label.DSR, Label.COMPLAINT})
_HUMAN = frozenset(
    {
        Label.INTERESTED,
        Label.QUESTION,
        Label.REFERRAL,
        Label.NOT_NOW,
        Label.NOT_INTERESTED,
        Label.WRONG_PERSON,
        Label.HUMAN,
    }
    | {Label.UNSUBSCRIBE, Label.LEGAL, Label.DSR}
)


class Nuance(StrEnum):
    """What a label leaves open and a decision needs."""

    LEFT_COMPANY = "LEFT_COMPANY"  # with WRONG_PERSON: the lead doesn't work there any more
    CHALLENGE = "CHALLENGE"  # with AUTO: a sender verification waits for a person
    ACCESS_REQUEST = "ACCESS_REQUEST"  # with DSR, as the next two
    ERASURE_REQUEST = "ERASURE_REQUEST"
    OBJECTION = "OBJECTION"
    AUTOMATIC = "AUTOMATIC"  # with UNSUBSCRIBE: the mail client's own List-Unsubscribe mail
    MEETING_INVITATION = "MEETING_INVITATION"  # with INTERESTED: they sent a calendar invitation


class Method(StrEnum):
    """Who classified."""

    RULE = "RULE"
    MODEL = "MODEL"
    HUMAN = "HUMAN"


class ClassificationStatus(StrEnum):
    """Whether a person has looked at a classification."""

    PROPOSED = "PROPOSED"
    CONFIRMED = "CONFIRMED"
    CORRECTED = "CORRECTED"


class EvidenceSource(StrEnum):
    """Which part of the mail an evidence span points into."""

    SUBJECT = "SUBJECT"
    NEW_TEXT = "NEW_TEXT"
    HEADER = "HEADER"
    REPORT = "REPORT"


@dataclass(frozen=True, slots=True)
class EvidenceSpan:
    """Why: ``quote`` (at most 300 characters) stands at [start, end) of the source; 0, 0 for headers and reports."""

    source: EvidenceSource
    start: int
    end: int
    quote: str

    QUOTE_MAX: ClassVar[int] = 300

    @classmethod
    def in_text(
        cls, source: EvidenceSource, *, text: str, folded: Folded, start: int, end: int
    ) -> "EvidenceSpan":
        """Point at the original characters behind ``folded.text[start:end]``."""
        first, last = folded.original_span(start, end)
        return cls(source=source, start=first, end=last, quote=text[first:last][: cls.QUOTE_MAX])

    @classmethod
    def of_header(cls, name: str, value: str) -> "EvidenceSpan":
        """Quote a header line."""
        return cls(source=EvidenceSource.HEADER, start=0, end=0, quote=f"{name}: {value}"[: cls.QUOTE_MAX])

    @classmethod
    def of_report(cls, text: str) -> "EvidenceSpan":
        """Quote a line of a machine-readable report."""
        return cls(source=EvidenceSource.REPORT, start=0, end=0, quote=text[: cls.QUOTE_MAX])


@dataclass(frozen=True, slots=True)
class ReferredContact:
    """Somebody named as the one to talk to; for a person's review, never contacted automatically.

    ``name`` may be empty; ``address`` is lower case.
    """

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Classification:
    """A label with its reasons.

    Args:
        confidence: 0..1.
        return_on: for OOO and NOT_NOW the day they named as being back, where one was.
    """

    label: Label
    confidence: float
    method: Method
    evidence_span: EvidenceSpan | None = None
    return_on: date | None = None
    referred_contact: ReferredContact | None = None
    nuance: Nuance | None = None
    status: ClassificationStatus = ClassificationStatus.PROPOSED


class ClassificationIsBinding(Conflict):
    """An opt-out, complaint, legal threat or privacy request was acted on and can't be made less."""

    code = "CLASSIFICATION_IS_BINDING"


def correct_by_hand(*, current: Classification, label: Label) -> Classification:
    """Return what a person decided: the same label is a confirmation, another one a correction. Safe to repeat."""
    if label is current.label:
        kept = current.status if current.method is Method.HUMAN else ClassificationStatus.CONFIRMED
        return replace(current, status=kept)
    return Classification(
        label=label, confidence=1.0, method=Method.HUMAN, status=ClassificationStatus.CORRECTED
    )
