"""What comes back from people and servers, and what becomes of conversations."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyReceived(DomainEvent):
    """A mail came that a person or their mail program wrote; bounces and complaints have events of their own.

    Attributes:
        label: a ``labels.Label``.
        participant: who wrote, a ``matching.Participant``.
        thread_id: the conversation.
        lead_id: whom it concerns; None when nobody we know.
    """

    subject_kind: ClassVar[str] = "reply"
    label: str
    participant: str
    thread_id: UUID
    lead_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BounceReceived(DomainEvent):
    """A server returned one of our messages, or says that it still tries.

    Attributes:
        bounce_class: a ``bounce_policy.BounceClass``.
        remedy: a ``bounce_policy.BounceRemedy``; INVALIDATE_ADDRESS also for the third day of soft bounces.
    """

    subject_kind: ClassVar[str] = "reply"
    bounce_class: str
    remedy: str
    delivery_id: UUID
    sender_id: UUID
    lead_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintReceived(DomainEvent):
    """Somebody reported a message as spam, by their provider's button or in words."""

    subject_kind: ClassVar[str] = "reply"
    delivery_id: UUID | None
    sender_id: UUID
    lead_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyClassified(DomainEvent):
    """A person confirmed or corrected what a mail is."""

    subject_kind: ClassVar[str] = "reply"
    label: str
    previous_label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyRequested(DomainEvent):
    """A mail invokes a right of the person: whoever handles privacy requests opens one.

    Attributes:
        wanted: ACCESS_REQUEST, ERASURE_REQUEST or OBJECTION (``labels.Nuance``).
        lead_id: the lead it concerns; None when the writer is nobody we know.
    """

    subject_kind: ClassVar[str] = "reply"
    wanted: str
    lead_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadChanged(DomainEvent):
    """A conversation was closed, reopened, snoozed or read."""

    subject_kind: ClassVar[str] = "thread"
    status: str
    unread: bool
