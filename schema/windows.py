"""Sending windows as the API shows and takes them."""

from typing import Any

import strawberry

from domain.sending.windows import WEEKDAYS


@strawberry.type(description="Part of a day, in the recipient's local time; half open.")
class WindowRange:
    """A range of a day."""

    opens: str = strawberry.field(description="HH:MM; the first minute inside.")
    closes: str = strawberry.field(description="HH:MM, up to 24:00; the first minute outside.")


@strawberry.type(description="A weekday with the hours in which messages may leave.")
class WindowDay:
    """A day of the week."""

    day: str = strawberry.field(description="MON, TUE, WED, THU, FRI, SAT or SUN.")
    ranges: list[WindowRange] = strawberry.field(description="In order, without overlap.")


@strawberry.type(description="When messages may leave, by the recipient's clock.")
class SendingWindow:
    """A week with its days off."""

    days: list[WindowDay] = strawberry.field(description="Days that open at all.")
    holiday_country: str | None = strawberry.field(
        description="Whose public holidays are days off (ISO 3166-1); absent: those of the lead's country."
    )
    holiday_subdivision: str | None = strawberry.field(description="Of that country (ISO 3166-2).")
    blackout_on: list[str] = strawberry.field(description="Dates (YYYY-MM-DD) on which nothing leaves.")


@strawberry.input(description="Part of a day, in the recipient's local time.")
class WindowRangeInput:
    """A range of a day."""

    opens: str = strawberry.field(description="HH:MM.")
    closes: str = strawberry.field(description="HH:MM, up to 24:00; after it opens.")


@strawberry.input(description="A weekday with the hours in which messages may leave.")
class WindowDayInput:
    """A day of the week."""

    day: str = strawberry.field(description="MON, TUE, WED, THU, FRI, SAT or SUN.")
    ranges: list[WindowRangeInput] = strawberry.field(description="Up to 6, without overlap.")


@strawberry.input(description="When messages may leave, by the recipient's clock.")
class SendingWindowInput:
    """A week with its days off."""

    days: list[WindowDayInput] = strawberry.field(description="Days that are left out stay closed.")
    holiday_country: str | None = strawberry.field(
        default=None, description="ISO 3166-1 alpha-2; absent: the lead's country."
    )
    holiday_subdivision: str | None = strawberry.field(default=None, description="ISO 3166-2, such as BY.")
    blackout_on: list[str] = strawberry.field(
        default_factory=list, description="Up to 366 dates (YYYY-MM-DD)."
    )


def shown_window(data: dict[str, Any] | None) -> SendingWindow | None:
    """Return a stored window as the API shows it."""
    if not data:
        return None
    days = data["days"]
    return SendingWindow(
        days=[
            WindowDay(day=name, ranges=[WindowRange(opens=pair[0], closes=pair[1]) for pair in days[name]])
            for name in WEEKDAYS
            if days.get(name)
        ],
        holiday_country=data.get("holiday_country"),
        holiday_subdivision=data.get("holiday_subdivision"),
        blackout_on=data.get("blackout_on", []),
    )


def read_window(window: SendingWindowInput | None) -> dict[str, Any] | None:
    """Return the arguments of ``windows.parse_window``, which checks them."""
    if window is None:
        return None
    return {
        "days": {day.day: [(part.opens, part.closes) for part in day.ranges] for day in window.days},
        "holiday_country": window.holiday_country,
        "holiday_subdivision": window.holiday_subdivision,
        "blackout_on": window.blackout_on,
    }
