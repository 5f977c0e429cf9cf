"""Reads about privacy requests that aren't plain lists."""

from uuid import UUID

from domain import tenancy


async def has_request(*, workspace_id: UUID, request_id: UUID) -> bool:
    """Tell whether a workspace has such a request."""
    async with tenancy.reading(workspace_id) as connection:
        return bool(
            await connection.fetchval(
                "SELECT EXISTS (SELECT FROM privacy_request WHERE workspace_id = $1 AND id = $2)",
                workspace_id,
                request_id,
            )
        )
