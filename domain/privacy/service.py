"""Privacy requests as a member handles them: open, confirm by other means, deny, hand out the answer."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.actor import Actor, require
from domain.errors import Conflict, Invalid, NotFound
from domain.idempotency import Idempotency
from domain.ids import new_id
from domain.privacy.clocks import clock_rule, deadlines
from domain.privacy.events import PrivacyRequestOpened
from domain.privacy.links import LinkUse, make_link_token
from domain.privacy.models import IdentityVerification
from domain.privacy.moving import lock_request, move_request
from domain.privacy.rules import (
    HANDLED,
    DenialGround,
    Regime,
    RequestKind,
    RequestState,
    needs_identity,
    suppresses_at_once,
)
from domain.privacy.subjects import Subject, subject_of
from domain.privacy.tasks import FulfilPrivacyRequest, MailPrivacyCode
from domain.suppression.rules import SuppressionKind, SuppressionReason
from domain.suppression.service import suppress
from domain.work import Work, unit_of_work
from domain.workspaces.queries import get_settings
from domain.workspaces.rules import Permission

_REASONS = {
    RequestKind.DELETE: SuppressionReason.ERASURE,
    RequestKind.OBJECT: SuppressionReason.OBJECTION,
}
HOW_LENGTH_MAX = 500


class PrivacyRequestAlreadyOpen(Conflict):
    """The person's earlier request of the same kind isn't answered yet."""

    code = "PRIVACY_REQUEST_ALREADY_OPEN"


async def open_request(
    *,
    actor: Actor,
    kind: RequestKind,
    email: str,
    regime: Regime,
    identity_key: bytes,
    now: datetime,
    idempotency: Idempotency | None = None,
    channel: str = "API",
) -> UUID:
    """Open a person's request; an objection or a deletion suppresses them before anything is proven.

    Args:
        email: the person's address; the code goes there.
        channel: API, or REPLY when it came by mail.

    Raises:
        Invalid: no such address, or a kind that isn't handled here.
        PrivacyRequestAlreadyOpen: wait for the answer to the first.
    """
    require(actor, Permission.OPEN_PRIVACY_REQUESTS)
    if kind not in HANDLED:
        names = ", ".join(handled.value for handled in HANDLED)
        raise Invalid(f"only {names} are handled here", field=("input", "kind"))
    subject = subject_of(email, key=identity_key)
    async with unit_of_work(actor, now=now, idempotency=idempotency) as work:
        due_on = await _due_on(work, kind=kind, regime=regime)
        request_id = await _insert(
            work,
            subject=subject,
            email=email.strip(),
            kind=kind,
            regime=regime,
            channel=channel,
            due_on=due_on,
        )
        if suppresses_at_once(kind):
            await suppress(
                work,
                kind=SuppressionKind.EMAIL,
                value=subject.identity,
                reason=_REASONS[kind],
                identity_key=identity_key,
                evidence=f"privacy request {request_id}",
            )
        work.emit(PrivacyRequestOpened(subject_id=request_id, kind=kind.value, regime=regime.value))
        work.audit(
            "privacy_request.open",
            target_kind="privacy_request",
            target_id=request_id,
            kind=kind.value,
            regime=regime.value,
            channel=channel,
        )
        await _begin(work, request_id=request_id, kind=kind)
        work.answer(request_id)
    return request_id


async def confirm_identity(*, actor: Actor, request_id: UUID, how: str, now: datetime) -> UUID:
    """Take another proof of identity than the mailed code; the audit keeps who took which.

    Args:
        how: what was seen, without the proof's data: "passport shown in a call".

    Raises:
        IllegalTransition: the request doesn't wait for a proof.
    """
    require(actor, Permission.HANDLE_PRIVACY_REQUESTS)
    how = " ".join(how.split())
    if not 5 <= len(how) <= HOW_LENGTH_MAX:
        raise Invalid(f"say in 5 to {HOW_LENGTH_MAX} characters how", field=("input", "how"))
    async with unit_of_work(actor, now=now) as work:
        request = await lock_request(work, request_id=request_id)
        await IdentityVerification.filter(
            workspace_id=work.workspace_id, request_id=request_id, status="SENT"
        ).update(status="EXPIRED")
        await IdentityVerification.create(
            workspace_id=work.workspace_id, request_id=request_id, method="OTHER_MEANS", status="PASSED"
        )
        await move_request(work, request, RequestState.VERIFIED, purpose=how, verified_at=now)
        await work.enqueue(FulfilPrivacyRequest(request_id=request_id))
    return request_id


async def deny_request(*, actor: Actor, request_id: UUID, ground: DenialGround, now: datetime) -> UUID:
    """Refuse a request on a ground the law knows; what was suppressed stays suppressed.

    Raises:
        IllegalTransition: it has been carried out, or is being.
    """
    require(actor, Permission.HANDLE_PRIVACY_REQUESTS)
    async with unit_of_work(actor, now=now) as work:
        request = await lock_request(work, request_id=request_id)
        await move_request(work, request, RequestState.DENIED, ground=ground, subject_email=None)
    return request_id


async def issue_result_link(*, actor: Actor, request_id: UUID, key: bytes, now: datetime) -> str:
    """Return the token of the link to a request's answer; the audit keeps who asked for it.

    Args:
        key: the link key.

    Raises:
        NotFound: there is no answer, or its time has passed.
    """
    require(actor, Permission.HANDLE_PRIVACY_REQUESTS)
    async with unit_of_work(actor, now=now) as work:
        request = await lock_request(work, request_id=request_id)
        if request.result_expires_at is None or request.result_expires_at <= now:
            raise NotFound("there is nothing to download", field=("input", "id"))
        work.audit("privacy_request.link", target_kind="privacy_request", target_id=request_id)
        return make_link_token(
            use=LinkUse.RESULT, workspace_id=work.workspace_id, request_id=request_id, key=key
        )


async def _due_on(work: Work, *, kind: RequestKind, regime: Regime) -> object:
    settings = await get_settings(work.connection, workspace_id=work.workspace_id)
    today = work.now.astimezone(ZoneInfo(settings["default_time_zone"])).date()
    rule = clock_rule(regime=regime, kind=kind)
    return deadlines(rule=rule, received_on=today, today=today).due_on


async def _insert(
    work: Work,
    *,
    subject: Subject,
    email: str,
    kind: RequestKind,
    regime: Regime,
    channel: str,
    due_on: object,
) -> UUID:
    request_id: UUID | None = await work.connection.fetchval(
        """
        INSERT INTO privacy_request (id, workspace_id, kind, regime, subject_email, subject_hash, channel, status,
                                     opened_by, due_on)
        VALUES ($1, $2, $3, $4, $5, $6, $7, 'RECEIVED', $8, $9) ON CONFLICT DO NOTHING RETURNING id
        """,
        new_id(),
        work.workspace_id,
        kind.value,
        regime.value,
        email,
        subject.hash,
        channel,
        work.actor.user_id,
        due_on,
    )
    if request_id is None:
        raise PrivacyRequestAlreadyOpen(
            "this person's earlier request is still open", field=("input", "email")
        )
    return request_id


async def _begin(work: Work, *, request_id: UUID, kind: RequestKind) -> None:
    """Acknowledge, then ask for a proof, or act at once where none may be asked for."""
    request = await lock_request(work, request_id=request_id)
    if needs_identity(kind):
        await move_request(work, request, RequestState.ACKNOWLEDGED, RequestState.VERIFYING_IDENTITY)
        await work.enqueue(MailPrivacyCode(request_id=request_id))
    else:
        await move_request(work, request, RequestState.ACKNOWLEDGED, RequestState.VERIFIED)
        await work.enqueue(FulfilPrivacyRequest(request_id=request_id))
