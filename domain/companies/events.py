"""What happens to companies."""

from dataclasses import dataclass
from typing import ClassVar

from domain.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyUpdated(DomainEvent):
    """Somebody changed what is known about a company; ``fields`` names what."""

    subject_kind: ClassVar[str] = "company"
    fields: tuple[str, ...]
