"""Background work that leads ask for."""

from dataclasses import dataclass
from uuid import UUID

from domain.tasks import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLeads(Task):
    """Take in an uploaded file."""

    import_id: UUID

    @property
    def unique_key(self) -> str:
        """One at a time per file."""
        return f"import:{self.import_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexLeads(Task):
    """Make the leads of an import findable by their words."""

    import_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportLeads(Task):
    """Write a file of leads."""

    export_id: UUID

    @property
    def unique_key(self) -> str:
        """One at a time per file."""
        return f"export:{self.export_id}"
