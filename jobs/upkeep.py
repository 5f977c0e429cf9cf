"""Daily upkeep of every workspace."""

from collections.abc import Callable
from datetime import datetime

from domain.workspaces.queries import list_all_workspaces
from domain.workspaces.upkeep import forget_finished

KEEP_UP_EVERY_S = 24 * 3600.0


async def keep_up(clock: Callable[[], datetime]) -> None:
    """Forget what has served its purpose, one workspace after the other."""
    for workspace_id in await list_all_workspaces():
        await forget_finished(workspace_id=workspace_id, now=clock())
