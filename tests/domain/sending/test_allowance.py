from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.sending.allowance import (
    ROLLING,
    AllowanceBound,
    AllowanceScope,
    EffectiveAllowance,
    HealthLevel,
    effective_allowance,
    judge_health,
    measure_allowance,
    next_spaced_at,
    parse_daily_cap,
    reputation_cap,
    spacing_s,
)

NOW = datetime(2026, 6, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SENDER = UUID(int=1)


def frees_at(*, limit: int, sent_at: list[datetime], now: datetime) -> datetime | None:
    """Return when one more fits."""
    return measure_allowance(scope=AllowanceScope.SENDER, limit=limit, sent_at=sent_at, now=now).frees_at


def test_a_free_allowance_lets_the_next_one_out_now() -> None:
    use = measure_allowance(
        scope=AllowanceScope.SENDER, limit=3, sent_at=[NOW - HOUR, NOW - 2 * HOUR], now=NOW
    )

    assert (use.used, use.frees_at, use.is_free) == (2, NOW, True)


def test_a_full_allowance_frees_when_the_oldest_send_is_a_day_old() -> None:
    sent = [NOW - HOUR, NOW - 23 * HOUR, NOW - 5 * HOUR]

    use = measure_allowance(scope=AllowanceScope.RECIPIENT_COMPANY, limit=3, sent_at=sent, now=NOW)

    assert (use.used, use.frees_at, use.is_free) == (3, NOW + HOUR, False)


def test_an_overdrawn_allowance_waits_for_as_many_as_are_too_many() -> None:
    sent = [NOW - 23 * HOUR, NOW - 20 * HOUR, NOW - 10 * HOUR, NOW - HOUR]

    assert frees_at(limit=2, sent_at=sent, now=NOW) == NOW + 14 * HOUR
    assert frees_at(limit=1, sent_at=sent, now=NOW) == NOW + 23 * HOUR


def test_a_send_exactly_a_day_ago_no_longer_counts() -> None:
    assert frees_at(limit=1, sent_at=[NOW - ROLLING], now=NOW) == NOW
    just_inside = NOW - ROLLING + timedelta(microseconds=1)
    assert frees_at(limit=1, sent_at=[just_inside], now=NOW) == NOW + timedelta(microseconds=1)


def test_an_allowance_of_nothing_never_frees() -> None:
    assert frees_at(limit=0, sent_at=[], now=NOW) is None
    assert not measure_allowance(scope=AllowanceScope.SENDER, limit=0, sent_at=[], now=NOW).is_free


@settings(max_examples=100)
@given(
    ages_s=st.lists(st.integers(0, 200_000), max_size=40),
    limit=st.integers(1, 10),
)
def test_the_slot_is_the_first_moment_at_which_fewer_than_the_limit_are_recent(
    ages_s: list[int], limit: int
) -> None:
    sent = [NOW - timedelta(seconds=age) for age in ages_s]

    def recent(at: datetime) -> int:
        return sum(at - ROLLING < moment for moment in sent)

    slot = frees_at(limit=limit, sent_at=sent, now=NOW)

    assert slot is not None
    assert slot >= NOW
    assert recent(slot) < limit
    assert slot == NOW or recent(slot - timedelta(microseconds=1)) >= limit


@settings(max_examples=50)
@given(gaps_s=st.lists(st.integers(0, 40_000), min_size=1, max_size=60), limit=st.integers(1, 6))
def test_obeying_the_slots_keeps_every_rolling_day_within_the_limit(gaps_s: list[int], limit: int) -> None:
    sent: list[datetime] = []
    wish = NOW
    for gap in gaps_s:
        wish = max(wish, sent[-1] if sent else NOW) + timedelta(seconds=gap)
        slot = frees_at(limit=limit, sent_at=sent, now=wish)
        assert slot is not None
        sent.append(slot)

    assert all(sum(end - ROLLING < at <= end for at in sent) <= limit for end in sent)


@pytest.mark.parametrize(
    ("sent", "bounces", "complaints", "level"),
    [
        (100, 0, 0, HealthLevel.GOOD),
        (100, 1, 0, HealthLevel.GOOD),
        (100, 2, 0, HealthLevel.WARNING),
        (100, 3, 0, HealthLevel.WARNING),
        (100, 4, 0, HealthLevel.STOP),
        (5, 1, 0, HealthLevel.GOOD),
        (5, 4, 0, HealthLevel.STOP),
        (100, 0, 1, HealthLevel.WARNING),
        (100, 0, 3, HealthLevel.STOP),
        (10_000, 0, 9, HealthLevel.GOOD),
        (10_000, 0, 10, HealthLevel.WARNING),
        (10_000, 0, 30, HealthLevel.STOP),
        (0, 0, 0, HealthLevel.GOOD),
    ],
)
def test_bounces_and_complaints_decide_a_senders_health(
    sent: int, bounces: int, complaints: int, level: HealthLevel
) -> None:
    assert judge_health(sent=sent, hard_bounces=bounces, complaints=complaints) is level


def test_reputation_takes_half_and_then_all() -> None:
    assert [reputation_cap(user_cap=50, health=level) for level in HealthLevel] == [50, 25, 0]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, EffectiveAllowance(50, AllowanceBound.USER_CAP)),
        ({"ramp_cap": 7}, EffectiveAllowance(7, AllowanceBound.RAMP)),
        ({"provider_ceiling": 30}, EffectiveAllowance(30, AllowanceBound.PROVIDER)),
        ({"provider_ceiling": None}, EffectiveAllowance(50, AllowanceBound.USER_CAP)),
        ({"reputation_cap": 0, "ramp_cap": 7}, EffectiveAllowance(0, AllowanceBound.REPUTATION)),
        ({"domain_age_days": 29}, EffectiveAllowance(25, AllowanceBound.USER_CAP)),
        ({"domain_age_days": 30}, EffectiveAllowance(50, AllowanceBound.USER_CAP)),
        ({"domain_age_days": 3, "ramp_cap": 7}, EffectiveAllowance(3, AllowanceBound.RAMP)),
    ],
)
def test_the_smallest_cap_binds(changes: dict[str, int | None], expected: EffectiveAllowance) -> None:
    caps: dict[str, int | None] = {
        "ramp_cap": None,
        "provider_ceiling": 2000,
        "domain_age_days": None,
    } | changes
    reputation = caps.pop("reputation_cap", 50)
    assert reputation is not None

    found = effective_allowance(
        user_cap=50,
        ramp_cap=caps["ramp_cap"],
        provider_ceiling=caps["provider_ceiling"],
        reputation_cap=reputation,
        domain_age_days=caps["domain_age_days"],
    )

    assert found == expected


@pytest.mark.parametrize("cap", [0, -1, 151])
def test_a_cap_out_of_range_is_refused(cap: int) -> None:
    with pytest.raises(Invalid) as error:
        parse_daily_cap(cap)

    assert error.value.field == ("dailyCap",)


def test_the_ceiling_is_a_setting() -> None:
    assert parse_daily_cap(150) == 150
    assert parse_daily_cap(400, ceiling=500) == 400


@settings(max_examples=100)
@given(delivery=st.uuids())
def test_spacing_is_between_one_and_five_minutes_and_repeatable(delivery: UUID) -> None:
    seconds = spacing_s(sender_id=SENDER, delivery_id=delivery)

    assert 60 <= seconds < 300
    assert spacing_s(sender_id=SENDER, delivery_id=delivery) == seconds


def test_spacing_differs_from_message_to_message_and_is_even() -> None:
    drawn = [spacing_s(sender_id=SENDER, delivery_id=UUID(int=index)) for index in range(2000)]

    assert len(set(drawn)) == 2000
    assert 175 < sum(drawn) / 2000 < 185
    assert min(drawn) < 65
    assert max(drawn) > 295


def test_the_next_send_keeps_its_distance_from_the_last() -> None:
    delivery = UUID(int=7)
    wait = timedelta(seconds=spacing_s(sender_id=SENDER, delivery_id=delivery))

    assert next_spaced_at(last_sent_at=NOW, sender_id=SENDER, delivery_id=delivery) == NOW + wait
    assert next_spaced_at(last_sent_at=None, sender_id=SENDER, delivery_id=delivery) is None
