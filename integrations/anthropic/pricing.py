"""What a call costs: list prices by model and date. Cost rows store which row of the table was used.

Source: the vendor's price pages and three published tables that agree, read in November 2026.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

_MILLION: Final = Decimal(1_000_000)
_US_FACTOR: Final = Decimal("1.1")
"""Inference pinned to the United States costs a tenth more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenCounts:
    """The billed tokens of one call; ``uncached`` is the input without what the cache wrote or read."""

    uncached: int
    output: int
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    cache_read: int = 0

    @property
    def prompt(self) -> int:
        """Return the length of the whole prompt; some models are priced by it."""
        return self.uncached + self.cache_write_5m + self.cache_write_1h + self.cache_read


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """USD per million tokens for one model, from a date on, for prompts longer than ``prompt_over`` tokens."""

    model: str
    since: date
    uncached: Decimal
    output: Decimal
    cache_write_5m: Decimal
    cache_write_1h: Decimal
    cache_read: Decimal
    prompt_over: int = -1

    @property
    def version(self) -> str:
        """Return the row's name, which cost rows store."""
        tier = f"+{self.prompt_over}" if self.prompt_over > 0 else ""
        return f"{self.model}@{self.since.isoformat()}{tier}"


def _price(model: str, since: date, rates: str, *, prompt_over: int = -1) -> Price:
    uncached, output, write_5m, write_1h, read = map(Decimal, rates.split())
    return Price(
        model=model,
        since=since,
        uncached=uncached,
        output=output,
        cache_write_5m=write_5m,
        cache_write_1h=write_1h,
        cache_read=read,
        prompt_over=prompt_over,
    )


_AUTUMN: Final = date(2026, 9, 1)
LIST_PRICES: Final = (  # in, out, 5 min write, 1 h write, cache read
    _price("claude-opus-5-5", _AUTUMN, "4 20 5 8 0.20"),
    _price("claude-sonnet-5-5", _AUTUMN, "2 10 2.50 4 0.20"),
    _price("claude-sonnet-5-5", date(2026, 10, 7), "2 10 2.50 4 0.10"),
    _price("claude-haiku-5-5", _AUTUMN, "0.10 0.50 0.125 0.20 0.01"),
    _price("claude-haiku-5-5", _AUTUMN, "0.50 2.50 0.625 1.00 0.05", prompt_over=100_000),
    _price("claude-fable-5-1", _AUTUMN, "10 50 12.50 20 0.25"),
)


def find_price(prices: Sequence[Price], *, model: str, prompt_tokens: int, on: date) -> Price | None:
    """Return the row that holds: the model's (or its dated id's), the latest since, the highest tier reached."""
    rows = [
        row
        for row in prices
        if (model == row.model or model.startswith(f"{row.model}-2"))
        and row.since <= on
        and prompt_tokens > row.prompt_over
    ]
    return max(rows, key=lambda row: (row.since, row.prompt_over), default=None)


def cost_usd(price: Price, *, tokens: TokenCounts, is_us_only: bool = False) -> Decimal:
    """Return the exact cost of one call."""
    total = (
        tokens.uncached * price.uncached
        + tokens.output * price.output
        + tokens.cache_write_5m * price.cache_write_5m
        + tokens.cache_write_1h * price.cache_write_1h
        + tokens.cache_read * price.cache_read
    ) / _MILLION
    return total * _US_FACTOR if is_us_only else total
