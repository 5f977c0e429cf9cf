"""Group commit: what arrives meanwhile goes together, and one bad item spoils no other."""

import asyncio
from collections.abc import Sequence

import pytest

from domain.sending.grouping import Grouped
from tests.waiting import until


async def test_what_arrives_while_a_group_is_written_shares_the_next_one() -> None:
    groups: list[list[int]] = []
    may_end = asyncio.Event()

    async def write(items: Sequence[int]) -> list[int]:
        groups.append(list(items))
        await may_end.wait()
        return [item * 10 for item in items]

    grouped = Grouped(write, size_max=3)
    first = asyncio.create_task(grouped.submit(0))
    await until(lambda: groups)
    rest = [asyncio.create_task(grouped.submit(item)) for item in range(1, 6)]
    await asyncio.sleep(0)  # they have come
    may_end.set()

    assert await asyncio.gather(first, *rest) == [0, 10, 20, 30, 40, 50]
    assert groups == [[0], [1, 2, 3], [4, 5]]


async def test_a_bad_item_fails_alone() -> None:
    async def write(items: Sequence[int]) -> list[int]:
        await asyncio.sleep(0)
        if 2 in items:
            raise ValueError("two")
        return list(items)

    grouped = Grouped(write)
    results = await asyncio.gather(*(grouped.submit(item) for item in range(4)), return_exceptions=True)

    assert [results[0], results[1], results[3]] == [0, 1, 3]
    assert isinstance(results[2], ValueError)
    with pytest.raises(ValueError, match="two"):
        await grouped.submit(2)
    assert await grouped.submit(7) == 7


async def test_somebody_who_gives_up_leaves_the_others_their_results() -> None:
    async def write(items: Sequence[int]) -> list[int]:
        await asyncio.sleep(0)
        return list(items)

    grouped = Grouped(write)
    one, two = (asyncio.create_task(grouped.submit(item)) for item in (1, 2))
    await asyncio.sleep(0)  # both have come
    one.cancel()

    assert await two == 2
