"""Proving control of the address: a code is mailed, and somebody brings it back."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from domain.actor import Actor, ActorKind, require
from domain.errors import Invalid, LimitReached
from domain.ids import new_id
from domain.ports import Ports
from domain.privacy.links import LINK_PURPOSE, LinkUse, make_link_token
from domain.privacy.mails import queue_code_mail
from domain.privacy.models import IdentityVerification, PrivacyRequest
from domain.privacy.moving import lock_request, move_request
from domain.privacy.rules import RequestState
from domain.privacy.tasks import FulfilPrivacyRequest, MailPrivacyCode
from domain.privacy.verification import (
    CODE_RANDOM_BYTES,
    CODES_PER_REQUEST_MAX,
    CodeCheck,
    Verification,
    VerificationOver,
    VerificationState,
    check_code,
    expires_at,
    hash_code,
    may_resend,
    new_code,
)
from domain.work import Work, unit_of_work
from domain.workspaces.queries import get_settings
from domain.workspaces.rules import Permission


class CodeWrong(Invalid):
    """The code isn't the one that was mailed, or came too late; the try counts."""

    code = "PRIVACY_CODE_WRONG"


class CodeLimit(LimitReached):
    """Another code can't go out now."""

    code = "PRIVACY_CODE_LIMIT"


async def mail_code(
    *,
    ports: Ports,
    actor: Actor,
    request_id: UUID,
    clock: Callable[[], datetime],
    entropy: Callable[[int], bytes],
) -> None:
    """Make a code, keep its hash, and hand it to the mail queue; an earlier code stops working.

    Args:
        entropy: ``secrets.token_bytes`` outside of tests.
    """
    now, code, verification_id = clock(), new_code(entropy(CODE_RANDOM_BYTES)), new_id()
    async with unit_of_work(actor, now=now) as work:
        request = await lock_request(work, request_id=request_id)
        codes = await _codes(work, request_id)
        if request.status != RequestState.VERIFYING_IDENTITY or len(codes) >= CODES_PER_REQUEST_MAX:
            return
        await _expire(work, request_id)
        await IdentityVerification.create(
            id=verification_id,
            workspace_id=work.workspace_id,
            request_id=request_id,
            method="EMAIL_CODE",
            code_hash=hash_code(code, verification_id=verification_id, key=ports.identity_key),
            expires_at=expires_at(now),
        )
        settings = await get_settings(work.connection, workspace_id=work.workspace_id)
    token = make_link_token(
        use=LinkUse.CONFIRM,
        workspace_id=actor.workspace_id,
        request_id=request_id,
        key=ports.keyring.derive(LINK_PURPOSE),
    )
    await queue_code_mail(
        to_address=str(request.subject_email),
        locale=settings["locale"],
        workspace=settings["name"],
        code=code,
        url=f"{ports.sending.base_url}/privacy/confirm/{token}/{code}",
    )


async def resend_code(*, actor: Actor, request_id: UUID, now: datetime) -> UUID:
    """Ask for another code; the one before stops working when it is made.

    Raises:
        CodeLimit: within a minute, or after five.
        VerificationOver: the request doesn't wait for a code.
    """
    require(actor, Permission.OPEN_PRIVACY_REQUESTS)
    async with unit_of_work(actor, now=now) as work:
        request = await lock_request(work, request_id=request_id)
        _require_waiting(request)
        codes = await _codes(work, request_id)
        if codes and not may_resend(codes_sent=len(codes), last_sent_at=codes[0].created_at, now=now):
            raise CodeLimit("another code goes out after a minute, and at most five in all")
        await work.enqueue(MailPrivacyCode(request_id=request_id))
        work.audit("privacy_request.resend_code", target_kind="privacy_request", target_id=request_id)
    return request_id


async def verify_code(
    *, actor: Actor, request_id: UUID, code: str, identity_key: bytes, now: datetime
) -> UUID:
    """Compare a code; the right one proves the identity and starts the work.

    Args:
        actor: a member who was told the code, or the person behind the mailed link.

    Raises:
        CodeWrong: the try was counted; the fifth ends the code, the fifth code the request.
        VerificationOver: there is no code that could be right.
    """
    if actor.kind is not ActorKind.PERSON:
        require(actor, Permission.OPEN_PRIVACY_REQUESTS)
    async with unit_of_work(actor, now=now) as work:
        request = await lock_request(work, request_id=request_id)
        _require_waiting(request)
        codes = await _codes(work, request_id)
        if not codes:
            raise VerificationOver("no code has been mailed yet")
        check = check_code(verification=_rule_of(codes[0]), code=code, key=identity_key, now=now)
        codes[0].status, codes[0].attempts = check.state, check.attempts
        await codes[0].save(update_fields=["status", "attempts"])
        await _conclude(work, request, check, codes_sent=len(codes))
    if check.state is not VerificationState.PASSED:
        raise CodeWrong("this is not the code, or it is too old", field=("input", "code"))
    return request_id


async def _conclude(work: Work, request: PrivacyRequest, check: CodeCheck, *, codes_sent: int) -> None:
    if check.state is VerificationState.PASSED:
        await move_request(
            work, request, RequestState.VERIFIED, purpose="one-time code", verified_at=work.now
        )
        await work.enqueue(FulfilPrivacyRequest(request_id=request.id))
        return
    work.audit(
        "privacy_request.wrong_code", target_kind="privacy_request", target_id=request.id, state=check.state
    )
    if check.state is VerificationState.FAILED and codes_sent >= CODES_PER_REQUEST_MAX:
        await move_request(work, request, RequestState.REJECTED_UNVERIFIED, subject_email=None)


async def _codes(work: Work, request_id: UUID) -> list[IdentityVerification]:
    """Return the codes of a request, newest first."""
    return await IdentityVerification.filter(
        workspace_id=work.workspace_id, request_id=request_id, method="EMAIL_CODE"
    ).order_by("-id")


async def _expire(work: Work, request_id: UUID) -> None:
    await IdentityVerification.filter(
        workspace_id=work.workspace_id, request_id=request_id, status="SENT"
    ).update(status="EXPIRED")


def _require_waiting(request: PrivacyRequest) -> None:
    if request.status != RequestState.VERIFYING_IDENTITY:
        raise VerificationOver("this request doesn't wait for a code")


def _rule_of(row: IdentityVerification) -> Verification:
    if row.code_hash is None or row.expires_at is None:
        raise RuntimeError("a mailed code has a hash and an end")
    return Verification(
        id=row.id,
        code_hash=row.code_hash,
        attempts=row.attempts,
        expires_at=row.expires_at,
        state=VerificationState(row.status),
    )
