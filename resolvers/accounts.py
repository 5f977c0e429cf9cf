"""Sign up, sign in, and the links that are mailed."""

import secrets
from typing import Any
from uuid import UUID

from auth.passwords import check_password_rules
from auth.throttling import Attempt
from auth.tokens import IssuedToken, TokenKind, hash_token, issue_token, session_expiry
from auth.viewer import LIFETIME, identify
from domain.accounts import queries, service
from domain.accounts.rules import (
    LinkInvalid,
    LinkPurpose,
    SignInRefused,
    SignUpClosed,
    parse_account_email,
    parse_name,
)
from domain.workspaces.queries import has_open_invitation
from resolvers.context import Context


async def sign_up(
    context: Context, *, email: str, password: str, name: str, invitation: str | None = None
) -> None:
    """Resolve ``Mutation.signUp``: an account and a mailed link; says the same when the address has one."""
    address = parse_account_email(email)
    await context.services.throttle.admit(Attempt.SIGN_UP, account=address, address=context.caller.ip)
    if not context.ports.sign_up_open and not await _is_invited(context, invitation):
        raise SignUpClosed("this installation takes no new accounts; ask for an invitation")
    check_password_rules(password, email=address)
    user_id = await service.create_user(
        email=address,
        name=parse_name(name),
        password_hash=await context.services.passwords.hash(password),
        verified_at=None,
        now=context.now(),
    )
    await _mail_link(context, purpose=LinkPurpose.VERIFY_EMAIL, user_id=user_id, email=address)


async def set_up(context: Context, *, token: str, email: str, password: str, name: str) -> IssuedToken:
    """Resolve ``Mutation.setUp``: the first owner, by the link that the first start printed."""
    address = parse_account_email(email)
    await context.services.throttle.admit(Attempt.REDEEM_CODE, account=token, address=context.caller.ip)
    check_password_rules(password, email=address)
    user_id = await service.use_setup_link(
        token_hash=hash_token(token),
        email=address,
        name=parse_name(name),
        password_hash=await context.services.passwords.hash(password),
        now=context.now(),
    )
    return await _open_session(context, user_id)


async def check_link(context: Context, *, purpose: LinkPurpose, token: str) -> None:
    """Do nothing when a mailed link would still work; raises LinkInvalid. The link stays usable."""
    if not await queries.has_link(purpose=purpose, token_hash=hash_token(token), now=context.now()):
        raise LinkInvalid("this link was used, is too old or was never ours", field=("token",))


async def verify_email(context: Context, *, token: str) -> None:
    """Resolve ``Mutation.emailVerify``."""
    await context.services.throttle.admit(Attempt.REDEEM_CODE, account=token, address=context.caller.ip)
    await service.verify_email(token_hash=hash_token(token), now=context.now())


async def request_password_reset(context: Context, *, email: str) -> None:
    """Resolve ``Mutation.passwordResetRequest``: the same answer whether or not the address has an account."""
    address = parse_account_email(email)
    await context.services.throttle.admit(Attempt.REQUEST_MAIL, account=address, address=context.caller.ip)
    user = await queries.find_user_by_email(email=address)
    if user is not None:
        await _mail_link(context, purpose=LinkPurpose.RESET_PASSWORD, user_id=user["id"], email=address)


async def reset_password(context: Context, *, token: str, password: str) -> None:
    """Resolve ``Mutation.passwordReset``; ends every session of the account."""
    await context.services.throttle.admit(Attempt.REDEEM_CODE, account=token, address=context.caller.ip)
    await check_link(context, purpose=LinkPurpose.RESET_PASSWORD, token=token)  # hashing is dear
    check_password_rules(password, email="")
    await service.reset_password(
        token_hash=hash_token(token),
        password_hash=await context.services.passwords.hash(password),
        now=context.now(),
    )


async def sign_in(context: Context, *, email: str, password: str) -> IssuedToken:
    """Resolve ``Mutation.signIn``; takes as long for unknown addresses as for known ones."""
    address = parse_account_email(email)
    throttle = context.services.throttle
    await throttle.admit(Attempt.SIGN_IN, account=address, address=context.caller.ip)
    user = await queries.find_user_by_email(email=address)
    stored = user["secret_hash"] if user is not None else None
    matches = await context.services.passwords.verify(password, stored=stored)
    if not matches or user is None or user["status"] != "ACTIVE":
        raise SignInRefused("the address and the password don't belong together")
    if user["email_verified_at"] is None:
        raise SignInRefused("open the link that was mailed to you first")
    await throttle.forgive(Attempt.SIGN_IN, account=address, address=context.caller.ip)
    await _renew_hash(context, user, password)
    return await _open_session(context, user["id"])


async def sign_out(context: Context) -> None:
    """Resolve ``Mutation.signOut``."""
    user_id, session_id = context.viewer.require_user(), context.viewer.session_id
    if session_id is not None:
        await service.close_session(
            user_id=user_id, session_id=session_id, reason="SIGN_OUT", now=context.now()
        )
    context.caller.session_token = ""


async def revoke_session(context: Context, *, session_id: UUID) -> None:
    """Resolve ``Mutation.sessionRevoke``."""
    user_id = context.viewer.require_user()
    await service.close_session(user_id=user_id, session_id=session_id, reason="REVOKED", now=context.now())


async def get_user(context: Context) -> Any:
    """Resolve ``Viewer.user``."""
    return await queries.get_user(user_id=context.viewer.require_user())


async def list_sessions(context: Context) -> list[Any]:
    """Resolve ``Viewer.sessions``."""
    return await queries.list_sessions(user_id=context.viewer.require_user(), now=context.now())


async def _is_invited(context: Context, invitation: str | None) -> bool:
    return invitation is not None and await has_open_invitation(
        token_hash=hash_token(invitation), now=context.now()
    )


async def _renew_hash(context: Context, user: Any, password: str) -> None:
    """Hash a password anew that is right and was hashed with parameters we have left behind."""
    passwords = context.services.passwords
    if passwords.needs_rehash(user["secret_hash"]):
        await service.renew_password_hash(
            credential_id=user["credential_id"], password_hash=await passwords.hash(password)
        )


async def _open_session(context: Context, user_id: UUID) -> IssuedToken:
    now = context.now()
    token = issue_token(TokenKind.SESSION, entropy=secrets.token_bytes)
    await service.open_session(
        user_id=user_id,
        token_hash=token.hash,
        ip=context.caller.ip,
        user_agent=context.caller.user_agent,
        expires_at=session_expiry(created_at=now, seen_at=now, lifetime=LIFETIME),
        now=now,
    )
    context.caller.session_token = token.text
    context.viewer = await identify(
        credential=token.text, workspace=None, request_id=context.request_id, now=now
    )
    return token


_MAILS = {
    LinkPurpose.VERIFY_EMAIL: (
        "Confirm your address",
        "Welcome to Plera. Confirm that this address is yours:\n\n{url}/verify?token={token}\n\n"
        "The link works for two days. If you didn't sign up, ignore this mail.\n",
    ),
    LinkPurpose.RESET_PASSWORD: (
        "Set a new password",
        "Somebody asked for a new password for this address:\n\n{url}/reset?token={token}\n\n"
        "The link works for one hour. If it wasn't you, ignore this mail.\n",
    ),
}


async def _mail_link(context: Context, *, purpose: LinkPurpose, user_id: UUID, email: str) -> None:
    token = issue_token(TokenKind.ONE_TIME, entropy=secrets.token_bytes)
    await service.create_link(purpose=purpose, user_id=user_id, token_hash=token.hash, now=context.now())
    subject, body = _MAILS[purpose]
    await service.queue_mail(
        kind=purpose,
        to_address=email,
        subject=subject,
        body=body.format(url=context.services.base_url, token=token.text),
    )
