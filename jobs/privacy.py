"""Privacy requests in the background."""

import secrets

from domain.privacy import fulfilling, handing_out, mailed_requests, proving, replaying
from domain.privacy.stalling import PrivacyStep, take_up_again
from domain.privacy.tasks import (
    CheckErasure,
    ExpirePrivacyResult,
    FulfilPrivacyRequest,
    MailPrivacyCode,
    OpenPrivacyRequest,
)
from domain.work import Work
from jobs.registry import JobContext, job


async def try_again(work: Work, task: PrivacyStep, _reason: str) -> None:
    """A legal duty isn't given up."""
    await take_up_again(work, task)


@job(OpenPrivacyRequest, max_tries=6, timeout_s=30, when_parked=try_again)
async def open_privacy_request(context: JobContext, task: OpenPrivacyRequest) -> None:
    """Open the request that a mail invokes."""
    await mailed_requests.open_mailed_request(
        actor=context.actor,
        reply_id=task.reply_id,
        wanted=task.wanted,
        identity_key=context.ports.identity_key,
        now=context.now(),
    )


@job(MailPrivacyCode, max_tries=6, timeout_s=30, when_parked=try_again)
async def mail_privacy_code(context: JobContext, task: MailPrivacyCode) -> None:
    """Make a code and hand it to the mail queue."""
    await proving.mail_code(
        ports=context.ports,
        actor=context.actor,
        request_id=task.request_id,
        clock=context.clock,
        entropy=secrets.token_bytes,
    )


@job(FulfilPrivacyRequest, max_tries=10, timeout_s=900, when_parked=try_again)
async def fulfil_privacy_request(context: JobContext, task: FulfilPrivacyRequest) -> None:
    """Carry a request out; a repetition goes on where the last try stopped."""
    await fulfilling.fulfil(
        ports=context.ports, actor=context.actor, request_id=task.request_id, clock=context.clock
    )


@job(CheckErasure, max_tries=10, timeout_s=900, when_parked=try_again)
async def check_erasure(context: JobContext, task: CheckErasure) -> None:
    """Erase what was under way during an erasure."""
    await replaying.check_erasure(
        ports=context.ports,
        actor=context.actor,
        request_id=task.request_id,
        lead_ids=task.lead_ids,
        now=context.now(),
    )


@job(ExpirePrivacyResult, max_tries=10, timeout_s=30, when_parked=try_again)
async def expire_privacy_result(context: JobContext, task: ExpirePrivacyResult) -> None:
    """Delete an answer whose time has passed."""
    await handing_out.expire_result(
        ports=context.ports, actor=context.actor, request_id=task.request_id, now=context.now()
    )
