"""How the words of a whole file are indexed: never by a loop over leads and companies."""

from typing import Any

import orjson
import pytest
from asyncpg.pool import PoolConnectionProxy

from domain.leads import searching
from simulators.lead_files import Style, make_lead_file
from tests.steps.leads import import_file
from tests.world import World


class Watched:
    """The statements of imports, with the plan of the one that indexes words."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.statements: list[str] = []
        self.plan: list[str] = []
        self._execute = PoolConnectionProxy.execute
        watched = self

        async def execute(proxy: Any, sql: str, *values: Any, **options: Any) -> Any:
            watched.statements.append(sql)
            if sql == searching.INDEX:
                watched.plan = [row[0] for row in await proxy.fetch(f"EXPLAIN {sql}", *values)]
            return await watched._execute(proxy, sql, *values, **options)

        patch.setattr(PoolConnectionProxy, "execute", execute)


async def test_leads_of_a_workspace_unknown_to_the_statistics_are_not_looped_over(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = Watched(monkeypatch)
    file = make_lead_file(style=Style.APOLLO, rows=900, seed=5)
    job = await import_file(world, file)

    assert job["createdCount"] < searching.ANALYZED_ROWS_MIN
    assert "SELECT analyze_leads()" not in watched.statements
    plan = "\n".join(watched.plan)
    assert "company" in plan
    assert "Nested Loop" not in plan
    [found] = await world.fetch("SELECT count(*)::int AS leads FROM lead_search")
    assert found["leads"] == job["createdCount"]


async def test_the_planner_hears_of_a_large_file(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched(monkeypatch)
    job = await import_file(world, make_lead_file(style=Style.HUBSPOT, rows=1_500, seed=5))

    assert job["createdCount"] >= searching.ANALYZED_ROWS_MIN
    assert watched.statements.count("SELECT analyze_leads()") == 1
    [planned] = await world.fetch(
        "EXPLAIN (FORMAT JSON) SELECT id FROM lead WHERE workspace_id = $1", world.workspace_id
    )
    assert orjson.loads(planned["QUERY PLAN"])[0]["Plan"]["Plan Rows"] > 100
