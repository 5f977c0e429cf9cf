"""Who must not be contacted: which entries match a recipient, and who may lift them.

Entries hold only a keyed hash of the folded identifier, so that they outlive the person's erasure.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from domain.errors import Conflict, Invalid
from domain.states import StateMachine


class SuppressionScope(StrEnum):
    """How far an entry reaches."""

    PLATFORM = "PLATFORM"
    WORKSPACE = "WORKSPACE"
    PLAY = "PLAY"
    SENDER = "SENDER"


class SuppressionKind(StrEnum):
    """What an entry names."""

    EMAIL = "EMAIL"
    DOMAIN = "DOMAIN"
    COMPANY = "COMPANY"
    PHONE = "PHONE"
    LINKEDIN = "LINKEDIN"
    LEAD = "LEAD"


class SuppressionReason(StrEnum):
    """Why an entry was made."""

    UNSUBSCRIBE = "UNSUBSCRIBE"
    OBJECTION = "OBJECTION"
    ERASURE = "ERASURE"
    BOUNCE = "BOUNCE"
    COMPLAINT = "COMPLAINT"
    CUSTOMER = "CUSTOMER"
    COMPETITOR = "COMPETITOR"
    LEGAL = "LEGAL"
    MANUAL = "MANUAL"
    REGISTRY = "REGISTRY"


class SuppressionStatus(StrEnum):
    """Whether an entry is in force."""

    ACTIVE = "ACTIVE"
    LIFTED = "LIFTED"
    EXPIRED = "EXPIRED"


class SuppressionImportStatus(StrEnum):
    """How far an uploaded list is."""

    UPLOADED = "UPLOADED"
    IMPORTING = "IMPORTING"
    DONE = "DONE"
    FAILED = "FAILED"


class Channel(StrEnum):
    """A way to reach a person."""

    EMAIL = "EMAIL"
    LINKEDIN = "LINKEDIN"
    SMS = "SMS"
    PUSH = "PUSH"
    CALL = "CALL"


class LiftBasis(StrEnum):
    """What entitles somebody to lift an entry."""

    NEW_CONSENT = "NEW_CONSENT"
    """A consent record that is younger than the entry."""
    PERSONS_REQUEST = "PERSONS_REQUEST"
    """The person asked for it."""
    CORRECTION = "CORRECTION"
    """The entry was wrong, or its reason is gone."""


SUPPRESSION_STATES: Final = StateMachine(
    noun="suppression",
    moves={SuppressionStatus.ACTIVE: (SuppressionStatus.LIFTED, SuppressionStatus.EXPIRED)},
)

OPERATOR_REASONS: Final = frozenset({SuppressionReason.OBJECTION, SuppressionReason.ERASURE})
"""The person's rights: never lifted by a customer."""

PERSONS_WILL: Final = OPERATOR_REASONS | {
    SuppressionReason.UNSUBSCRIBE,
    SuppressionReason.COMPLAINT,
    SuppressionReason.REGISTRY,
}
"""Made because the person said so: only the person can undo it (GDPR Article 21(3))."""


class SuppressionKept(Conflict):
    """This entry can't be lifted by this caller or on this basis."""

    code = "SUPPRESSION_KEPT"


@dataclass(frozen=True, slots=True, order=True)
class IdentityKey:
    """A kind of identifier with the keyed hash of one."""

    kind: SuppressionKind
    key_hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What matters of a suppression entry when something is about to be sent.

    Args:
        id: the entry's.
        scope: how far it reaches.
        key: whom it names.
        reason: why.
        channels: those it closes; empty closes all.
        play_id: set for PLAY.
        sender_id: set for SENDER.
        expires_at: when it ends by itself; None never.
        status: LIFTED and EXPIRED entries match nobody.
    """

    id: UUID
    scope: SuppressionScope
    key: IdentityKey
    reason: SuppressionReason
    channels: frozenset[Channel] = frozenset()
    play_id: UUID | None = None
    sender_id: UUID | None = None
    expires_at: datetime | None = None
    status: SuppressionStatus = SuppressionStatus.ACTIVE


def matching_entries(
    *,
    entries: Iterable[Entry],
    keys: frozenset[IdentityKey],
    channel: Channel,
    play_id: UUID | None,
    sender_id: UUID | None,
    now: datetime,
) -> list[Entry]:
    """Return the entries that forbid a message, the widest scope first.

    Args:
        entries: candidates, at least all that share a key with the recipient.
        keys: the recipient's, from ``keys.keys_of``.
        channel: how the message would travel.
        play_id: the play it belongs to.
        sender_id: the sender it would leave from.
        now: the present.
    """
    scopes = list(SuppressionScope)
    found = [
        entry
        for entry in entries
        if entry.key in keys
        and is_in_force(entry, now=now)
        and (not entry.channels or channel in entry.channels)
        and _reaches(entry, play_id=play_id, sender_id=sender_id)
    ]
    return sorted(found, key=lambda entry: (scopes.index(entry.scope), entry.id))


def is_in_force(entry: Entry, *, now: datetime) -> bool:
    """Tell whether an entry is neither lifted nor past its end."""
    is_over = entry.expires_at is not None and entry.expires_at <= now
    return entry.status is SuppressionStatus.ACTIVE and not is_over


def require_liftable(
    *, reason: SuppressionReason, scope: SuppressionScope, basis: LiftBasis, by_operator: bool
) -> None:
    """Do nothing when an entry may be lifted.

    Args:
        reason: the entry's.
        scope: the entry's.
        basis: what the caller gives for it; an import never has one.
        by_operator: the caller runs the installation, and isn't one of its customers.

    Raises:
        SuppressionKept: the entry stays.
    """
    if not by_operator and reason in OPERATOR_REASONS:
        raise SuppressionKept(f"{reason.value} is the person's right; a workspace can't lift it")
    if not by_operator and scope is SuppressionScope.PLATFORM:
        raise SuppressionKept("this suppression holds for the whole installation; a workspace can't lift it")
    if reason in PERSONS_WILL and basis is LiftBasis.CORRECTION:
        raise SuppressionKept("only the person's own request or a new consent lifts this suppression")


def require_lasting(*, reason: SuppressionReason, expires_at: datetime | None) -> None:
    """Do nothing unless a person's own wish would end by itself.

    Raises:
        Invalid: an end was given for an entry that only the person can undo.
    """
    if reason in PERSONS_WILL and expires_at is not None:
        raise Invalid(f"{reason.value} holds until the person undoes it", field=("expiresAt",))


def _reaches(entry: Entry, *, play_id: UUID | None, sender_id: UUID | None) -> bool:
    match entry.scope:
        case SuppressionScope.PLAY:
            return entry.play_id is not None and entry.play_id == play_id
        case SuppressionScope.SENDER:
            return entry.sender_id is not None and entry.sender_id == sender_id
    return True
