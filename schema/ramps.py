"""Warm-ups of senders as the API shows and takes them."""

import datetime
from typing import Any

import strawberry

from domain.sending.ramps import read_ramp


@strawberry.type(
    description="A warm-up: `startPerDay` messages per rolling 24 hours for three working days, then `stepPerDay` more "
    "with each working day, until the daily limit is lower."
)
class SenderRamp:
    """How a mailbox warms up."""

    start_per_day: int = strawberry.field(description="In the beginning.")
    step_per_day: int = strawberry.field(description="More with each working day, Monday to Friday.")
    since_on: datetime.date = strawberry.field(description="Its first day, where the workspace is.")


@strawberry.input(description="A warm-up; it begins on the day it is set.")
class SenderRampInput:
    """How a mailbox is to warm up."""

    start_per_day: int = strawberry.field(description="From 1 to the daily limit.")
    step_per_day: int = strawberry.field(description="1 to 20.")


def shown_ramp(data: dict[str, Any]) -> SenderRamp | None:
    """Return a stored warm-up as the API shows it."""
    ramp = read_ramp(data)
    if ramp is None:
        return None
    return SenderRamp(
        start_per_day=ramp.start_per_day, step_per_day=ramp.step_per_day, since_on=ramp.since_on
    )


def read_ramp_input(ramp: SenderRampInput | None) -> dict[str, int] | None:
    """Return the arguments of ``ramps.parse_ramp``, which checks them."""
    return None if ramp is None else {"start_per_day": ramp.start_per_day, "step_per_day": ramp.step_per_day}
