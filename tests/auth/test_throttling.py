import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from limits.aio.storage import MemoryStorage
from redis.asyncio import Redis
from structlog.testing import capture_logs

from auth.throttling import (
    Allowance,
    Allowances,
    Attempt,
    AttemptThrottle,
    TooManyAttempts,
    network_of,
    valkey_storage,
)

KEY = b"k" * 32
SMALL = {
    attempt: Allowances(by_address=Allowance(6, 60), by_pair=Allowance(2, 60), by_account=Allowance(4, 60))
    for attempt in Attempt
}
HERE, THERE = "198.51.100.7", "203.0.113.9"


@pytest.fixture
def throttle() -> AttemptThrottle:
    return AttemptThrottle(storage=MemoryStorage(), key=KEY, allowances=SMALL)


async def admitted(throttle: AttemptThrottle, *, account: str, address: str | None, tries: int) -> int:
    """Return how many of the tries pass."""
    passed = 0
    for _ in range(tries):
        try:
            await throttle.admit(Attempt.SIGN_IN, account=account, address=address)
        except TooManyAttempts:
            continue
        passed += 1
    return passed


@pytest.fixture
def no_time_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = float(int(time.time()))  # Valkey keeps four digits of a fraction, and waiting is rounded up
    monkeypatch.setattr(time, "time", lambda: now_s)


@pytest.mark.usefixtures("no_time_passes")
async def test_the_third_try_of_an_account_from_one_place_waits(throttle: AttemptThrottle) -> None:
    assert await admitted(throttle, account="ada@example.com", address=HERE, tries=2) == 2

    with pytest.raises(TooManyAttempts) as refused:
        await throttle.admit(Attempt.SIGN_IN, account="ada@example.com", address=HERE)

    assert refused.value.retry_after_s == 60
    assert "ada" not in refused.value.message


async def test_guesses_from_one_place_leave_the_owner_elsewhere_free(throttle: AttemptThrottle) -> None:
    assert await admitted(throttle, account="ada@example.com", address=HERE, tries=20) == 2

    assert await admitted(throttle, account="ada@example.com", address=THERE, tries=1) == 1


async def test_guesses_from_many_places_meet_the_account_limit(throttle: AttemptThrottle) -> None:
    passed = [
        await admitted(throttle, account="ada@example.com", address=f"198.51.100.{last}", tries=1)
        for last in range(1, 9)
    ]

    assert passed == [1, 1, 1, 1, 0, 0, 0, 0]


async def test_one_place_cannot_try_many_accounts(throttle: AttemptThrottle) -> None:
    passed = [
        await admitted(throttle, account=f"{name}@example.com", address=HERE, tries=1) for name in "abcdefgh"
    ]

    assert sum(passed) == 6
    assert await admitted(throttle, account="z@example.com", address=THERE, tries=1) == 1


async def test_kinds_of_attempt_are_counted_apart(throttle: AttemptThrottle) -> None:
    await admitted(throttle, account="ada@example.com", address=HERE, tries=5)

    await throttle.admit(Attempt.REQUEST_MAIL, account="ada@example.com", address=HERE)


async def test_success_forgives_the_pair_and_not_the_account(throttle: AttemptThrottle) -> None:
    await admitted(throttle, account="ada@example.com", address=HERE, tries=2)

    await throttle.forgive(Attempt.SIGN_IN, account="ada@example.com", address=HERE)

    assert await admitted(throttle, account="ada@example.com", address=HERE, tries=5) == 2
    await throttle.forgive(Attempt.SIGN_IN, account="ada@example.com", address=HERE)
    assert await admitted(throttle, account="ada@example.com", address=HERE, tries=5) == 0


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("not an address", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_what_one_caller_controls_is_one_count(address: str | None, network: str) -> None:
    assert network_of(address) == network


@pytest.fixture
async def valkey(redis_url: str) -> AsyncIterator[Redis]:
    client = Redis.from_url(redis_url)
    await client.flushall()
    yield client
    await client.aclose()


@pytest.mark.usefixtures("no_time_passes")
async def test_processes_share_their_counts_and_valkey_learns_no_names(valkey: Redis) -> None:
    one, two = (AttemptThrottle(storage=valkey_storage(valkey), key=KEY, allowances=SMALL) for _ in range(2))

    assert await admitted(one, account="ada@example.com", address=HERE, tries=1) == 1
    assert await admitted(two, account="ada@example.com", address=HERE, tries=3) == 1
    with pytest.raises(TooManyAttempts) as refused:
        await one.admit(Attempt.SIGN_IN, account="ada@example.com", address=HERE)

    assert refused.value.retry_after_s == 60
    keys = await valkey.keys("*")
    assert len(keys) == 3
    assert all(key.startswith(b"plera:throttle:") for key in keys)
    assert not any(b"ada" in key or HERE.encode() in key for key in keys)
    assert all([0 < await valkey.ttl(key) <= 60 for key in keys])
    await two.forgive(Attempt.SIGN_IN, account="ada@example.com", address=HERE)
    assert await admitted(one, account="ada@example.com", address=HERE, tries=1) == 1


async def test_parallel_tries_cannot_slip_through(valkey: Redis) -> None:
    throttle = AttemptThrottle(storage=valkey_storage(valkey), key=KEY, allowances=SMALL)

    passed = await asyncio.gather(
        *(admitted(throttle, account="ada@example.com", address=HERE, tries=1) for _ in range(20))
    )

    assert sum(passed) == 2


async def test_without_valkey_each_process_still_counts_and_says_so(tmp_path: Path) -> None:
    gone = Redis(unix_socket_path=str(tmp_path / "nobody.sock"))
    throttle = AttemptThrottle(storage=valkey_storage(gone), key=KEY, allowances=SMALL)

    with capture_logs() as logs:
        assert await admitted(throttle, account="ada@example.com", address=HERE, tries=3) == 2
        await throttle.forgive(Attempt.SIGN_IN, account="ada@example.com", address=HERE)
        assert await admitted(throttle, account="ada@example.com", address=HERE, tries=3) == 2

    assert {line["event"] for line in logs} == {"throttle.shared_counter_unavailable"}
    assert "ada" not in str(logs)
    await gone.aclose()
