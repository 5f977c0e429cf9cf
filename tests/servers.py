"""The servers the tests use: one PostgreSQL for the whole run, a database and a Valkey for each worker.

The pytest process that the user started (with xdist: the controller) owns the PostgreSQL and hands databases
out over a local socket, because only the workers know whether any test wants one. The first request starts
the server and migrates a template; every request gets a copy of it. Nobody asks, nothing starts.
"""

import asyncio
import os
import secrets
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any

import asyncpg

from operations.embedded.postgres import DATABASE, start_postgres
from operations.embedded.valkey import start_valkey

_CLOSE = ""


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give an empty folder that embedded servers can use even when root runs the tests; remove it afterwards.

    pytest's own ``tmp_path`` is closed to others, so the account nobody couldn't enter it.
    """
    folder = Path(tempfile.mkdtemp(prefix="plera-tests-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def scratch_valkey() -> Iterator[str]:
    """Run an empty Valkey that keeps nothing, and give its URL."""
    with scratch_folder() as folder:
        server = start_valkey(data_dir=folder, append_only=False)
        try:
            yield server.url
        finally:
            server.stop()


def ask_for_database(address: dict[str, str], *, name: str) -> str:
    """Return the superuser's URL of a new, migrated database.

    Args:
        address: ``DatabaseDesk.address``.
        name: of the asking worker; becomes part of the database's.

    Raises:
        RuntimeError: the server couldn't be started or the template not be migrated; says why.
    """
    with Client(address["socket"], authkey=bytes.fromhex(address["key"])) as desk:
        desk.send(name)
        answer: dict[str, str] = desk.recv()
    if "error" in answer:
        raise RuntimeError(f"no database for the tests: {answer['error']}")
    return answer["url"]


class DatabaseDesk:
    """Hands out databases to this test run's workers, one at a time; starts the server for the first."""

    def __init__(self) -> None:
        key = secrets.token_bytes(16)
        self._listener = Listener(family="AF_UNIX", authkey=key)
        self.address = {"socket": os.fsdecode(self._listener.address), "key": key.hex()}
        self._started = ExitStack()
        self._template_url: str | None = None
        # The server starts and stops in this thread; the system would end it with the thread (see spawn).
        self._thread = threading.Thread(target=self._serve, name="database-desk", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop the server if it was started."""
        with Client(self.address["socket"], authkey=bytes.fromhex(self.address["key"])) as desk:
            desk.send(_CLOSE)
        self._thread.join()

    def _serve(self) -> None:
        with self._started, self._listener:
            while True:
                # A worker that was killed while it asked is no reason to leave the others without.
                with suppress(EOFError, OSError), self._listener.accept() as worker:
                    if (name := worker.recv()) == _CLOSE:
                        return
                    self._answer(worker, name=name)

    def _answer(self, worker: "Connection[Any, Any]", *, name: str) -> None:
        try:
            template_url = self._template_url = self._template_url or self._start()
            worker.send({"url": asyncio.run(_copy_template(template_url, name=name))})
        except Exception as error:  # whatever it is, the tests that wait must hear of it
            worker.send({"error": f"{type(error).__name__}: {error}"})

    def _start(self) -> str:
        # Imported here: tests of rules shall not pay for the application's imports.
        from operations.migrating import migrate

        with ExitStack() as so_far:
            folder = so_far.enter_context(scratch_folder())
            pg_bin = os.environ.get("PLERA_PG_BIN")
            server = start_postgres(data_dir=folder, fsync=False, pg_bin=Path(pg_bin) if pg_bin else None)
            so_far.callback(server.stop)
            asyncio.run(migrate(owner_url=server.url))
            self._started.enter_context(so_far.pop_all())
        return server.url


async def _copy_template(template_url: str, *, name: str) -> str:
    database = f"{DATABASE}_{name}"
    maintenance = await asyncpg.connect(template_url.rsplit("/", 1)[0] + "/postgres")
    try:
        await maintenance.execute(f'CREATE DATABASE "{database}" TEMPLATE "{DATABASE}"')
    finally:
        await maintenance.close()
    return template_url.rsplit("/", 1)[0] + f"/{database}"
