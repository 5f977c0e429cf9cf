"""The rows of a file in temporary tables: COPY in, then decide for each what becomes of it."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from domain.leads.importing.preparing import PROBLEM, STAGED, Chunk

if TYPE_CHECKING:
    from domain.tenancy import Connection

_TYPES: Final = {
    "row_index": "integer",
    "id": "uuid",
    "company_employee_count": "integer",
    "opt_out": "boolean",
    "opt_out_phone": "boolean",
    "custom": "jsonb",
    "keys": "bytea[]",
    "dropped": "boolean",
}


def _columns(names: tuple[str, ...]) -> str:
    return ", ".join(f"{name} {_TYPES.get(name, 'text')}" for name in names)


async def create_staging(connection: "Connection") -> None:
    """Make the temporary tables; they end with the transaction."""
    await connection.execute(
        f"""
        CREATE TEMP TABLE import_row ({_columns(STAGED)}) ON COMMIT DROP;
        CREATE TEMP TABLE import_problem ({_columns(PROBLEM)}) ON COMMIT DROP;
        CREATE TEMP TABLE import_suppressed (row_index integer) ON COMMIT DROP;
        CREATE TEMP TABLE import_fate (row_index integer, fate text, lead_id uuid, linkedin_free boolean)
            ON COMMIT DROP;
        """
    )


async def stage(connection: "Connection", chunk: Chunk) -> None:
    """Copy prepared rows and their errors."""
    for table, content in (("import_row", chunk.leads), ("import_problem", chunk.problems)):
        if content:
            await connection.copy_to_table(table, source=_pieces(content), format="csv")


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def find_suppressed_kinds(connection: "Connection") -> tuple[str, ...]:
    """Return the kinds of identifiers of which anything is suppressed here."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT kind FROM suppression
        WHERE workspace_id = current_setting('app.workspace_id')::uuid AND status = 'ACTIVE'
          AND scope = 'WORKSPACE' AND kind IN ('EMAIL', 'DOMAIN', 'PHONE', 'LINKEDIN')
        UNION SELECT kind FROM platform_suppression
        """
    )
    return tuple(sorted(row["kind"] for row in rows))


async def decide_fates(
    connection: "Connection", *, workspace_id: UUID, checks_suppression: bool, now: datetime
) -> None:
    """Decide for each staged row: REPEATED, SUPPRESSED, UPDATE (of ``lead_id``) or CREATE.

    A row is repeated when an earlier one has its address, its profile, or its name and company, or when an
    earlier one is about the same lead. A lead is found by the address, then by the profile, then by name and
    company; one whose processing is restricted counts as repeated, because it mustn't be touched.
    """
    await connection.execute(
        "ANALYZE import_row (email_identity, linkedin_key, name_company_key, company_domain)"
    )
    if checks_suppression:
        await connection.execute(_SUPPRESSED, workspace_id, now)
    await connection.execute(_FATES, workspace_id)
    await connection.execute("ANALYZE import_fate")


# Workspace-wide entries that close e-mail: narrower ones are looked at when something is to be sent.
_SUPPRESSED = """
INSERT INTO import_suppressed
SELECT DISTINCT r.row_index
FROM (SELECT row_index, unnest(keys) AS key_hash FROM import_row) r
JOIN (
    SELECT key_hash FROM suppression
    WHERE workspace_id = $1 AND status = 'ACTIVE' AND scope = 'WORKSPACE'
      AND (expires_at IS NULL OR expires_at > $2) AND (channels = '{}' OR 'EMAIL' = ANY (channels))
    UNION SELECT key_hash FROM platform_suppression
) s USING (key_hash)
"""

_FATES = """
INSERT INTO import_fate
WITH seen AS (
    SELECT row_index, email_identity, linkedin_key, name_company_key,
           min(row_index) OVER (PARTITION BY email_identity) AS by_email,
           min(row_index) OVER (PARTITION BY linkedin_key) AS by_profile,
           min(row_index) OVER (PARTITION BY name_company_key) AS by_name
    FROM import_row
), first AS (
    SELECT * FROM seen
    WHERE (email_identity IS NULL OR by_email = row_index) AND (linkedin_key IS NULL OR by_profile = row_index)
      AND (name_company_key IS NULL OR by_name = row_index)
), known AS (
    SELECT id, email_identity, linkedin_key, name_company_key, restricted_at FROM lead
    WHERE workspace_id = $1 AND status NOT IN ('MERGED', 'ERASED')
), matched AS (
    SELECT f.row_index, coalesce(e.id, p.id, n.id) AS lead_id,
           p.id IS NULL OR p.id = coalesce(e.id, p.id) AS linkedin_free,
           coalesce(CASE WHEN e.id IS NOT NULL THEN e.restricted_at ELSE p.restricted_at END,
                    CASE WHEN e.id IS NULL AND p.id IS NULL THEN n.restricted_at END) IS NOT NULL AS restricted
    FROM first f
    LEFT JOIN known e ON e.email_identity = f.email_identity
    LEFT JOIN known p ON p.linkedin_key = f.linkedin_key
    LEFT JOIN (SELECT DISTINCT ON (name_company_key) * FROM known WHERE name_company_key IS NOT NULL
               ORDER BY name_company_key, id) n ON n.name_company_key = f.name_company_key
), claimed AS (
    SELECT *, CASE WHEN lead_id IS NOT NULL
                   THEN row_number() OVER (PARTITION BY lead_id ORDER BY row_index) > 1 ELSE false END AS again
    FROM matched
)
SELECT r.row_index,
       CASE WHEN c.row_index IS NULL OR c.again OR (c.restricted AND s.row_index IS NULL) THEN 'REPEATED'
            WHEN s.row_index IS NOT NULL THEN 'SUPPRESSED'
            WHEN c.lead_id IS NOT NULL THEN 'UPDATE' ELSE 'CREATE' END,
       c.lead_id, c.linkedin_free
FROM import_row r LEFT JOIN claimed c USING (row_index) LEFT JOIN import_suppressed s USING (row_index)
"""
