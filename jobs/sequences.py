"""Background work around enrollments: drafting, and ending pauses."""

import asyncio
from typing import Final
from uuid import UUID

from domain.errors import DomainError, ProviderUnavailable
from domain.sequences.controlling import resume_due
from domain.sequences.drafting import draft_enrollment
from domain.sequences.tasks import DraftEnrollments, ResumeEnrollment
from jobs.registry import JobContext, job

DRAFTING_AT_ONCE: Final = 4
"""Per task: an AI's rate limits are per account, and Postgres has other work."""


@job(DraftEnrollments, max_tries=8, timeout_s=1800)
async def draft_enrollments(context: JobContext, task: DraftEnrollments) -> None:
    """Draft each enrollment; one that fails doesn't stop the others, and what may pass is tried again."""
    slots = asyncio.Semaphore(DRAFTING_AT_ONCE)

    async def draft(enrollment_id: UUID) -> None:
        async with slots:
            await draft_enrollment(
                ports=context.ports,
                actor=context.actor,
                enrollment_id=enrollment_id,
                clock=context.clock,
                again=task.again,
            )

    results = await asyncio.gather(*map(draft, task.enrollment_ids), return_exceptions=True)
    failures = [result for result in results if isinstance(result, BaseException)]
    if failures:
        raise min(failures, key=_urgency)


@job(ResumeEnrollment)
async def resume_enrollment(context: JobContext, task: ResumeEnrollment) -> None:
    """End a pause whose time has come."""
    await resume_due(actor=context.actor, enrollment_id=task.enrollment_id, now=context.now())


def _urgency(failure: BaseException) -> int:
    """Faults of ours first, then what may pass, then what a person has to mend (the log says so already)."""
    if not isinstance(failure, DomainError):
        return 0
    return 1 if isinstance(failure, ProviderUnavailable) else 2
