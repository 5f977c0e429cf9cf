"""Background work around enrollments."""

from dataclasses import dataclass
from uuid import UUID

from domain.tasks import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftEnrollments(Task):
    """Draft what is missing for these enrollments (up to some hundred).

    ``again`` also drafts steps whose message was rejected.
    """

    enrollment_ids: tuple[UUID, ...]
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeEnrollment(Task):
    """End a pause whose time has come."""

    enrollment_id: UUID
