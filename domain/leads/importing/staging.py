"""The rows of a file in temporary tables: COPY in, then decide for each what becomes of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from domain.leads.importing.preparing import PROBLEM, STAGED, Chunk
from domain.leads.importing.sieving import BEGINNING_BYTES

if TYPE_CHECKING:
    from domain.tenancy import Connection

LOOPED_ROWS_MAX: Final = 2_000
WORK_MEM: Final = "64MB"
"""For each sort and hash over the staged rows; a workspace has one import at a time."""

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


async def clear_staging(connection: "Connection") -> None:
    """Forget the staged rows."""
    await connection.execute("TRUNCATE import_row, import_problem")


async def stage(connection: "Connection", chunk: Chunk) -> None:
    """Copy prepared rows and their errors."""
    for table, content in (("import_row", chunk.leads), ("import_problem", chunk.problems)):
        if content:
            await connection.copy_to_table(table, source=_pieces(content), format="csv")


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def find_suppressed(connection: "Connection") -> dict[str, bytes]:
    """Return, by kind of identifier, the beginnings of the hashes that are suppressed here, for a sieve."""
    rows = await connection.fetch(
        """
        SELECT kind, string_agg(substring(key_hash FROM 1 FOR $1), ''::bytea) AS beginnings
        FROM (
            SELECT kind, key_hash FROM suppression
            WHERE workspace_id = current_setting('app.workspace_id')::uuid AND status = 'ACTIVE'
              AND scope = 'WORKSPACE' AND kind IN ('EMAIL', 'DOMAIN', 'PHONE', 'LINKEDIN')
            UNION ALL SELECT kind, key_hash FROM platform_suppression
        ) s GROUP BY kind
        """,
        BEGINNING_BYTES,
    )
    return {row["kind"]: row["beginnings"] for row in rows}


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
    await connection.execute(_FIRST)
    await connection.execute("ANALYZE import_first")
    await connection.execute(_FATES, workspace_id)
    await connection.execute("ANALYZE import_fate")


@asynccontextmanager
async def planned_for(connection: "Connection", *, rows: int) -> AsyncIterator[None]:
    """Give a large file memory, and keep the planner from looping over it.

    It can't know how many staged rows a window function leaves and guesses one, and then a loop looks cheap.
    """
    if rows > LOOPED_ROWS_MAX:
        await connection.execute(f"SET LOCAL enable_nestloop = off; SET LOCAL work_mem = '{WORK_MEM}'")
    yield
    await connection.execute("SET LOCAL enable_nestloop TO DEFAULT; SET LOCAL work_mem TO DEFAULT")


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

_FIRST = """
CREATE TEMP TABLE import_first ON COMMIT DROP AS
SELECT row_index, email_identity, linkedin_key, name_company_key
FROM (
    SELECT row_index, email_identity, linkedin_key, name_company_key,
           min(row_index) OVER (PARTITION BY email_identity) AS by_email,
           min(row_index) OVER (PARTITION BY linkedin_key) AS by_profile,
           min(row_index) OVER (PARTITION BY name_company_key) AS by_name
    FROM import_row
) seen
WHERE (email_identity IS NULL OR by_email = row_index) AND (linkedin_key IS NULL OR by_profile = row_index)
  AND (name_company_key IS NULL OR by_name = row_index)
"""
_FATES = """
INSERT INTO import_fate
WITH matched AS (
    SELECT DISTINCT ON (f.row_index) f.row_index, coalesce(e.id, p.id, n.id) AS lead_id,
           p.id IS NULL OR p.id = coalesce(e.id, p.id) AS linkedin_free,
           CASE WHEN e.id IS NOT NULL THEN e.restricted_at WHEN p.id IS NOT NULL THEN p.restricted_at
                ELSE n.restricted_at END IS NOT NULL AS restricted
    FROM import_first f
    LEFT JOIN lead e ON e.workspace_id = $1 AND e.email_identity = f.email_identity
                    AND e.status NOT IN ('MERGED', 'ERASED')
    LEFT JOIN lead p ON p.workspace_id = $1 AND p.linkedin_key = f.linkedin_key
                    AND p.status NOT IN ('MERGED', 'ERASED')
    LEFT JOIN lead n ON n.workspace_id = $1 AND n.name_company_key = f.name_company_key
                    AND n.status NOT IN ('MERGED', 'ERASED')
    ORDER BY f.row_index, n.id
), claimed AS (
    SELECT *, lead_id IS NOT NULL AND row_number() OVER (PARTITION BY lead_id ORDER BY row_index) > 1 AS again
    FROM matched
)
SELECT r.row_index,
       CASE WHEN c.row_index IS NULL OR c.again OR (c.restricted AND s.row_index IS NULL) THEN 'REPEATED'
            WHEN s.row_index IS NOT NULL THEN 'SUPPRESSED'
            WHEN c.lead_id IS NOT NULL THEN 'UPDATE' ELSE 'CREATE' END,
       c.lead_id, c.linkedin_free
FROM import_row r LEFT JOIN claimed c USING (row_index) LEFT JOIN import_suppressed s USING (row_index)
"""
