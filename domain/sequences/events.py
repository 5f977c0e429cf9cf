"""What happens to sequences, enrollments and messages."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from domain.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceCreated(DomainEvent):
    """A sequence, or the next version of one, was written."""

    subject_kind: ClassVar[str] = "sequence"
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceUpdated(DomainEvent):
    """A version that isn't in use yet was changed in place."""

    subject_kind: ClassVar[str] = "sequence"


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceActivated(DomainEvent):
    """A version may be used by plays; its content stays as it is from now on."""

    subject_kind: ClassVar[str] = "sequence"


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceArchived(DomainEvent):
    """A version isn't used for new runs any more."""

    subject_kind: ClassVar[str] = "sequence"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadEnrolled(DomainEvent):
    """A lead was put into a sequence."""

    subject_kind: ClassVar[str] = "enrollment"
    lead_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollmentPaused(DomainEvent):
    """Nothing is sent to the lead until it is resumed; ``resume_at`` when that happens by itself."""

    subject_kind: ClassVar[str] = "enrollment"
    reason: str
    resume_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollmentResumed(DomainEvent):
    """A pause is over."""

    subject_kind: ClassVar[str] = "enrollment"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollmentAdvanced(DomainEvent):
    """A step was sent; ``next_position`` is the e-mail step that may follow, None when it was the last."""

    subject_kind: ClassVar[str] = "enrollment"
    lead_id: UUID
    sent_position: int
    sent_at: datetime
    next_position: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollmentEnded(DomainEvent):
    """A lead has left the sequence for good; ``status`` says why."""

    subject_kind: ClassVar[str] = "enrollment"
    lead_id: UUID
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollmentDrafted(DomainEvent):
    """Every step of an enrollment has a message that waits for a person."""

    subject_kind: ClassVar[str] = "enrollment"
    lead_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftingFailed(DomainEvent):
    """A step has no message; ``code`` is the error's. A person has to write it, or to mend the cause."""

    subject_kind: ClassVar[str] = "enrollment"
    lead_id: UUID
    position: int
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDrafted(DomainEvent):
    """A message waits for a person's decision."""

    subject_kind: ClassVar[str] = "message"
    enrollment_id: UUID
    lead_id: UUID
    position: int
    readiness: str
    drafted_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageApproved(DomainEvent):
    """A person has approved exactly the content with this hash."""

    subject_kind: ClassVar[str] = "message"
    content_hash: str
    enrollment_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRejected(DomainEvent):
    """A person has refused a message; with ``redraft`` the step is drafted anew."""

    subject_kind: ClassVar[str] = "message"
    enrollment_id: UUID | None
    redraft: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEdited(DomainEvent):
    """The content has changed and waits for a decision again; an approval it had is void."""

    subject_kind: ClassVar[str] = "message"
    enrollment_id: UUID | None
    was_approved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageCancelled(DomainEvent):
    """A message that hadn't left will not leave any more."""

    subject_kind: ClassVar[str] = "message"
    enrollment_id: UUID | None
