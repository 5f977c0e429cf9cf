"""Phone numbers in E.164, with the numbering plans of the ``phonenumbers`` library.

That library takes about 100 µs per number. Nearly all numbers need only four facts of the country's
plan (possible lengths, national pattern, trunk prefix, international prefix), so these are checked
first and the library decides the rest; a test holds both to the same answers.
"""

import re
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneMetadata, ValidationResult

_SEPARATORS = str.maketrans("", "", " \t\u00a0\u202f()-./\u2010\u2011\u2012\u2013\u2014'’`")
_SEVERAL = re.compile(r"\s*[;,|\n]\s*|\s+(?:/|or|and|oder|und|ou|y)\s+", re.IGNORECASE)


class _Plan(NamedTuple):
    calling_code: str
    lengths: frozenset[int]
    pattern: re.Pattern[str]
    trunk: re.Pattern[str] | None
    trunk_digits: str
    abroad: re.Pattern[str] | None


@lru_cache(maxsize=512)
def _plan(region: str) -> _Plan | None:
    metadata = PhoneMetadata.metadata_for_region(region, None)
    if metadata is None or metadata.general_desc is None or not metadata.general_desc.national_number_pattern:
        return None
    trunk, abroad = metadata.national_prefix_for_parsing, metadata.international_prefix
    is_literal = (
        bool(trunk) and trunk == metadata.national_prefix and not metadata.national_prefix_transform_rule
    )
    return _Plan(
        calling_code=str(metadata.country_code),
        lengths=frozenset(metadata.general_desc.possible_length),
        pattern=re.compile(metadata.general_desc.national_number_pattern),
        trunk=re.compile(trunk) if trunk else None,
        trunk_digits=str(trunk) if is_literal else "",
        abroad=re.compile(abroad) if abroad else None,
    )


@lru_cache(maxsize=65_536)
def normalise_phone(text: str, country: str | None = None) -> str | None:
    """Return the number as ``+`` and digits, or ``None`` if no such number can exist; extensions go.

    Args:
        text: as written; a leading ``00`` is read as ``+``.
        country: ISO 3166 code of the country for numbers without a country code, upper case.
    """
    digits = text.translate(_SEPARATORS)
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    if digits.isascii() and 6 < len(digits) < 18:
        if digits[0] == "+" and digits[1:].isdigit():
            return _common_international(digits) or _by_library(digits, country)
        if country and digits.isdigit() and (number := _common_national(digits, country)):
            return number
    return _by_library(
        f"+{text.strip()[2:]}" if text.strip().startswith("00") else text.strip(" '’`"), country
    )


def _common_international(number: str) -> str | None:
    for width in (1, 2, 3):
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(number[1 : 1 + width]))
        if regions:
            break
    else:
        return None
    plan, national = _plan(regions[0]), number[1 + width :]
    if plan is None or len(national) not in plan.lengths or (plan.trunk and plan.trunk.match(national)):
        return None
    return number


def _common_national(digits: str, country: str) -> str | None:
    plan = _plan(country)
    if plan is None or (plan.abroad and plan.abroad.match(digits)):
        return None
    if plan.trunk and plan.trunk.match(digits):
        if not plan.trunk_digits or plan.pattern.fullmatch(digits):
            return None
        digits = digits[len(plan.trunk_digits) :]
        if plan.trunk.match(digits):
            return None
    if len(digits) not in plan.lengths or not plan.pattern.fullmatch(digits):
        return None
    return f"+{plan.calling_code}{digits}"


def _by_library(text: str, country: str | None) -> str | None:
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def first_phone(text: str, country: str | None = None) -> str | None:
    """Return the first good number of a cell that may list several."""
    if number := normalise_phone(text, country):
        return number
    parts = _SEVERAL.split(text[:500])
    found = (normalise_phone(part, country) for part in parts if len(parts) > 1 and part)
    return next((number for number in found if number), None)
