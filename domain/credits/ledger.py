"""The double entry behind every movement of credits: what leaves one account enters another."""

from dataclasses import dataclass
from enum import StrEnum

from domain.credits.rules import parse_amount
from domain.errors import Invalid


class LedgerAccount(StrEnum):
    """Where a workspace's credits are; ISSUED is where they come from, and so never above zero."""

    ISSUED = "ISSUED"
    AVAILABLE = "AVAILABLE"
    HELD = "HELD"
    CONSUMED = "CONSUMED"
    EXPIRED = "EXPIRED"


class EntryKind(StrEnum):
    """What moved the credits."""

    GRANT = "GRANT"
    RESERVE = "RESERVE"
    SETTLE = "SETTLE"
    RELEASE = "RELEASE"
    REFUND = "REFUND"
    EXPIRE = "EXPIRE"
    ADJUST = "ADJUST"


@dataclass(frozen=True, slots=True)
class Posting:
    """A change of one account; the postings of an entry sum to zero."""

    account: LedgerAccount
    delta: int


_ROUTES = {
    EntryKind.GRANT: (LedgerAccount.ISSUED, LedgerAccount.AVAILABLE),
    EntryKind.RESERVE: (LedgerAccount.AVAILABLE, LedgerAccount.HELD),
    EntryKind.SETTLE: (LedgerAccount.HELD, LedgerAccount.CONSUMED),
    EntryKind.RELEASE: (LedgerAccount.HELD, LedgerAccount.AVAILABLE),
    EntryKind.REFUND: (LedgerAccount.CONSUMED, LedgerAccount.AVAILABLE),
    EntryKind.EXPIRE: (LedgerAccount.AVAILABLE, LedgerAccount.EXPIRED),
    EntryKind.ADJUST: (LedgerAccount.ISSUED, LedgerAccount.AVAILABLE),
}


def postings(*, kind: EntryKind, amount: int) -> tuple[Posting, Posting]:
    """Return the two sides of a movement.

    Args:
        kind: what moves them.
        amount: credits, at least 1; ADJUST alone may be negative, which takes credits back.

    Raises:
        Invalid: there is nothing to move, or too much.
    """
    if kind is EntryKind.ADJUST and amount == 0:
        raise Invalid("an adjustment changes something", field=("amount",))
    parse_amount(abs(amount) if kind is EntryKind.ADJUST else amount)
    source, target = _ROUTES[kind]
    return Posting(source, -amount), Posting(target, amount)
