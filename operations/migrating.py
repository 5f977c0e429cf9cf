"""Bring a database to this version: roles, then migrations, under one lock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from tortoise.context import TortoiseContext
from tortoise.migrations import executor as engine

from settings import tortoise_config

# Roles belong to the whole cluster, so the lock is taken in a database every migrating process shares.
LOCK = 7_150_415_372
ROLES = """
DO $$
DECLARE wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['plera_owner', 'plera_app', 'plera_system'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
        END IF;
        EXECUTE format('GRANT %I TO CURRENT_USER', wanted);
    END LOOP;
    EXECUTE format('GRANT CREATE ON DATABASE %I TO plera_owner', current_database());
END $$;
GRANT ALL ON SCHEMA public TO plera_owner;
GRANT USAGE ON SCHEMA public TO plera_app, plera_system;
"""


async def migrate(*, owner_url: str) -> list[str]:
    """Run what is missing and return the names of the migrations that ran; safe to repeat and to race.

    Args:
        owner_url: a user who may create roles, or one to whom the three roles were granted already.
    """
    lock = await asyncpg.connect(owner_url)
    try:
        await lock.execute("SELECT pg_advisory_lock($1)", LOCK)
        async with lock.transaction():
            await lock.execute(ROLES)
        return await _run(owner_url)
    finally:
        await lock.close()


async def find_missing(*, owner_url: str) -> list[str]:
    """Return the migrations that this version brings and the database hasn't run."""
    async with _executor(owner_url) as executor:
        return [step.migration.name for step in await executor.plan()]


async def _run(owner_url: str) -> list[str]:
    ran: list[str] = []

    def note(event: str, _app: str, name: str) -> None:
        if event == "apply_done":
            ran.append(name)

    async with _executor(owner_url) as executor:
        await executor.migrate(progress=note)
    return ran


@asynccontextmanager
async def _executor(owner_url: str) -> AsyncIterator[engine.MigrationExecutor]:
    """Tortoise's engine over a connection that acts as the tables' owner."""
    config = tortoise_config(owner_url)
    for connection in config["connections"].values():
        connection["credentials"]["server_settings"]["role"] = "plera_owner"
    async with TortoiseContext() as context:
        await context.init(config=config, init_connections=False)
        apps: dict[str, dict[str, Any]] = config["apps"]
        yield engine.MigrationExecutor(context.connections.get("app"), apps)
