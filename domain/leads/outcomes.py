"""What becomes of a row of an imported file: a lead, or an error."""

from typing import Final, NamedTuple

MESSAGES: Final = {
    "ROW_UNREADABLE": "the row can't be read; is a quote left open?",
    "ROW_MISALIGNED": "the row has more cells than the header; is a comma not quoted?",
    "NO_IDENTITY": "neither an e-mail address, a LinkedIn profile, nor a name with a company",
    "EMAIL_INVALID": "not an e-mail address",
    "EMAIL_MULTIPLE": "several e-mail addresses; the first good one is used",
    "LINKEDIN_INVALID": "not the address of a person on LinkedIn",
    "COMPANY_LINKEDIN_INVALID": "not the address of a company on LinkedIn",
    "NAME_INVALID": "not a person's name",
    "PHONE_INVALID": "no such phone number can exist; is the country missing?",
    "DOMAIN_INVALID": "not a domain name",
    "WEBSITE_INVALID": "not a web address",
    "COMPANY_SIZE_INVALID": "not a number of employees",
    "COUNTRY_UNKNOWN": "not the name or code of a country",
    "TIME_ZONE_UNKNOWN": "not a time zone",
    "LANGUAGE_UNKNOWN": "not a language",
    "OPT_OUT_UNCLEAR": "neither yes nor no; taken as an opt-out",
    "CELL_TOO_LONG": "the value is too long and was left out",
    "CONTROL_CHARACTERS": "control characters were removed",
}
"""Every code a row can get, with its sentence. Codes are part of the API."""


class RowError(NamedTuple):
    """What is wrong with one row or one value of it.

    Attributes:
        row_index: the row's number in the file from 1, as spreadsheet programs show it.
        code: a key of ``MESSAGES``.
        field: the lead's field concerned, if one is.
        message: a sentence for a person; never holds the value.
        dropped: whether the whole row was left out.
    """

    row_index: int
    code: str
    field: str | None
    message: str
    dropped: bool


class LeadRow(NamedTuple):
    """A person as a file describes them, every value normalised; ``None`` where it says nothing.

    Attributes:
        row_index: the row's number in the file from 1.
        email: lower case, ASCII domain. ``email_identity`` is the same for all spellings of the mailbox.
        linkedin_key: ``in/slug``; ``linkedin_url`` opens the profile.
        name_company_key: folded name, a bar, the company's registrable domain or folded name.
        phone, mobile_phone: E.164.
        company_domain: registrable domain, from the website or, unless it is a mailbox provider's, the e-mail.
        company_employee_count: a number, or the lower end of a range.
        country: ISO 3166-1 alpha-2. ``time_zone``: IANA. ``locale``: BCP 47.
        opt_out: never write to this person. ``opt_out_phone``: never call.
        custom: values of the custom columns that hold something, by column name.
        warnings: what was wrong without costing the row.
    """

    row_index: int
    email: str | None
    email_identity: str | None
    linkedin_key: str | None
    linkedin_url: str | None
    name_company_key: str | None
    first_name: str | None
    last_name: str | None
    full_name: str | None
    title: str | None
    seniority: str | None
    department: str | None
    phone: str | None
    mobile_phone: str | None
    company_name: str | None
    company_key: str | None
    company_domain: str | None
    company_website: str | None
    company_linkedin_url: str | None
    company_industry: str | None
    company_employee_count: int | None
    city: str | None
    region: str | None
    country: str | None
    time_zone: str | None
    locale: str | None
    notes: str | None
    opt_out: bool
    opt_out_phone: bool
    custom: dict[str, str]
    warnings: tuple[RowError, ...]
