"""From a row of cells to a lead, or to the reason why not.

What is wrong with an identifier drops the row only if nothing else tells who it is; what is wrong with
any other value drops that value and leaves a warning. Duplicates are found later, where all leads are.
"""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Final, TypeVar

from domain.leads.columns import ColumnMapping
from domain.leads.normalising import (
    clean_cells,
    clean_note,
    company_key,
    country_code,
    email_identity,
    first_email,
    first_phone,
    fold_name,
    has_control_characters,
    is_mailbox_provider,
    is_no,
    is_opt_out_status,
    is_public_profile_site,
    normalise_email,
    normalise_language,
    normalise_linkedin,
    normalise_linkedin_company,
    normalise_time_zone,
    normalise_website,
    parse_employee_count,
    parse_flag,
    registrable_domain,
    split_full_name,
    tidy_person_name,
)
from domain.leads.outcomes import MESSAGES, LeadRow, RowError
from domain.leads.tables import Record
from domain.leads.tables.errors import CELL_CHARS_MAX
from domain.leads.vocabulary import LeadField

LINE_CHARS_MAX: Final = 500
"""Longest value of a one-line field (title, city, company name)."""

# The order in which ``RowReader.read`` unpacks them.
_PICKED: Final = tuple(
    map(
        LeadField,
        (
            *("email", "linkedin_url", "first_name", "last_name", "full_name", "phone", "mobile_phone"),
            *("company_domain", "company_website", "company_linkedin_url", "company_size"),
            *("country", "time_zone", "locale"),
            *("title", "seniority", "department", "company_name", "company_industry", "city", "region"),
        ),
    )
)
_LINES: Final = _PICKED[_PICKED.index(LeadField.TITLE) :]

Value = TypeVar("Value")
Problems = list[tuple[str, LeadField | None]]
"""Codes found so far in a row, with the field concerned."""


class RowReader:
    """Reads rows by one mapping; everything that can be decided once per file is decided here.

    Args:
        mapping: a valid mapping of the file's columns.
        default_country: ISO 3166-1 alpha-2 for phone numbers of rows that name no country.
    """

    def __init__(self, mapping: ColumnMapping, *, default_country: str | None = None) -> None:
        columns = mapping.fields
        self._width = mapping.width
        self._default_country = default_country
        # Fields without a column read the empty cell that ``read`` puts at the end of each row.
        self._pick = itemgetter(*(columns.get(field, (-1,))[0] for field in _PICKED))
        self._fallbacks = [
            (columns[field][0], other)
            for field in _PICKED
            if field in columns
            for other in columns[field][1:]
        ]
        self._line_columns = [(field, columns[field][0]) for field in _LINES if field in columns]
        self._note_columns = columns.get(LeadField.NOTES, ())
        self._opt_out = columns.get(LeadField.OPT_OUT, ())
        self._opt_in = columns.get(LeadField.OPT_IN, ())
        self._status = columns.get(LeadField.OPT_OUT_STATUS, ())
        self._opt_out_phone = columns.get(LeadField.OPT_OUT_PHONE, ())
        self._custom = mapping.custom

    def read(self, record: Record) -> LeadRow | RowError:
        """Return the lead a row describes, or why it was dropped."""
        index, cells, joined = record
        if cells is None:
            return _dropped(index, "ROW_UNREADABLE")
        if len(cells) > self._width and "".join(cells[self._width :]).strip():
            return _dropped(index, "ROW_MISALIGNED")
        problems: Problems = []
        clean = self._clean(cells, joined, problems)
        # fmt: off
        (email_text, linkedin_text, first, last, full, phone, mobile,
         domain_text, website_text, page_text, size_text,
         country_text, zone_text, locale_text,
         title, seniority, department, company, industry, city, region) = self._pick(clean)
        # fmt: on

        email = _read_email(email_text, problems) if email_text else None
        profile = normalise_linkedin(linkedin_text) if linkedin_text else None
        if linkedin_text and profile is None:
            problems.append(("LINKEDIN_INVALID", LeadField.LINKEDIN_URL))
        first, last, full = _read_names(first, last, full, problems)
        website, domain = _read_site(website_text, domain_text, email, problems)
        folded_company = company_key(company) if company else ""
        at = domain or folded_company
        name_key = f"{fold_name(first)} {fold_name(last)}|{at}" if first and last and at else None
        if not (email or profile or name_key):
            return _without_identity(index, problems)

        country = _read(country_code, country_text, "COUNTRY_UNKNOWN", LeadField.COUNTRY, problems)
        phone_country = country or self._default_country
        return LeadRow(
            index,
            email,
            email_identity(email) if email else None,
            profile.key if profile else None,
            profile.url if profile else None,
            name_key,
            first,
            last,
            full,
            title or None,
            seniority or None,
            department or None,
            _read_phone(phone, phone_country, LeadField.PHONE, problems) if phone else None,
            _read_phone(mobile, phone_country, LeadField.MOBILE_PHONE, problems) if mobile else None,
            company or None,
            folded_company or None,
            domain,
            website,
            _read(
                normalise_linkedin_company,
                page_text,
                "COMPANY_LINKEDIN_INVALID",
                LeadField.COMPANY_LINKEDIN_URL,
                problems,
            ),
            industry or None,
            _read(parse_employee_count, size_text, "COMPANY_SIZE_INVALID", LeadField.COMPANY_SIZE, problems),
            city or None,
            region or None,
            country,
            _read(normalise_time_zone, zone_text, "TIME_ZONE_UNKNOWN", LeadField.TIME_ZONE, problems),
            _read(normalise_language, locale_text, "LANGUAGE_UNKNOWN", LeadField.LOCALE, problems),
            self._notes(cells) if self._note_columns else None,
            self._is_opted_out(clean, problems),
            _is_any_set(clean, self._opt_out_phone, LeadField.OPT_OUT_PHONE, problems),
            {name: clean[column] for name, column in self._custom if clean[column]},
            tuple([_warning(index, code, field) for code, field in problems]) if problems else (),
        )

    def _clean(self, cells: list[str], joined: str, problems: Problems) -> list[str]:
        if len(joined) > CELL_CHARS_MAX and len(max(cells, key=len)) > CELL_CHARS_MAX:
            problems.append(("CELL_TOO_LONG", None))
            cells[:] = [cell if len(cell) <= CELL_CHARS_MAX else "" for cell in cells]
            joined = "".join(cells)
        if has_control_characters(joined):
            problems.append(("CONTROL_CHARACTERS", None))
        clean = clean_cells(cells, joined)
        clean.append("")
        for column, other in self._fallbacks:
            if not clean[column]:
                clean[column] = clean[other]
        if len(joined) > LINE_CHARS_MAX:
            for field, column in self._line_columns:
                if len(clean[column]) > LINE_CHARS_MAX:
                    clean[column] = ""
                    problems.append(("CELL_TOO_LONG", field))
        return clean

    def _notes(self, cells: list[str]) -> str | None:
        return "\n".join(note for column in self._note_columns if (note := clean_note(cells[column]))) or None

    def _is_opted_out(self, clean: list[str], problems: Problems) -> bool:
        if _is_any_set(clean, self._opt_out, LeadField.OPT_OUT, problems):
            return True
        for column in self._status:
            if clean[column] and is_opt_out_status(clean[column]):
                return True
        for column in self._opt_in:
            if clean[column] and (is_opt_out_status(clean[column]) or is_no(clean[column])):
                return True
        return False


def _read(
    normalise: Callable[[str], Value | None], text: str, code: str, field: LeadField, problems: Problems
) -> Value | None:
    if not text:
        return None
    value = normalise(text)
    if value is None:
        problems.append((code, field))
    return value


def _read_email(text: str, problems: Problems) -> str | None:
    if email := normalise_email(text):
        return email
    email, is_several = first_email(text)
    if email is None:
        problems.append(("EMAIL_INVALID", LeadField.EMAIL))
    elif is_several:
        problems.append(("EMAIL_MULTIPLE", LeadField.EMAIL))
    return email


def _read_names(
    first: str, last: str, full: str, problems: Problems
) -> tuple[str | None, str | None, str | None]:
    """Return first, last and full name from whichever of them the file has."""
    if not (first or last):
        if not full:
            return None, None, None
        given, family = split_full_name(full)
        if given is None:
            problems.append(("NAME_INVALID", LeadField.FULL_NAME))
            return None, None, None
        return given, family, f"{given} {family}" if family else given
    given = tidy_person_name(first) if first else None
    family = tidy_person_name(last) if last else None
    if first and given is None:
        problems.append(("NAME_INVALID", LeadField.FIRST_NAME))
    if last and family is None:
        problems.append(("NAME_INVALID", LeadField.LAST_NAME))
    return given, family, f"{given} {family}" if given and family else given or family


def _read_site(
    website_text: str, domain_text: str, email: str | None, problems: Problems
) -> tuple[str | None, str | None]:
    """Return the company's website and registrable domain; the e-mail's domain is the last resort."""
    website = _read(normalise_website, website_text, "WEBSITE_INVALID", LeadField.COMPANY_WEBSITE, problems)
    domain = _read(registrable_domain, domain_text, "DOMAIN_INVALID", LeadField.COMPANY_DOMAIN, problems)
    if domain is None and website is not None:
        domain = registrable_domain(website)
    if domain is not None and (is_public_profile_site(domain) or is_mailbox_provider(domain)):
        domain = None
    if domain is None and email is not None:
        domain = registrable_domain(email.rpartition("@")[2])
        if domain is not None and is_mailbox_provider(domain):
            domain = None
    return website, domain


def _read_phone(text: str, country: str | None, field: LeadField, problems: Problems) -> str | None:
    phone = first_phone(text, country)
    if phone is None:
        problems.append(("PHONE_INVALID", field))
    return phone


def _is_any_set(clean: list[str], columns: Sequence[int], field: LeadField, problems: Problems) -> bool:
    """Return what opt-out cells say; a date or a reason in one means yes, because a no would do harm."""
    is_set = False
    for column in columns:
        if not clean[column]:
            continue
        flag = parse_flag(clean[column])
        if flag is None:
            problems.append(("OPT_OUT_UNCLEAR", field))
        is_set = is_set or flag is not False
    return is_set


def _without_identity(index: int, problems: Problems) -> RowError:
    for code, field in problems:
        if code in {"EMAIL_INVALID", "LINKEDIN_INVALID"}:
            return _dropped(index, code, field)
    return _dropped(index, "NO_IDENTITY")


def _dropped(index: int, code: str, field: LeadField | None = None) -> RowError:
    return RowError(index, code, field and field.value, MESSAGES[code], True)


def _warning(index: int, code: str, field: LeadField | None) -> RowError:
    return RowError(index, code, field and field.value, MESSAGES[code], False)
