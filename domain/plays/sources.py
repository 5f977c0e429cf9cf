"""Where a play's leads come from: one import, a filter over all leads, or named leads."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from domain.errors import Invalid

LEADS_MAX: Final = 1_000
"""Leads that a play may name one by one; more come by an import or a filter."""

TEXT_MAX: Final = 200

SELECTABLE_STATUSES: Final = frozenset(
    {"NEW", "ENRICHING", "QUALIFIED", "DISQUALIFIED", "ENROLLED", "CONTACTED", "ENGAGED", "MEETING"}
    | {"OPPORTUNITY", "WON", "LOST"}
)
"""Statuses a filter may name; merged and erased leads are never taken up."""


class SourceKind(StrEnum):
    """Where a play's leads come from."""

    IMPORT = "IMPORT"
    FILTER = "FILTER"
    LEADS = "LEADS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A choice of leads; everything that is given must hold.

    Args:
        import_job_id: everybody this file is about: leads that it created, and those that were known.
        lead_ids: these leads, up to 1,000.
        statuses: leads with one of these statuses.
        company_domain: leads of the company with this domain, lower case.
        title_contains: part of the title, whatever the case.
        country: ISO 3166-1 code, upper case.
    """

    kind: SourceKind
    import_job_id: UUID | None = None
    lead_ids: tuple[UUID, ...] = ()
    statuses: tuple[str, ...] = ()
    company_domain: str | None = None
    title_contains: str | None = None
    country: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values, without what isn't given."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: _plain(value) for name, value in values.items() if value}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Source":
        """Rebuild one from ``as_json``'s result."""
        import_job_id = values.get("import_job_id")
        return cls(
            kind=SourceKind(values["kind"]),
            import_job_id=UUID(import_job_id) if import_job_id else None,
            lead_ids=tuple(UUID(id_) for id_ in values.get("lead_ids", ())),
            statuses=tuple(values.get("statuses", ())),
            company_domain=values.get("company_domain"),
            title_contains=values.get("title_contains"),
            country=values.get("country"),
        )


def from_import(import_job_id: UUID) -> Source:
    """Return everybody that one file is about."""
    return Source(kind=SourceKind.IMPORT, import_job_id=import_job_id)


def from_leads(lead_ids: tuple[UUID, ...]) -> Source:
    """Return the named leads.

    Raises:
        Invalid: none, or more than 1,000.
    """
    distinct = tuple(dict.fromkeys(lead_ids))
    if not 1 <= len(distinct) <= LEADS_MAX:
        raise Invalid(f"name 1 to {LEADS_MAX} leads", field=("source", "leads"))
    return Source(kind=SourceKind.LEADS, lead_ids=distinct)


def from_filter(
    *,
    statuses: tuple[str, ...] = (),
    import_job_id: UUID | None = None,
    company_domain: str | None = None,
    title_contains: str | None = None,
    country: str | None = None,
) -> Source:
    """Return the leads that a filter finds when the run looks for them.

    Raises:
        Invalid: nothing is given, or something isn't what it should be.
    """
    if not set(statuses) <= SELECTABLE_STATUSES:
        raise Invalid("no lead with this status is ever taken up", field=("source", "filter", "status"))
    if country is not None and not (len(country) == 2 and country.isascii() and country.isalpha()):
        raise Invalid("a country is an ISO 3166-1 code such as DE", field=("source", "filter", "country"))
    source = Source(
        kind=SourceKind.FILTER,
        statuses=tuple(sorted(set(statuses))),
        import_job_id=import_job_id,
        company_domain=_text(company_domain, "companyDomain", lower=True),
        title_contains=_text(title_contains, "titleContains"),
        country=country.upper() if country else None,
    )
    if source == Source(kind=SourceKind.FILTER):
        raise Invalid("a filter names at least one condition", field=("source", "filter"))
    return source


def _text(text: str | None, name: str, *, lower: bool = False) -> str | None:
    if text is None:
        return None
    text = text.strip()
    if not 1 <= len(text) <= TEXT_MAX:
        raise Invalid(f"1 to {TEXT_MAX} characters", field=("source", "filter", name))
    return text.lower() if lower else text


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, UUID) else value
