import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, ValidationResult

from domain.leads.normalising import first_phone, normalise_phone

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
EXAMPLES = {
    region: number for region in REGIONS if (number := phonenumbers.example_number(region)) is not None
}


def _by_library(text: str, region: str | None) -> str | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("+49 (0)30 9018-20", None, "+4930901820"),
        ("'+1 415-555-2671", None, "+14155552671"),
        ("(415) 555-2671", "US", "+14155552671"),
        ("1-415-555-2671", "US", "+14155552671"),
        ("0049 30 901820", None, "+4930901820"),
        ("030 901820", "DE", "+4930901820"),
        ("+39 06 698 12345", None, "+390669812345"),
        ("020 7946 0123 ext. 7", "GB", "+442079460123"),
        ("+442079460123", None, "+442079460123"),
        ("(415) 555-2671", None, None),
        ("call me", "US", None),
        ("+999 12345678", None, None),
        ("+1 123", None, None),
        ("", "US", None),
        ("9" * 400, "US", None),
    ],
)
def test_a_number_gets_its_international_form(text: str, country: str | None, expected: str | None) -> None:
    assert normalise_phone(text, country) == expected


def test_the_first_good_number_of_several_wins() -> None:
    assert first_phone("n/a; 030 901820 / +33 1 42 76 00 00", "DE") == "+4930901820"


@pytest.mark.parametrize(
    "style", [PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.NATIONAL]
)
def test_every_countrys_numbers_read_as_the_library_reads_them(style: int) -> None:
    for region, number in EXAMPLES.items():
        text = phonenumbers.format_number(number, style)
        assert normalise_phone(text, region) == _by_library(text, region), (region, text)


@given(region=st.sampled_from(REGIONS), digits=st.text("0123456789", min_size=4, max_size=14))
def test_the_short_cut_agrees_with_the_library_on_any_digits(region: str, digits: str) -> None:
    calling_code = phonenumbers.country_code_for_region(region)
    international = f"+{calling_code}{digits}"
    assert normalise_phone(international) == _by_library(international, None)
    if not digits.startswith("00"):  # which we read as a plus everywhere
        assert normalise_phone(digits, region) == _by_library(digits, region)
