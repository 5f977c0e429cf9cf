"""The credit account; its entries and grants are plain lists."""

from typing import Any

from domain import tenancy
from domain.actor import require
from domain.credits import queries
from domain.credits.rules import LOW_WATER_PERCENT
from domain.workspaces.rules import Permission
from resolvers.context import Context


async def get_account(context: Context) -> dict[str, Any]:
    """Resolve ``Query.creditAccount``."""
    actor = context.actor
    require(actor, Permission.VIEW_CREDITS)
    async with tenancy.reading(actor.workspace_id) as connection:
        account = await queries.get_account(connection, workspace_id=actor.workspace_id, now=context.now())
    return {**account, "low_water_mark": account["topped_up_to"] * max(LOW_WATER_PERCENT) // 100}
