"""Credits by the clock: what expires, and whether the balances are right."""

from collections.abc import Callable
from datetime import datetime

import structlog

from domain.credits import checking, expiring
from domain.workspaces.queries import list_all_workspaces

log = structlog.get_logger(__name__)

EXPIRE_EVERY_S = 300.0
CHECK_EVERY_S = 86_400.0


async def expire_credits(clock: Callable[[], datetime]) -> None:
    """End grants and holds whose time has come."""
    for workspace_id in await expiring.list_workspaces_due(now=clock()):
        await expiring.expire_due(workspace_id=workspace_id, now=clock())


async def check_credits(clock: Callable[[], datetime]) -> None:
    """Compare every workspace's balances with its ledger; a difference is an alert."""
    for workspace_id in await list_all_workspaces():
        differences = await checking.check_balances(workspace_id=workspace_id, now=clock())
        if differences:
            log.error("credit_balances_differ", workspace_id=str(workspace_id), differences=differences)
