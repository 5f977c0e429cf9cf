"""Background work of runs. A batch is up to 25 leads of a run that were taken up together; it never changes."""

from dataclasses import dataclass
from uuid import UUID

from domain.tasks import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRun(Task):
    """Begin a queued run."""

    run_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoverLeads(Task):
    """Take up a run's leads, page by page."""

    run_id: UUID

    @property
    def unique_key(self) -> str:
        """One search per run at a time."""
        return f"discover:{self.run_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrichRunLeads(Task):
    """Enrich a batch, then have it drafted."""

    run_id: UUID
    batch: int

    @property
    def unique_key(self) -> str:
        """One per batch at a time."""
        return f"enrich:{self.run_id}:{self.batch}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRunLeads(Task):
    """Enroll a batch and draft its messages."""

    run_id: UUID
    batch: int

    @property
    def unique_key(self) -> str:
        """One per batch at a time."""
        return f"draft:{self.run_id}:{self.batch}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContinueRun(Task):
    """Take up again what a pause has stopped."""

    run_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class LetGoOfLeads(Task):
    """Stop the sequences and close the leads of a run that was cancelled, or failed for good."""

    run_id: UUID

    @property
    def unique_key(self) -> str:
        """One per run at a time."""
        return f"let-go:{self.run_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndRun(Task):
    """Complete a run, or finish its cancellation, if nothing of it is left.

    Attributes:
        asked_in: the transaction that asks. One may ask many times and is heard once, but is never merged with
            another's: that one's task may have looked already.
    """

    run_id: UUID
    asked_in: str

    @property
    def unique_key(self) -> str:
        """One per transaction."""
        return f"end:{self.run_id}:{self.asked_in}"
