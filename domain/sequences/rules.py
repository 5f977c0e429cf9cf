"""What a sequence is made of, how its parts may move, and which variant a lead gets."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from domain.errors import Invalid
from domain.states import StateMachine

DELAY_DAYS_MAX = 365
VARIANT_WEIGHT_MAX = 1000


class SequenceStatus(StrEnum):
    """A sequence version's life; an ACTIVE version is immutable, an edit makes a new version."""

    DRAFT = "DRAFT"
    IN_REVIEW = "IN_REVIEW"
    APPROVED = "APPROVED"
    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    ARCHIVED = "ARCHIVED"


class StepKind(StrEnum):
    """What a step does when it is due."""

    EMAIL = "EMAIL"
    LINKEDIN_TASK = "LINKEDIN_TASK"
    SMS = "SMS"
    PUSH = "PUSH"
    CALL_TASK = "CALL_TASK"
    WAIT = "WAIT"
    BRANCH = "BRANCH"
    WEBHOOK = "WEBHOOK"
    MOVE = "MOVE"


class ThreadMode(StrEnum):
    """Whether a step opens a conversation or answers in the one before it."""

    NEW = "NEW"
    REPLY = "REPLY"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDelay:
    """How long a step waits after the one before it; ``sending.windows`` computes it in the lead's zone.

    Attributes:
        days: 0..365; 0 means at once, in the next opening of the window.
        is_business_days: count only days on which the lead's sending window opens.
    """

    days: int
    is_business_days: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.days <= DELAY_DAYS_MAX:
            raise Invalid(f"a delay has 0 to {DELAY_DAYS_MAX} days", field=("delayDays",))


class VariantStatus(StrEnum):
    """A variant takes part in the choice only while ACTIVE, or as the WINNER."""

    DRAFT = "DRAFT"
    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    WINNER = "WINNER"
    RETIRED = "RETIRED"


class EnrollmentStatus(StrEnum):
    """Where a lead is in a sequence; the last seven end it for good."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    REPLIED = "REPLIED"
    FINISHED = "FINISHED"
    BOUNCED = "BOUNCED"
    OPTED_OUT = "OPTED_OUT"
    SUPPRESSED = "SUPPRESSED"
    FAILED = "FAILED"
    REMOVED = "REMOVED"


class PauseReason(StrEnum):
    """Why an enrollment waits."""

    MANUAL = "MANUAL"
    OOO = "OOO"
    SENDER = "SENDER"
    BUDGET = "BUDGET"
    CAP = "CAP"
    COLLEAGUE_REPLY = "COLLEAGUE_REPLY"


class MessageStatus(StrEnum):
    """A message's content up to the decision about it; what follows APPROVED is the delivery's story."""

    GENERATING = "GENERATING"
    DRAFTED = "DRAFTED"
    EDITED = "EDITED"
    IN_REVIEW = "IN_REVIEW"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"


_S, _V, _E, _M = SequenceStatus, VariantStatus, EnrollmentStatus, MessageStatus
_ENROLLMENT_ENDS = frozenset(_E) - {_E.PENDING, _E.ACTIVE, _E.PAUSED}

SEQUENCE_STATES: Final = StateMachine(
    noun="sequence",
    moves={
        _S.DRAFT: (_S.IN_REVIEW, _S.ARCHIVED),
        _S.IN_REVIEW: (_S.DRAFT, _S.APPROVED, _S.ARCHIVED),
        _S.APPROVED: (_S.ACTIVE, _S.DRAFT, _S.ARCHIVED),
        _S.ACTIVE: (_S.PAUSED, _S.ARCHIVED),
        _S.PAUSED: (_S.ACTIVE, _S.ARCHIVED),
    },
)
VARIANT_STATES: Final = StateMachine(
    noun="variant",
    moves={
        _V.DRAFT: (_V.ACTIVE, _V.RETIRED),
        _V.ACTIVE: (_V.PAUSED, _V.WINNER, _V.RETIRED),
        _V.PAUSED: (_V.ACTIVE, _V.RETIRED),
    },
)
ENROLLMENT_STATES: Final = StateMachine(
    noun="enrollment",
    moves={
        _E.PENDING: (_E.ACTIVE, *_ENROLLMENT_ENDS),
        _E.ACTIVE: (_E.PAUSED, *_ENROLLMENT_ENDS),
        _E.PAUSED: (_E.ACTIVE, *_ENROLLMENT_ENDS),
    },
)
# A failed generation is written by hand (EDITED); an edit after the approval voids it (back to IN_REVIEW).
MESSAGE_STATES: Final = StateMachine(
    noun="message",
    moves={
        _M.GENERATING: (_M.DRAFTED, _M.EDITED, _M.CANCELLED),
        _M.DRAFTED: (_M.EDITED, _M.IN_REVIEW, _M.GENERATING, _M.CANCELLED),
        _M.EDITED: (_M.EDITED, _M.IN_REVIEW, _M.CANCELLED),
        _M.IN_REVIEW: (_M.EDITED, _M.APPROVED, _M.REJECTED, _M.CANCELLED),
        _M.APPROVED: (_M.IN_REVIEW, _M.CANCELLED),
    },
)


def check_thread_modes(emails: Sequence[ThreadMode]) -> None:
    """Refuse a sequence whose e-mail steps, in their order, answer in a thread that none of them has opened.

    Raises:
        Invalid: with the index of the step among the e-mail steps in ``field``.
    """
    if emails and emails[0] is ThreadMode.REPLY:
        raise Invalid(
            "the first e-mail opens a thread; it can't be a reply", field=("steps", "0", "threadMode")
        )


def choose_variant(*, weights: Sequence[tuple[UUID, int]], step_id: UUID, lead_id: UUID, seed: int) -> UUID:
    """Choose a variant for a lead: always the same one for the same input, and in proportion to the weights.

    Args:
        weights: (variant id, weight 0..1000) of the variants that may be chosen; their order doesn't matter.
        step_id: in the hash too, else a lead would get the "same" variant in every step.
        lead_id: whose message it is.
        seed: the run's seed, so that a replay chooses the same.

    Raises:
        Invalid: there is none with a positive weight, or a weight is out of range.
    """
    if any(not 0 <= weight <= VARIANT_WEIGHT_MAX for _, weight in weights):
        raise Invalid(f"a variant's weight is 0 to {VARIANT_WEIGHT_MAX}", field=("variants", "weight"))
    total = sum(weight for _, weight in weights)
    if total == 0:
        raise Invalid("a step needs at least one active variant with a weight above 0", field=("variants",))
    digest = hashlib.sha256(f"{seed}:{step_id}:{lead_id}".encode()).digest()
    point = int.from_bytes(digest, "big") % total
    for variant_id, weight in sorted(weights):
        if point < weight:
            return variant_id
        point -= weight
    raise AssertionError("the point lies below the sum of the weights")
