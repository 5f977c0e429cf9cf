"""Reads about workspaces that aren't plain lists."""

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from domain import tenancy

if TYPE_CHECKING:
    from domain.tenancy import Connection


async def find_invitation(*, token_hash: bytes) -> tuple[UUID, UUID] | None:
    """Return the workspace and the id of an invitation by its link."""
    async with tenancy.looking_across_workspaces() as connection:
        row = await connection.fetchrow(
            "SELECT workspace_id, id FROM invitation WHERE token_hash = $1", token_hash
        )
    return (row["workspace_id"], row["id"]) if row else None


async def has_open_invitation(*, token_hash: bytes, now: datetime) -> bool:
    """Tell whether an invitation's link can still be accepted by the person it was sent to."""
    found = await find_invitation(token_hash=token_hash)
    if found is None:
        return False
    workspace_id, invitation_id = found
    async with tenancy.reading(workspace_id) as connection:
        open_one: bool = await connection.fetchval(
            """
            SELECT EXISTS (SELECT FROM invitation
                           WHERE workspace_id = $1 AND id = $2 AND status = 'PENDING' AND expires_at > $3)
            """,
            workspace_id,
            invitation_id,
            now,
        )
    return open_one


async def list_workspaces(*, ids: list[UUID]) -> list[dict[str, Any]]:
    """Return ``id, name, slug, status, created_at`` of workspaces, oldest first; ids come from memberships."""
    async with tenancy.looking_across_workspaces() as connection:
        rows = await connection.fetch(
            "SELECT id, name, slug, status, created_at FROM workspace WHERE id = ANY ($1) ORDER BY created_at",
            ids,
        )
    return [dict(row) for row in rows]


async def find_workspace_id(*, slug: str) -> UUID | None:
    """Return the workspace with a short name; for the operator's command line."""
    async with tenancy.looking_across_workspaces() as connection:
        found: UUID | None = await connection.fetchval("SELECT id FROM workspace WHERE slug = $1", slug)
    return found


async def get_settings(connection: "Connection", *, workspace_id: UUID) -> dict[str, Any]:
    """Return the workspace's own row inside an open scope."""
    row = await connection.fetchrow("SELECT * FROM workspace WHERE id = $1", workspace_id)
    if row is None:
        raise RuntimeError("the scope has no workspace")
    return dict(row)


async def list_all_workspaces() -> list[UUID]:
    """Return every workspace that is alive, for sweepers that must visit each."""
    async with tenancy.looking_across_workspaces() as connection:
        rows = await connection.fetch(
            "SELECT id FROM workspace WHERE status NOT IN ('CLOSED', 'PURGED') ORDER BY id"
        )
    return [row["id"] for row in rows]


async def get_wrapped_data_key(*, workspace_id: UUID) -> tuple[UUID, bytes]:
    """Return the id of the workspace's data key, and the key itself under the master key."""
    async with tenancy.reading(workspace_id) as connection:
        row = await connection.fetchrow(
            "SELECT id, wrapped FROM data_key WHERE workspace_id = $1", workspace_id
        )
    if row is None:
        raise RuntimeError("the workspace has no data key")
    return row["id"], bytes(row["wrapped"])
