"""What happens to strategy profiles and plays."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyProfileVersioned(DomainEvent):
    """A version of a strategy profile was written: its first, or one that follows."""

    subject_kind: ClassVar[str] = "strategy_profile"
    lineage_id: UUID
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyProfileArchived(DomainEvent):
    """A strategy profile was put away with all its versions."""

    subject_kind: ClassVar[str] = "strategy_profile"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayCreated(DomainEvent):
    """A play was written."""

    subject_kind: ClassVar[str] = "play"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayUpdated(DomainEvent):
    """A play was changed; runs that have begun keep what they began with."""

    subject_kind: ClassVar[str] = "play"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayPaused(DomainEvent):
    """Nothing of this play goes on until it is resumed."""

    subject_kind: ClassVar[str] = "play"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayResumed(DomainEvent):
    """The play goes on, and its runs with it."""

    subject_kind: ClassVar[str] = "play"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayArchived(DomainEvent):
    """The play was put away; it can't be launched any more."""

    subject_kind: ClassVar[str] = "play"
