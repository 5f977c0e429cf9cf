"""A migrated database holds what the models, the tenancy rules and the migrations themselves promise."""

import asyncio
import secrets
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import asyncpg
import pytest_asyncio
from tortoise import Tortoise

from aerich_migrations.tables import counted
from operations.migrating import migrate
from operations.row_counts import as_owner, find_drift
from schema.nodes import ENTITIES, entity_of
from tests.waiting import until
from tests.world import World

PLATFORM_TABLES = {
    "app_user",
    "credential",
    "first_party_document",
    "session",
    "one_time_token",
    "platform_mail",
    "platform_suppression",
    "tortoise_migrations",
}
"""Tables that belong to no workspace; everything else has ``workspace_id`` (``workspace`` itself has ``id``)."""

KEYED_BY_WORKSPACE = {
    "event",
    "audit_event",
    "idempotency_record",
    "log_head",
    "credit_account",
    "credit_budget",
    "data_key",
    "row_count",
}
"""Tables that no other table refers to, keyed by the workspace (and a number) instead of an id."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def catalogue(database_url: str) -> Any:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


async def _tables(catalogue: Any) -> set[str]:
    rows = await catalogue.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return {row["tablename"] for row in rows}


async def test_every_table_belongs_to_a_workspace_or_stands_on_the_named_list(catalogue: Any) -> None:
    rows = await catalogue.fetch(
        """
        SELECT table_name FROM information_schema.columns
        WHERE table_schema = 'public' AND column_name = 'workspace_id' AND is_nullable = 'NO'
        """
    )
    with_workspace = {row["table_name"] for row in rows}
    without = await _tables(catalogue) - with_workspace - {"workspace"}
    assert without <= PLATFORM_TABLES
    assert not with_workspace & PLATFORM_TABLES


async def test_every_tenant_table_forces_row_level_security_with_a_tenant_policy(catalogue: Any) -> None:
    rows = await catalogue.fetch(
        """
        SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AS forced,
               EXISTS (SELECT 1 FROM pg_policies p WHERE p.tablename = c.relname AND p.policyname = 'tenant'
                       AND p.roles = '{plera_app}' AND p.qual LIKE '%app.workspace_id%'
                       AND p.with_check LIKE '%app.workspace_id%') AS tenant
        FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
        """
    )
    open_ones = {row["relname"] for row in rows if not (row["forced"] and row["tenant"])}
    assert open_ones <= PLATFORM_TABLES


async def test_no_policy_lets_the_application_see_more_than_a_workspace(catalogue: Any) -> None:
    rows = await catalogue.fetch(
        "SELECT tablename, policyname FROM pg_policies WHERE 'plera_app' = ANY (roles) OR 'public' = ANY (roles)"
    )
    others = {(row["tablename"], row["policyname"]) for row in rows if row["policyname"] != "tenant"}
    assert others <= {("app_user", "fellow_member"), ("platform_suppression", "look_up")}


async def test_children_refer_to_parents_of_their_own_workspace(catalogue: Any) -> None:
    rows = await catalogue.fetch(
        """
        SELECT conrelid::regclass::text AS child, pg_get_constraintdef(oid) AS definition FROM pg_constraint
        WHERE contype = 'f' AND connamespace = 'public'::regnamespace
          AND confrelid::regclass::text NOT IN ('workspace', 'app_user')
        """
    )
    assert rows
    simple = [row["definition"] for row in rows if "FOREIGN KEY (workspace_id, " not in row["definition"]]
    assert simple == []


async def test_every_id_column_of_a_tenant_table_is_a_composite_key_or_named_here(catalogue: Any) -> None:
    rows = await catalogue.fetch(
        """
        SELECT c.table_name || '.' || c.column_name AS name FROM information_schema.columns c
        JOIN information_schema.tables b ON b.table_name = c.table_name AND b.table_type = 'BASE TABLE'
        WHERE c.table_schema = 'public' AND c.data_type = 'uuid' AND c.column_name LIKE '%\\_id'
          AND c.column_name <> 'workspace_id' AND c.table_name <> ALL ($1)
          AND NOT EXISTS (
            SELECT 1 FROM information_schema.key_column_usage k
            JOIN information_schema.table_constraints t USING (constraint_name, table_name)
            WHERE t.constraint_type = 'FOREIGN KEY' AND k.table_name = c.table_name AND k.column_name = c.column_name)
        """,
        list(PLATFORM_TABLES),
    )
    assert {row["name"] for row in rows} <= FREE_IDS


FREE_IDS = {
    "workspace.owner_user_id",
    "event.subject_id",
    "event.run_id",
    "audit_event.actor_id",
    "audit_event.target_id",
    "idempotency_record.caller_id",
    "idempotency_record.result_id",
    "strategy_profile.lineage_id",
    "sequence.lineage_id",
    "suppression.scope_id",
    "message.in_reply_to_id",
    "approval.batch_id",
    "ledger_entry.transaction_id",
    "ledger_entry.reverses_id",
}
"""Ids that may outlive what they name, or name one of several kinds of object."""


async def test_the_models_read_and_write_what_the_tables_have(world: World, catalogue: Any) -> None:
    rows = await catalogue.fetch(
        "SELECT table_name, column_name, is_nullable FROM information_schema.columns WHERE table_schema = 'public'"
    )
    columns: dict[str, dict[str, bool]] = {}
    for row in rows:
        columns.setdefault(row["table_name"], {})[row["column_name"]] = row["is_nullable"] == "YES"
    problems = []
    for model in (Tortoise.apps or {})["models"].values():
        table = columns.get(model._meta.db_table)
        if table is None:
            problems.append(f"{model.__name__}: no table {model._meta.db_table}")
            continue
        for name, field in model._meta.fields_map.items():
            if name not in table:
                problems.append(f"{model.__name__}.{name}: no such column")
            elif bool(field.null) != table[name]:
                problems.append(
                    f"{model.__name__}.{name}: null={field.null}, but the column is the other way"
                )
    assert problems == []


async def test_the_rows_of_counted_entities_are_counted_and_no_others(catalogue: Any) -> None:
    rows = await catalogue.fetch(
        """
        SELECT tgrelid::regclass::text AS relation, pg_get_triggerdef(oid) AS definition, tgenabled FROM pg_trigger
        WHERE tgfoid = 'count_rows'::regproc
        """
    )
    found = {(row["relation"], row["definition"].partition(" EXECUTE ")[0], row["tgenabled"]) for row in rows}
    tables = {entity_of(type_).table for type_ in ENTITIES.values() if entity_of(type_).counted}
    when = {
        "added": "AFTER INSERT ON public.{} REFERENCING NEW TABLE AS changed",
        "removed": "AFTER DELETE ON public.{} REFERENCING OLD TABLE AS changed",
    }
    assert found == {
        (name, f"CREATE TRIGGER {name}_{how} {told.format(name)} FOR EACH STATEMENT", b"O")
        for name in tables
        for how, told in when.items()
    }


async def test_counting_begins_with_the_rows_that_are_there_and_those_under_way(
    new_database: Callable[[], str],
) -> None:
    url, place = new_database(), uuid4()
    async with as_owner(url) as migration, as_owner(url) as writer, as_owner(url) as late:
        await migration.execute("CREATE TABLE thing (workspace_id uuid NOT NULL)")
        await writer.execute("INSERT INTO thing SELECT $1 FROM generate_series(1, 3)", place)
        under_way = writer.transaction()
        await under_way.start()
        await writer.execute("INSERT INTO thing VALUES ($1)", place)
        migrating = asyncio.create_task(migration.execute(counted("thing")))
        await _waits_for_a_lock(writer, migration)
        inserting = asyncio.create_task(late.execute("INSERT INTO thing VALUES ($1)", place))
        await _waits_for_a_lock(writer, late)
        await under_way.commit()
        await asyncio.gather(migrating, inserting)

        deltas = await writer.fetch("SELECT workspace_id, delta FROM row_count WHERE relation = 'thing'")
        assert sorted(map(tuple, deltas)) == [(place, 1), (place, 4)]
        assert await find_drift(writer) == {}


async def _waits_for_a_lock(looking: Any, waiting: Any) -> None:
    async def look() -> bool:
        found = await looking.fetchval("SELECT pg_blocking_pids($1) <> '{}'", waiting.get_server_pid())
        return bool(found)

    await until(look)


async def test_migrating_twice_or_at_once_changes_nothing(database_url: str) -> None:
    name = f"race_{secrets.token_hex(4)}"
    admin = await asyncpg.connect(database_url)
    await admin.execute(f"CREATE DATABASE {name}")
    url = database_url.rpartition("/")[0] + f"/{name}"
    try:
        first, second = await asyncio.gather(migrate(owner_url=url), migrate(owner_url=url))
        assert sorted([len(first), len(second)])[0] == 0
        assert await migrate(owner_url=url) == []
    finally:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()
