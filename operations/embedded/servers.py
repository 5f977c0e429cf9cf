"""Both embedded servers at once, for ``make run`` and for whatever else needs them for a while."""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from operations.embedded.postgres import start_postgres
from operations.embedded.valkey import start_valkey

_ADDRESSES = "servers.json"


@dataclass(frozen=True)
class Servers:
    """Where the servers are; both URLs hold a password."""

    database_url: str
    """The superuser's, for migrations; the database is ``plera``."""
    redis_url: str


@contextmanager
def embedded_servers(*, data_dir: Path, fsync: bool = True, pg_bin: Path | None = None) -> Iterator[Servers]:
    """Run a PostgreSQL and a Valkey on ``data_dir`` until the block ends, or this process does.

    Enter it on the main thread (see ``spawn``).

    Args:
        data_dir: folder of this installation's data; created if it is missing.
        fsync: False where nothing must be kept (tests).
        pg_bin: the folder of ``postgres`` and ``initdb`` (``PLERA_PG_BIN``), None to search.

    Raises:
        EmbeddedServerError: one of its kinds; nothing is left running.
    """
    with ExitStack() as started:
        postgres = start_postgres(data_dir=data_dir, fsync=fsync, pg_bin=pg_bin)
        started.callback(postgres.stop)
        valkey = start_valkey(data_dir=data_dir, append_only=fsync)
        started.callback(valkey.stop)
        yield Servers(database_url=postgres.url, redis_url=valkey.url)


def running_servers(data_dir: Path) -> dict[str, str] | None:
    """Return the ``database_url`` and ``redis_url`` of servers that run on this data folder now; None without any."""
    try:
        found: dict[str, str] = json.loads((data_dir / _ADDRESSES).read_text())
    except (FileNotFoundError, PermissionError):
        return None
    return found


@contextmanager
def remembered_servers(data_dir: Path, *, database_url: str, redis_url: str) -> Iterator[None]:
    """Tell other commands of the same user where the servers are, while the block runs."""
    path = data_dir / _ADDRESSES
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({"database_url": database_url, "redis_url": redis_url}, file)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
