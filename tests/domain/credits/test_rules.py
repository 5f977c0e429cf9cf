from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.credits.rules import (
    CREDITS_MAX,
    Allocation,
    Grant,
    GrantSource,
    InsufficientCredits,
    RefundExceedsSettlement,
    Return,
    SettleExceedsHold,
    Settlement,
    allocate,
    crossed_low_water,
    give_back,
    parse_amount,
    refund,
    settle,
    spend_order,
    total,
)
from domain.errors import Invalid

NOW = datetime(2026, 6, 2, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def grant(
    number: int,
    remaining: int = 100,
    *,
    source: GrantSource = GrantSource.PLAN,
    priority: int = 50,
    age_days: int = 1,
    expires_in_days: int | None = 30,
    is_frozen: bool = False,
) -> Grant:
    return Grant(
        id=UUID(int=number),
        source=source,
        remaining=remaining,
        priority=priority,
        effective_at=NOW - age_days * DAY,
        expires_at=None if expires_in_days is None else NOW + expires_in_days * DAY,
        is_frozen=is_frozen,
    )


def taken(*parts: tuple[int, int]) -> tuple[Allocation, ...]:
    return tuple(Allocation(UUID(int=number), amount) for number, amount in parts)


def test_grants_pay_by_priority_then_expiry_then_promotion_then_age() -> None:
    grants = [
        grant(1, expires_in_days=None),
        grant(2, age_days=2),
        grant(3, age_days=3),
        grant(4, source=GrantSource.PROMO),
        grant(5, expires_in_days=10),
        grant(6, priority=0, expires_in_days=None),
    ]

    assert [found.id.int for found in spend_order(grants, now=NOW)] == [6, 5, 4, 3, 2, 1]


def test_grants_that_cant_pay_are_left_out() -> None:
    grants = [
        grant(1, remaining=0),
        grant(2, expires_in_days=0),
        grant(3, age_days=-1),
        grant(4, is_frozen=True),
        grant(5, age_days=0),
    ]

    assert [found.id.int for found in spend_order(grants, now=NOW)] == [5]


def test_a_hold_takes_from_as_many_grants_as_it_needs() -> None:
    grants = [
        grant(1, 30, expires_in_days=1),
        grant(2, 30, expires_in_days=2),
        grant(3, 30, expires_in_days=3),
    ]

    assert allocate(grants=grants, amount=50, now=NOW) == taken((1, 30), (2, 20))
    assert allocate(grants=grants, amount=90, now=NOW) == taken((1, 30), (2, 30), (3, 30))


def test_a_hold_that_cant_be_met_takes_nothing_and_says_what_is_there() -> None:
    grants = [grant(1, 30), grant(2, 30, expires_in_days=0)]

    with pytest.raises(InsufficientCredits) as error:
        allocate(grants=grants, amount=31, now=NOW)

    assert (error.value.required, error.value.available) == (31, 30)


@pytest.mark.parametrize("amount", [0, -1, CREDITS_MAX + 1])
def test_amounts_out_of_range_are_refused(amount: int) -> None:
    with pytest.raises(Invalid):
        parse_amount(amount)
    with pytest.raises(Invalid):
        allocate(grants=[grant(1)], amount=amount, now=NOW)


def test_the_largest_amount_is_two_to_the_53() -> None:
    assert parse_amount(2**53) == 2**53
    assert parse_amount(1) == 1


def test_a_partial_settlement_pays_in_order_and_gives_the_rest_back() -> None:
    held = taken((1, 30), (2, 20), (3, 5))

    assert settle(held=held, amount=35) == Settlement(taken((1, 30), (2, 5)), taken((2, 15), (3, 5)))
    assert settle(held=held, amount=55) == Settlement(held, ())
    assert settle(held=held, amount=0) == Settlement((), held)


def test_no_more_is_settled_than_was_held() -> None:
    with pytest.raises(SettleExceedsHold):
        settle(held=taken((1, 10)), amount=11)
    with pytest.raises(Invalid):
        settle(held=taken((1, 10)), amount=-1)


def test_what_comes_back_to_an_expired_grant_is_lost_with_it() -> None:
    grants = {UUID(int=1): grant(1, expires_in_days=0), UUID(int=2): grant(2)}

    back = give_back(allocations=taken((1, 7), (2, 3)), grants=grants, now=NOW)

    assert back == Return(returned=taken((2, 3)), expired=taken((1, 7)))


def test_a_grant_that_expires_while_held_still_settles() -> None:
    held = allocate(grants=[grant(1, 10, expires_in_days=1)], amount=10, now=NOW)

    assert settle(held=held, amount=10).settled == taken((1, 10))


def test_a_refund_reverses_the_last_payer_first_and_goes_on_where_it_stopped() -> None:
    settled = taken((1, 30), (2, 20))

    assert refund(settled=settled, already_refunded=0, amount=5) == taken((2, 5))
    assert refund(settled=settled, already_refunded=5, amount=20) == taken((2, 15), (1, 5))
    assert refund(settled=settled, already_refunded=25, amount=25) == taken((1, 25))


def test_no_more_is_refunded_than_was_paid() -> None:
    with pytest.raises(RefundExceedsSettlement):
        refund(settled=taken((1, 30)), already_refunded=25, amount=6)
    with pytest.raises(Invalid):
        refund(settled=taken((1, 30)), already_refunded=0, amount=0)


@pytest.mark.parametrize(
    ("before", "after", "mark"),
    [
        (1000, 201, None),
        (1000, 200, None),
        (1000, 199, 20),
        (200, 199, 20),
        (199, 198, None),
        (199, 50, None),
        (199, 49, 5),
        (1000, 0, 5),
        (49, 0, None),
        (0, 1000, None),
    ],
)
def test_low_water_is_told_once_per_mark(before: int, after: int, mark: int | None) -> None:
    assert crossed_low_water(before=before, after=after, reference=1000) == mark


GRANTS = st.lists(
    st.builds(
        grant,
        st.integers(1, 10_000),
        st.integers(0, 50),
        source=st.sampled_from(GrantSource),
        priority=st.integers(0, 3),
        age_days=st.integers(-1, 3),
        expires_in_days=st.one_of(st.none(), st.integers(-2, 3)),
        is_frozen=st.booleans(),
    ),
    max_size=8,
    unique_by=lambda found: found.id,
)


@settings(max_examples=100)
@given(grants=GRANTS, amount=st.integers(1, 200), share=st.integers(0, 100), later_days=st.integers(0, 4))
def test_no_credit_appears_or_vanishes_from_hold_to_refund(
    grants: list[Grant], amount: int, share: int, later_days: int
) -> None:
    by_id = {found.id: found for found in grants}
    spendable = sum(found.remaining for found in spend_order(grants, now=NOW))
    if amount > spendable:
        with pytest.raises(InsufficientCredits):
            allocate(grants=grants, amount=amount, now=NOW)
        return

    held = allocate(grants=grants, amount=amount, now=NOW)
    price = amount * share // 100
    settlement = settle(held=held, amount=price)
    back = give_back(allocations=settlement.released, grants=by_id, now=NOW + later_days * DAY)

    assert total(held) == amount
    assert all(0 < part.amount <= by_id[part.grant_id].remaining for part in held)
    assert len({part.grant_id for part in held}) == len(held)
    assert total(settlement.settled) == price
    assert total(settlement.settled) + total(back.returned) + total(back.expired) == amount
    if price:
        first = refund(settled=settlement.settled, already_refunded=0, amount=1)
        rest = refund(settled=settlement.settled, already_refunded=1, amount=price - 1) if price > 1 else ()
        paid = {part.grant_id: part.amount for part in settlement.settled}
        refunded: dict[UUID, int] = {}
        for part in (*first, *rest):
            refunded[part.grant_id] = refunded.get(part.grant_id, 0) + part.amount
        assert refunded == paid


@settings(max_examples=60)
@given(
    moves=st.lists(st.tuples(st.sampled_from(["hold", "settle", "expire"]), st.integers(0, 40)), max_size=30)
)
def test_a_life_of_holds_settlements_and_expiry_never_goes_below_zero(moves: list[tuple[str, int]]) -> None:
    grants = {UUID(int=number): grant(number, 40, expires_in_days=number * 3) for number in (1, 2, 3)}
    holds: list[tuple[Allocation, ...]] = []
    consumed = expired = 0
    now = NOW

    def move(parts: tuple[Allocation, ...], sign: int) -> None:
        for part in parts:
            old = grants[part.grant_id]
            grants[part.grant_id] = grant(
                old.id.int, old.remaining + sign * part.amount, expires_in_days=old.id.int * 3
            )

    for name, size in moves:
        now += DAY / 2
        if name == "hold" and size:
            try:
                holds.append(allocate(grants=grants.values(), amount=size, now=now))
                move(holds[-1], -1)
            except InsufficientCredits:
                pass
        elif name == "settle" and holds:
            held = holds.pop(0)
            settlement = settle(held=held, amount=min(size, total(held)))
            back = give_back(allocations=settlement.released, grants=grants, now=now)
            move(back.returned, 1)
            consumed += total(settlement.settled)
            expired += total(back.expired)
        elif name == "expire":
            gone = tuple(
                Allocation(found.id, found.remaining)
                for found in grants.values()
                if found.remaining and found.has_expired(now=now)
            )
            move(gone, -1)
            expired += total(gone)
        assert all(found.remaining >= 0 for found in grants.values())

    available = sum(found.remaining for found in grants.values())
    assert available + consumed + expired + sum(total(held) for held in holds) == 120
