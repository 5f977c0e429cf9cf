"""Credits: which grants pay first, and what holding, settling and giving back does to them.

Amounts are whole credits. A hold takes from named grants; what it took stays spendable for that hold even
when a grant expires meanwhile, and is lost only when it comes back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from domain.errors import Conflict, Invalid, LimitReached

CREDITS_MAX: Final = 2**53
"""The largest whole number that every client can read exactly."""

LOW_WATER_PERCENT: Final = (20, 5)
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


class GrantSource(StrEnum):
    """Where credits come from."""

    TRIAL = "TRIAL"
    OPERATOR = "OPERATOR"
    PLAN = "PLAN"
    PACK = "PACK"
    PROMO = "PROMO"
    REFUND = "REFUND"
    ADJUST = "ADJUST"


class GrantStatus(StrEnum):
    """Whether a grant can still pay."""

    ACTIVE = "ACTIVE"
    EXHAUSTED = "EXHAUSTED"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"


class HoldStatus(StrEnum):
    """What became of credits that were set aside."""

    HELD = "HELD"
    SETTLED = "SETTLED"
    RELEASED = "RELEASED"
    EXPIRED = "EXPIRED"


class InsufficientCredits(LimitReached):
    """There are fewer credits than the operation needs; nothing was taken."""

    code = "INSUFFICIENT_CREDITS"
    said = "this needs {required} credits, but {available} are available"

    def __init__(self, *, required: int, available: int) -> None:
        super().__init__(self.said.format(required=required, available=available))
        self.required = required
        self.available = available


class SettleExceedsHold(Conflict):
    """More would be paid than was set aside."""

    code = "SETTLE_EXCEEDS_HOLD"


class HoldClosed(Conflict):
    """The hold was settled, released or has expired; a new attempt takes a new operation key."""

    code = "CREDIT_HOLD_CLOSED"


class RefundExceedsSettlement(Conflict):
    """More would be given back than was paid."""

    code = "REFUND_EXCEEDS_SETTLEMENT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A lot of credits.

    Args:
        id: the grant's.
        source: where it comes from.
        remaining: credits neither spent nor held.
        priority: 0 pays first, 100 last.
        effective_at: when it begins to pay.
        expires_at: when it stops; None never.
        is_frozen: set aside in a payment dispute.
    """

    id: UUID
    source: GrantSource
    remaining: int
    priority: int = 50
    effective_at: datetime
    expires_at: datetime | None = None
    is_frozen: bool = False

    def is_usable(self, *, now: datetime) -> bool:
        """Tell whether it can pay now."""
        return self.effective_at <= now and not self.has_expired(now=now) and not self.is_frozen

    def has_expired(self, *, now: datetime) -> bool:
        """Tell whether its end has come."""
        return self.expires_at is not None and self.expires_at <= now


@dataclass(frozen=True, slots=True)
class Allocation:
    """Credits taken from, or given back to, one grant."""

    grant_id: UUID
    amount: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """A hold divided into what was paid and what comes back."""

    settled: tuple[Allocation, ...]
    released: tuple[Allocation, ...]


@dataclass(frozen=True, slots=True)
class Return:
    """Credits that came back: to grants that still pay, or lost with grants that have expired."""

    returned: tuple[Allocation, ...]
    expired: tuple[Allocation, ...]


def parse_amount(amount: int) -> int:
    """Return a number of credits.

    Raises:
        Invalid: below 1 or above 2^53.
    """
    if not 1 <= amount <= CREDITS_MAX:
        raise Invalid("credits lie between 1 and 2^53", field=("amount",))
    return amount


def total(allocations: Iterable[Allocation]) -> int:
    """Return the sum of the amounts."""
    return sum(allocation.amount for allocation in allocations)


def spend_order(grants: Iterable[Grant], *, now: datetime) -> list[Grant]:
    """Return the grants that can pay, in the order they do.

    Priority, then soonest expiry, then promotional before paid, then oldest.
    """
    usable = [grant for grant in grants if grant.remaining > 0 and grant.is_usable(now=now)]
    return sorted(
        usable,
        key=lambda grant: (
            grant.priority,
            grant.expires_at or _NEVER,
            grant.source is not GrantSource.PROMO,
            grant.effective_at,
            grant.id,
        ),
    )


def allocate(*, grants: Iterable[Grant], amount: int, now: datetime) -> tuple[Allocation, ...]:
    """Return which grants a hold takes from, and how much.

    Raises:
        InsufficientCredits: the grants that can pay have less than ``amount``.
        Invalid: the amount is none.
    """
    parse_amount(amount)
    order = spend_order(grants, now=now)
    available = sum(grant.remaining for grant in order)
    if available < amount:
        raise InsufficientCredits(required=amount, available=available)
    return _take([Allocation(grant.id, grant.remaining) for grant in order], amount)


def settle(*, held: Sequence[Allocation], amount: int) -> Settlement:
    """Return what of a hold is paid, in the order it was taken, and what comes back.

    Args:
        held: the hold's allocations.
        amount: the price in the end; 0 pays nothing, as for a look-up without a result.

    Raises:
        SettleExceedsHold: ``amount`` is more than was held.
        Invalid: it is negative.
    """
    if amount < 0:
        raise Invalid("a price isn't negative", field=("amount",))
    if amount > total(held):
        raise SettleExceedsHold(f"{total(held)} credits are held; {amount} can't be settled")
    settled = _take(held, amount)
    return Settlement(settled, _less(held, settled))


def give_back(*, allocations: Iterable[Allocation], grants: Mapping[UUID, Grant], now: datetime) -> Return:
    """Return where released credits go: back to their grants, unless those have expired meanwhile."""
    returned: list[Allocation] = []
    expired: list[Allocation] = []
    for allocation in allocations:
        has_expired = grants[allocation.grant_id].has_expired(now=now)
        (expired if has_expired else returned).append(allocation)
    return Return(tuple(returned), tuple(expired))


def refund(*, settled: Sequence[Allocation], already_refunded: int, amount: int) -> tuple[Allocation, ...]:
    """Return which grants a refund reverses, the last that paid first.

    Give the result to ``give_back``; what that calls expired is owed all the same, as a new REFUND grant,
    because the customer lost it through no doing of theirs.

    Args:
        settled: what was paid.
        already_refunded: credits of it that went back before.
        amount: credits to give back now.

    Raises:
        RefundExceedsSettlement: that is more than is left.
        Invalid: the amount is none.
    """
    parse_amount(amount)
    left = total(settled) - already_refunded
    if amount > left:
        raise RefundExceedsSettlement(f"{left} credits are left to refund, not {amount}")
    backwards = tuple(reversed(settled))
    return _take(_less(backwards, _take(backwards, already_refunded)), amount)


def crossed_low_water(*, before: int, after: int, reference: int) -> int | None:
    """Return the lowest mark (20 or 5, per cent) that a spend went below just now; None if it was none.

    Args:
        before: available credits before the spend.
        after: and after it.
        reference: credits of the current period, of which the marks are shares.
    """
    crossed = [mark for mark in LOW_WATER_PERCENT if after * 100 < reference * mark <= before * 100]
    return min(crossed, default=None)


def _take(sources: Sequence[Allocation], amount: int) -> tuple[Allocation, ...]:
    """Return the first ``amount`` credits of the sources, in their order."""
    taken: list[Allocation] = []
    for source in sources:
        part = min(source.amount, amount - total(taken))
        if part > 0:
            taken.append(Allocation(source.grant_id, part))
    return tuple(taken)


def _less(sources: Sequence[Allocation], taken: Sequence[Allocation]) -> tuple[Allocation, ...]:
    """Return what is left of the sources; each grant stands in them once."""
    gone = {part.grant_id: part.amount for part in taken}
    left = [Allocation(source.grant_id, source.amount - gone.get(source.grant_id, 0)) for source in sources]
    return tuple(part for part in left if part.amount > 0)
