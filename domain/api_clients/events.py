"""What happens to programs and their documents."""

from dataclasses import dataclass
from typing import ClassVar

from domain.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiClientCreated(DomainEvent):
    """A program was made known."""

    subject_kind: ClassVar[str] = "api_client"
    policy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiClientUpdated(DomainEvent):
    """What a program may send or use up was changed, or its name."""

    subject_kind: ClassVar[str] = "api_client"
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiClientMoved(DomainEvent):
    """A program's keys were stopped or let go on."""

    subject_kind: ClassVar[str] = "api_client"
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentsPublished(DomainEvent):
    """Documents of a program were made known."""

    subject_kind: ClassVar[str] = "api_client"
    created: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PersistedDocumentMoved(DomainEvent):
    """A document was stopped, or is answered from now on."""

    subject_kind: ClassVar[str] = "persisted_document"
    status: str
