from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.privacy.clocks import (
    ClockUnit,
    Deadlines,
    ExtensionRefused,
    Pause,
    Period,
    add_business_days,
    add_months,
    clock_rule,
    deadlines,
    next_business_day,
    paused_days,
    require_extendable,
)
from domain.privacy.rules import Regime, RequestKind


def day(text: str) -> date:
    return date.fromisoformat(text)


def limits(
    regime: Regime,
    kind: RequestKind,
    received: str,
    *,
    holidays: tuple[str, ...] = (),
    pauses: tuple[Pause, ...] = (),
    today: str = "2027-12-31",
) -> Deadlines:
    return deadlines(
        rule=clock_rule(regime=regime, kind=kind),
        received_on=day(received),
        holidays_on={day(text) for text in holidays},
        pauses=pauses,
        today=day(today),
    )


def spoken(found: Deadlines) -> tuple[str | None, str, str | None]:
    def text(day: date | None) -> str | None:
        return None if day is None else day.isoformat()

    return text(found.acknowledge_by), found.due_on.isoformat(), text(found.latest_on)


@pytest.mark.parametrize(
    ("regime", "kind", "received", "expected"),
    [
        # one month: the same day, or the last day; then off a weekend
        (Regime.GDPR, RequestKind.ACCESS, "2026-03-10", (None, "2026-04-10", "2026-06-10")),
        (Regime.GDPR, RequestKind.ACCESS, "2025-01-31", (None, "2025-02-28", "2025-04-30")),
        (Regime.GDPR, RequestKind.ACCESS, "2026-01-31", (None, "2026-03-02", "2026-04-30")),
        (Regime.GDPR, RequestKind.DELETE, "2028-01-31", (None, "2028-02-29", "2028-05-01")),
        (Regime.GDPR, RequestKind.ACCESS, "2024-02-29", (None, "2024-03-29", "2024-05-29")),
        (Regime.GDPR, RequestKind.ACCESS, "2026-12-31", (None, "2027-02-01", "2027-03-31")),
        (Regime.UK, RequestKind.ACCESS, "2026-03-10", (None, "2026-04-10", "2026-06-10")),
        (Regime.UK, RequestKind.APPEAL, "2026-03-10", ("2026-04-09", "2026-04-10", None)),
        # 30 calendar days, weekend or not
        (Regime.POPIA, RequestKind.DELETE, "2026-06-01", (None, "2026-07-01", None)),
        (Regime.POPIA, RequestKind.DELETE, "2026-06-04", (None, "2026-07-04", None)),
        (Regime.POPIA, RequestKind.ACCESS, "2026-06-01", (None, "2026-07-01", "2026-07-31")),
        (Regime.CCPA, RequestKind.DELETE, "2026-06-01", ("2026-06-15", "2026-07-16", "2026-08-30")),
        (Regime.CCPA, RequestKind.OPT_OUT_SALE, "2026-06-01", (None, "2026-06-22", None)),
        (Regime.CCPA, RequestKind.LIMIT_SENSITIVE, "2026-06-01", (None, "2026-06-22", None)),
        (Regime.OTHER, RequestKind.DELETE, "2026-06-01", (None, "2026-07-16", "2026-08-30")),
        (Regime.OTHER, RequestKind.APPEAL, "2026-06-01", (None, "2026-07-31", None)),
    ],
)
def test_each_law_has_its_clock(
    regime: Regime, kind: RequestKind, received: str, expected: tuple[str | None, str, str | None]
) -> None:
    assert spoken(limits(regime, kind, received)) == expected


def test_a_month_that_ends_on_a_holiday_ends_on_the_next_working_day() -> None:
    easter = limits(Regime.GDPR, RequestKind.ACCESS, "2026-03-03", holidays=("2026-04-03", "2026-04-06"))

    assert easter.due_on == day("2026-04-07")  # Good Friday, a weekend, Easter Monday


def test_ten_business_days_pass_over_holidays() -> None:
    christmas = limits(Regime.CCPA, RequestKind.ACCESS, "2026-12-18", holidays=("2026-12-25", "2027-01-01"))

    assert christmas.acknowledge_by == day("2027-01-05")
    assert christmas.due_on == day("2027-02-01")  # 45 calendar days whatever happens


def test_the_clock_stops_for_identity_only_where_the_law_lets_it() -> None:
    pauses = (Pause(day("2026-03-12"), day("2026-03-17")),)

    assert limits(Regime.UK, RequestKind.ACCESS, "2026-03-10", pauses=pauses).due_on == day("2026-04-15")
    assert limits(Regime.GDPR, RequestKind.ACCESS, "2026-03-10", pauses=pauses).due_on == day("2026-04-10")
    assert limits(Regime.CCPA, RequestKind.ACCESS, "2026-03-10", pauses=pauses).due_on == day("2026-04-24")


def test_a_pause_that_goes_on_counts_up_to_today() -> None:
    pauses = (Pause(day("2026-03-12")),)

    first = limits(Regime.UK, RequestKind.ACCESS, "2026-03-10", pauses=pauses, today="2026-03-12")
    later = limits(Regime.UK, RequestKind.ACCESS, "2026-03-10", pauses=pauses, today="2026-03-17")

    assert (first.due_on, later.due_on) == (day("2026-04-10"), day("2026-04-15"))


def test_pauses_that_overlap_are_counted_once() -> None:
    pauses = [
        Pause(day("2026-03-01"), day("2026-03-05")),
        Pause(day("2026-03-03"), day("2026-03-08")),
        Pause(day("2026-03-20"), day("2026-03-20")),
    ]

    assert paused_days(pauses, today=day("2026-06-01")) == 7


def test_an_extension_is_announced_in_time_or_not_at_all() -> None:
    found = limits(Regime.GDPR, RequestKind.ACCESS, "2026-03-10")

    assert require_extendable(limits=found, today=day("2026-04-10")) == day("2026-06-10")
    with pytest.raises(ExtensionRefused):
        require_extendable(limits=found, today=day("2026-04-11"))
    with pytest.raises(ExtensionRefused):
        require_extendable(
            limits=limits(Regime.POPIA, RequestKind.DELETE, "2026-03-10"), today=day("2026-03-11")
        )


@pytest.mark.parametrize("regime", Regime)
@pytest.mark.parametrize("kind", RequestKind)
def test_every_request_under_every_law_has_a_deadline(regime: Regime, kind: RequestKind) -> None:
    found = limits(regime, kind, "2026-06-01")

    assert day("2026-06-01") < found.due_on <= day("2026-07-31")
    assert found.latest_on is None or found.due_on < found.latest_on


DATES = st.dates(date(2020, 1, 1), date(2035, 1, 1))


@settings(max_examples=100)
@given(start=DATES, months=st.integers(0, 24))
def test_months_keep_the_day_or_take_the_last(start: date, months: int) -> None:
    later = add_months(start, months)

    assert (later.year * 12 + later.month) - (start.year * 12 + start.month) == months
    assert later.day == start.day or (later.day < start.day and (later + timedelta(days=1)).day == 1)


@settings(max_examples=100)
@given(start=DATES, count=st.integers(1, 20), off=st.sets(st.integers(1, 40), max_size=5))
def test_business_days_are_neither_weekends_nor_holidays(start: date, count: int, off: set[int]) -> None:
    holidays = {start + timedelta(days=offset) for offset in off}

    end = add_business_days(start, count, holidays_on=holidays)

    walked = [start + timedelta(days=index) for index in range(1, (end - start).days + 1)]
    assert sum(date.weekday(each) < 5 and each not in holidays for each in walked) == count
    assert next_business_day(end, holidays_on=holidays) == end


def test_a_period_doesnt_count_the_day_it_starts_on() -> None:
    assert Period(1, ClockUnit.CALENDAR_DAYS).after(day("2026-06-01")) == day("2026-06-02")
    assert Period(1, ClockUnit.BUSINESS_DAYS).after(day("2026-06-05")) == day("2026-06-08")
