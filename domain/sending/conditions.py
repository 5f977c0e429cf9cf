"""Whether the things a delivery depends on let it go on: now, later, or never."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

VERIFICATION_DAYS: Final[Mapping[str, int]] = MappingProxyType({"VALID": 30, "RISKY": 14, "CATCH_ALL": 14})
"""How long a verdict on an address is believed, by verdict; those that aren't listed never allow a send."""


class Standing(StrEnum):
    """How something a delivery depends on stands."""

    OPEN = "OPEN"
    HELD = "HELD"
    ENDED = "ENDED"


@dataclass(frozen=True, slots=True)
class Condition:
    """How one thing stands, and why.

    Args:
        standing: OPEN goes on, HELD may go on later, ENDED never will.
        detail: the reason in a word or two, for people ("PAUSED: BUDGET").
        until: when a held thing opens by itself (an out-of-office break); None when a person must act.
    """

    standing: Standing
    detail: str = ""
    until: datetime | None = None


OPEN: Final = Condition(Standing.OPEN)


def held(detail: str, *, until: datetime | None = None) -> Condition:
    """Return the condition of a thing that waits."""
    return Condition(Standing.HELD, detail, until)


def ended(detail: str) -> Condition:
    """Return the condition of a thing that is over."""
    return Condition(Standing.ENDED, detail)


def address_condition(
    *, verdict: str, checked_at: datetime | None, risky_allowed: bool, now: datetime
) -> Condition:
    """Return whether an address may be sent to.

    Args:
        verdict: UNVERIFIED, VALID, RISKY, CATCH_ALL, INVALID or UNKNOWN.
        checked_at: when the verdict was reached.
        risky_allowed: the workspace accepts risky and catch-all addresses.
        now: the present.
    """
    if verdict == "INVALID":
        return ended("INVALID")
    days = VERIFICATION_DAYS.get(verdict)
    if days is None or checked_at is None:
        return held(verdict)
    if verdict != "VALID" and not risky_allowed:
        return held(f"{verdict}, which the workspace doesn't allow")
    if now - checked_at >= timedelta(days=days):
        return held(f"{verdict}, but checked more than {days} days ago")
    return OPEN
