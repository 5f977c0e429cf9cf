"""What happens in a run: its own stream, in the order it happened."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLaunched(DomainEvent):
    """Somebody launched a play."""

    subject_kind: ClassVar[str] = "run"
    play_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted(DomainEvent):
    """The search for leads begins."""

    subject_kind: ClassVar[str] = "run"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunProgressed(DomainEvent):
    """Leads (up to some hundred) have come to a stage; ``reason`` when the run lets go of them."""

    subject_kind: ClassVar[str] = "run"
    stage: str
    lead_ids: tuple[UUID, ...]
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDiscovered(DomainEvent):
    """The search for leads has come to its end."""

    subject_kind: ClassVar[str] = "run"
    taken: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPaused(DomainEvent):
    """Nothing of the run goes on; ``reason`` is USER, BUDGET, BOUNCE or AUTH."""

    subject_kind: ClassVar[str] = "run"
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResumed(DomainEvent):
    """The run goes on where it was paused."""

    subject_kind: ClassVar[str] = "run"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCancelling(DomainEvent):
    """Somebody cancelled the run; from now on nothing of it begins, and what is queued is taken back."""

    subject_kind: ClassVar[str] = "run"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCancelled(DomainEvent):
    """The last lead of a cancelled run was let go; the end of its stream but for answers."""

    subject_kind: ClassVar[str] = "run"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFailed(DomainEvent):
    """The run can't go on by itself; ``failure`` is one of ``failing.RunFailure``.

    A retryable one waits for a person to resume or cancel it; of another one everything is let go.
    """

    subject_kind: ClassVar[str] = "run"
    failure: str
    is_retryable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCompleted(DomainEvent):
    """Nothing is left to do in the run."""

    subject_kind: ClassVar[str] = "run"
