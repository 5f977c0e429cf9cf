"""People with accounts, their sessions, and the links they are mailed."""

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from auth.tokens import IssuedToken, TokenKind, issue_token
from domain import tenancy
from domain.accounts import service
from domain.accounts.rules import LinkPurpose

_PATHS = {LinkPurpose.VERIFY_EMAIL: "/verify", LinkPurpose.RESET_PASSWORD: "/reset"}


@dataclass(frozen=True, slots=True)
class Account:
    """A person who can sign in."""

    id: UUID
    email: str


async def new_account() -> Account:
    """Make one whose address isn't proven."""
    email = f"{secrets.token_hex(6)}@example.com"
    user_id = await service.create_user(
        email=email, name="Ada", password_hash="not a hash", verified_at=None, now=datetime.now(UTC)
    )
    return Account(id=user_id, email=email)


async def sign_in(account: Account) -> str:
    """Open a session and return its token."""
    token, now = issue_token(TokenKind.SESSION, entropy=secrets.token_bytes), datetime.now(UTC)
    await service.open_session(
        user_id=account.id,
        token_hash=token.hash,
        ip=None,
        user_agent=None,
        expires_at=now + timedelta(days=1),
        now=now,
    )
    return token.text


async def set_up_link() -> IssuedToken:
    """What the first start prints."""
    token = issue_token(TokenKind.ONE_TIME, entropy=secrets.token_bytes)
    await service.create_link(
        purpose=LinkPurpose.SETUP, user_id=None, token_hash=token.hash, now=datetime.now(UTC)
    )
    return token


async def one_time_link(account: Account, purpose: LinkPurpose, *, ago: timedelta = timedelta()) -> str:
    """Return path and query of a new link that was made so long ago; an older one stops working."""
    token = issue_token(TokenKind.ONE_TIME, entropy=secrets.token_bytes)
    await service.create_link(
        purpose=purpose, user_id=account.id, token_hash=token.hash, now=datetime.now(UTC) - ago
    )
    return f"{_PATHS[purpose]}?token={token.text}"


async def mailed_link(email: str, kind: str) -> str:
    """Return path and query of the link in the last mail of a kind."""
    async with tenancy.across_workspaces() as connection:
        body = await connection.fetchval(
            "SELECT body FROM platform_mail WHERE to_address = $1 AND kind = $2 ORDER BY id DESC LIMIT 1",
            email,
            kind,
        )
    found = re.search(r"https?://[^/\s]+(/\S+)", body)
    assert found is not None, body
    return found[1]
