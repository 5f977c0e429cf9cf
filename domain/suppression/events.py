"""What happens to suppressions."""

from dataclasses import dataclass
from typing import ClassVar

from domain.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressSuppressed(DomainEvent):
    """An entry was made, or an older one widened; ``queries.find_recipients`` tells whom it concerns now."""

    subject_kind: ClassVar[str] = "suppression"
    reason: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionLifted(DomainEvent):
    """An entry is no longer in force."""

    subject_kind: ClassVar[str] = "suppression"
    reason: str
    kind: str
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionsImported(DomainEvent):
    """A list was read to its end; entries that concern no lead have no event of their own."""

    subject_kind: ClassVar[str] = "suppression_import"
    added: int
    known: int
    errors: int
