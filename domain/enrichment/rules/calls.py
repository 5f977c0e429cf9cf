"""The life of a provider call: how it can end, how long its answer is good for, when it counts as lost."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

from .facts import Outcome

ANSWER_WITHIN_S: Final = 120.0
"""How long a source may take; the slowest site takes about a minute and a half."""

LEASE: Final = timedelta(seconds=150)
"""A call that is open for longer than this was lost with its worker."""


class CallStatus(StrEnum):
    """How a provider call ended, or that it hasn't."""

    STARTED = "STARTED"
    OK = "OK"
    NO_MATCH = "NO_MATCH"
    ERROR = "ERROR"
    TIMEOUT_UNKNOWN = "TIMEOUT_UNKNOWN"


class EnrichmentOutcome(StrEnum):
    """What enriching a lead came to."""

    FOUND = "FOUND"
    PARTIAL = "PARTIAL"
    NOT_FOUND = "NOT_FOUND"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


class SkipReason(StrEnum):
    """Why a lead wasn't enriched."""

    SUPPRESSED = "SUPPRESSED"
    RESTRICTED = "RESTRICTED"
    ERASED = "ERASED"


_STATUS = {
    Outcome.FOUND: CallStatus.OK,
    Outcome.PARTIAL: CallStatus.OK,
    Outcome.NOT_FOUND: CallStatus.NO_MATCH,
    Outcome.BLOCKED: CallStatus.NO_MATCH,
    Outcome.PENDING: CallStatus.ERROR,
    Outcome.ERROR: CallStatus.ERROR,
}
_GOOD_FOR = {
    CallStatus.OK: timedelta(days=30),
    CallStatus.NO_MATCH: timedelta(days=7),
    CallStatus.ERROR: timedelta(hours=1),  # spares a site that is down the questions of each lead
}


def status_of(outcome: Outcome) -> CallStatus:
    """Return how a call with this outcome is recorded."""
    return _STATUS[outcome]


def good_for(status: CallStatus) -> timedelta | None:
    """Return how long the same question needn't be asked again; None when it may be at once."""
    return _GOOD_FOR.get(status)


def outcome_of(
    *, is_complete: bool, is_anything_known: bool, statuses: frozenset[CallStatus]
) -> EnrichmentOutcome:
    """Return what a lead's enrichment came to.

    Args:
        is_complete: every wanted field is known well enough.
        is_anything_known: at least one is.
        statuses: how the sources' calls ended, remembered ones included.
    """
    if is_complete:
        return EnrichmentOutcome.FOUND
    if is_anything_known:
        return EnrichmentOutcome.PARTIAL
    failed = statuses & {CallStatus.ERROR, CallStatus.TIMEOUT_UNKNOWN}
    return EnrichmentOutcome.FAILED if failed else EnrichmentOutcome.NOT_FOUND
