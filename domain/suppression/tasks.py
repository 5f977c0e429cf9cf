"""Background work that suppressions ask for."""

from dataclasses import dataclass
from uuid import UUID

from domain.tasks import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSuppressions(Task):
    """Read an uploaded list."""

    import_id: UUID

    @property
    def unique_key(self) -> str:
        """One at a time per list."""
        return f"suppressions:{self.import_id}"
