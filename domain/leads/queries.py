"""Reads about leads that aren't plain lists."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from domain.suppression.keys import Recipient

if TYPE_CHECKING:
    from domain.tenancy import Connection


async def lead_row(connection: "Connection", lead_id: UUID) -> dict[str, Any] | None:
    """Return a lead's row inside an open scope, with ``company_name`` and ``company_domain``; or None."""
    row = await connection.fetchrow(
        """
        SELECT l.*, c.name AS company_name, c.domain AS company_domain, c.website_url AS company_website
        FROM lead l LEFT JOIN company c ON c.workspace_id = l.workspace_id AND c.id = l.company_id
        WHERE l.workspace_id = current_setting('app.workspace_id')::uuid AND l.id = $1
        """,
        lead_id,
    )
    return dict(row) if row else None


async def recipient_of(connection: "Connection", *, lead_ids: Sequence[UUID]) -> dict[UUID, Recipient]:
    """Return everything by which suppression could name these leads; absent ones are left out."""
    rows = await connection.fetch(
        """
        SELECT l.id, l.company_id, l.email, l.phone, l.linkedin_url, c.domain
        FROM lead l LEFT JOIN company c ON c.workspace_id = l.workspace_id AND c.id = l.company_id
        WHERE l.workspace_id = current_setting('app.workspace_id')::uuid AND l.id = ANY ($1)
        """,
        list(lead_ids),
    )
    return {
        row["id"]: Recipient(
            lead_id=row["id"],
            company_id=row["company_id"],
            emails=_present(row["email"]),
            domains=_present(row["domain"]),
            phones=_present(row["phone"]),
            linkedin_urls=_present(row["linkedin_url"]),
        )
        for row in rows
    }


async def find_duplicate(
    connection: "Connection",
    *,
    workspace_id: UUID,
    email_identity: str | None,
    linkedin_key: str | None,
    name_company_key: str | None = None,
    except_id: UUID | None = None,
) -> UUID | None:
    """Return the lead that is the same person: by address, then by profile, then by name and company."""
    found: UUID | None = await connection.fetchval(
        """
        SELECT id FROM lead
        WHERE workspace_id = $1 AND (email_identity = $2 OR linkedin_key = $3 OR name_company_key = $4)
          AND id IS DISTINCT FROM $5 AND status NOT IN ('MERGED', 'ERASED')
        ORDER BY (email_identity = $2) IS TRUE DESC, (linkedin_key = $3) IS TRUE DESC, id LIMIT 1
        """,
        workspace_id,
        email_identity,
        linkedin_key,
        name_company_key,
        except_id,
    )
    return found


def _present(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()
