"""Warm-up: a new mailbox sends little at first and more every working day, until its daily limit is what binds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from domain.errors import Invalid

STEP_PER_DAY_MAX: Final = 20
STEADY_WORKING_DAYS: Final = 3
"""So many working days it stays at its start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ramp:
    """A mailbox's warm-up.

    Attributes:
        start_per_day: sends per rolling 24 hours in the beginning.
        step_per_day: added with every working day after the first three.
        since_on: its first day, where the workspace is.
    """

    start_per_day: int
    step_per_day: int
    since_on: date

    def as_data(self) -> dict[str, Any]:
        """Return plain JSON data that ``read_ramp`` reads back."""
        return {
            "start_per_day": self.start_per_day,
            "step_per_day": self.step_per_day,
            "since_on": self.since_on.isoformat(),
        }


def read_ramp(data: Mapping[str, Any]) -> Ramp | None:
    """Return the warm-up of ``sender.ramp``; None when there is none."""
    return Ramp(**{**data, "since_on": date.fromisoformat(data["since_on"])}) if data else None


def parse_ramp(*, start_per_day: int, step_per_day: int, daily_limit: int, today: date) -> Ramp:
    """Return a warm-up that begins today.

    Args:
        daily_limit: the sender's, which it grows to.

    Raises:
        Invalid: a start below 1 or above the daily limit, or a step outside of 1 to 20.
    """
    if not 1 <= start_per_day <= daily_limit:
        raise Invalid(
            f"a warm-up starts between 1 and the daily limit of {daily_limit}", field=("ramp", "startPerDay")
        )
    if not 1 <= step_per_day <= STEP_PER_DAY_MAX:
        raise Invalid(
            f"a warm-up grows by 1 to {STEP_PER_DAY_MAX} a working day", field=("ramp", "stepPerDay")
        )
    return Ramp(start_per_day=start_per_day, step_per_day=step_per_day, since_on=today)


def ramp_allowance(ramp: Ramp, *, today: date) -> int:
    """Return the sends a day that the warm-up allows: its start for three working days, then growing."""
    grown = working_days_after(ramp.since_on, today) - (STEADY_WORKING_DAYS - 1)
    return ramp.start_per_day + ramp.step_per_day * max(0, grown)


def working_days_after(start_on: date, today: date) -> int:
    """Return the number of days from Monday to Friday after ``start_on`` up to and with ``today``."""
    span = max(0, (today - start_on).days)
    weeks, rest = divmod(span, 7)
    return weeks * 5 + sum((start_on.weekday() + day) % 7 < 5 for day in range(1, rest + 1))
