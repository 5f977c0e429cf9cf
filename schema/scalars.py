"""Scalars: how values that GraphQL doesn't know travel."""

from datetime import UTC, datetime
from typing import NewType
from zoneinfo import ZoneInfo

import strawberry
from strawberry.schema.config import StrawberryConfig

from domain.errors import Invalid

DateTime = NewType("DateTime", datetime)
TimeZone = NewType("TimeZone", str)
Credits = NewType("Credits", int)
EmailAddress = NewType("EmailAddress", str)
URL = NewType("URL", str)
Cursor = NewType("Cursor", str)
BigInt = NewType("BigInt", int)
JSON = NewType("JSON", object)

CREDITS_MAX = 2**53


def read_datetime(text: object) -> datetime:
    """Parse an RFC 3339 date-time; an offset is required."""
    if not isinstance(text, str):
        raise Invalid("a DateTime is a string such as 2026-03-01T09:30:00Z")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid("not a date-time of RFC 3339, such as 2026-03-01T09:30:00Z") from None
    if moment.tzinfo is None:
        raise Invalid("a DateTime needs an offset, such as Z or +01:00")
    return moment.astimezone(UTC)


def write_datetime(moment: datetime) -> str:
    """Write in UTC with a Z and microseconds only when there are any."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read_time_zone(text: object) -> str:
    """Accept a name of the IANA time zone database."""
    if (isinstance(text, str) and "/" in text) or text == "UTC":
        try:
            return ZoneInfo(str(text)).key
        except (ValueError, OSError):
            pass
    raise Invalid("not a time zone of the IANA database, such as Europe/Berlin")


def read_credits(value: object) -> int:
    """Accept whole credits from 1 to 2^53."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= CREDITS_MAX:
        return value
    raise Invalid("credits are a whole number from 1 to 9007199254740992")


def read_big_int(value: object) -> int:
    """Accept a whole number of 64 bits, as a number or as a string."""
    if isinstance(value, str) and value.lstrip("-").isdecimal():
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
            parse_value=read_text,
        ),
        URL: strawberry.scalar(
            name="URL", description="An http(s) address.", serialize=str, parse_value=read_text
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
