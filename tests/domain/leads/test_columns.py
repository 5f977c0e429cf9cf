import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.leads.columns import (
    CUSTOM_COLUMNS_MAX,
    ColumnChoice,
    MappingInvalid,
    suggest_columns,
    validate_mapping,
)
from domain.leads.vocabulary import LeadField, recognise_header
from tests.steps.rows import suggested_mapping

APOLLO = [
    "First Name",
    "Last Name",
    "Title",
    "Company",
    "Company Name for Emails",
    "Email",
    "Email Status",
    "Email Confidence",
    "Seniority",
    "Departments",
    "Contact Owner",
    "First Phone",
    "Work Direct Phone",
    "Home Phone",
    "Mobile Phone",
    "Corporate Phone",
    "Other Phone",
    "Stage",
    "Lists",
    "Last Contacted",
    "Account Owner",
    "# Employees",
    "Industry",
    "Keywords",
    "Person Linkedin Url",
    "Website",
    "Company Linkedin Url",
    "Facebook Url",
    "Twitter Url",
    "City",
    "State",
    "Country",
    "Company Address",
    "Company City",
    "Company State",
    "Company Country",
    "Company Phone",
    "SEO Description",
    "Technologies",
    "Annual Revenue",
    "Secondary Email",
    "Tertiary Email",
    "Do Not Call",
    "Apollo Contact Id",
    "Apollo Account Id",
]
HUBSPOT = [
    "Record ID",
    "First Name",
    "Last Name",
    "Email",
    "Phone Number",
    "Mobile Phone Number",
    "Contact owner",
    "Lead Status",
    "Job Title",
    "Company Name",
    "Website URL",
    "LinkedIn URL",
    "City",
    "State/Region",
    "Country/Region",
    "Number of Employees",
    "Industry",
    "Time Zone",
    "Preferred language",
    "Create Date",
    "Unsubscribed from all email",
    "Opted out of email: Marketing Information",
    "Associated Company IDs",
]
LINKEDIN = ["First Name", "Last Name", "URL", "Email Address", "Company", "Position", "Connected On"]
SALES_NAVIGATOR = [
    "profileUrl",
    "fullName",
    "firstName",
    "lastName",
    "companyName",
    "title",
    "companyId",
    "companyUrl",
    "regularCompanyUrl",
    "industry",
    "location",
    "vmid",
    "linkedInProfileUrl",
    "connectionDegree",
    "query",
    "timestamp",
]
SALESFORCE = [
    "Lead ID",
    "Salutation",
    "First Name",
    "Last Name",
    "Title",
    "Company / Account",
    "Email",
    "Phone",
    "Mobile",
    "Mailing City",
    "Mailing State/Province",
    "Mailing Country",
    "Website",
    "No. of Employees",
    "Email Opt Out",
    "Has Opted Out of Email",
    "Do Not Call",
    "Fax Opt Out",
    "Lead Owner",
    "Lead Status",
]


def fields_of(headers: list[str]) -> dict[str, LeadField | None]:
    return {each.header: each.field for each in suggest_columns(headers)}


def test_apollos_columns_are_known() -> None:
    fields = fields_of(APOLLO)
    assert {header: field.value for header, field in fields.items() if field} == {
        "First Name": "first_name", "Last Name": "last_name", "Title": "title", "Company": "company_name",
        "Company Name for Emails": "company_name", "Email": "email", "Seniority": "seniority", "Departments": "department",
        "First Phone": "phone", "Work Direct Phone": "phone", "Mobile Phone": "mobile_phone", "Other Phone": "phone",
        "Stage": "opt_out_status", "# Employees": "company_size", "Industry": "company_industry",
        "Person Linkedin Url": "linkedin_url", "Website": "company_website", "Company Linkedin Url": "company_linkedin_url",
        "City": "city", "State": "region", "Country": "country", "Do Not Call": "opt_out_phone",
    }  # fmt: skip
    ignored = {each.header for each in suggest_columns(APOLLO) if each.is_ignored}
    assert ignored == {"Contact Owner", "Account Owner", "Apollo Contact Id", "Apollo Account Id"}


def test_hubspots_columns_are_known() -> None:
    fields = fields_of(HUBSPOT)
    assert [header for header, field in fields.items() if field is None] == [
        "Record ID", "Contact owner", "Create Date", "Associated Company IDs",
    ]  # fmt: skip
    assert fields["Unsubscribed from all email"] is LeadField.OPT_OUT
    assert fields["Opted out of email: Marketing Information"] is LeadField.OPT_OUT
    assert fields["Mobile Phone Number"] is LeadField.MOBILE_PHONE
    assert fields["Preferred language"] is LeadField.LOCALE


def test_linkedins_columns_are_known() -> None:
    assert [field and field.value for field in fields_of(LINKEDIN).values()] == [
        "first_name", "last_name", "linkedin_url", "email", "company_name", "title", None,
    ]  # fmt: skip
    fields = fields_of(SALES_NAVIGATOR)
    assert fields["linkedInProfileUrl"] is fields["profileUrl"] is LeadField.LINKEDIN_URL
    assert fields["companyName"] is LeadField.COMPANY_NAME
    assert fields["regularCompanyUrl"] is LeadField.COMPANY_WEBSITE


def test_salesforces_columns_are_known() -> None:
    fields = fields_of(SALESFORCE)
    assert fields["Company / Account"] is LeadField.COMPANY_NAME
    assert fields["Mailing State/Province"] is LeadField.REGION
    assert fields["No. of Employees"] is LeadField.COMPANY_SIZE
    assert fields["Email Opt Out"] is fields["Has Opted Out of Email"] is LeadField.OPT_OUT
    assert fields["Do Not Call"] is fields["Fax Opt Out"] is LeadField.OPT_OUT_PHONE


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("E-MAIL", "email"), ("email_address", "email"), ("Contact: Email", "email"), ("Email*", "email"), ("Person - Email - Work", None),
        ("Vorname", "first_name"), ("Prénom", "first_name"), ("Straße", None), ("メールアドレス", "email"), ("Unternehmen", "company_name"),
        ("DO_NOT_CONTACT", "opt_out"), ("doNotEmail", "opt_out"), ("Newsletter abgemeldet", "opt_out"), ("Désabonné", "opt_out"),
        ("Unsubscribe Link", None), ("Unsubscribe Reason", None), ("Email Opt In", "opt_in"), ("Has Opted In", None),
        ("HasOptedOutOfEmail", "opt_out"), ("DoNotCall", "opt_out_phone"), ("SMS opt-out", "opt_out_phone"), ("Opportunity", None),
        ("Adopt Outreach", None), ("x" * 300, None), ("", None),
    ],
)  # fmt: skip
def test_headers_are_known_by_name_or_by_their_words(header: str, field: str | None) -> None:
    known = recognise_header(header)
    assert (known and known[0].value) == field


def test_a_misspelt_header_is_suggested_with_doubt_but_never_for_permissions() -> None:
    first, opt = suggest_columns(["Frist Name", "Email Opt Inn"])
    assert (first.field, first.confidence) == (LeadField.FIRST_NAME, 0.6)
    assert opt.field is None


def test_values_settle_what_a_name_leaves_open() -> None:
    emails, profiles, sites = (
        ["a@x.com", "b@x.com", ""],
        ["linkedin.com/in/ada", "linkedin.com/in/bob", ""],
        ["x.com/a", "x.com/b", ""],
    )
    samples = list(zip(emails, profiles, sites, emails, strict=True))
    found = suggest_columns(["Kontakt-Info", "Wo", "URL", "Secondary Email"], samples)
    assert [each.field for each in found] == [LeadField.EMAIL, LeadField.LINKEDIN_URL, None, None]


def test_several_columns_of_one_meaning_are_tried_in_the_order_of_their_names() -> None:
    headers = ["First Phone", "Work Direct Phone", "Email", "Phone"]
    mapping = suggested_mapping(headers)
    assert mapping.fields[LeadField.PHONE] == (3, 1, 0)


def test_a_status_column_stays_a_custom_field_too() -> None:
    mapping = validate_mapping(
        ["Email", "Stage"], [ColumnChoice(0, LeadField.EMAIL), ColumnChoice(1, LeadField.OPT_OUT_STATUS)]
    )
    assert mapping.custom == (("Stage", 1),)


def test_custom_columns_get_distinct_names_and_end_at_fifty() -> None:
    headers = ["Email", "Tag", "Tag", *(f"c{number}" for number in range(60))]
    mapping = validate_mapping(
        headers,
        [ColumnChoice(0, LeadField.EMAIL), *(ColumnChoice(index) for index in range(1, len(headers)))],
    )
    assert mapping.custom[:3] == (("Tag", 1), ("Tag (2)", 2), ("c0", 3))
    assert len(mapping.custom) == CUSTOM_COLUMNS_MAX
    assert mapping.notices == tuple(("CUSTOM_COLUMN_LIMIT", f"c{number}") for number in range(48, 60))


def test_leaving_out_an_opt_out_column_is_noticed() -> None:
    mapping = validate_mapping(["Email", "Email Opt Out"], [ColumnChoice(0, LeadField.EMAIL)])
    assert mapping.notices == (("OPT_OUT_COLUMN_IGNORED", "Email Opt Out"),)


@pytest.mark.parametrize(
    ("choices", "field"),
    [
        ([ColumnChoice(7, LeadField.EMAIL)], ("columns", "0", "index")),
        ([ColumnChoice(-1, LeadField.EMAIL)], ("columns", "0", "index")),
        ([ColumnChoice(0, LeadField.EMAIL), ColumnChoice(0)], ("columns", "1", "index")),
        ([ColumnChoice(1, LeadField.FIRST_NAME)], ("columns",)),
        ([], ("columns",)),
    ],
)
def test_a_mapping_that_cannot_work_is_refused(choices: list[ColumnChoice], field: tuple[str, ...]) -> None:
    with pytest.raises(MappingInvalid) as refused:
        validate_mapping(["Email", "Name", "Company"], choices)
    assert refused.value.field == field


@pytest.mark.parametrize(
    "fields",
    [
        (LeadField.EMAIL,),
        (LeadField.LINKEDIN_URL,),
        (LeadField.FULL_NAME, LeadField.COMPANY_NAME),
        (LeadField.LAST_NAME, LeadField.COMPANY_DOMAIN),
    ],
)
def test_each_way_to_tell_people_apart_is_enough(fields: tuple[LeadField, ...]) -> None:
    choices = [ColumnChoice(index, field) for index, field in enumerate(fields)]
    assert validate_mapping(["a", "b"], choices).fields.keys() == set(fields)


@given(st.lists(st.text(max_size=40), max_size=8))
def test_any_headers_give_one_suggestion_each(headers: list[str]) -> None:
    suggestions = suggest_columns(headers, [["x@y.com"] * len(headers)] * 3)
    assert [each.index for each in suggestions] == list(range(len(headers)))
    assert all(0 <= each.confidence <= 1 for each in suggestions)
