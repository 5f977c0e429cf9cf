"""Reads about companies that aren't plain lists."""

from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from domain.tenancy import Connection


async def find_company(
    connection: "Connection", *, workspace_id: UUID, domain: str | None, name_key: str | None
) -> UUID | None:
    """Return the company of a registrable domain, or without one of a folded name."""
    if domain is None and name_key is None:
        return None
    found: UUID | None = await connection.fetchval(
        """
        SELECT id FROM company WHERE workspace_id = $1
          AND CASE WHEN $2::text IS NOT NULL THEN domain = $2 ELSE domain IS NULL AND name_key = $3::text END
        """,
        workspace_id,
        domain,
        name_key,
    )
    return found
