from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.sending.ramps import Ramp, parse_ramp, ramp_allowance, read_ramp, working_days_after

MONDAY = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("today", "allowance"),
    [
        ("2026-05-30", 5),  # it begins tomorrow, where the recipient is
        ("2026-06-01", 5),  # Monday, day 1
        ("2026-06-02", 5),
        ("2026-06-03", 5),  # day 3
        ("2026-06-04", 7),
        ("2026-06-05", 9),
        ("2026-06-07", 9),  # Sunday adds nothing
        ("2026-06-08", 11),
        ("2026-06-30", 43),
    ],
)
def test_a_mailbox_warms_up_by_its_step_a_working_day(today: str, allowance: int) -> None:
    ramp = Ramp(start_per_day=5, step_per_day=2, since_on=MONDAY)
    assert ramp_allowance(ramp, today=date.fromisoformat(today)) == allowance


@pytest.mark.parametrize(("start", "step"), [(1, 1), (50, 20)])
def test_what_is_parsed_begins_today_and_comes_back_from_its_data(start: int, step: int) -> None:
    ramp = parse_ramp(start_per_day=start, step_per_day=step, daily_limit=50, today=MONDAY)
    assert ramp == Ramp(start_per_day=start, step_per_day=step, since_on=MONDAY)
    assert read_ramp(ramp.as_data()) == ramp
    assert read_ramp({}) is None


@pytest.mark.parametrize(
    ("start", "step", "field"),
    [(0, 2, "startPerDay"), (51, 2, "startPerDay"), (5, 0, "stepPerDay"), (5, 21, "stepPerDay")],
)
def test_a_warm_up_that_is_none_is_refused(start: int, step: int, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_ramp(start_per_day=start, step_per_day=step, daily_limit=50, today=MONDAY)
    assert refused.value.field == ("ramp", field)


@settings(max_examples=100)
@given(start=st.dates(date(2020, 1, 1), date(2030, 1, 1)), days=st.integers(-5, 400))
def test_working_days_are_counted_as_on_a_calendar(start: date, days: int) -> None:
    counted = sum((start + timedelta(days=day)).weekday() < 5 for day in range(1, days + 1))

    assert working_days_after(start, start + timedelta(days=days)) == counted
