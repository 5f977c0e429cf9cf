"""Scalars: how values that GraphQL doesn't know travel."""

import functools
import re
from datetime import UTC, date, datetime
from typing import Final, NewType
from zoneinfo import available_timezones

import strawberry
from strawberry.schema.config import StrawberryConfig

from domain.accounts.rules import parse_account_email
from domain.errors import Invalid
from domain.web_addresses import parse_public_url

DateTime = NewType("DateTime", datetime)
TimeZone = NewType("TimeZone", str)
Credits = NewType("Credits", int)
EmailAddress = NewType("EmailAddress", str)
URL = NewType("URL", str)
Cursor = NewType("Cursor", str)
BigInt = NewType("BigInt", int)
JSON = NewType("JSON", object)

CREDITS_MAX = 2**53

_DAY: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_DATE: Final = re.compile(_DAY)
_DATETIME: Final = re.compile(
    _DAY + r"[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_WHOLE: Final = re.compile(r"-?[0-9]{1,19}")


def read_datetime(text: object) -> datetime:
    """Parse an RFC 3339 date-time; an offset is required."""
    if not isinstance(text, str) or not _DATETIME.fullmatch(text):
        raise Invalid("a DateTime is RFC 3339 with an offset, such as 2026-03-01T09:30:00Z")
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid("there is no such date and time") from None


def read_date(text: object) -> date:
    """Parse a day of RFC 3339."""
    if not isinstance(text, str) or not _DATE.fullmatch(text):
        raise Invalid("a Date is written like 2026-03-01")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("there is no such day") from None


def write_datetime(moment: datetime) -> str:
    """Write in UTC with a Z, and as many digits of a fraction as there are: as PostgreSQL writes it."""
    whole, _, fraction = moment.astimezone(UTC).replace(tzinfo=None).isoformat().partition(".")
    fraction = fraction.rstrip("0")
    return f"{whole}.{fraction}Z" if fraction else f"{whole}Z"


def read_time_zone(text: object) -> str:
    """Accept a name of the IANA time zone database, spelled as there."""
    if isinstance(text, str) and text in _time_zones():
        return text
    raise Invalid("not a time zone of the IANA database, such as Europe/Berlin")


@functools.cache
def _time_zones() -> frozenset[str]:
    """Places and UTC; short names such as EST say too little about a place."""
    return frozenset(name for name in available_timezones() if "/" in name or name == "UTC")


def read_email_address(text: object) -> str:
    """Accept one address, in lower case when it comes back; no look-up of its domain."""
    if not isinstance(text, str):
        raise Invalid("an e-mail address is a string")
    return parse_account_email(text)


def read_url(text: object) -> str:
    """Accept an http(s) address of a public site, up to 2,000 characters, without credentials."""
    if not isinstance(text, str):
        raise Invalid("an address on the web is a string")
    return parse_public_url(text)


def read_credits(value: object) -> int:
    """Accept whole credits from 1 to 2^53."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= CREDITS_MAX:
        return value
    raise Invalid("credits are a whole number from 1 to 9007199254740992")


def read_big_int(value: object) -> int:
    """Accept a whole number of 64 bits, as a number or as a string."""
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63:
        return value
    raise Invalid("not a whole number of 64 bits")


def read_text(value: object) -> str:
    """Accept a string of up to 2,000 characters without control characters."""
    if isinstance(value, str) and len(value) <= 2_000 and value.isprintable():
        return value
    raise Invalid("not a text of up to 2,000 printable characters")


SCALARS: StrawberryConfig = StrawberryConfig(
    scalar_map={
        DateTime: strawberry.scalar(
            name="DateTime",
            description="A moment as RFC 3339, UTC out (`2026-03-01T09:30:00Z`); in, an offset is required.",
            serialize=write_datetime,
            parse_value=read_datetime,
        ),
        TimeZone: strawberry.scalar(
            name="TimeZone",
            description="A name of the IANA time zone database, such as `Europe/Berlin`.",
            serialize=str,
            parse_value=read_time_zone,
        ),
        Credits: strawberry.scalar(
            name="Credits",
            description="Whole credits; as an input from 1 to 2^53.",
            serialize=int,
            parse_value=read_credits,
        ),
        EmailAddress: strawberry.scalar(
            name="EmailAddress",
            description="An e-mail address, lower case when it comes out.",
            serialize=str,
            parse_value=read_email_address,
        ),
        URL: strawberry.scalar(
            name="URL",
            description="An http(s) address of up to 2,000 characters; in, of a public site without credentials.",
            serialize=str,
            parse_value=read_url,
        ),
        date: strawberry.scalar(
            name="Date",
            description="A day without a time, `2026-03-01`.",
            serialize=date.isoformat,
            parse_value=read_date,
        ),
        Cursor: strawberry.scalar(
            name="Cursor",
            description="An opaque place in a list or a stream; never built by a client.",
            serialize=str,
            parse_value=read_text,
        ),
        JSON: strawberry.scalar(
            name="JSON",
            description="Any JSON value, where nothing better fits.",
            serialize=lambda value: value,
            parse_value=lambda value: value,
        ),
        BigInt: strawberry.scalar(
            name="BigInt",
            description="A whole number of up to 64 bits; a number out, a number or a string in.",
            serialize=int,
            parse_value=read_big_int,
        ),
    }
)
