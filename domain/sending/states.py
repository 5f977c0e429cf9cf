"""The life of a delivery: its states, when it is tried again, and when its fate is looked up."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.errors import Conflict
from domain.states import StateMachine

RETRY_DELAYS: Final = (
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
    timedelta(hours=24),
)
RETRY_SPAN_MAX: Final = timedelta(hours=72)
RECHECK: Final = timedelta(minutes=10)
"""How often a delivery that waits for a person asks again by itself."""


class DeliveryState(StrEnum):
    """Where the attempt to send one message stands."""

    SCHEDULED = "SCHEDULED"
    LEASED = "LEASED"
    HANDOFF = "HANDOFF"
    UNKNOWN = "UNKNOWN"
    REVIEW = "REVIEW"
    SENT = "SENT"
    FAILED = "FAILED"
    SUPPRESSED = "SUPPRESSED"
    CANCELLED = "CANCELLED"


class AbsenceUnproven(Conflict):
    """A delivery whose fate is unknown may only be sent again when it surely hasn't left."""

    code = "ABSENCE_UNPROVEN"


DELIVERY_STATES: Final = StateMachine(
    noun="delivery",
    moves={
        DeliveryState.SCHEDULED: (
            DeliveryState.LEASED,
            DeliveryState.SUPPRESSED,
            DeliveryState.CANCELLED,
        ),
        DeliveryState.LEASED: (
            DeliveryState.SCHEDULED,  # the gate or the server said "later", or the lease ran out
            DeliveryState.HANDOFF,
            DeliveryState.FAILED,  # refused for good before the last byte, mostly at RCPT
            DeliveryState.SUPPRESSED,
            DeliveryState.CANCELLED,
        ),
        DeliveryState.HANDOFF: (
            DeliveryState.SENT,
            DeliveryState.FAILED,
            DeliveryState.UNKNOWN,
            DeliveryState.SCHEDULED,  # a definite "not now" in answer to the last byte
        ),
        DeliveryState.UNKNOWN: (DeliveryState.SENT, DeliveryState.SCHEDULED, DeliveryState.REVIEW),
        DeliveryState.REVIEW: (DeliveryState.SENT, DeliveryState.SCHEDULED),
    },
)


def require_move(state: DeliveryState, target: DeliveryState, *, absence_proven: bool = False) -> None:
    """Do nothing when a delivery may move on like this.

    Args:
        state: its present state.
        target: the wanted one.
        absence_proven: a look-up proved that nothing left, or a person has decided to send again.

    Raises:
        IllegalTransition: the states don't follow each other.
        AbsenceUnproven: an unknown delivery would be sent again without proof.
    """
    DELIVERY_STATES.require(state, target)
    in_doubt = state in (DeliveryState.UNKNOWN, DeliveryState.REVIEW)
    if in_doubt and target is DeliveryState.SCHEDULED and not absence_proven:
        raise AbsenceUnproven("nothing proves that this message hasn't left; sending again could send twice")


def retry_at(*, failures: int, first_tried_at: datetime, now: datetime) -> datetime | None:
    """Return when to try again after a refusal that may pass; None when it is time to give up.

    15 minutes, 1, 4, 12 and 24 hours after a failure, and never more than 72 hours after the first try.

    Args:
        failures: tries that failed so far, this one included; at least 1.
        first_tried_at: when the first of them was made.
        now: the present.
    """
    if failures > len(RETRY_DELAYS):
        return None
    at = now + RETRY_DELAYS[failures - 1]
    return at if at - first_tried_at <= RETRY_SPAN_MAX else None
