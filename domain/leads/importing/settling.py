"""What staged rows change: companies, leads, opt-outs, row errors. Each is one statement for the whole file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from domain.companies.facts import fact_name
from domain.suppression.entering import NewEntry, enter
from domain.suppression.events import AddressSuppressed
from domain.suppression.rules import Channel, SuppressionKind, SuppressionReason
from domain.work import Work

PROBLEMS_KEPT_MAX: Final = 10_000
"""Row errors that are kept to be shown; all are counted."""

_OPT_OUT_BATCH: Final = 1_000
_OVERWRITTEN: Final = (
    *("first_name", "last_name", "full_name", "title", "seniority", "department", "phone"),
    *("city", "region", "country", "time_zone", "locale"),
)
"""Columns that a newer file replaces, unless a person has pinned them. What identifies is only filled in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What became of the rows that weren't dropped."""

    created: int
    updated: int
    duplicates: int
    suppressed: int


async def settle(work: Work, *, import_id: UUID, updates: bool, yields: bool) -> Counts:
    """Write what the staged rows bring.

    Args:
        updates: whether a row changes the lead it is about; new leads are taken either way.
        yields: whether a row gives way to a lead that somebody has entered since the fates were decided.

    Raises:
        UniqueViolationError: there is such a lead, and rows don't give way; checking that costs as much again.
    """
    rows = await work.connection.fetch(
        "SELECT fate, count(*)::integer AS rows FROM import_fate GROUP BY fate"
    )
    fates: dict[str, int] = {row["fate"]: row["rows"] for row in rows}
    await _write_companies(work)
    create = f"{_CREATE} ON CONFLICT DO NOTHING" if yields else _CREATE
    created = _affected(await work.connection.execute(create, work.workspace_id, import_id))
    await work.connection.execute(_KNOWN, work.workspace_id, import_id)
    updated = await _update_leads(work) if updates and "UPDATE" in fates else 0
    suppressed = fates.get("SUPPRESSED", 0)
    return Counts(
        created=created,
        updated=updated,
        duplicates=sum(fates.values()) - created - updated - suppressed,
        suppressed=suppressed,
    )


async def keep_problems(work: Work, *, import_id: UUID) -> None:
    """Keep the first row errors, to be shown."""
    await work.connection.execute(
        """
        INSERT INTO import_row_error (id, workspace_id, import_job_id, row_index, code, field, message, dropped)
        SELECT id, $1, $2, row_index, code, field, message, dropped FROM import_problem ORDER BY id LIMIT $3
        """,
        work.workspace_id,
        import_id,
        PROBLEMS_KEPT_MAX,
    )


async def _write_companies(work: Work) -> None:
    await work.connection.execute(_COMPANIES)
    created = _affected(await work.connection.execute(_CREATE_COMPANIES, work.workspace_id))
    if created == await work.connection.fetchval("SELECT count(*) FROM import_company"):
        return  # none was there before
    for same in (
        "c.domain = n.company_domain",
        "c.domain IS NULL AND n.company_domain IS NULL AND c.name_key = n.company_key",
    ):
        await work.connection.execute(_FILL_COMPANIES.format(same=same), work.workspace_id)


async def _update_leads(work: Work) -> int:
    await work.connection.execute(_PINNED, work.workspace_id)
    await work.connection.execute("ANALYZE import_pinned")
    return _affected(await work.connection.execute(_UPDATE, work.workspace_id))


async def enter_opt_outs(work: Work, *, identity_key: bytes) -> None:
    """Suppress who objected to the customer, whatever else becomes of their row."""
    entries: dict[tuple[SuppressionKind, str], tuple[NewEntry, bool]] = {}
    for row in map(dict, await work.connection.fetch(_OPTED_OUT)):
        for entry in _entries_of(row):
            entries.setdefault((entry.kind, entry.value), (entry, row["fate"] != "CREATE"))
    batch = list(entries.values())
    for start in range(0, len(batch), _OPT_OUT_BATCH):
        part = batch[start : start + _OPT_OUT_BATCH]
        entered = await enter(work, [entry for entry, _ in part], identity_key=identity_key)
        for (entry, was_there), one in zip(part, entered, strict=True):
            # A new lead has nothing scheduled that would have to stop.
            if one.is_news and was_there and one.concerns_leads:
                work.emit(
                    AddressSuppressed(subject_id=one.id, reason=entry.reason.value, kind=entry.kind.value)
                )


def _entries_of(row: Mapping[str, Any]) -> Iterator[NewEntry]:
    """Yield the entries of a staged row that opted out: of writing by its surest identifier, of calls by number."""
    if row["opt_out"]:
        profile = row["linkedin_key"] or ""
        if row["email_identity"]:
            yield _entry(SuppressionKind.EMAIL, row["email_identity"])
        elif profile.startswith("in/"):
            yield _entry(SuppressionKind.LINKEDIN, profile)
        elif row["lead_id"]:
            yield _entry(SuppressionKind.LEAD, str(row["lead_id"]))
    if row["opt_out_phone"] and row["phone"]:
        yield _entry(SuppressionKind.PHONE, row["phone"], Channel.CALL, Channel.SMS)


def _entry(kind: SuppressionKind, value: str, *channels: Channel) -> NewEntry:
    return NewEntry(
        kind=kind,
        value=value,
        reason=SuppressionReason.UNSUBSCRIBE,
        channels=frozenset(channels),
        evidence="an opt-out column of an imported file",
    )


def _affected(status: str) -> int:
    """Return the number at the end of ``INSERT 0 12``."""
    return int(status.rpartition(" ")[2])


_COMPANIES = """
CREATE TEMP TABLE import_company ON COMMIT DROP AS
SELECT r.* FROM import_row r JOIN (
    SELECT min(r.row_index) AS row_index FROM import_row r JOIN import_fate f USING (row_index)
    WHERE f.fate IN ('CREATE', 'UPDATE') AND coalesce(r.company_domain, r.company_key) IS NOT NULL
    GROUP BY r.company_domain, CASE WHEN r.company_domain IS NULL THEN r.company_key END
) first USING (row_index)
"""
_CREATE_COMPANIES = """
INSERT INTO company (id, workspace_id, name, name_key, domain, website_url, linkedin_url, industry, employee_count)
SELECT id, $1, coalesce(company_name, company_domain), coalesce(company_key, company_domain), company_domain,
       company_website, company_linkedin_url, company_industry, company_employee_count
FROM import_company ORDER BY row_index
ON CONFLICT DO NOTHING
"""
_FILL_COMPANIES = """
UPDATE company c SET
    website_url = coalesce(c.website_url, n.company_website),
    linkedin_url = coalesce(c.linkedin_url, n.company_linkedin_url),
    industry = coalesce(c.industry, n.company_industry),
    employee_count = coalesce(c.employee_count, n.company_employee_count)
FROM import_company n
WHERE c.workspace_id = $1 AND {same} AND c.id <> n.id
  AND ((c.website_url IS NULL AND n.company_website IS NOT NULL)
    OR (c.linkedin_url IS NULL AND n.company_linkedin_url IS NOT NULL)
    OR (c.industry IS NULL AND n.company_industry IS NOT NULL)
    OR (c.employee_count IS NULL AND n.company_employee_count IS NOT NULL))
"""
_WITH_COMPANY = """
FROM import_row r JOIN import_fate f USING (row_index)
LEFT JOIN company d ON d.workspace_id = $1 AND d.domain = r.company_domain
LEFT JOIN company k ON k.workspace_id = $1 AND k.domain IS NULL AND r.company_domain IS NULL
                   AND k.name_key = r.company_key
"""
_CREATE = f"""
INSERT INTO lead (id, workspace_id, company_id, import_job_id, email, email_identity, first_name, last_name, full_name,
                  title, seniority, department, phone, linkedin_url, linkedin_key, name_company_key, city, region,
                  country, time_zone, time_zone_source, locale, custom_fields, source_kind)
SELECT r.id, $1, coalesce(d.id, k.id), $2, r.email, r.email_identity, r.first_name, r.last_name, r.full_name,
       r.title, r.seniority, r.department, r.phone, r.linkedin_url, r.linkedin_key, r.name_company_key, r.city,
       r.region, r.country, r.time_zone, CASE WHEN r.time_zone IS NOT NULL THEN 'UPLOAD' END, r.locale, r.custom,
       'UPLOAD'
{_WITH_COMPANY}
WHERE f.fate = 'CREATE'
"""
_KNOWN = """
INSERT INTO import_known_lead (workspace_id, import_job_id, lead_id)
SELECT DISTINCT $1::uuid, $2::uuid, lead_id FROM import_fate WHERE lead_id IS NOT NULL
"""


def _replaced(column: str) -> str:
    pin = f"'{fact_name(column)}' = ANY (n.pinned)"
    if column in {"first_name", "last_name", "full_name"}:
        pin = "n.pinned && ARRAY['FIRST_NAME', 'LAST_NAME', 'NAME']"
    return f"CASE WHEN {pin} THEN l.{column} ELSE coalesce(n.{column}, l.{column}) END"


_NEW_VALUES: Final = {
    **{column: _replaced(column) for column in _OVERWRITTEN},
    "company_id": "coalesce(n.new_company_id, l.company_id)",
    "email": "coalesce(l.email, n.email)",
    "email_identity": "coalesce(l.email_identity, n.email_identity)",
    "linkedin_url": "CASE WHEN n.linkedin_free THEN coalesce(l.linkedin_url, n.linkedin_url) ELSE l.linkedin_url END",
    "linkedin_key": "CASE WHEN n.linkedin_free THEN coalesce(l.linkedin_key, n.linkedin_key) ELSE l.linkedin_key END",
    "name_company_key": "coalesce(l.name_company_key, n.name_company_key)",
    "custom_fields": "l.custom_fields || n.custom",
}
_PINNED = """
CREATE TEMP TABLE import_pinned ON COMMIT DROP AS
SELECT v.lead_id, array_agg(v.field) AS fields
FROM field_value v JOIN import_fate f ON f.lead_id = v.lead_id
WHERE v.workspace_id = $1 AND v.pinned AND v.state = 'CURRENT' AND f.fate = 'UPDATE' GROUP BY v.lead_id
"""
_UPDATE = f"""
UPDATE lead l SET {", ".join(f"{column} = {value}" for column, value in _NEW_VALUES.items())}
FROM (
    SELECT r.*, f.lead_id, f.linkedin_free, coalesce(d.id, k.id) AS new_company_id, coalesce(p.fields, '{{}}') AS pinned
    {_WITH_COMPANY}
    LEFT JOIN import_pinned p ON p.lead_id = f.lead_id
    WHERE f.fate = 'UPDATE'
) n
WHERE l.workspace_id = $1 AND l.id = n.lead_id
  AND ({", ".join(f"l.{column}" for column in _NEW_VALUES)}) IS DISTINCT FROM ({", ".join(_NEW_VALUES.values())})
"""  # noqa: S608 - our own columns
_OPTED_OUT = """
SELECT r.email_identity, r.linkedin_key, r.phone, r.opt_out, r.opt_out_phone, f.fate,
       coalesce(f.lead_id, CASE WHEN f.fate = 'CREATE' THEN r.id END) AS lead_id
FROM import_row r JOIN import_fate f USING (row_index) WHERE r.opt_out OR r.opt_out_phone ORDER BY r.row_index
"""
