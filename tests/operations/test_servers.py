import asyncio
from pathlib import Path

import asyncpg
import pytest

from tests import servers
from tests.servers import DatabaseDesk, ask_for_database


async def tables(url: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        count: int = await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        return count
    finally:
        await connection.close()


def test_each_worker_gets_a_migrated_database_of_its_own(database_url: str) -> None:
    desk = DatabaseDesk()
    try:
        first, second = (ask_for_database(desk.address, name=name) for name in ("first", "second"))
        assert [url.rsplit("/", 1)[1] for url in (first, second)] == ["plera_first", "plera_second"]
        assert (
            asyncio.run(tables(first)) == asyncio.run(tables(second)) == asyncio.run(tables(database_url)) > 0
        )
    finally:
        desk.close()
    with pytest.raises(OSError, match=r"refused|failed"):
        asyncio.run(tables(first))


def test_nobody_asks_nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Path] = []
    monkeypatch.setattr(servers, "start_postgres", lambda *, data_dir, **_: started.append(data_dir))
    DatabaseDesk().close()
    assert started == []


def test_whoever_asks_hears_why_there_is_no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(servers, "start_postgres", fail)
    desk = DatabaseDesk()
    with pytest.raises(RuntimeError, match="no database for the tests: OSError: no space left"):
        ask_for_database(desk.address, name="first")
    desk.close()
