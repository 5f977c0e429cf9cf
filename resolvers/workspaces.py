"""Workspaces: made, changed, listed."""

import secrets
from typing import Any
from uuid import UUID

from domain.accounts import service as accounts_service
from domain.ids import new_id
from domain.secrets.envelope import new_data_key, wrap_data_key
from domain.workspaces import queries, service
from resolvers.context import Context


async def create_workspace(
    context: Context, *, name: str, slug: str | None, postal_address: str, time_zone: str
) -> UUID:
    """Resolve ``Mutation.workspaceCreate``; the session acts in it from then on."""
    user_id = context.viewer.require_user()
    workspace_id = new_id()
    data_key = new_data_key(key_id=new_id(), workspace_id=workspace_id, entropy=secrets.token_bytes)
    await service.create_workspace(
        user_id=user_id,
        name=name,
        slug=slug,
        postal_address=postal_address,
        time_zone=time_zone,
        workspace_id=workspace_id,
        data_key_id=data_key.id,
        wrapped_data_key=wrap_data_key(data_key, keyring=context.ports.keyring, entropy=secrets.token_bytes),
        trial_credits=context.ports.trial_credits,
        now=context.now(),
    )
    if context.viewer.session_id is not None:
        await accounts_service.select_workspace(
            session_id=context.viewer.session_id, workspace_id=workspace_id
        )
    context.read_in(workspace_id)
    return workspace_id


async def update_workspace(
    context: Context, *, changes: dict[str, Any], expected_version: int | None
) -> UUID:
    """Resolve ``Mutation.workspaceUpdate``."""
    return await service.update_workspace(
        actor=context.actor, changes=changes, expected_version=expected_version, now=context.now()
    )


async def list_workspaces(context: Context) -> list[Any]:
    """Resolve ``Viewer.workspaces``."""
    context.viewer.require_user()
    ids = [membership.workspace_id for membership in context.viewer.memberships]
    return await queries.list_workspaces(ids=ids)
