"""What happens to a workspace and its members."""

from dataclasses import dataclass
from typing import ClassVar

from domain.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceCreated(DomainEvent):
    """A workspace was created, with credits to try it; the first event of its log."""

    subject_kind: ClassVar[str] = "workspace"
    trial_credits: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceUpdated(DomainEvent):
    """Settings of the workspace changed."""

    subject_kind: ClassVar[str] = "workspace"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberJoined(DomainEvent):
    """Somebody became a member."""

    subject_kind: ClassVar[str] = "member"
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberChanged(DomainEvent):
    """A member's role or status changed."""

    subject_kind: ClassVar[str] = "member"
    role: str
    status: str
