"""What happens to leads, imports and exports."""

from dataclasses import dataclass
from typing import ClassVar

from domain.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadCreated(DomainEvent):
    """Somebody entered a lead by hand; imported ones are announced by their import."""

    subject_kind: ClassVar[str] = "lead"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadUpdated(DomainEvent):
    """Somebody changed a lead; ``fields`` names what."""

    subject_kind: ClassVar[str] = "lead"
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadRestricted(DomainEvent):
    """A lead's data may be kept but not used (GDPR Article 18), or may be used again."""

    subject_kind: ClassVar[str] = "lead"
    restricted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportUploaded(DomainEvent):
    """A file was taken in and waits for its mapping."""

    subject_kind: ClassVar[str] = "import_job"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportStarted(DomainEvent):
    """An import was attested and asked for."""

    subject_kind: ClassVar[str] = "import_job"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportProgressed(DomainEvent):
    """Rows were read and checked; nothing of them is visible before the import is done."""

    subject_kind: ClassVar[str] = "import_job"
    processed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCompleted(DomainEvent):
    """All rows were worked through, and what they brought is there."""

    subject_kind: ClassVar[str] = "import_job"
    rows: int
    created: int
    updated: int
    duplicates: int
    suppressed: int
    errors: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFailed(DomainEvent):
    """An import ended without changing anything."""

    subject_kind: ClassVar[str] = "import_job"
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCancelled(DomainEvent):
    """Somebody stopped an import; nothing was changed."""

    subject_kind: ClassVar[str] = "import_job"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequested(DomainEvent):
    """Somebody asked for a file of leads."""

    subject_kind: ClassVar[str] = "lead_export"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportCompleted(DomainEvent):
    """A file of leads is ready."""

    subject_kind: ClassVar[str] = "lead_export"
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFailed(DomainEvent):
    """An export was given up."""

    subject_kind: ClassVar[str] = "lead_export"
    code: str
