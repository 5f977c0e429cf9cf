"""The doctor names what is wrong."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from operations.doctor import Finding, examine
from settings import Settings
from tests.world import World


@asynccontextmanager
async def _opens() -> AsyncIterator[None]:
    yield


def _by_subject(found: list[Finding]) -> dict[str, Finding]:
    return {finding.subject: finding for finding in found}


async def test_a_sound_installation_has_nothing_wrong(world: World) -> None:
    found = await examine(world.app.settings, open_application=_opens)
    assert [finding.subject for finding in found if not finding.fine] == []
    assert _by_subject(found)["migrations"].detail == "up to date"


async def test_servers_that_do_not_answer_are_named(world: World) -> None:
    settings = Settings(DATABASE_URL="postgres://nobody:x@127.0.0.1:1/plera", REDIS_URL="redis://127.0.0.1:1")
    found = _by_subject(await examine(settings, open_application=_opens))
    assert [found[name].fine for name in ("PostgreSQL", "migrations", "Valkey")] == [False, False, False]
    assert "keys and adapters" not in found
