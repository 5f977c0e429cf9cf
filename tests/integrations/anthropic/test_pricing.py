from datetime import date
from decimal import Decimal

import pytest

from integrations.anthropic.pricing import LIST_PRICES, TokenCounts, cost_usd, find_price

TOKENS = TokenCounts(uncached=1_000, output=200, cache_write_5m=2_000, cache_write_1h=400, cache_read=10_000)


@pytest.mark.parametrize(
    ("model", "on", "prompt_tokens", "version"),
    [
        ("claude-sonnet-5-5", date(2026, 10, 6), 10, "claude-sonnet-5-5@2026-09-01"),
        ("claude-sonnet-5-5", date(2026, 10, 7), 10, "claude-sonnet-5-5@2026-10-07"),
        ("claude-sonnet-5-5-20260901", date(2026, 11, 1), 10, "claude-sonnet-5-5@2026-10-07"),
        ("claude-haiku-5-5", date(2026, 11, 1), 100_000, "claude-haiku-5-5@2026-09-01"),
        ("claude-haiku-5-5", date(2026, 11, 1), 100_001, "claude-haiku-5-5@2026-09-01+100000"),
    ],
)
def test_a_price_holds_from_its_date_and_its_prompt_length_on(
    model: str, on: date, prompt_tokens: int, version: str
) -> None:
    price = find_price(LIST_PRICES, model=model, prompt_tokens=prompt_tokens, on=on)
    assert price is not None
    assert price.version == version


@pytest.mark.parametrize("model", ["claude-fable-5-2", "claude-sonnet-5", "gpt", "claude-haiku-5-5-preview"])
def test_a_model_without_a_price_has_none(model: str) -> None:
    assert find_price(LIST_PRICES, model=model, prompt_tokens=1, on=date(2026, 11, 1)) is None
    assert find_price(LIST_PRICES, model="claude-opus-5-5", prompt_tokens=1, on=date(2026, 8, 31)) is None


def test_every_kind_of_token_has_its_price() -> None:
    price = find_price(
        LIST_PRICES, model="claude-sonnet-5-5", prompt_tokens=TOKENS.prompt, on=date(2026, 11, 1)
    )
    assert price is not None
    assert TOKENS.prompt == 13_400
    # (1000*2 + 200*10 + 2000*2.5 + 400*4 + 10000*0.10) / 1e6
    assert cost_usd(price, tokens=TOKENS) == Decimal("0.0116")
    assert cost_usd(price, tokens=TOKENS, is_us_only=True) == Decimal("0.01276")
