"""Looks at what an installation needs: settings, disk, database, migrations, row counts, documents, Valkey, keys."""

import os
import shutil
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
from redis.asyncio import Redis

from operations.document_checks import find_broken, live_problems
from operations.migrating import find_missing
from operations.row_counts import as_owner, find_drift
from settings import Settings

POSTGRES_MIN = 15
DISK_FREE_MIN = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    subject: str
    fine: bool
    detail: str


async def examine(
    settings: Settings, *, open_application: Callable[[], AbstractAsyncContextManager[Any]]
) -> list[Finding]:
    """Return what was found, in the order in which things depend on each other."""
    found = [_settings(settings), _disk(settings.data_dir or Path())]
    database_url, redis_url = settings.database_url, settings.redis_url
    if database_url is None or redis_url is None:
        return [*found, Finding("servers", True, "none configured: `make run` brings embedded ones")]
    owner_url = settings.migration_database_url or database_url
    found.append(await _look("PostgreSQL", lambda: _postgres(database_url)))
    found.append(await _look("migrations", lambda: _migrations(owner_url)))
    if found[-1].fine:
        found.append(await _look("row counts", lambda: _row_counts(owner_url)))
        found.append(await _look("persisted documents", lambda: _documents(owner_url)))
    found.append(await _look("Valkey", lambda: _valkey(redis_url)))
    if all(finding.fine for finding in found):
        found.append(await _look("keys and adapters", lambda: _opens(open_application)))
    return found


async def _look(subject: str, check: Callable[[], Awaitable[str]]) -> Finding:
    try:
        return Finding(subject, True, await check())
    except Exception as error:  # whatever it is, the operator should read it
        return Finding(subject, False, f"{type(error).__name__}: {error}")


def _settings(settings: Settings) -> Finding:
    notes = []
    if not settings.base_url.startswith("https://"):
        notes.append("no public HTTPS address: nothing is sent beyond this machine")
    if settings.mail_url is None:
        notes.append("no PLERA_MAIL_URL: verification and privacy mails are printed to the log")
    if settings.anthropic_api_key is None:
        notes.append("no PLERA_ANTHROPIC_API_KEY: drafts come from templates")
    return Finding("settings", True, "; ".join(notes) or "complete")


def _disk(folder: Path) -> Finding:
    existing = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    free, writable = shutil.disk_usage(existing).free, os.access(existing, os.W_OK)
    return Finding(
        "data folder", free > DISK_FREE_MIN and writable, f"{free / 1e9:.1f} GB free in {existing}"
    )


async def _postgres(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        version: str = await connection.fetchval("SHOW server_version")
        encoding = await connection.fetchval("SHOW server_encoding")
    finally:
        await connection.close()
    if int(version.split(".", maxsplit=1)[0]) < POSTGRES_MIN or encoding != "UTF8":
        raise RuntimeError(f"{version} with {encoding}, but {POSTGRES_MIN} or newer with UTF8 is needed")
    return version


async def _migrations(url: str) -> str:
    missing = await find_missing(owner_url=url)
    if missing:
        raise RuntimeError(f"run `python main.py migrate`: {', '.join(missing)}")
    return "up to date"


async def _row_counts(owner_url: str) -> str:
    async with as_owner(owner_url) as connection:
        wrong = await find_drift(connection)
    if wrong:
        raise RuntimeError(f"wrong for {', '.join(wrong)}; run `python main.py recount`")
    return "right"


async def _documents(owner_url: str) -> str:
    async with as_owner(owner_url) as connection:
        count, broken = await find_broken(connection, problems_of=live_problems())
    if broken:
        of = ", ".join(f"{many} of {client}" for client, many in Counter(one.of for one in broken).items())
        raise RuntimeError(f"{of}: this version doesn't answer them; see `python main.py documents check`")
    return f"all {count} are answered by this version"


async def _valkey(url: str) -> str:
    async with Redis.from_url(url) as client:
        info = await client.info()
    policy = info.get("maxmemory_policy", "unknown")
    if policy != "noeviction":
        raise RuntimeError(f"maxmemory-policy is {policy}; set noeviction, or rings may vanish")
    return f"{info.get('valkey_version') or info.get('redis_version')}"


async def _opens(open_application: Callable[[], AbstractAsyncContextManager[Any]]) -> str:
    async with open_application():
        return "the master key opens the data keys"
