"""What a person says about a lead or a company: kept as a pinned fact that enrichment never overrides."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from domain.ids import new_id
from domain.work import Work

FACT_NAMES: Final = {"full_name": "NAME", "employee_count": "EMPLOYEES"}
"""Columns whose fact has another name than the column in capitals; the names are enrichment's."""


def fact_name(column: str) -> str:
    """Return the name under which the facts of a column are kept."""
    return FACT_NAMES.get(column, column.upper())


async def pin_facts(
    work: Work,
    *,
    values: Mapping[str, Any],
    lead_id: UUID | None = None,
    company_id: UUID | None = None,
) -> None:
    """Make what a person entered the current value of each column, in the place of all other facts.

    Args:
        values: by column; None clears, and then enrichment may find something again.
        lead_id: whom it is about, unless ``company_id`` is given.
    """
    names = [fact_name(column) for column in values]
    await work.connection.execute(
        """
        UPDATE field_value SET state = 'SUPERSEDED', pinned = false
        WHERE workspace_id = $1 AND (lead_id = $2 OR company_id = $3) AND about = '' AND field = ANY ($4)
          AND state IN ('CURRENT', 'CANDIDATE')
        """,
        work.workspace_id,
        lead_id,
        company_id,
        names,
    )
    given = [
        (name, str(value)) for name, value in zip(names, values.values(), strict=True) if value is not None
    ]
    await work.connection.executemany(
        """
        INSERT INTO field_value (id, workspace_id, lead_id, company_id, field, value, source_kind, source,
                                 confidence, observed_at, retrieved_at, pinned, state)
        VALUES ($1, $2, $3, $4, $5, $6, 'USER_EDIT', 'user', 1, $7, $7, true, 'CURRENT')
        """,
        [(new_id(), work.workspace_id, lead_id, company_id, name, value, work.now) for name, value in given],
    )
