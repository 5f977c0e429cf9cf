from datetime import UTC, datetime, timedelta

import pytest

from domain.credits.prices import PRICE_LISTS, Operation, PriceList, price_list_at, quote
from domain.errors import Invalid

FIRST = PRICE_LISTS[0]
SECOND = PriceList(
    version=2, effective_at=FIRST.effective_at + timedelta(days=100), prices=dict.fromkeys(Operation, 3)
)


def test_a_quote_is_the_most_that_the_work_can_cost() -> None:
    units = {Operation.LEAD_DISCOVERED: 100, Operation.EMAIL_FOUND: 100, Operation.REPLY_CLASSIFIED: 50}

    assert quote(prices=FIRST, units=units) == 300
    assert quote(prices=FIRST, units={}) == 0
    with pytest.raises(Invalid):
        quote(prices=FIRST, units={Operation.EMAIL_FOUND: -1})


def test_the_list_that_held_then_is_found() -> None:
    lists = [SECOND, FIRST]

    assert price_list_at(FIRST.effective_at, lists=lists).version == 1
    assert price_list_at(SECOND.effective_at - timedelta(microseconds=1), lists=lists).version == 1
    assert price_list_at(SECOND.effective_at, lists=lists).version == 2
    with pytest.raises(Invalid):
        price_list_at(FIRST.effective_at - timedelta(microseconds=1), lists=lists)


def test_todays_list_is_in_force_and_versions_never_repeat() -> None:
    assert price_list_at(datetime(2026, 11, 22, tzinfo=UTC)).version == 1
    assert [prices.version for prices in PRICE_LISTS] == list(range(1, len(PRICE_LISTS) + 1))


@pytest.mark.parametrize("prices", [{}, {Operation.EMAIL_FOUND: 1}, dict.fromkeys(Operation, -1)])
def test_a_list_has_a_price_for_everything(prices: dict[Operation, int]) -> None:
    with pytest.raises(Invalid):
        PriceList(version=9, effective_at=FIRST.effective_at, prices=prices)
