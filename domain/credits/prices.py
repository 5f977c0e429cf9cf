"""What work costs, in credits: a price list with a version, and what a result changes about it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from domain.errors import Invalid


class Operation(StrEnum):
    """A unit of work that has a price."""

    LEAD_DISCOVERED = "LEAD_DISCOVERED"
    COMPANY_ENRICHED = "COMPANY_ENRICHED"
    EMAIL_FOUND = "EMAIL_FOUND"
    PHONE_FOUND = "PHONE_FOUND"
    EMAIL_VERIFIED = "EMAIL_VERIFIED"
    RESEARCH_PAGE = "RESEARCH_PAGE"
    MESSAGE_DRAFTED = "MESSAGE_DRAFTED"
    MESSAGE_SENT = "MESSAGE_SENT"
    REPLY_CLASSIFIED = "REPLY_CLASSIFIED"


@dataclass(frozen=True, slots=True)
class PriceList:
    """Prices that hold from a moment on; a list is never changed, but followed by the next version.

    Args:
        version: 1, 2, 3, ...
        effective_at: when it begins to hold.
        prices: credits per unit; every operation has one.
    """

    version: int
    effective_at: datetime
    prices: Mapping[Operation, int]

    def __post_init__(self) -> None:
        if set(self.prices) != set(Operation) or min(self.prices.values()) < 0:
            raise Invalid("a price list has one price, 0 or more, for every operation", field=("prices",))


PRICE_LISTS: Final = (
    PriceList(
        version=1,
        effective_at=datetime(2026, 1, 1, tzinfo=UTC),
        prices=MappingProxyType(
            {
                Operation.LEAD_DISCOVERED: 1,
                Operation.COMPANY_ENRICHED: 1,
                Operation.EMAIL_FOUND: 2,
                Operation.PHONE_FOUND: 10,
                Operation.EMAIL_VERIFIED: 1,
                Operation.RESEARCH_PAGE: 1,
                Operation.MESSAGE_DRAFTED: 2,
                Operation.MESSAGE_SENT: 1,
                Operation.REPLY_CLASSIFIED: 0,
            }
        ),
    ),
)


def price_list_at(moment: datetime, *, lists: Iterable[PriceList] = PRICE_LISTS) -> PriceList:
    """Return the price list that holds at a moment.

    Raises:
        Invalid: it is before the first.
    """
    begun = [prices for prices in lists if prices.effective_at <= moment]
    if not begun:
        raise Invalid("no price list held at that time")
    return max(begun, key=lambda prices: (prices.effective_at, prices.version))


def quote(*, prices: PriceList, units: Mapping[Operation, int]) -> int:
    """Return the most that the given work can cost; hold this much before it begins."""
    if any(count < 0 for count in units.values()):
        raise Invalid("a number of units isn't negative", field=("units",))
    return sum(prices.prices[operation] * count for operation, count in units.items())
