"""Sending windows: the hours of a lead's week in which a message may leave.

A window is wall-clock time in the lead's zone, half open, so 16:30 is already outside of 08:30 to 16:30.
Where daylight saving skips or repeats an hour, the wall clock decides: a skipped opening happens when the
clocks have jumped, and a repeated hour is inside both times.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

from domain.errors import Invalid
from domain.sending.calendars import HolidayCalendar, parse_calendar

WEEKDAYS: Final = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
RANGES_PER_DAY_MAX: Final = 6
BLACKOUTS_MAX: Final = 366
HORIZON_DAYS: Final = 800
"""How far ahead an opening is searched for: more than all blackouts in a row."""

_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")


class WindowNeverOpens(Invalid):
    """No moment of the coming two years lies inside the window."""

    code = "WINDOW_NEVER_OPENS"


@dataclass(frozen=True, slots=True, order=True)
class LocalRange:
    """Part of a day: minutes since midnight, half open; 1440 is the day's end."""

    opens_minute: int
    closes_minute: int

    def __str__(self) -> str:
        return f"{_clock(self.opens_minute)}-{_clock(self.closes_minute)}"


@dataclass(frozen=True, slots=True)
class SendingWindow:
    """When messages may leave.

    Args:
        days: seven entries, Monday first; each day's ranges in order, without overlap.
        holidays: days off besides, or None.
        blackout_on: local dates on which nothing leaves.
    """

    days: tuple[tuple[LocalRange, ...], ...]
    holidays: HolidayCalendar | None = None
    blackout_on: frozenset[date] = frozenset()

    def ranges_on(self, day: date) -> tuple[LocalRange, ...]:
        """Return the ranges of a local date; none on a holiday or a blackout date."""
        ranges = self.days[day.weekday()]
        if not ranges or day in self.blackout_on or (self.holidays and self.holidays.has(day)):
            return ()
        return ranges

    def as_data(self) -> dict[str, Any]:
        """Return plain JSON data that ``parse_window(**data)`` reads back."""
        named = zip(WEEKDAYS, self.days, strict=True)
        return {
            "days": {name: [str(part).split("-") for part in ranges] for name, ranges in named if ranges},
            "holiday_country": self.holidays.country if self.holidays else None,
            "holiday_subdivision": self.holidays.subdivision if self.holidays else None,
            "blackout_on": sorted(day.isoformat() for day in self.blackout_on),
        }


DEFAULT_WINDOW: Final = SendingWindow(days=((LocalRange(510, 990),),) * 5 + ((),) * 2)
"""Monday to Friday, 08:30 to 16:30."""


def parse_window(
    *,
    days: Mapping[str, Sequence[Sequence[str]]],
    holiday_country: str | None = None,
    holiday_subdivision: str | None = None,
    blackout_on: Sequence[str] = (),
) -> SendingWindow:
    """Return the window that the given data describe.

    Args:
        days: for each of MON to SUN that opens, pairs of "HH:MM"; the second may be "24:00".
        holiday_country: ISO 3166-1 alpha-2, or None to send on holidays too.
        holiday_subdivision: second half of an ISO 3166-2 code, such as BY.
        blackout_on: ISO dates, at most 366.

    Raises:
        Invalid: a range ends before it starts or overlaps another, nothing ever opens, or a day, time,
            date, country or subdivision is unknown.
    """
    unknown = set(days) - set(WEEKDAYS)
    if unknown:
        raise Invalid(f"days are {', '.join(WEEKDAYS)}", field=("days",))
    week = tuple(_parse_ranges(days.get(name, ()), name=name) for name in WEEKDAYS)
    if not any(week):
        raise Invalid("a sending window needs at least one range", field=("days",))
    if len(blackout_on) > BLACKOUTS_MAX:
        raise Invalid(f"at most {BLACKOUTS_MAX} blackout dates", field=("blackoutOn",))
    return SendingWindow(
        days=week,
        holidays=parse_calendar(country=holiday_country, subdivision=holiday_subdivision),
        blackout_on=frozenset(_parse_date(text) for text in blackout_on),
    )


def next_send_at(*, due_at: datetime, window: SendingWindow, zone: ZoneInfo) -> datetime:
    """Return the first moment >= ``due_at`` inside the lead's sending window (aware, UTC).

    ``window`` is half-open local time; ``zone`` is the lead's, not the sender's.

    Raises:
        WindowNeverOpens: holidays and blackouts leave nothing open within 800 days.
    """
    due = _in_utc(due_at)
    for start, end, offset in _steady_spans(due, zone):
        day = (start + offset).date()
        while day <= (end + offset).date():
            midnight = datetime.combine(day, time(), UTC) - offset
            for part in window.ranges_on(day):
                opens = max(start, midnight + timedelta(minutes=part.opens_minute))
                if opens < min(end, midnight + timedelta(minutes=part.closes_minute)):
                    return opens
            day += timedelta(days=1)
    raise WindowNeverOpens(f"the sending window never opens in the {HORIZON_DAYS} days after {due:%Y-%m-%d}")


def add_business_days(*, start_at: datetime, days: int, window: SendingWindow, zone: ZoneInfo) -> datetime:
    """Return the same wall-clock time ``days`` business days later (aware, UTC).

    A business day is a local date on which the window opens, so a week of Sunday to Thursday works too.
    The start's own date never counts: one business day after a Saturday is Monday.

    Raises:
        WindowNeverOpens: there aren't so many business days within 800 days.
    """
    local = _in_utc(start_at).astimezone(zone)
    day, left = local.date(), days
    last = day + timedelta(days=HORIZON_DAYS)
    while left > 0:
        day += timedelta(days=1)
        if day > last:
            raise WindowNeverOpens(f"{days} business days don't fit into {HORIZON_DAYS} days")
        left -= bool(window.ranges_on(day))
    return _at_wall_clock(local, day)


def add_calendar_days(*, start_at: datetime, days: int, zone: ZoneInfo) -> datetime:
    """Return the same wall-clock time ``days`` calendar days later (aware, UTC)."""
    local = _in_utc(start_at).astimezone(zone)
    return _at_wall_clock(local, local.date() + timedelta(days=days))


def _at_wall_clock(local: datetime, day: date) -> datetime:
    """Return ``day`` at the wall-clock time of ``local``; a skipped time moves on by the gap's length."""
    return local.replace(year=day.year, month=day.month, day=day.day).astimezone(UTC)


def _steady_spans(start: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """Yield spans of UTC (start, end, offset) in which the zone's offset from UTC doesn't change."""
    at = start
    horizon = start + timedelta(days=HORIZON_DAYS)
    while at < horizon:
        end, offset = at + timedelta(days=1), _offset(at, zone)
        if _offset(end, zone) != offset:
            end = _change_between(at, end, zone)
        yield at, end, offset
        at = end


def _change_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the second at which the offset changes; zones change at whole seconds, at most once a day."""
    old = _offset(before, zone)
    low, high = before.replace(microsecond=0), after.replace(microsecond=0) + timedelta(seconds=1)
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        low, high = (middle, high) if _offset(middle, zone) == old else (low, middle)
    return high


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _in_utc(at: datetime) -> datetime:
    if at.tzinfo is None:  # astimezone would silently take the server's zone
        raise ValueError("a moment needs its offset from UTC")
    return at.astimezone(UTC)


def _parse_ranges(pairs: Sequence[Sequence[str]], *, name: str) -> tuple[LocalRange, ...]:
    if len(pairs) > RANGES_PER_DAY_MAX:
        raise Invalid(f"at most {RANGES_PER_DAY_MAX} ranges a day", field=("days", name))
    ranges = tuple(sorted(_parse_range(pair, name=name) for pair in pairs))
    for earlier, later in pairwise(ranges):
        if later.opens_minute < earlier.closes_minute:
            raise Invalid(f"{earlier} and {later} overlap", field=("days", name))
    return ranges


def _parse_range(pair: Sequence[str], *, name: str) -> LocalRange:
    if isinstance(pair, str) or len(pair) != 2:
        raise Invalid("a range is a pair of times", field=("days", name))
    opens, closes = (_parse_clock(text, name=name) for text in pair)
    if closes <= opens:
        raise Invalid("a range ends after it starts; split one that crosses midnight", field=("days", name))
    return LocalRange(opens, closes)


def _parse_clock(text: str, *, name: str) -> int:
    if not _CLOCK.fullmatch(text):
        raise Invalid("times are HH:MM, from 00:00 to 24:00", field=("days", name))
    return int(text[:2]) * 60 + int(text[3:])


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _parse_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid("dates are YYYY-MM-DD", field=("blackoutOn",)) from error
