"""What happens while leads are enriched, and to what was found."""

from dataclasses import dataclass
from typing import ClassVar

from domain.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderCallFinished(DomainEvent):
    """A source answered, failed, or was given up; ``credits`` is what it cost."""

    subject_kind: ClassVar[str] = "provider_call"
    provider: str
    status: str
    credits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadEnriched(DomainEvent):
    """Enrichment of a lead is over; ``reason`` tells why it was skipped, ``credits`` what its calls cost."""

    subject_kind: ClassVar[str] = "lead"
    outcome: str
    reason: str | None
    credits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrichmentRequested(DomainEvent):
    """Somebody asked for leads to be enriched."""

    subject_kind: ClassVar[str] = "enrichment_request"
    leads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrichmentProgressed(DomainEvent):
    """A request's lead is done, or the request stopped; ``status`` is the request's."""

    subject_kind: ClassVar[str] = "enrichment_request"
    status: str
    done: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FactRejected(DomainEvent):
    """Somebody said that a fact is wrong; the next best value counts now."""

    subject_kind: ClassVar[str] = "field_value"
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FactPinned(DomainEvent):
    """Somebody fixed a fact as the one that counts, or let it go again."""

    subject_kind: ClassVar[str] = "field_value"
    field: str
    pinned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderDataWithdrawn(DomainEvent):
    """Everything a provider had given is gone; the subject is the workspace."""

    subject_kind: ClassVar[str] = "workspace"
    provider: str
    facts: int
