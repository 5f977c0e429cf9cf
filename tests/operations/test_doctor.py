"""The doctor names what is wrong."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import asyncpg

from domain.ids import new_id
from operations.doctor import Finding, examine
from operations.row_counts import as_owner, recount
from settings import Settings
from tests.steps.api_clients import insert_published
from tests.world import World


@asynccontextmanager
async def _opens() -> AsyncIterator[None]:
    yield


def _by_subject(found: list[Finding]) -> dict[str, Finding]:
    return {finding.subject: finding for finding in found}


async def test_a_sound_installation_has_nothing_wrong(world: World, new_database: Callable[[], str]) -> None:
    settings = world.app.settings.model_copy(update={"database_url": new_database()})
    found = await examine(settings, open_application=_opens)
    assert [finding.subject for finding in found if not finding.fine] == []
    assert _by_subject(found)["migrations"].detail == "up to date"
    assert _by_subject(found)["persisted documents"].detail == "all 0 are answered by this version"


async def test_servers_that_do_not_answer_are_named(world: World) -> None:
    settings = Settings(DATABASE_URL="postgres://nobody:x@127.0.0.1:1/plera", REDIS_URL="redis://127.0.0.1:1")
    found = _by_subject(await examine(settings, open_application=_opens))
    assert [found[name].fine for name in ("PostgreSQL", "migrations", "Valkey")] == [False, False, False]
    assert "keys and adapters" not in found


async def test_documents_that_this_version_does_not_answer_are_counted_by_client(
    world: World, new_database: Callable[[], str]
) -> None:
    settings = world.app.settings.model_copy(update={"database_url": new_database()})
    url = settings.database_url or ""
    await insert_published(url, text="{ nothing }")
    await insert_published(url, text="{ nothing }", status="DISABLED")
    finding = _by_subject(await examine(settings, open_application=_opens))["persisted documents"]
    assert not finding.fine
    assert finding.detail == (
        "RuntimeError: 1 of acme-active, Web app: this version doesn't answer them; "
        "see `python main.py documents check`"
    )


async def test_row_counts_that_are_wrong_are_named_and_can_be_put_right(
    world: World, new_database: Callable[[], str]
) -> None:
    url = new_database()
    settings = world.app.settings.model_copy(update={"database_url": url})
    places = [new_id(), new_id()]
    admin = await asyncpg.connect(url)
    await admin.execute("SET session_replication_role = replica")  # as a bulk load would: no trigger runs
    for place in places:
        await admin.execute(
            "INSERT INTO company (id, workspace_id, name, name_key) VALUES (gen_random_uuid(), $1, 'x', 'x')",
            place,
        )
    await admin.execute("INSERT INTO row_count VALUES ($1, 'message', 7)", places[0])
    await admin.close()

    finding = _by_subject(await examine(settings, open_application=_opens))["row counts"]
    assert not finding.fine
    assert finding.detail == "RuntimeError: wrong for company, message; run `python main.py recount`"

    async with as_owner(url) as connection:
        assert await recount(connection) == {"company": 2, "message": 1}
        assert await recount(connection) == {}
        rows = await connection.fetch(
            "SELECT relation, sum(delta)::int AS sum FROM row_count GROUP BY relation"
        )
    assert {row["relation"]: row["sum"] for row in rows} == {"company": 2, "message": 0}
    assert _by_subject(await examine(settings, open_application=_opens))["row counts"].fine
