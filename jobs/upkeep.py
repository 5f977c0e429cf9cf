"""Upkeep of every workspace: daily what has served its purpose, every minute what has piled up."""

from collections.abc import Callable
from datetime import datetime

from domain.workspaces import counting
from domain.workspaces.queries import list_all_workspaces
from domain.workspaces.upkeep import forget_finished

KEEP_UP_EVERY_S = 24 * 3600.0
FOLD_EVERY_S = 60.0


async def keep_up(clock: Callable[[], datetime]) -> None:
    """Forget what has served its purpose, one workspace after the other."""
    for workspace_id in await list_all_workspaces():
        await forget_finished(workspace_id=workspace_id, now=clock())


async def fold_row_counts() -> None:
    """Fold the row counts that have become many."""
    for workspace_id in await counting.list_workspaces_to_fold():
        await counting.fold(workspace_id=workspace_id)
