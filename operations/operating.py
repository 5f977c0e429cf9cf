"""What only the operator of an installation may do, from the command line; none of it is in the API."""

from datetime import UTC, datetime, timedelta

from domain.actor import Actor
from domain.credits.rules import GrantSource
from domain.credits.service import grant
from domain.errors import NotFound
from domain.suppression.platform import add_platform_suppression
from domain.suppression.rules import SuppressionKind, SuppressionReason
from domain.work import unit_of_work
from domain.workspaces.queries import find_workspace_id


async def grant_credits(*, slug: str, amount: int, reference: str, days: int | None) -> str:
    """Grant credits to a workspace and say so; the same reference is granted once."""
    workspace_id = await find_workspace_id(slug=slug)
    if workspace_id is None:
        raise NotFound(f"no workspace has the slug {slug}")
    now = datetime.now(UTC)
    expires_at = now + timedelta(days=days) if days else None
    async with unit_of_work(Actor.job(workspace_id), now=now) as work:
        grant_id = await grant(
            work, source=GrantSource.OPERATOR, amount=amount, reference=reference, expires_at=expires_at
        )
        is_new = bool(work.events)
    return (
        f"{amount} credits granted: {grant_id}" if is_new else f"granted before, nothing changed: {grant_id}"
    )


async def suppress_everywhere(
    *, kind: SuppressionKind, value: str, reason: SuppressionReason, identity_key: bytes
) -> str:
    """Suppress an identifier in every workspace and say so."""
    is_new = await add_platform_suppression(kind=kind, value=value, reason=reason, identity_key=identity_key)
    return "suppressed in every workspace" if is_new else "suppressed already, nothing changed"
