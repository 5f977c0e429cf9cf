"""Reads of what enrichment found, inside an open scope."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from domain.enrichment.rules.facts import Fact, Field, Subject, evidence_name
from domain.enrichment.rules.waterfall import WANTED

if TYPE_CHECKING:
    from domain.tenancy import Connection


async def evidence_of(connection: "Connection", *, lead_id: UUID, now: datetime) -> list[dict[str, Any]]:
    """Return what may be told about a lead and its company: current facts that haven't expired.

    Returns:
        Per fact ``id`` (text), ``subject`` (LEAD or COMPANY), ``field`` (the name templates use:
        ``what_company_does``), ``value``, ``source_url``, ``snippet``, ``confidence`` (0..1), ``observed_at`` and
        ``expires_at``; the surest first. What is known about other people at the company isn't among them.
    """
    rows = await connection.fetch(
        """
        SELECT f.id::text AS id, CASE WHEN f.lead_id IS NULL THEN 'COMPANY' ELSE 'LEAD' END AS subject, f.field,
               f.value, f.source_url, f.snippet, round(f.confidence::numeric, 3)::float8 AS confidence,
               coalesce(f.observed_at, f.retrieved_at) AS observed_at, f.expires_at
        FROM lead l JOIN field_value f
          ON f.workspace_id = l.workspace_id AND (f.lead_id = l.id OR f.company_id = l.company_id)
        WHERE l.workspace_id = current_setting('app.workspace_id')::uuid AND l.id = $1
          AND f.state = 'CURRENT' AND f.about = '' AND (f.expires_at IS NULL OR f.expires_at > $2)
        ORDER BY f.confidence DESC, f.id
        """,
        lead_id,
        now,
    )
    return [
        {**row, "field": evidence_name(row["field"], of_company=row["subject"] == "COMPANY")} for row in rows
    ]


async def known_confidence(
    connection: "Connection", *, lead: Mapping[str, Any], now: datetime
) -> dict[Field, float]:
    """Return how sure the fields are that say something about the lead or its company.

    A column that enrichment never filled counts as certain: a person or an upload put it there.

    Args:
        lead: what ``domain.leads.queries.lead_row`` gave.
    """
    rows = await connection.fetch(
        """
        SELECT field, lead_id IS NULL AS of_company, confidence,
               state = 'CURRENT' AND (expires_at IS NULL OR expires_at > $3) AS counts
        FROM field_value
        WHERE workspace_id = current_setting('app.workspace_id')::uuid
          AND (lead_id = $1 OR company_id = $2) AND about = ''
        """,
        lead["id"],
        lead["company_id"],
        now,
    )
    known = {
        Field(row["field"]): row["confidence"]
        for row in rows
        if row["counts"]
        and WANTED.get(row["field"]) is (Subject.COMPANY if row["of_company"] else Subject.LEAD)
    }
    found = {row["field"] for row in rows if not row["of_company"]}
    given = {field: 1.0 for field in (Field.TITLE, Field.EMAIL) if lead[field.lower()] and field not in found}
    return {**given, **known}


async def colleagues_of(
    connection: "Connection", *, company_id: UUID, now: datetime
) -> list[tuple[Fact, dict[str, Any]]]:
    """Return what is known about people at a company: the fact, and ``source_kind, source, provider_call_id``."""
    rows = await connection.fetch(
        """
        SELECT about, field, value, source_kind, source, provider_call_id, source_url, snippet,
               round(confidence::numeric, 3)::float8 AS confidence, retrieved_at
        FROM field_value
        WHERE workspace_id = current_setting('app.workspace_id')::uuid
          AND company_id = $1 AND about <> '' AND state NOT IN ('REJECTED', 'ERASED')
          AND (expires_at IS NULL OR expires_at > $2)
        ORDER BY id
        """,
        company_id,
        now,
    )
    return [(_person_fact(row), dict(row)) for row in rows]


async def companies_of(connection: "Connection", *, lead_ids: Sequence[UUID]) -> dict[UUID, UUID | None]:
    """Return the company id of each lead that exists here."""
    rows = await connection.fetch(
        """
        SELECT id, company_id FROM lead WHERE workspace_id = current_setting('app.workspace_id')::uuid AND id = ANY ($1)
        """,
        list(lead_ids),
    )
    return {row["id"]: row["company_id"] for row in rows}


def _person_fact(row: Any) -> Fact:
    return Fact(
        subject=Subject.PERSON,
        about=row["about"],
        field=Field(row["field"]),
        value=row["value"],
        source_url=row["source_url"] or "",
        snippet=row["snippet"] or "",
        confidence=row["confidence"],
        retrieved_at=row["retrieved_at"],
    )
