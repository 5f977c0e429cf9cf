"""Waiting for facts instead of letting time pass: a test goes on as soon as what it needs is so, and not before."""

import asyncio
from collections.abc import Callable
from inspect import isawaitable
from typing import Any

import asyncpg

HANGS_S = 100.0
"""What isn't so after this long never will be, on a slow and busy machine too. Nothing is shown by being quicker."""


def in_time() -> asyncio.Timeout:
    """Guard a block against hanging; raises TimeoutError."""
    return asyncio.timeout(HANGS_S)


async def until(look: Callable[[], Any]) -> Any:
    """Look again and again, and return the first answer that is true; raises TimeoutError when none is.

    Args:
        look: gives the answer or something to await for it.
    """
    async with in_time():
        while True:
            answer = look()
            if isawaitable(answer):
                answer = await answer
            if answer:
                return answer
            await asyncio.sleep(0.01)


async def until_a_lock_is_awaited(database_url: str) -> None:
    """Wait until some connection to this database can't go on before another one's transaction ends."""
    connection = await asyncpg.connect(database_url)
    try:
        await until(lambda: connection.fetchval(_LOCK_AWAITED))
    finally:
        await connection.close()


_LOCK_AWAITED = """
    SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')
"""
