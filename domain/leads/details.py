"""What a person enters about a lead or a company, in the same normal form as an imported row."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from domain.companies import rules as companies
from domain.errors import Conflict, Invalid
from domain.hidden_characters import JOINERS, has_hidden
from domain.leads.columns import CUSTOM_COLUMNS_MAX, CUSTOM_NAME_CHARS_MAX, ColumnMapping
from domain.leads.normalising import (
    clean_text,
    company_key,
    country_code,
    normalise_linkedin_company,
    normalise_time_zone,
    normalise_website,
)
from domain.leads.outcomes import LeadRow, RowError
from domain.leads.rows import RowReader
from domain.leads.vocabulary import LeadField

ENTERED: Final = (
    LeadField.EMAIL,
    LeadField.FIRST_NAME,
    LeadField.LAST_NAME,
    LeadField.TITLE,
    LeadField.SENIORITY,
    LeadField.DEPARTMENT,
    LeadField.PHONE,
    LeadField.LINKEDIN_URL,
    LeadField.COMPANY_NAME,
    LeadField.COMPANY_DOMAIN,
    LeadField.COMPANY_WEBSITE,
    LeadField.CITY,
    LeadField.REGION,
    LeadField.COUNTRY,
    LeadField.TIME_ZONE,
    LeadField.LOCALE,
)
"""What can be entered by hand, beside custom fields."""

OWN_COLUMNS: Final = (
    *("email", "first_name", "last_name", "full_name", "title", "seniority", "department", "phone"),
    *("linkedin_url", "city", "region", "country", "time_zone", "locale"),
)
"""Columns of a lead that hold what was entered."""

KEY_COLUMNS: Final = ("email_identity", "linkedin_key", "name_company_key")

_MAPPING: Final = ColumnMapping(
    width=len(ENTERED), fields={field: (index,) for index, field in enumerate(ENTERED)}, custom=()
)


class LeadExists(Conflict):
    """The person is a lead already."""

    code = "LEAD_EXISTS"


def read_person(values: Mapping[str, str | None]) -> LeadRow:
    """Return a lead as entered, every value normalised.

    Args:
        values: by the names of ``ENTERED``; absent and empty ones say nothing.

    Raises:
        Invalid: a value isn't what it should be, or nothing tells who the person is.
    """
    for name, value in values.items():
        if isinstance(value, str) and has_hidden(value.strip(), allowed=JOINERS):
            raise Invalid("one line without invisible characters", field=("input", name))
    cells = [values.get(field.value) or "" for field in ENTERED]
    row = RowReader(_MAPPING).read((1, cells, "".join(cells)))
    problem = row if isinstance(row, RowError) else next(iter(row.warnings), None)
    if problem is not None:
        raise Invalid(problem.message, field=("input", problem.field) if problem.field else ("input",))
    assert isinstance(row, LeadRow)  # a RowError is a problem
    return row


def parse_custom_fields(given: Mapping[str, str]) -> dict[str, str]:
    """Return custom fields cleaned; empty values are left out. Raises Invalid beyond the limits."""
    cleaned = {clean_text(name): clean_text(value) for name, value in given.items()}
    if len(cleaned) > CUSTOM_COLUMNS_MAX:
        raise Invalid(f"at most {CUSTOM_COLUMNS_MAX} custom fields", field=("input", "customFields"))
    for name, value in cleaned.items():
        if not 1 <= len(name) <= CUSTOM_NAME_CHARS_MAX or len(value) > 5_000:
            raise Invalid(
                f"a custom field has a name of up to {CUSTOM_NAME_CHARS_MAX} and a value of up to 5000 characters",
                field=("input", "customFields"),
            )
    return {name: value for name, value in cleaned.items() if value}


def parse_company_changes(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return changes of a company by column, in their normal form; raises Invalid with the field."""
    parsed = {column: _COMPANY[column](value) for column, value in changes.items()}
    if "name" in parsed:
        parsed["name_key"] = company_key(parsed["name"]) or parsed["name"].lower()
    return parsed


def _line(column: str, *, longest: int = companies.LINE_CHARS_MAX) -> Callable[[str | None], str | None]:
    return lambda text: companies.parse_line(text, field=column, longest=longest)


def _normal(
    column: str, normalise: Callable[[str], str | None], what: str
) -> Callable[[str | None], str | None]:
    def parse(text: str | None) -> str | None:
        if not text or not text.strip():
            return None
        value = normalise(text.strip())
        if value is None:
            raise Invalid(f"not {what}", field=("input", column))
        return value

    return parse


_COMPANY: Final[dict[str, Callable[[Any], Any]]] = {
    "name": companies.parse_name,
    "website_url": _normal("website_url", normalise_website, "a web address"),
    "linkedin_url": _normal("linkedin_url", normalise_linkedin_company, "a company's address on LinkedIn"),
    "industry": _line("industry"),
    "employee_count": companies.parse_employees,
    "description": _line("description", longest=companies.DESCRIPTION_CHARS_MAX),
    "city": _line("city"),
    "region": _line("region"),
    "country": _normal("country", country_code, "the name or code of a country"),
    "time_zone": _normal("time_zone", normalise_time_zone, "a time zone"),
}
