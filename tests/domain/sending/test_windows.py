import sys
from datetime import UTC, date, datetime, timedelta
from subprocess import run
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.sending.calendars import HolidayCalendar
from domain.sending.windows import (
    DEFAULT_WINDOW,
    LocalRange,
    SendingWindow,
    WindowNeverOpens,
    add_business_days,
    add_calendar_days,
    next_send_at,
    parse_window,
)

NEW_YORK = ZoneInfo("America/New_York")
BERLIN = ZoneInfo("Europe/Berlin")
KOLKATA = ZoneInfo("Asia/Kolkata")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
JOHANNESBURG = ZoneInfo("Africa/Johannesburg")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def every_day(*ranges: tuple[str, str]) -> SendingWindow:
    days = {day: list(ranges) for day in ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")}
    return parse_window(days=days)


@pytest.mark.parametrize(
    ("due", "zone", "expected"),
    [
        # inside, before, at the opening, at the (excluded) close, after, weekend
        ("2026-06-02T12:00:00", BERLIN, "2026-06-02T12:00:00"),
        ("2026-06-02T05:00:00", BERLIN, "2026-06-02T06:30:00"),
        ("2026-06-02T06:30:00", BERLIN, "2026-06-02T06:30:00"),
        ("2026-06-02T14:29:59.999999", BERLIN, "2026-06-02T14:29:59.999999"),
        ("2026-06-02T14:30:00", BERLIN, "2026-06-03T06:30:00"),
        ("2026-06-05T14:30:00", BERLIN, "2026-06-08T06:30:00"),
        # the Monday after the clocks change: the same wall time is another instant
        ("2026-03-06T22:00:00", NEW_YORK, "2026-03-09T12:30:00"),
        ("2026-02-27T22:00:00", NEW_YORK, "2026-03-02T13:30:00"),
        ("2026-10-30T21:00:00", NEW_YORK, "2026-11-02T13:30:00"),
        ("2026-03-27T20:00:00", BERLIN, "2026-03-30T06:30:00"),
        ("2026-10-23T20:00:00", BERLIN, "2026-10-26T07:30:00"),
        # no daylight saving, half-hour offset; half-hour daylight saving
        ("2026-03-09T00:00:00", KOLKATA, "2026-03-09T03:00:00"),
        ("2026-03-09T11:00:00", KOLKATA, "2026-03-10T03:00:00"),
        ("2026-04-03T06:00:00", LORD_HOWE, "2026-04-05T22:00:00"),
        ("2026-04-01T06:00:00", LORD_HOWE, "2026-04-01T21:30:00"),
        ("2026-10-02T06:30:00", LORD_HOWE, "2026-10-04T21:30:00"),
        # leap day and the day that isn't one
        ("2028-02-28T22:00:00", NEW_YORK, "2028-02-29T13:30:00"),
        ("2027-02-26T22:00:00", NEW_YORK, "2027-03-01T13:30:00"),
    ],
)
def test_the_next_moment_inside_the_default_window(due: str, zone: ZoneInfo, expected: str) -> None:
    assert next_send_at(due_at=utc(due), window=DEFAULT_WINDOW, zone=zone) == utc(expected)


def test_the_answer_is_in_utc_whatever_the_zone_of_the_question() -> None:
    due = datetime(2026, 6, 2, 1, 0, tzinfo=NEW_YORK)

    at = next_send_at(due_at=due, window=DEFAULT_WINDOW, zone=BERLIN)

    assert at == utc("2026-06-02T06:30:00")
    assert at.tzinfo is UTC


def test_a_moment_without_offset_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="offset"):
        next_send_at(due_at=datetime(2026, 6, 2), window=DEFAULT_WINDOW, zone=BERLIN)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("due", "ranges", "zone", "expected"),
    [
        # the opening falls into the gap: open as soon as the clocks have jumped
        ("2026-03-08T06:00:00", ("02:30", "05:00"), NEW_YORK, "2026-03-08T07:00:00"),
        # the whole range falls into the gap: not today
        ("2026-03-08T06:00:00", ("02:10", "02:50"), NEW_YORK, "2026-03-09T06:10:00"),
        # the range closes within the gap: it has nothing after the jump
        ("2026-03-08T06:59:00", ("01:00", "02:30"), NEW_YORK, "2026-03-08T06:59:00"),
        ("2026-03-08T07:00:00", ("01:00", "02:30"), NEW_YORK, "2026-03-09T05:00:00"),
        # the repeated hour is inside both times, with a pause between
        ("2026-11-01T05:00:00", ("01:00", "01:30"), NEW_YORK, "2026-11-01T05:00:00"),
        ("2026-11-01T05:30:00", ("01:00", "01:30"), NEW_YORK, "2026-11-01T06:00:00"),
        ("2026-11-01T06:30:00", ("01:00", "01:30"), NEW_YORK, "2026-11-02T06:00:00"),
        # Lord Howe goes back by half an hour, at 02:00 to 01:30
        ("2026-04-04T15:10:00", ("01:00", "01:45"), LORD_HOWE, "2026-04-04T15:10:00"),
        ("2026-04-04T14:50:00", ("01:00", "01:45"), LORD_HOWE, "2026-04-04T15:00:00"),
        ("2026-04-04T15:15:00", ("01:00", "01:45"), LORD_HOWE, "2026-04-05T14:30:00"),
        # and forward from 02:00 to 02:30
        ("2026-10-03T15:00:00", ("02:15", "02:45"), LORD_HOWE, "2026-10-03T15:30:00"),
    ],
)
def test_skipped_and_repeated_hours(due: str, ranges: tuple[str, str], zone: ZoneInfo, expected: str) -> None:
    assert next_send_at(due_at=utc(due), window=every_day(ranges), zone=zone) == utc(expected)


def test_a_day_of_two_ranges_reopens_after_lunch_and_midnight_is_no_break() -> None:
    split = every_day(("09:00", "12:00"), ("13:00", "17:00"))
    whole = every_day(("00:00", "24:00"))

    assert next_send_at(due_at=utc("2026-06-02T10:15:00"), window=split, zone=BERLIN) == utc(
        "2026-06-02T11:00:00"
    )
    assert next_send_at(due_at=utc("2026-06-02T22:00:00"), window=whole, zone=BERLIN) == utc(
        "2026-06-02T22:00:00"
    )


def test_holidays_and_blackouts_are_passed_over() -> None:
    south_africa = SendingWindow(days=DEFAULT_WINDOW.days, holidays=HolidayCalendar("ZA"))
    closed = SendingWindow(
        days=south_africa.days, holidays=south_africa.holidays, blackout_on=frozenset({date(2026, 12, 17)})
    )
    due = utc("2026-12-15T15:00:00")  # 16 December, the Day of Reconciliation, is next

    assert next_send_at(due_at=due, window=DEFAULT_WINDOW, zone=JOHANNESBURG) == utc("2026-12-16T06:30:00")
    assert next_send_at(due_at=due, window=south_africa, zone=JOHANNESBURG) == utc("2026-12-17T06:30:00")
    assert next_send_at(due_at=due, window=closed, zone=JOHANNESBURG) == utc("2026-12-18T06:30:00")


def test_the_assumption_is_a_holiday_in_bavaria_but_not_in_berlin() -> None:
    assert HolidayCalendar("DE", "BY").has(date(2026, 8, 15))
    assert not HolidayCalendar("DE", "BE").has(date(2026, 8, 15))
    assert HolidayCalendar("DE", "BE").has(date(2026, 10, 3))


def test_a_window_that_is_always_blacked_out_never_opens() -> None:
    mondays = frozenset(date(2026, 1, 5) + timedelta(weeks=week) for week in range(200))
    window = SendingWindow(days=((LocalRange(540, 600),), *((),) * 6), blackout_on=mondays)

    with pytest.raises(WindowNeverOpens):
        next_send_at(due_at=utc("2026-01-05T00:00:00"), window=window, zone=BERLIN)
    with pytest.raises(WindowNeverOpens):
        add_business_days(start_at=utc("2026-01-05T00:00:00"), days=1, window=window, zone=BERLIN)


ZONES = st.sampled_from(
    ["America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"]
)
MOMENTS = st.datetimes(min_value=datetime(2025, 1, 1), max_value=datetime(2029, 1, 1))  # noqa: DTZ001
MINUTES = st.integers(0, 1439)


@st.composite
def windows(draw: st.DrawFn) -> SendingWindow:
    opens = draw(MINUTES)
    part = LocalRange(opens, draw(st.integers(opens + 1, 1440)))
    open_days = draw(st.sets(st.integers(0, 6), min_size=1))
    return SendingWindow(days=tuple((part,) if day in open_days else () for day in range(7)))


def is_inside(window: SendingWindow, local: datetime) -> bool:
    minute = local.hour * 60 + local.minute
    return any(part.opens_minute <= minute < part.closes_minute for part in window.ranges_on(local.date()))


@settings(max_examples=100, deadline=None)
@given(moment=MOMENTS, name=ZONES, window=windows())
def test_the_answer_is_inside_the_window_and_nothing_before_it_is(
    moment: datetime, name: str, window: SendingWindow
) -> None:
    due, zone = moment.replace(tzinfo=UTC), ZoneInfo(name)

    at = next_send_at(due_at=due, window=window, zone=zone)

    assert at >= due
    assert is_inside(window, at.astimezone(zone))
    step = max(timedelta(minutes=1), (at - due) / 200)
    between = (due + step * index for index in range(200))
    assert not any(is_inside(window, early.astimezone(zone)) for early in between if early < at)


@settings(max_examples=50, deadline=None)
@given(
    day=st.integers(-2, 2),
    minute=MINUTES,
    name=ZONES,
    opens=MINUTES,
    transition=st.sampled_from(
        ["2026-03-08", "2026-11-01", "2026-03-29", "2026-10-25", "2026-04-05", "2026-10-04"]
    ),
)
def test_around_every_change_of_the_clocks_no_open_minute_is_missed(
    day: int, minute: int, name: str, opens: int, transition: str
) -> None:
    zone = ZoneInfo(name)
    window = SendingWindow(days=((LocalRange(opens, min(1440, opens + 40)),),) * 7)
    due = utc(f"{transition}T00:00:00") + timedelta(days=day, minutes=minute)

    at = next_send_at(due_at=due, window=window, zone=zone)

    walk = due
    while not is_inside(window, walk.astimezone(zone)):
        walk += timedelta(minutes=1)
    assert at == walk


@pytest.mark.parametrize(
    ("start", "days", "zone", "expected"),
    [
        ("2026-06-05T10:00:00", 0, BERLIN, "2026-06-05T10:00:00"),
        ("2026-06-05T10:00:00", 1, BERLIN, "2026-06-08T10:00:00"),  # Friday to Monday
        ("2026-06-06T10:00:00", 1, BERLIN, "2026-06-08T10:00:00"),  # Saturday to Monday
        ("2026-06-05T10:00:00", 5, BERLIN, "2026-06-12T10:00:00"),
        ("2026-03-06T15:00:00", 1, NEW_YORK, "2026-03-09T14:00:00"),  # 10:00 stays 10:00 over the change
        ("2026-10-30T14:00:00", 1, NEW_YORK, "2026-11-02T15:00:00"),
        ("2028-02-28T15:00:00", 1, NEW_YORK, "2028-02-29T15:00:00"),
        ("2028-02-28T15:00:00", 2, NEW_YORK, "2028-03-01T15:00:00"),
    ],
)
def test_business_days_keep_the_wall_clock(start: str, days: int, zone: ZoneInfo, expected: str) -> None:
    assert add_business_days(start_at=utc(start), days=days, window=DEFAULT_WINDOW, zone=zone) == utc(
        expected
    )


def test_a_week_from_sunday_to_thursday_has_its_own_business_days() -> None:
    days = {day: [("09:00", "17:00")] for day in ("SUN", "MON", "TUE", "WED", "THU")}
    thursday = utc("2026-06-04T08:00:00")

    window = parse_window(days=days)

    later = add_business_days(start_at=thursday, days=1, window=window, zone=ZoneInfo("Asia/Dubai"))
    assert later == utc("2026-06-07T08:00:00")


def test_business_days_pass_over_holidays() -> None:
    window = SendingWindow(days=DEFAULT_WINDOW.days, holidays=HolidayCalendar("ZA"))
    start = utc("2026-12-15T08:00:00")

    assert add_business_days(start_at=start, days=1, window=window, zone=JOHANNESBURG) == utc(
        "2026-12-17T08:00:00"
    )


def test_calendar_days_keep_the_wall_clock_and_move_out_of_a_gap() -> None:
    assert add_calendar_days(start_at=utc("2026-03-07T15:00:00"), days=1, zone=NEW_YORK) == utc(
        "2026-03-08T14:00:00"
    )
    # 02:30 doesn't exist on 8 March: 03:30 is what the clocks show then
    assert add_calendar_days(start_at=utc("2026-03-07T07:30:00"), days=1, zone=NEW_YORK) == utc(
        "2026-03-08T07:30:00"
    )


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"days": {}}, ("days",)),
        ({"days": {"MON": []}}, ("days",)),
        ({"days": {"monday": [("09:00", "17:00")]}}, ("days",)),
        ({"days": {"MON": [("17:00", "09:00")]}}, ("days", "MON")),
        ({"days": {"MON": [("09:00", "09:00")]}}, ("days", "MON")),
        ({"days": {"MON": [("22:00", "06:00")]}}, ("days", "MON")),
        ({"days": {"TUE": [("09:00", "12:00"), ("11:59", "13:00")]}}, ("days", "TUE")),
        ({"days": {"TUE": [("9:00", "12:00")]}}, ("days", "TUE")),
        ({"days": {"TUE": [("09:00", "24:01")]}}, ("days", "TUE")),
        ({"days": {"TUE": [("09:60", "12:00")]}}, ("days", "TUE")),
        ({"days": {"TUE": [("٠٩:00", "12:00")]}}, ("days", "TUE")),
        ({"days": {"TUE": ["09"]}}, ("days", "TUE")),
        ({"days": {"TUE": [("09:00",)]}}, ("days", "TUE")),
        ({"days": {"TUE": [("00:00", "00:01")] * 7}}, ("days", "TUE")),
        ({"days": {"MON": [("09:00", "17:00")]}, "blackout_on": ["2026-02-30"]}, ("blackoutOn",)),
        ({"days": {"MON": [("09:00", "17:00")]}, "blackout_on": ["2026-01-01"] * 367}, ("blackoutOn",)),
        ({"days": {"MON": [("09:00", "17:00")]}, "holiday_country": "XX"}, ("holidayCountry",)),
        ({"days": {"MON": [("09:00", "17:00")]}, "holiday_country": "de"}, ("holidayCountry",)),
        ({"days": {"MON": [("09:00", "17:00")]}, "holiday_subdivision": "BY"}, ("holidayCountry",)),
        (
            {"days": {"MON": [("09:00", "17:00")]}, "holiday_country": "DE", "holiday_subdivision": "ZZ"},
            ("holidayCountry",),
        ),
    ],
)
def test_a_window_that_makes_no_sense_is_refused(data: dict[str, Any], field: tuple[str, ...]) -> None:
    with pytest.raises(Invalid) as error:
        parse_window(**data)

    assert error.value.field == field


def test_a_window_survives_being_stored() -> None:
    window = parse_window(
        days={"MON": [("13:00", "24:00"), ("09:00", "12:00")], "SUN": [("00:00", "00:01")]},
        holiday_country="DE",
        holiday_subdivision="BY",
        blackout_on=["2026-12-24"],
    )

    assert window.as_data() == {
        "days": {"MON": [["09:00", "12:00"], ["13:00", "24:00"]], "SUN": [["00:00", "00:01"]]},
        "holiday_country": "DE",
        "holiday_subdivision": "BY",
        "blackout_on": ["2026-12-24"],
    }
    assert parse_window(**window.as_data()) == window
    assert parse_window(**DEFAULT_WINDOW.as_data()) == DEFAULT_WINDOW


def test_the_holiday_calendars_are_loaded_only_when_a_window_names_one() -> None:
    code = (
        "import sys; from datetime import *; from zoneinfo import ZoneInfo; from domain.sending.windows import *;"
        "next_send_at(due_at=datetime(2026, 1, 1, tzinfo=UTC), window=DEFAULT_WINDOW, zone=ZoneInfo('UTC'));"
        "assert 'holidays' not in sys.modules"
    )

    assert run([sys.executable, "-c", code], check=False, capture_output=True).stderr == b""
