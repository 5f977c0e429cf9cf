"""What was given up is taken up again: a right doesn't end because we have failed, and its deadline runs on."""

from datetime import timedelta
from typing import Final

from domain.privacy.events import PrivacyRequestStalled
from domain.privacy.tasks import (
    CheckErasure,
    ExpirePrivacyResult,
    FulfilPrivacyRequest,
    MailPrivacyCode,
    OpenPrivacyRequest,
)
from domain.work import Work

AGAIN_AFTER: Final = timedelta(hours=6)

PrivacyStep = OpenPrivacyRequest | MailPrivacyCode | FulfilPrivacyRequest | CheckErasure | ExpirePrivacyResult


async def take_up_again(work: Work, task: PrivacyStep) -> None:
    """Ask for a parked step anew in some hours, and say so in the request's stream."""
    again_at = work.now + AGAIN_AFTER
    await work.enqueue(task, due_at=again_at)
    if not isinstance(task, OpenPrivacyRequest):  # there is no request yet
        step = type(task).__name__
        work.emit(PrivacyRequestStalled(subject_id=task.request_id, step=step, again_at=again_at.isoformat()))
