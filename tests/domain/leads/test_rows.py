import pytest

from domain.leads.outcomes import MESSAGES, LeadRow, RowError
from domain.leads.rows import RowReader
from tests.steps.rows import read_rows, suggested_mapping

HEADERS = (
    "First Name", "Last Name", "Full Name", "Email", "LinkedIn URL", "Company", "Website", "Domain", "Company LinkedIn", "Employees",
    "Phone", "Mobile", "Country", "Time Zone", "Language", "Title", "Notes", "Email Opt Out", "Opt In", "Stage", "Do Not Call", "Tag",
)  # fmt: skip
MAPPING = suggested_mapping(HEADERS)


def outcome(**values: str) -> LeadRow | RowError:
    """Read one row; keyword ``first_name`` fills the column ``First Name``."""
    cells = [values.pop(header.lower().replace(" ", "_"), "") for header in HEADERS]
    assert not values
    return RowReader(MAPPING).read((7, cells, "".join(cells)))


def lead(**values: str) -> LeadRow:
    row = outcome(**values)
    assert isinstance(row, LeadRow), row
    return row


def codes(row: LeadRow | RowError) -> list[tuple[str, str | None]]:
    problems = row.warnings if isinstance(row, LeadRow) else (row,)
    return [(problem.code, problem.field) for problem in problems]


def test_a_full_row_becomes_a_lead_with_every_value_normalised() -> None:
    row = lead(
        first_name="ADA", last_name="lovelace", email=" Ada.L+x@Example.co.uk ", linkedin_url="http://uk.linkedin.com/in/Ada-L/?x=1",
        company="Acme Co., Ltd.", website="WWW.Acme.co.uk/", company_linkedin="linkedin.com/company/Acme", employees="51-200",
        phone="'+44 (0)20 7946 0123", mobile="07911 123456", country="England", time_zone="europe/london", language="English (UK)",
        title="CTO", notes=" met at fair\r\nlikes tea ", stage="Cold", tag="#N/A",
    )  # fmt: skip
    assert row == LeadRow(
        row_index=7, email="ada.l+x@example.co.uk", email_identity="ada.l@example.co.uk", linkedin_key="in/ada-l",
        linkedin_url="https://www.linkedin.com/in/ada-l", name_company_key="ada lovelace|acme.co.uk", first_name="ADA",
        last_name="Lovelace", full_name="ADA Lovelace", title="CTO", seniority=None, department=None, phone="+442079460123",
        mobile_phone="+447911123456", company_name="Acme Co., Ltd.", company_key="acme", company_domain="acme.co.uk",
        company_website="https://www.acme.co.uk", company_linkedin_url="https://www.linkedin.com/company/acme", company_industry=None,
        company_employee_count=51, city=None, region=None, country="GB", time_zone="Europe/London", locale="en",
        notes="met at fair\nlikes tea", opt_out=False, opt_out_phone=False, custom={"Stage": "Cold"}, warnings=(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({}, ("NO_IDENTITY", None)),
        ({"first_name": "Ada", "last_name": "Lovelace"}, ("NO_IDENTITY", None)),
        ({"first_name": "Ada", "company": "Acme"}, ("NO_IDENTITY", None)),
        ({"company": "Acme", "website": "acme.com"}, ("NO_IDENTITY", None)),
        ({"email": "ada@", "first_name": "Ada"}, ("EMAIL_INVALID", "email")),
        ({"linkedin_url": "linkedin.com/company/acme"}, ("LINKEDIN_INVALID", "linkedin_url")),
    ],
)
def test_a_row_that_says_nobody_is_dropped(values: dict[str, str], code: tuple[str, str | None]) -> None:
    row = outcome(**values)
    assert isinstance(row, RowError)
    assert (row.row_index, row.dropped, row.message) == (7, True, MESSAGES[row.code])
    assert codes(row) == [code]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"email": "a@b; c@example.com, d@example.com"}, ("EMAIL_MULTIPLE", "email")),
        ({"linkedin_url": "linkedin.com/in/ada", "email": "not one"}, ("EMAIL_INVALID", "email")),
        (
            {"first_name": "Ada", "last_name": "L", "company": "Acme", "email": "not one"},
            ("EMAIL_INVALID", "email"),
        ),
        ({"email": "a@example.com", "linkedin_url": "ada"}, ("LINKEDIN_INVALID", "linkedin_url")),
        ({"email": "a@example.com", "first_name": "a@example.com"}, ("NAME_INVALID", "first_name")),
        ({"email": "a@example.com", "full_name": "12345"}, ("NAME_INVALID", "full_name")),
        ({"email": "a@example.com", "phone": "call me"}, ("PHONE_INVALID", "phone")),
        ({"email": "a@example.com", "mobile": "030 901820"}, ("PHONE_INVALID", "mobile_phone")),
        ({"email": "a@example.com", "website": "acme"}, ("WEBSITE_INVALID", "company_website")),
        ({"email": "a@gmail.com", "domain": "acme"}, ("DOMAIN_INVALID", "company_domain")),
        ({"email": "a@example.com", "employees": "many"}, ("COMPANY_SIZE_INVALID", "company_size")),
        ({"email": "a@example.com", "country": "Atlantis"}, ("COUNTRY_UNKNOWN", "country")),
        ({"email": "a@example.com", "time_zone": "Mars"}, ("TIME_ZONE_UNKNOWN", "time_zone")),
        ({"email": "a@example.com", "language": "Klingon"}, ("LANGUAGE_UNKNOWN", "locale")),
        (
            {"email": "a@example.com", "company_linkedin": "x"},
            ("COMPANY_LINKEDIN_INVALID", "company_linkedin_url"),
        ),
        ({"email": "a@example.com", "title": "x" * 501}, ("CELL_TOO_LONG", "title")),
        ({"email": "a@example.com", "tag": "x" * 32_768}, ("CELL_TOO_LONG", None)),
        ({"email": "a@example.com", "title": "C\x00T\x07O"}, ("CONTROL_CHARACTERS", None)),
    ],
)
def test_a_bad_value_is_left_out_with_a_warning(values: dict[str, str], code: tuple[str, str | None]) -> None:
    row = lead(**values)
    assert codes(row) == [code]
    assert row.warnings[0].dropped is False
    field = code[1]
    column = {"company_size": "company_employee_count"}.get(field or "", field)
    if column and code[0] != "EMAIL_MULTIPLE":
        assert getattr(row, column, None) is None
    assert "x" * 501 not in str(row)


def test_the_first_good_address_of_several_is_used() -> None:
    assert lead(email="a@b; c@example.com, d@example.com").email == "c@example.com"


@pytest.mark.parametrize("text", ["1", "TRUE", "Yes", "ja", "oui", "x", "Unsubscribed"])
def test_an_opt_out_is_kept(text: str) -> None:
    row = lead(email="a@example.com", email_opt_out=text)
    assert (row.opt_out, row.opt_out_phone, row.warnings) == (True, False, ())


def test_an_unclear_opt_out_counts_and_is_said() -> None:
    row = lead(email="a@example.com", email_opt_out="2024-05-01", do_not_call="asked on the phone")
    assert (row.opt_out, row.opt_out_phone) == (True, True)
    assert codes(row) == [("OPT_OUT_UNCLEAR", "opt_out"), ("OPT_OUT_UNCLEAR", "opt_out_phone")]


@pytest.mark.parametrize(
    "values", [{"stage": "Do Not Contact"}, {"opt_in": "No"}, {"opt_in": "unsubscribed"}]
)
def test_a_refusal_elsewhere_counts_too(values: dict[str, str]) -> None:
    assert lead(email="a@example.com", **values).opt_out is True


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"email_opt_out": "No"},
        {"email_opt_out": "-"},
        {"stage": "Not Interested"},
        {"opt_in": "Yes"},
        {"opt_in": ""},
        {"opt_in": "subscribed"},
    ],
)
def test_who_has_not_refused_stays_open(values: dict[str, str]) -> None:
    assert lead(email="a@example.com", **values).opt_out is False


@pytest.mark.parametrize(
    ("values", "domain"),
    [
        ({"email": "a@mail.acme.co.uk"}, "acme.co.uk"),
        ({"email": "a@gmail.com"}, None),
        ({"email": "a@gmail.com", "website": "https://acme.com/x"}, "acme.com"),
        ({"email": "a@acme.com", "website": "https://www.linkedin.com/company/acme"}, "acme.com"),
        ({"email": "a@acme.com", "domain": "other.com"}, "other.com"),
        ({"email": "a@example.com", "domain": "gmail.com"}, "example.com"),
    ],
)
def test_the_companys_domain_is_its_own(values: dict[str, str], domain: str | None) -> None:
    assert lead(**values).company_domain == domain


def test_without_a_domain_the_companys_name_takes_its_place_in_the_key() -> None:
    row = lead(full_name="Müller, Zoë", company="ACME GmbH")
    assert (row.first_name, row.last_name, row.full_name) == ("Zoë", "Müller", "Zoë Müller")
    assert row.name_company_key == "zoe muller|acme"


def test_formulas_stay_text() -> None:
    row = lead(email="a@example.com", title='=HYPERLINK("http://evil.example","x")', tag="@SUM(1)")
    assert row.title == '=HYPERLINK("http://evil.example","x")'
    assert row.custom == {"Tag": "@SUM(1)"}


def test_unreadable_and_shifted_rows_are_dropped() -> None:
    cells = ["Ada", "Lovelace", "", "a@example.com", *[""] * (len(HEADERS) - 4)]
    records = [(2, None, ""), (3, [*cells, "", " "], "x"), (4, [*cells, "Inc"], "x")]
    outcomes = list(read_rows(records, MAPPING))
    assert [row.code if isinstance(row, RowError) else row.email for row in outcomes] == [
        "ROW_UNREADABLE",
        "a@example.com",
        "ROW_MISALIGNED",
    ]


def test_the_default_country_reads_phone_numbers_of_rows_that_name_none() -> None:
    cells = ["", "", "", "a@example.com", "", "", "", "", "", "", "030 901820", *[""] * (len(HEADERS) - 11)]
    (row,) = read_rows([(2, cells, "".join(cells))], MAPPING, default_country="DE")
    assert isinstance(row, LeadRow)
    assert (row.phone, row.country) == ("+4930901820", None)


def test_every_code_has_its_sentence_and_none_repeats_the_value() -> None:
    assert all(code.isupper() and code.replace("_", "").isalpha() for code in MESSAGES)
    row = lead(email="a@example.com", phone="secret-value")
    assert "secret" not in row.warnings[0].message
