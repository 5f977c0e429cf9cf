"""Public holidays, on which nobody should find our mail."""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from domain.errors import Invalid

_COUNTRY: Final = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True, slots=True)
class HolidayCalendar:
    """The public holidays of a country, or of one of its subdivisions (ISO 3166: "DE", "BY")."""

    country: str
    subdivision: str | None = None

    def has(self, day: date) -> bool:
        """Tell whether ``day`` is a public holiday there."""
        return day in _public_holidays(self.country, self.subdivision, day.year)


def parse_calendar(*, country: str | None, subdivision: str | None = None) -> HolidayCalendar | None:
    """Return the holiday calendar of a place; None when no country is given.

    Args:
        country: ISO 3166-1 alpha-2.
        subdivision: second half of an ISO 3166-2 code.

    Raises:
        Invalid: no calendar is known for it.
    """
    if country is None:
        if subdivision is not None:
            raise Invalid("a subdivision needs its country", field=("holidayCountry",))
        return None
    if not _COUNTRY.fullmatch(country):
        raise Invalid("a country has two capital letters (ISO 3166-1)", field=("holidayCountry",))
    _public_holidays(country, subdivision, 2026)  # any year tells whether the calendar exists
    return HolidayCalendar(country, subdivision)


@lru_cache(maxsize=512)
def _public_holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    import holidays  # takes seconds to import, and most windows name no calendar

    try:
        known = holidays.country_holidays(country, subdiv=subdivision, years=year)
    except NotImplementedError as error:
        raise Invalid("no holiday calendar for this place", field=("holidayCountry",)) from error
    if "catholic" in known.supported_categories:
        # Days off where a denomination prevails, as 15 August in most of Bavaria, aren't "public" there.
        both = ("public", "catholic")
        known = holidays.country_holidays(country, subdiv=subdivision, years=year, categories=both)
    return frozenset(day for day in known if day.year == year)
