"""How the first person gets in: a one-time link printed at start, or the command line."""

import secrets
from datetime import UTC, datetime, timedelta

from auth.passwords import PasswordChecker, check_password_rules
from auth.tokens import TokenKind, issue_token
from domain.accounts import queries, service
from domain.accounts.rules import LinkPurpose, parse_account_email, parse_name
from domain.actor import Actor, ActorKind
from domain.api_clients.service import create_api_token
from domain.errors import NotFound
from domain.workspaces.queries import find_workspace_id
from domain.workspaces.rules import Role


async def set_up_link() -> str | None:
    """Return a fresh set-up token while nobody has an account; None afterwards."""
    if await queries.has_users():
        return None
    token = issue_token(TokenKind.ONE_TIME, entropy=secrets.token_bytes)
    await service.create_link(
        purpose=LinkPurpose.SETUP, user_id=None, token_hash=token.hash, now=datetime.now(UTC)
    )
    return token.text


async def create_user(*, email: str, name: str, password: str) -> str:
    """Create an account whose address counts as proven, and say so."""
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
    return f"{address} can sign in"


async def create_token(*, email: str, slug: str, name: str, days: int | None) -> str:
    """Issue an API token in a workspace, acting as one of its members, and return its text, shown this once."""
    user = await queries.find_user_by_email(email=parse_account_email(email))
    workspace_id = await find_workspace_id(slug=slug)
    if user is None or workspace_id is None:
        raise NotFound("no such account or workspace")
    memberships = await queries.list_memberships(user_id=user["id"])
    role = next((Role(one.role) for one in memberships if one.workspace_id == workspace_id), None)
    if role is None:
        raise NotFound(f"{email} is no member of {slug}")
    now = datetime.now(UTC)
    actor = Actor(
        kind=ActorKind.USER, workspace_id=workspace_id, id=user["id"], user_id=user["id"], role=role
    )
    token = issue_token(TokenKind.API, entropy=secrets.token_bytes)
    await create_api_token(
        actor=actor,
        name=name,
        role=role,
        token_hash=token.hash,
        expires_at=now + timedelta(days=days) if days else None,
        now=now,
    )
    return token.text
