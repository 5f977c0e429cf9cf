"""Background work that enrichment asks for."""

from dataclasses import dataclass
from uuid import UUID

from domain.tasks import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrichLeads(Task):
    """Enrich the leads of a request that work at one company (or at none)."""

    request_id: UUID
    lead_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawProviderData(Task):
    """Erase everything a provider has given."""

    provider: str

    @property
    def unique_key(self) -> str:
        """One at a time per provider."""
        return f"withdraw:{self.provider}"


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeAddress(Task):
    """Judge a lead's address again, if the last verdict is too old to rely on."""

    lead_id: UUID
    run_id: UUID | None

    @property
    def unique_key(self) -> str:
        """One at a time per lead."""
        return f"judge:{self.lead_id}"
