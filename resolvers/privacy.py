"""Privacy requests: by members, and by the person through a mailed link."""

from uuid import UUID

from auth.throttling import Attempt
from domain.actor import Actor, require
from domain.errors import NotFound
from domain.privacy import handing_out, proving, service
from domain.privacy.links import LINK_PURPOSE, LinkUse, read_link_token
from domain.privacy.queries import has_request
from domain.privacy.rules import DenialGround, Regime, RequestKind
from domain.privacy.subjects import subject_of
from domain.workspaces.rules import Permission
from resolvers.context import Context, Services


async def open_request(
    context: Context, *, kind: RequestKind, email: str, regime: Regime, idempotency_key: str | None
) -> UUID:
    """Resolve ``Mutation.privacyRequestOpen``; the key's record holds no guessable trace of the address."""
    subject = subject_of(email, key=context.ports.identity_key)
    arguments = {"kind": kind.value, "regime": regime.value, "subject": subject.hash.hex()}
    return await service.open_request(
        actor=context.actor,
        kind=kind,
        email=email,
        regime=regime,
        identity_key=context.ports.identity_key,
        idempotency=context.once("privacyRequestOpen", idempotency_key, arguments, required=True),
        now=context.now(),
    )


async def verify_code(context: Context, *, request_id: UUID, code: str) -> UUID:
    """Resolve ``Mutation.privacyRequestVerify``."""
    return await proving.verify_code(
        actor=context.actor,
        request_id=request_id,
        code=code,
        identity_key=context.ports.identity_key,
        now=context.now(),
    )


async def resend_code(context: Context, *, request_id: UUID) -> UUID:
    """Resolve ``Mutation.privacyRequestResendCode``."""
    return await proving.resend_code(actor=context.actor, request_id=request_id, now=context.now())


async def confirm_identity(context: Context, *, request_id: UUID, how: str) -> UUID:
    """Resolve ``Mutation.privacyRequestConfirmIdentity``."""
    return await service.confirm_identity(
        actor=context.actor, request_id=request_id, how=how, now=context.now()
    )


async def deny_request(context: Context, *, request_id: UUID, ground: DenialGround) -> UUID:
    """Resolve ``Mutation.privacyRequestDeny``."""
    return await service.deny_request(
        actor=context.actor, request_id=request_id, ground=ground, now=context.now()
    )


async def issue_link(context: Context, *, request_id: UUID) -> str:
    """Resolve ``Mutation.privacyRequestLink``: the address of the bundle or receipt."""
    key = context.ports.keyring.derive(LINK_PURPOSE)
    token = await service.issue_result_link(
        actor=context.actor, request_id=request_id, key=key, now=context.now()
    )
    return f"{context.services.base_url}/privacy/result/{token}"


async def require_request(context: Context, *, request_id: UUID) -> None:
    """Return if the caller may follow this request; raises Forbidden or NotFound."""
    actor = context.actor
    require(actor, Permission.OPEN_PRIVACY_REQUESTS)
    if not await has_request(workspace_id=actor.workspace_id, request_id=request_id):
        raise NotFound("no such privacy request", field=("id",))


async def confirm_by_link(services: Services, *, token: str, code: str, ip: str | None) -> None:
    """Answer the page's button: the code of the mailed link, for the request it names."""
    await services.throttle.admit(Attempt.REDEEM_CODE, account=token, address=ip)
    workspace_id, request_id = _read(services, token, use=LinkUse.CONFIRM)
    await proving.verify_code(
        actor=Actor.person(workspace_id),
        request_id=request_id,
        code=code,
        identity_key=services.ports.identity_key,
        now=services.clock(),
    )


async def download_by_link(services: Services, *, token: str) -> bytes:
    """Answer the page's button: the bundle or receipt."""
    workspace_id, request_id = _read(services, token, use=LinkUse.RESULT)
    return await handing_out.download(
        ports=services.ports,
        actor=Actor.person(workspace_id),
        request_id=request_id,
        now=services.clock(),
    )


def check_link(services: Services, *, token: str, use: LinkUse) -> None:
    """Do nothing when a link is ours; raises PrivacyLinkInvalid."""
    _read(services, token, use=use)


def _read(services: Services, token: str, *, use: LinkUse) -> tuple[UUID, UUID]:
    return read_link_token(token, use=use, key=services.ports.keyring.derive(LINK_PURPOSE))
