"""What was made a moment ago is made once."""

import asyncio

import pytest

from resolvers.sharing import KEPT_MAX, SHARED_S, Shared


class Maker:
    """Makes numbers, and counts."""

    def __init__(self) -> None:
        self.made = 0
        self.go = asyncio.Event()

    async def __call__(self) -> int:
        self.made += 1
        number = self.made
        await self.go.wait()
        return number


async def test_all_who_ask_at_once_get_the_same() -> None:
    now, make = [0.0], Maker()
    shared = Shared(clock=lambda: now[0])
    asking = [asyncio.create_task(shared.get("key", make)) for _ in range(9)]
    other = asyncio.create_task(shared.get("other", make))
    await asyncio.sleep(0)
    asking[0].cancel()  # who began it needn't wait for it
    make.go.set()
    assert await asyncio.gather(*asking[1:], other) == [1] * 8 + [2]
    assert make.made == 2

    now[0] = SHARED_S - 0.01
    assert await shared.get("key", make) == 1
    now[0] = SHARED_S
    assert await shared.get("key", make) == 3


async def test_who_makes_lets_others_run_and_they_find_it_at_once() -> None:
    shared, numbers = Shared(), iter(range(9))

    def number() -> asyncio.Future[int]:
        made = asyncio.get_running_loop().create_future()
        made.set_result(next(numbers))
        return made

    making, finding = shared.get("key", number), shared.get("key", number)
    making.send(None)
    for getting in (finding, making):
        with pytest.raises(StopIteration) as done:
            getting.send(None)
        assert done.value.value == 0


async def test_a_failure_is_shared_too() -> None:
    shared, calls = Shared(), 0

    async def fail() -> None:
        nonlocal calls
        calls += 1
        raise ValueError

    for _ in range(2):
        with pytest.raises(ValueError):
            await shared.get("key", fail)
    assert calls == 1


async def test_no_more_is_kept_than_is_needed() -> None:
    now, make = [0.0], Maker()
    make.go.set()
    shared = Shared(clock=lambda: now[0])
    for number in range(KEPT_MAX + 10):
        await shared.get(number, make)
    assert len(shared) == KEPT_MAX
    now[0] = SHARED_S
    await shared.get("new", make)
    assert len(shared) == 1
