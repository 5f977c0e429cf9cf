"""Accounts: sign up, prove an address, sign in and out.

Tokens and passwords arrive here as hashes; making and comparing them is `auth`'s.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from asyncpg import UniqueViolationError

from domain import tenancy
from domain.accounts.rules import LINK_LIFETIME, EmailTaken, LinkInvalid, LinkPurpose
from domain.errors import NotFound
from domain.ids import new_id

if TYPE_CHECKING:
    from domain.tenancy import Connection


async def create_user(
    *, email: str, name: str, password_hash: str, verified_at: datetime | None, now: datetime
) -> UUID:
    """Create an account with a password.

    Raises:
        EmailTaken: the address has one already.
    """
    async with tenancy.across_workspaces() as connection:
        return await _add_user(
            connection, email=email, name=name, password_hash=password_hash, verified_at=verified_at, now=now
        )


async def create_link(
    *, purpose: LinkPurpose, user_id: UUID | None, token_hash: bytes, now: datetime
) -> None:
    """Keep a one-time link; an older one of the same purpose stops working."""
    async with tenancy.across_workspaces() as connection:
        await connection.execute(
            """
            UPDATE one_time_token SET used_at = $3
            WHERE purpose = $1 AND user_id IS NOT DISTINCT FROM $2 AND used_at IS NULL
            """,
            purpose,
            user_id,
            now,
        )
        await connection.execute(
            """
            INSERT INTO one_time_token (id, purpose, user_id, token_hash, expires_at) VALUES ($1, $2, $3, $4, $5)
            """,
            new_id(),
            purpose,
            user_id,
            token_hash,
            now + LINK_LIFETIME[purpose],
        )


async def verify_email(*, token_hash: bytes, now: datetime) -> UUID:
    """Mark the address of the link's user as proven; raises LinkInvalid."""
    async with tenancy.across_workspaces() as connection:
        user_id = await _use_link_of_user(
            connection, purpose=LinkPurpose.VERIFY_EMAIL, token_hash=token_hash, now=now
        )
        await connection.execute(
            "UPDATE app_user SET email_verified_at = coalesce(email_verified_at, $2) WHERE id = $1",
            user_id,
            now,
        )
    return user_id


async def reset_password(*, token_hash: bytes, password_hash: str, now: datetime) -> UUID:
    """Set a new password by a mailed link and end all sessions; raises LinkInvalid."""
    async with tenancy.across_workspaces() as connection:
        user_id = await _use_link_of_user(
            connection, purpose=LinkPurpose.RESET_PASSWORD, token_hash=token_hash, now=now
        )
        await connection.execute(
            "UPDATE credential SET revoked_at = $2 WHERE user_id = $1 AND kind = 'PASSWORD' AND revoked_at IS NULL",
            user_id,
            now,
        )
        await _set_password(connection, user_id=user_id, password_hash=password_hash, now=now)
        await connection.execute(
            """
            UPDATE session SET revoked_at = $2, revoked_reason = 'PASSWORD_RESET'
            WHERE user_id = $1 AND revoked_at IS NULL
            """,
            user_id,
            now,
        )
        await connection.execute(
            "UPDATE app_user SET email_verified_at = coalesce(email_verified_at, $2) WHERE id = $1",
            user_id,
            now,
        )
    return user_id


async def renew_password_hash(*, credential_id: UUID, password_hash: str) -> None:
    """Keep another hash of the same password; a password that was changed meanwhile stays as it is."""
    async with tenancy.across_workspaces() as connection:
        await connection.execute(
            "UPDATE credential SET secret_hash = $2 WHERE id = $1 AND revoked_at IS NULL",
            credential_id,
            password_hash,
        )


async def use_setup_link(
    *, token_hash: bytes, email: str, name: str, password_hash: str, now: datetime
) -> UUID:
    """Create the first owner by the link printed at the first start.

    Raises:
        LinkInvalid: used, too old or never ours.
        EmailTaken: the link stays good.
    """
    async with tenancy.across_workspaces() as connection:
        await _use_link(connection, purpose=LinkPurpose.SETUP, token_hash=token_hash, now=now)
        return await _add_user(
            connection, email=email, name=name, password_hash=password_hash, verified_at=now, now=now
        )


async def open_session(
    *,
    user_id: UUID,
    token_hash: bytes,
    ip: str | None,
    user_agent: str | None,
    expires_at: datetime,
    now: datetime,
) -> UUID:
    """Remember a sign-in."""
    session_id = new_id()
    async with tenancy.across_workspaces() as connection:
        await connection.execute(
            """
            INSERT INTO session (id, user_id, token_hash, ip, user_agent, expires_at, last_seen_at)
            VALUES ($1, $2, $3, $4, left($5, 300), $6, $7)
            """,
            session_id,
            user_id,
            token_hash,
            ip,
            user_agent,
            expires_at,
            now,
        )
        await connection.execute("UPDATE app_user SET last_login_at = $2 WHERE id = $1", user_id, now)
    return session_id


async def touch_session(*, session_id: UUID, expires_at: datetime, now: datetime) -> None:
    """Note that a session is in use; written at most once a minute."""
    async with tenancy.across_workspaces() as connection:
        await connection.execute(
            "UPDATE session SET last_seen_at = $2, expires_at = $3 WHERE id = $1 AND last_seen_at < $4",
            session_id,
            now,
            expires_at,
            now - timedelta(minutes=1),
        )


async def select_workspace(*, session_id: UUID, workspace_id: UUID) -> None:
    """Keep which workspace a session acts in."""
    async with tenancy.across_workspaces() as connection:
        await connection.execute(
            "UPDATE session SET workspace_id = $2 WHERE id = $1", session_id, workspace_id
        )


async def close_session(*, user_id: UUID, session_id: UUID, reason: str, now: datetime) -> None:
    """End one of a user's sessions; ending it twice changes nothing.

    Raises:
        NotFound: no such session of this user.
    """
    async with tenancy.across_workspaces() as connection:
        found = await connection.fetchval(
            """
            UPDATE session SET revoked_at = coalesce(revoked_at, $3), revoked_reason = coalesce(revoked_reason, $4)
            WHERE id = $1 AND user_id = $2 RETURNING id
            """,
            session_id,
            user_id,
            now,
            reason,
        )
    if found is None:
        raise NotFound("no such session")


async def queue_mail(*, kind: str, to_address: str, subject: str, body: str) -> None:
    """Hand a transactional mail to the operator's SMTP, in the background."""
    async with tenancy.across_workspaces() as connection:
        await connection.execute(
            "INSERT INTO platform_mail (id, kind, to_address, subject, body) VALUES ($1, $2, $3, $4, $5)",
            new_id(),
            kind,
            to_address,
            subject,
            body,
        )


async def _add_user(
    connection: "Connection",
    *,
    email: str,
    name: str,
    password_hash: str,
    verified_at: datetime | None,
    now: datetime,
) -> UUID:
    user_id = new_id()
    try:
        await connection.execute(
            "INSERT INTO app_user (id, email, name, email_verified_at) VALUES ($1, $2, $3, $4)",
            user_id,
            email,
            name,
            verified_at,
        )
    except UniqueViolationError:
        raise EmailTaken("an account with this address exists", field=("email",)) from None
    await _set_password(connection, user_id=user_id, password_hash=password_hash, now=now)
    return user_id


async def _set_password(
    connection: "Connection", *, user_id: UUID, password_hash: str, now: datetime
) -> None:
    await connection.execute(
        "INSERT INTO credential (id, user_id, kind, secret_hash, last_used_at) VALUES ($1, $2, 'PASSWORD', $3, $4)",
        new_id(),
        user_id,
        password_hash,
        now,
    )


async def _use_link_of_user(
    connection: "Connection", *, purpose: LinkPurpose, token_hash: bytes, now: datetime
) -> UUID:
    user_id = await _use_link(connection, purpose=purpose, token_hash=token_hash, now=now)
    if user_id is None:
        raise RuntimeError(f"a {purpose} link without a user")
    return user_id


async def _use_link(
    connection: "Connection", *, purpose: LinkPurpose, token_hash: bytes, now: datetime
) -> UUID | None:
    row = await connection.fetchrow(
        """
        UPDATE one_time_token SET used_at = $3
        WHERE purpose = $1 AND token_hash = $2 AND used_at IS NULL AND expires_at > $3 RETURNING user_id
        """,
        purpose,
        token_hash,
        now,
    )
    if row is None:
        raise LinkInvalid("this link was used, is too old or was never ours", field=("token",))
    return row["user_id"]  # type: ignore[no-any-return]
