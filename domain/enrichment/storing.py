"""Facts of a lead or a company: kept with their provenance, the best one current, and shown in its column."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import asyncpg

from domain.companies.models import Company
from domain.enrichment.rules.facts import Fact, Field, Subject, fact_expires_at
from domain.enrichment.rules.merging import StoredValue, elect, plan_additions, shown, with_states
from domain.errors import Invalid
from domain.identity import email_identity, linkedin_identity
from domain.ids import new_id
from domain.leads.models import Lead
from domain.leads.rules import FactState, SourceKind
from domain.work import Work

_COMPANY_COLUMNS: Final = {
    Field.DESCRIPTION: "description",
    Field.INDUSTRY: "industry",
    Field.COUNTRY: "country",
    Field.EMPLOYEES: "employee_count",
    Field.LINKEDIN_URL: "linkedin_url",
}
_LEAD_COLUMNS: Final = {Field.TITLE: "title", Field.PHONE: "phone"}
_LEAD_IDENTITIES: Final = {Field.EMAIL: "email", Field.LINKEDIN_URL: "linkedin_url"}


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose facts they are; exactly one id is given."""

    lead_id: UUID | None = None
    company_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Who gave facts, in which call."""

    name: str
    kind: SourceKind
    call_id: UUID | None


async def store_facts(work: Work, *, owner: Owner, facts: Iterable[Fact], source: Source) -> int:
    """Keep facts beside what is known and choose anew; the same facts again only become fresher.

    What a person pinned stays the current value, and what a person rejected doesn't come back. A lead that was
    erased or restricted while its source was asked gets nothing.

    Returns:
        How many facts are new.
    """
    stored = await lock_facts(work, owner=owner)
    if not await _may_hold_facts(work, owner):
        return 0
    additions = plan_additions(stored=stored, facts=facts, source=source.name)
    await _refresh(work, additions.again, source)
    await _insert(work, owner, additions.new, source)
    await choose_facts(work, owner=owner)
    return len(additions.new)


async def lock_facts(work: Work, *, owner: Owner) -> tuple[StoredValue, ...]:
    """Return all facts of the owner, and keep others from changing them until this transaction ends."""
    await work.connection.execute(
        "SELECT FROM company WHERE workspace_id = $1 AND id = $2 FOR UPDATE",
        work.workspace_id,
        owner.company_id,
    )
    await work.connection.execute(
        "SELECT FROM lead WHERE workspace_id = $1 AND id = $2 FOR UPDATE", work.workspace_id, owner.lead_id
    )
    rows = await work.connection.fetch(
        """
        SELECT id, about, field, value, source_kind, source, source_url, confidence,
               coalesce(observed_at, retrieved_at) AS observed_at, expires_at, pinned, state
        FROM field_value WHERE workspace_id = $1 AND (lead_id = $2 OR company_id = $3) ORDER BY id
        """,
        work.workspace_id,
        owner.lead_id,
        owner.company_id,
    )
    return tuple(_stored(row) for row in rows)


async def choose_facts(work: Work, *, owner: Owner, changes: Mapping[UUID, FactState] | None = None) -> None:
    """Set states, let the best value of each field be the current one, and show it in its column.

    Args:
        changes: states that somebody decided, such as REJECTED.
    """
    values = with_states(await lock_facts(work, owner=owner), changes or {})
    elected = elect(values, now=work.now)
    await _set_states(work, {**(changes or {}), **elected})
    values = with_states(values, elected)
    if owner.company_id is not None:
        await _show_company(work, owner.company_id, values)
    if owner.lead_id is not None:
        await _show_lead(work, owner.lead_id, values)


async def _may_hold_facts(work: Work, owner: Owner) -> bool:
    refuses = await work.connection.fetchval(
        """
        SELECT erased_at IS NOT NULL OR restricted_at IS NOT NULL OR status IN ('ERASED', 'MERGED')
        FROM lead WHERE workspace_id = $1 AND id = $2
        """,
        work.workspace_id,
        owner.lead_id,
    )
    return not refuses


async def _show_company(work: Work, company_id: UUID, values: Sequence[StoredValue]) -> None:
    company = await Company.get(workspace_id=work.workspace_id, id=company_id)
    changed = _changed(company, _COMPANY_COLUMNS, values, sticky=False)
    if changed:
        await Company.filter(workspace_id=work.workspace_id, id=company_id).update(**changed)


async def _show_lead(work: Work, lead_id: UUID, values: Sequence[StoredValue]) -> None:
    lead = await Lead.get(workspace_id=work.workspace_id, id=lead_id)
    changed = _changed(lead, _LEAD_COLUMNS, values, sticky=False)
    if changed:
        await Lead.filter(workspace_id=work.workspace_id, id=lead_id).update(**changed)
    identities = _changed(lead, _LEAD_IDENTITIES, values, sticky=True)
    if "email" in identities:
        await _identify(work, _SET_EMAIL, lead_id, identities["email"], fold=email_identity)
    if "linkedin_url" in identities:
        await _identify(work, _SET_LINKEDIN, lead_id, identities["linkedin_url"], fold=linkedin_identity)


def _changed(
    record: Any, columns: Mapping[Field, str], values: Sequence[StoredValue], *, sticky: bool
) -> dict[str, Any]:
    changed = {}
    for field, column in columns.items():
        present = getattr(record, column)
        wanted = shown(field, present=present, values=values, sticky=sticky)
        if wanted != present:
            changed[column] = wanted
    return changed


async def _identify(work: Work, statement: str, lead_id: UUID, value: str | None, *, fold: Any) -> None:
    """Give a lead an address or profile; one that is another lead's, or none at all, stays a mere fact."""
    try:
        key = fold(value) if value else None
        async with work.connection.transaction():
            await work.connection.execute(statement, work.workspace_id, lead_id, value, key)
    except (Invalid, asyncpg.UniqueViolationError):
        return


async def _insert(work: Work, owner: Owner, facts: Iterable[Fact], source: Source) -> None:
    await work.connection.executemany(
        """
        INSERT INTO field_value (id, workspace_id, lead_id, company_id, about, field, value, source_kind, source,
                                 provider_call_id, source_url, snippet, confidence, observed_at, retrieved_at,
                                 expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, nullif($11, ''), nullif($12, ''), $13, $14, $14, $15)
        """,
        [
            (
                new_id(),
                work.workspace_id,
                owner.lead_id,
                owner.company_id,
                "" if fact.subject is Subject.LEAD else fact.about,
                fact.field.value,
                fact.value,
                source.kind.value,
                source.name,
                source.call_id,
                *_evidence(fact),
            )
            for fact in facts
        ],
    )


async def _refresh(work: Work, again: Iterable[tuple[UUID, Fact]], source: Source) -> None:
    await work.connection.executemany(
        """
        UPDATE field_value SET provider_call_id = $3, source_url = nullif($4, ''), snippet = nullif($5, ''),
                               confidence = $6, observed_at = $7, retrieved_at = $7, expires_at = $8
        WHERE workspace_id = $1 AND id = $2 AND retrieved_at <= $7
        """,
        [(work.workspace_id, id_, source.call_id, *_evidence(fact)) for id_, fact in again],
    )


def _evidence(fact: Fact) -> tuple[Any, ...]:
    expires_at = fact_expires_at(fact.field, retrieved_at=fact.retrieved_at)
    return fact.source_url, fact.snippet, fact.confidence, fact.retrieved_at, expires_at


async def _set_states(work: Work, changes: Mapping[UUID, FactState]) -> None:
    await work.connection.execute(
        """
        UPDATE field_value f SET state = new.state
        FROM unnest($2::uuid[], $3::text[]) AS new (id, state)
        WHERE f.workspace_id = $1 AND f.id = new.id AND f.state <> new.state
        """,
        work.workspace_id,
        list(changes),
        [state.value for state in changes.values()],
    )


def _stored(row: Any) -> StoredValue:
    return StoredValue(
        **{**row, "source_kind": SourceKind(row["source_kind"]), "state": FactState(row["state"])}
    )


_SET_EMAIL = """
UPDATE lead SET email = lower($3), email_identity = $4, email_status = 'UNVERIFIED', email_status_reason = NULL,
                email_checked_at = NULL
WHERE workspace_id = $1 AND id = $2
"""
_SET_LINKEDIN = "UPDATE lead SET linkedin_url = $3, linkedin_key = $4 WHERE workspace_id = $1 AND id = $2"
