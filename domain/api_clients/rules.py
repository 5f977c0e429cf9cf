"""What a client may send, how much of it, and what a document is known by."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from domain.errors import Invalid
from domain.states import StateMachine
from domain.workspaces.rules import Permission

POINTS_MAX: Final = 1_000_000
SUBSCRIPTIONS_MAX: Final = 200
"""What one caller may run at once over sockets and streams, unless its client may run fewer."""
PROPOSALS_MAX: Final = 500
"""Documents that a client's use proposes; further ones are served and not noted."""

_ID: Final = re.compile(r"(?:sha256:)?([0-9a-f]{64})")


class ClientPolicy(StrEnum):
    """Which documents a client's tokens may send."""

    OPEN = "OPEN"
    AUDIT = "AUDIT"
    REGISTERED = "REGISTERED"
    ID_ONLY = "ID_ONLY"


class ClientState(StrEnum):
    """Whether a client's tokens work."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    REVOKED = "REVOKED"


CLIENT_STATES: Final = StateMachine(
    noun="API client",
    moves={
        ClientState.ACTIVE: (ClientState.SUSPENDED, ClientState.REVOKED),
        ClientState.SUSPENDED: (ClientState.ACTIVE, ClientState.REVOKED),
    },
)


class DocumentState(StrEnum):
    """Whether a persisted document is answered."""

    PROPOSED = "PROPOSED"
    ACTIVE = "ACTIVE"
    DISABLED = "DISABLED"


DOCUMENT_STATES: Final = StateMachine(
    noun="persisted document",
    moves={
        DocumentState.PROPOSED: (DocumentState.ACTIVE, DocumentState.DISABLED),
        DocumentState.ACTIVE: (DocumentState.DISABLED,),
        DocumentState.DISABLED: (DocumentState.ACTIVE,),
    },
)


class DocumentKind(StrEnum):
    """What a document's operation does."""

    QUERY = "query"
    MUTATION = "mutation"
    SUBSCRIPTION = "subscription"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientTerms:
    """What holds for every request of a client.

    Attributes:
        points_max, points_per_s: its bucket of points; None takes the installation's.
        subscriptions_max: what it may run at once over sockets and streams; None takes the installation's.
    """

    id: UUID
    policy: ClientPolicy
    points_max: int | None = None
    points_per_s: int | None = None
    subscriptions_max: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFacts:
    """What is known of a document before it is ever sent.

    Attributes:
        name: what its operation is called.
        cost: points that it costs at most, with pages of unknown size taken at their largest.
        scopes: what a caller needs for all of it.
        deprecated_fields: what it uses that will go, as ``Type.field``.
    """

    name: str | None
    kind: DocumentKind
    cost: int
    scopes: tuple[Permission, ...]
    deprecated_fields: tuple[str, ...] = ()


def parse_document_id(text: str) -> str | None:
    """Return a document's id as it is stored, ``sha256:`` and 64 hexadecimal digits; None for another form."""
    found = _ID.fullmatch(text.lower())
    return f"sha256:{found[1]}" if found else None


def check_limits(*, points_max: int | None, points_per_s: int | None, subscriptions_max: int | None) -> None:
    """Raise Invalid unless the limits make sense."""
    if (points_max is None) != (points_per_s is None):
        raise Invalid("pointsMax and pointsPerS are given together, or neither", field=("pointsMax",))
    for name, value in (("pointsMax", points_max), ("pointsPerS", points_per_s)):
        if value is not None and not 1 <= value <= POINTS_MAX:
            raise Invalid(f"1 to {POINTS_MAX:,} points", field=(name,))
    if subscriptions_max is not None and not 0 <= subscriptions_max <= SUBSCRIPTIONS_MAX:
        raise Invalid(f"0 to {SUBSCRIPTIONS_MAX}", field=("subscriptionsMax",))


def check_expiry(expires_at: datetime | None, *, now: datetime) -> None:
    """Raise Invalid for a moment that has passed."""
    if expires_at is not None and expires_at <= now:
        raise Invalid("the expiry is in the past", field=("expiresAt",))
