"""What happens to privacy requests."""

from dataclasses import dataclass
from typing import ClassVar

from domain.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyRequestOpened(DomainEvent):
    """Somebody asked for something; where the kind demands it they are suppressed already."""

    subject_kind: ClassVar[str] = "privacy_request"
    kind: str
    regime: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyRequestMoved(DomainEvent):
    """A request came to another state."""

    subject_kind: ClassVar[str] = "privacy_request"
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyTaskFinished(DomainEvent):
    """A store was worked through for a request."""

    subject_kind: ClassVar[str] = "privacy_request"
    store: str
    action: str
    found: int
    changed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyRequestStalled(DomainEvent):
    """A step failed again and again, for a fault of ours; it is tried anew at ``again_at``, and the clock runs on."""

    subject_kind: ClassVar[str] = "privacy_request"
    step: str
    again_at: str
