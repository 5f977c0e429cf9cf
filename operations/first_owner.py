"""How the first person gets in: a one-time link printed at start, or the command line."""

import secrets
from datetime import UTC, datetime

from auth.passwords import PasswordChecker, check_password_rules
from auth.tokens import TokenKind, issue_token
from domain.accounts import queries, service
from domain.accounts.rules import LinkPurpose, parse_account_email, parse_name


async def set_up_link() -> str | None:
    """Return a fresh set-up token while nobody has an account; None afterwards."""
    if await queries.has_users():
        return None
    token = issue_token(TokenKind.ONE_TIME, entropy=secrets.token_bytes)
    await service.create_link(
        purpose=LinkPurpose.SETUP, user_id=None, token_hash=token.hash, now=datetime.now(UTC)
    )
    return token.text


async def create_user(*, email: str, name: str, password: str) -> None:
    """Create an account whose address counts as proven."""
    address = parse_account_email(email)
    check_password_rules(password, email=address)
    now = datetime.now(UTC)
    await service.create_user(
        email=address,
        name=parse_name(name),
        password_hash=await PasswordChecker().hash(password),
        verified_at=now,
        now=now,
    )
