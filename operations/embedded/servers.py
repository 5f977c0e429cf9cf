"""Both embedded servers at once, for ``make run`` and for whatever else needs them for a while."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from operations.embedded.postgres import start_postgres
from operations.embedded.valkey import start_valkey


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
