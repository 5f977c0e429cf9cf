"""What happens to senders."""

from dataclasses import dataclass
from typing import ClassVar

from domain.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderConnected(DomainEvent):
    """Somebody gave us access to a mailbox, for the first time or anew; it is being verified."""

    subject_kind: ClassVar[str] = "sender"


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderVerified(DomainEvent):
    """A test message left and the login works on both sides; the sender can send."""

    subject_kind: ClassVar[str] = "sender"
    files_sent_copy: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderVerificationFailed(DomainEvent):
    """The check of a mailbox failed; ``status`` tells whether the login or something else is at fault."""

    subject_kind: ClassVar[str] = "sender"
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderUpdated(DomainEvent):
    """A sender's name, limits or window changed."""

    subject_kind: ClassVar[str] = "sender"


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderPaused(DomainEvent):
    """A sender sends nothing until somebody resumes it; ``automatic`` when a provider's refusal paused it."""

    subject_kind: ClassVar[str] = "sender"
    automatic: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderResumed(DomainEvent):
    """A paused sender sends again."""

    subject_kind: ClassVar[str] = "sender"


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderReauthRequired(DomainEvent):
    """The provider no longer accepts the login; what waits for this sender waits on."""

    subject_kind: ClassVar[str] = "sender"


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderDisconnected(DomainEvent):
    """A sender was let go and its secret destroyed."""

    subject_kind: ClassVar[str] = "sender"


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderDegraded(DomainEvent):
    """The mailbox can't be read at present; the sender goes on sending."""

    subject_kind: ClassVar[str] = "sender"


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderRecovered(DomainEvent):
    """A degraded mailbox can be read again."""

    subject_kind: ClassVar[str] = "sender"
