"""Who is behind a token or an address. These look across workspaces by nature."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from domain import tenancy
from domain.accounts.rules import LinkPurpose

if TYPE_CHECKING:
    from asyncpg import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A user's place in a workspace."""

    workspace_id: UUID
    role: str


async def find_user_by_email(*, email: str) -> "Record | None":
    """Return ``id, email, name, status, email_verified_at, credential_id, secret_hash`` of a user."""
    async with tenancy.looking_across_workspaces() as connection:
        return await connection.fetchrow(
            """
            SELECT u.id, u.email, u.name, u.status, u.email_verified_at, c.id AS credential_id, c.secret_hash
            FROM app_user u
            LEFT JOIN credential c ON c.user_id = u.id AND c.kind = 'PASSWORD' AND c.revoked_at IS NULL
            WHERE u.email = $1
            """,
            email,
        )


async def find_session(*, token_hash: bytes, now: datetime) -> "Record | None":
    """Return ``id, user_id, workspace_id, expires_at, created_at, last_seen_at`` of a live session."""
    async with tenancy.looking_across_workspaces() as connection:
        return await connection.fetchrow(
            """
            SELECT s.id, s.user_id, s.workspace_id, s.expires_at, s.created_at, s.last_seen_at
            FROM session s JOIN app_user u ON u.id = s.user_id AND u.status = 'ACTIVE'
            WHERE s.token_hash = $1 AND s.revoked_at IS NULL AND s.expires_at > $2
            """,
            token_hash,
            now,
        )


async def find_api_token(*, token_hash: bytes, now: datetime) -> "Record | None":
    """Return ``id, workspace_id, role, created_by`` of a live API token, and the terms of its client.

    Terms are ``client_id, policy, points_max, points_per_s, subscriptions_max``; null without a client. The key of a
    client that is stopped or too old isn't live.
    """
    async with tenancy.looking_across_workspaces() as connection:
        return await connection.fetchrow(
            """
            SELECT t.id, t.workspace_id, t.role, t.created_by,
                   c.id AS client_id, c.policy, c.points_max, c.points_per_s, c.subscriptions_max
            FROM api_token t
            LEFT JOIN api_client c ON (c.workspace_id, c.id) = (t.workspace_id, t.api_client_id)
            WHERE t.token_hash = $1 AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > $2)
              AND (c.id IS NULL OR (c.status = 'ACTIVE' AND (c.expires_at IS NULL OR c.expires_at > $2)))
            """,
            token_hash,
            now,
        )


async def list_memberships(*, user_id: UUID) -> list[Membership]:
    """Return the workspaces a user is an active member of, oldest first."""
    async with tenancy.looking_across_workspaces() as connection:
        rows = await connection.fetch(
            """
            SELECT m.workspace_id, m.role FROM member m JOIN workspace w ON w.id = m.workspace_id
            WHERE m.user_id = $1 AND m.status = 'ACTIVE' AND w.status NOT IN ('CLOSED', 'PURGED')
            ORDER BY w.created_at
            """,
            user_id,
        )
    return [Membership(**row) for row in rows]


async def get_user(*, user_id: UUID) -> "Record":
    """Return ``id, email, name, locale, time_zone, email_verified_at, last_login_at, created_at``."""
    async with tenancy.looking_across_workspaces() as connection:
        row = await connection.fetchrow(
            """
            SELECT id, email, name, locale, time_zone, email_verified_at, last_login_at, created_at
            FROM app_user WHERE id = $1
            """,
            user_id,
        )
    if row is None:
        raise RuntimeError("a session of a user who doesn't exist")
    return row


async def list_sessions(*, user_id: UUID, now: datetime) -> list["Record"]:
    """Return a user's live sessions, newest first: ``id, ip, user_agent, created_at, last_seen_at, expires_at``."""
    async with tenancy.looking_across_workspaces() as connection:
        return await connection.fetch(
            """
            SELECT id, ip, user_agent, created_at, last_seen_at, expires_at FROM session
            WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2 ORDER BY last_seen_at DESC
            """,
            user_id,
            now,
        )


async def has_link(*, purpose: LinkPurpose, token_hash: bytes, now: datetime) -> bool:
    """Tell whether a one-time link is ours, unused and in time."""
    async with tenancy.looking_across_workspaces() as connection:
        return bool(
            await connection.fetchval(
                """
                SELECT EXISTS (SELECT 1 FROM one_time_token
                               WHERE purpose = $1 AND token_hash = $2 AND used_at IS NULL AND expires_at > $3)
                """,
                purpose,
                token_hash,
                now,
            )
        )


async def has_users() -> bool:
    """Tell whether anybody has an account; before that, the set-up link makes the first owner."""
    async with tenancy.looking_across_workspaces() as connection:
        return bool(await connection.fetchval("SELECT EXISTS (SELECT 1 FROM app_user)"))
