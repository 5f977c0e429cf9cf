"""Privacy requests: what people may ask for, how a request moves on, and what erasing does to a column."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from domain.errors import Invalid
from domain.states import StateMachine


class RequestKind(StrEnum):
    """What a person asks for."""

    ACCESS = "ACCESS"
    CORRECT = "CORRECT"
    DELETE = "DELETE"
    OBJECT = "OBJECT"
    RESTRICT = "RESTRICT"
    WITHDRAW = "WITHDRAW"
    PORTABILITY = "PORTABILITY"
    OPT_OUT_SALE = "OPT_OUT_SALE"
    LIMIT_SENSITIVE = "LIMIT_SENSITIVE"
    APPEAL = "APPEAL"


class Regime(StrEnum):
    """The law a request is answered under."""

    GDPR = "GDPR"
    UK = "UK"
    POPIA = "POPIA"
    CCPA = "CCPA"
    OTHER = "OTHER"


class RequestState(StrEnum):
    """How far a request has come."""

    RECEIVED = "RECEIVED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    VERIFYING_IDENTITY = "VERIFYING_IDENTITY"
    VERIFIED = "VERIFIED"
    LOCATING = "LOCATING"
    ROUTED = "ROUTED"
    IN_PROGRESS = "IN_PROGRESS"
    AWAITING_THIRD_PARTY = "AWAITING_THIRD_PARTY"
    READY = "READY"
    FULFILLED = "FULFILLED"
    PARTIALLY_FULFILLED = "PARTIALLY_FULFILLED"
    DENIED = "DENIED"
    REJECTED_UNVERIFIED = "REJECTED_UNVERIFIED"
    DUPLICATE = "DUPLICATE"
    WITHDRAWN = "WITHDRAWN"


class DenialGround(StrEnum):
    """Why a request may be refused; the answer names it, and the way to complain."""

    MANIFESTLY_UNFOUNDED = "MANIFESTLY_UNFOUNDED"
    EXCESSIVE = "EXCESSIVE"
    LEGAL_OBLIGATION = "LEGAL_OBLIGATION"
    LEGAL_CLAIM = "LEGAL_CLAIM"
    RIGHTS_OF_OTHERS = "RIGHTS_OF_OTHERS"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    NO_DATA = "NO_DATA"


class ErasureAction(StrEnum):
    """What erasing a person does to one column."""

    DELETE = "DELETE"
    """The row goes."""
    MASK = "MASK"
    """The row stays, the value goes."""
    HASH = "HASH"
    """Only the keyed hash stays."""
    KEEP = "KEEP"
    """The value stays, for a reason that the certificate names."""


class KeepReason(StrEnum):
    """Why data outlive an erasure."""

    LEGAL_OBLIGATION = "LEGAL_OBLIGATION"
    LEGAL_CLAIM = "LEGAL_CLAIM"
    LEGAL_HOLD = "LEGAL_HOLD"
    SUPPRESSION = "SUPPRESSION"
    AUDIT = "AUDIT"
    NOT_PERSONAL = "NOT_PERSONAL"


@dataclass(frozen=True, slots=True)
class Erasure:
    """An erasure action with, for KEEP and only for it, the reason.

    Raises:
        Invalid: the reason is missing or has no place.
    """

    action: ErasureAction
    reason: KeepReason | None = None

    def __post_init__(self) -> None:
        if (self.action is ErasureAction.KEEP) != (self.reason is not None):
            raise Invalid("data are kept for a reason, and only kept data have one", field=("reason",))


HANDLED: Final = (RequestKind.ACCESS, RequestKind.DELETE, RequestKind.OBJECT)
"""The kinds that are carried out here; the others are known to the law and to the clocks only."""

_ENDINGS: Final = (
    RequestState.FULFILLED,
    RequestState.PARTIALLY_FULFILLED,
    RequestState.DENIED,
)
_ANY_TIME: Final = (RequestState.DUPLICATE, RequestState.WITHDRAWN)

REQUEST_STATES: Final = StateMachine(
    noun="privacy request",
    moves={
        RequestState.RECEIVED: (RequestState.ACKNOWLEDGED, *_ANY_TIME),
        RequestState.ACKNOWLEDGED: (
            RequestState.VERIFYING_IDENTITY,
            RequestState.VERIFIED,  # nothing to prove: an objection, or a signed-in person
            RequestState.DENIED,
            *_ANY_TIME,
        ),
        RequestState.VERIFYING_IDENTITY: (
            RequestState.VERIFIED,
            RequestState.REJECTED_UNVERIFIED,
            RequestState.DENIED,  # an excessive request needn't wait for a proof
            *_ANY_TIME,
        ),
        RequestState.VERIFIED: (RequestState.LOCATING, RequestState.DENIED, *_ANY_TIME),
        RequestState.LOCATING: (RequestState.ROUTED, RequestState.READY, RequestState.DENIED, *_ANY_TIME),
        RequestState.ROUTED: (RequestState.IN_PROGRESS, RequestState.DENIED, *_ANY_TIME),
        RequestState.IN_PROGRESS: (
            RequestState.AWAITING_THIRD_PARTY,
            RequestState.READY,
            RequestState.DENIED,
            RequestState.WITHDRAWN,
        ),
        RequestState.AWAITING_THIRD_PARTY: (
            RequestState.IN_PROGRESS,
            RequestState.READY,
            RequestState.WITHDRAWN,
        ),
        RequestState.READY: _ENDINGS,
    },
)


def needs_identity(kind: RequestKind) -> bool:
    """Tell whether somebody must prove who they are first.

    Not to be left alone: an objection, a withdrawal or an opt-out acts on the address it names
    (11 CCR 7060(b) forbids asking for a proof there).
    """
    return kind not in (
        RequestKind.OBJECT,
        RequestKind.WITHDRAW,
        RequestKind.OPT_OUT_SALE,
        RequestKind.LIMIT_SENSITIVE,
    )


def suppresses_at_once(kind: RequestKind) -> bool:
    """Tell whether nothing more may be sent from the moment such a request arrives."""
    return kind in (RequestKind.OBJECT, RequestKind.DELETE, RequestKind.WITHDRAW)


def require_request_move(
    *, state: RequestState, target: RequestState, ground: DenialGround | None = None
) -> None:
    """Do nothing when a request may move on like this.

    Raises:
        IllegalTransition: the states don't follow each other.
        Invalid: a denial without its ground, or a ground without a denial.
    """
    REQUEST_STATES.require(state, target)
    if (target is RequestState.DENIED) != (ground is not None):
        raise Invalid("a denial names its ground, and nothing else does", field=("ground",))
