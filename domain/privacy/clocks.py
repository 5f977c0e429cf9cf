"""How long the answer to a privacy request may take, under each law.

The numbers are defaults that counsel should confirm, kept as data. Sources: GDPR Article 12(3), counted by
Regulation 1182/71 Article 3; UK GDPR with the Data (Use and Access) Act 2025; 11 CCR 7021 and 7026; POPIA
Regulations as amended on 17 April 2025. Days are dates where the controller is.
"""

from calendar import monthrange
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from domain.errors import Conflict
from domain.privacy.rules import Regime, RequestKind


class ClockUnit(StrEnum):
    """What a period is counted in."""

    MONTHS = "MONTHS"
    CALENDAR_DAYS = "CALENDAR_DAYS"
    BUSINESS_DAYS = "BUSINESS_DAYS"


class ExtensionRefused(Conflict):
    """The law has no extension for this, or it is too late to announce one."""

    code = "EXTENSION_REFUSED"


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time; ``rolls`` moves an end on a weekend or holiday to the next working day."""

    count: int
    unit: ClockUnit
    rolls: bool = False

    def after(self, start_on: date, *, holidays_on: Collection[date] = ()) -> date:
        """Return the period's last day; the day it starts on isn't counted."""
        match self.unit:
            case ClockUnit.MONTHS:
                end_on = add_months(start_on, self.count)
            case ClockUnit.CALENDAR_DAYS:
                end_on = start_on + timedelta(days=self.count)
            case ClockUnit.BUSINESS_DAYS:
                end_on = add_business_days(start_on, self.count, holidays_on=holidays_on)
        return next_business_day(end_on, holidays_on=holidays_on) if self.rolls else end_on


@dataclass(frozen=True, slots=True)
class ClockRule:
    """A law's periods for one kind of request, all counted from the receipt.

    Args:
        due: for the answer.
        extended: for the answer when an extension was announced in time; None: there is no extension.
        acknowledge: for the confirmation of the receipt; None: none is asked for.
        pausable: the clock stops while identity is being proved.
    """

    due: Period
    extended: Period | None = None
    acknowledge: Period | None = None
    pausable: bool = False


@dataclass(frozen=True, slots=True)
class Pause:
    """Days on which the clock stood still; ``until_on`` is the first it ran again, None: it still stands."""

    from_on: date
    until_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """The last days on which to act.

    Args:
        acknowledge_by: confirm the receipt; None when nothing asks for it.
        due_on: answer.
        latest_on: answer, if an extension is announced by ``due_on``; None when there is none.
    """

    acknowledge_by: date | None
    due_on: date
    latest_on: date | None


_MONTH: Final = Period(1, ClockUnit.MONTHS, rolls=True)
_QUARTER: Final = Period(3, ClockUnit.MONTHS, rolls=True)  # one month and two more
_CCPA_ACK: Final = Period(10, ClockUnit.BUSINESS_DAYS)
_DAYS_30: Final = Period(30, ClockUnit.CALENDAR_DAYS)
_DAYS_45: Final = Period(45, ClockUnit.CALENDAR_DAYS)
_DAYS_60: Final = Period(60, ClockUnit.CALENDAR_DAYS)
_DAYS_90: Final = Period(90, ClockUnit.CALENDAR_DAYS)
_OPT_OUT: Final = ClockRule(due=Period(15, ClockUnit.BUSINESS_DAYS))

_DEFAULTS: Final[Mapping[Regime, ClockRule]] = MappingProxyType(
    {
        Regime.GDPR: ClockRule(due=_MONTH, extended=_QUARTER),
        Regime.UK: ClockRule(due=_MONTH, extended=_QUARTER, pausable=True),
        Regime.POPIA: ClockRule(due=_DAYS_30),
        Regime.CCPA: ClockRule(due=_DAYS_45, extended=_DAYS_90, acknowledge=_CCPA_ACK),
        Regime.OTHER: ClockRule(due=_DAYS_45, extended=_DAYS_90),
    }
)
_EXCEPTIONS: Final[Mapping[tuple[Regime, RequestKind], ClockRule]] = MappingProxyType(
    {
        (Regime.POPIA, RequestKind.ACCESS): ClockRule(due=_DAYS_30, extended=_DAYS_60),
        (Regime.CCPA, RequestKind.OPT_OUT_SALE): _OPT_OUT,
        (Regime.CCPA, RequestKind.LIMIT_SENSITIVE): _OPT_OUT,
        (Regime.UK, RequestKind.APPEAL): ClockRule(due=_MONTH, acknowledge=_DAYS_30),
        (Regime.OTHER, RequestKind.APPEAL): ClockRule(due=_DAYS_60),
    }
)


def clock_rule(*, regime: Regime, kind: RequestKind) -> ClockRule:
    """Return the periods a law sets for a kind of request."""
    return _EXCEPTIONS.get((regime, kind), _DEFAULTS[regime])


def deadlines(
    *,
    rule: ClockRule,
    received_on: date,
    holidays_on: Collection[date] = (),
    pauses: Sequence[Pause] = (),
    today: date,
) -> Deadlines:
    """Return a request's deadlines.

    Args:
        rule: from ``clock_rule``.
        received_on: the day it arrived.
        holidays_on: public holidays where the controller is.
        pauses: when the clock stood still, as far as the law lets it; they never delay the confirmation.
        today: the end, so far, of a pause that hasn't ended.
    """
    stood = timedelta(days=paused_days(pauses, today=today) if rule.pausable else 0)

    def last_day(period: Period) -> date:
        plain = replace(period, rolls=False).after(received_on, holidays_on=holidays_on) + stood
        return next_business_day(plain, holidays_on=holidays_on) if period.rolls else plain

    return Deadlines(
        acknowledge_by=rule.acknowledge.after(received_on, holidays_on=holidays_on)
        if rule.acknowledge
        else None,
        due_on=last_day(rule.due),
        latest_on=last_day(rule.extended) if rule.extended else None,
    )


def require_extendable(*, limits: Deadlines, today: date) -> date:
    """Return the day an extended request is due.

    Raises:
        ExtensionRefused: the law has no extension for it, or the first deadline has passed.
    """
    if limits.latest_on is None:
        raise ExtensionRefused("the law knows no extension for this request")
    if today > limits.due_on:
        raise ExtensionRefused("an extension had to be announced before the first deadline")
    return limits.latest_on


def paused_days(pauses: Sequence[Pause], *, today: date) -> int:
    """Return the number of different days on which the clock stood still."""
    days: set[date] = set()
    for pause in pauses:
        length = ((pause.until_on or today) - pause.from_on).days
        days.update(pause.from_on + timedelta(days=day) for day in range(length))
    return len(days)


def add_months(day: date, months: int) -> date:
    """Return the same day of a later month, or that month's last day where it has no such day."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month0 + 1, min(day.day, monthrange(year, month0 + 1)[1]))


def add_business_days(day: date, count: int, *, holidays_on: Collection[date] = ()) -> date:
    """Return the ``count``-th day after ``day`` that is neither on a weekend nor a holiday."""
    for _ in range(count):
        day = next_business_day(day + timedelta(days=1), holidays_on=holidays_on)
    return day


def next_business_day(day: date, *, holidays_on: Collection[date] = ()) -> date:
    """Return ``day``, or the first one after it that is neither on a weekend nor a holiday."""
    while day.weekday() >= 5 or day in holidays_on:
        day += timedelta(days=1)
    return day
