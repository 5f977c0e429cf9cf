"""When a workspace's messages may leave, and how many at most."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.actor import Actor, require
from domain.errors import StaleVersion
from domain.sending.limits import parse_limits
from domain.sending.windows import parse_window
from domain.work import unit_of_work
from domain.workspaces.events import WorkspaceUpdated
from domain.workspaces.models import Workspace
from domain.workspaces.rules import Permission


async def update_sending_policy(
    *,
    actor: Actor,
    window: Mapping[str, Any] | None,
    limits: Mapping[str, Any] | None,
    expected_version: int | None,
    now: datetime,
) -> UUID:
    """Change the workspace's sending window, its limits, or both; deliveries that wait are judged by the new ones.

    Args:
        window: arguments of ``parse_window``; None leaves it.
        limits: fields of ``SendingLimits`` that change; None leaves them.

    Raises:
        Invalid: see ``parse_window`` and ``parse_limits``.
        StaleVersion: somebody changed the workspace meanwhile.
    """
    require(actor, Permission.MANAGE_WORKSPACE)
    async with unit_of_work(actor, now=now) as work:
        workspace = await Workspace.select_for_update().get(id=actor.workspace_id)
        if expected_version is not None and workspace.version != expected_version:
            raise StaleVersion(expected=expected_version, current=workspace.version)
        if window is not None:
            workspace.sending_window = parse_window(**window).as_data()
        if limits is not None:
            workspace.sending_limits = parse_limits({**workspace.sending_limits, **limits}).as_data()
        await workspace.save(update_fields=["sending_window", "sending_limits"])
        work.emit(WorkspaceUpdated(subject_id=workspace.id))
        work.audit("sending_policy.update", target_kind="workspace", target_id=workspace.id)
    return workspace.id
