"""An embedded PostgreSQL: its folder, its settings, its life."""

import secrets
import shutil
import signal
import subprocess
from pathlib import Path
from typing import ClassVar

from operations.embedded.account import Account, server_account
from operations.embedded.binaries import PostgresBinaries, find_postgres
from operations.embedded.child import plain_environment
from operations.embedded.errors import FolderUnusable, StartFailed
from operations.embedded.folders import claim_folder, prepare_data_dir
from operations.embedded.ports import LOOPBACK
from operations.embedded.server import Server

DATABASE = "plera"
SUPERUSER = "postgres"

_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "autovacuum_naptime": "10s",  # statistics soon after an import: till then plans are those of empty tables
    "jit": "off",  # compiling costs more than it gives in short statements
    # The log is no place for people's data: no statements, no DETAIL with the values of a broken key.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
_NOTHING_IS_KEPT = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres(Server):
    """A PostgreSQL with one database ``plera``, on a loopback port, with a password.

    Args:
        binaries: its programs.
        data_dir: prepared data folder.
        account: who runs it.
        fsync: False where nothing must outlive a power cut (tests).
    """

    stop_signals = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0))  # fast, immediate: PostgreSQL manual 18.5
    passing_troubles: ClassVar = (
        "ddress already in use",
        "shared memory block",  # a killed postmaster's backends need a moment to notice
    )

    def __init__(self, *, binaries: PostgresBinaries, data_dir: Path, account: Account, fsync: bool) -> None:
        super().__init__(name="postgres", data_dir=data_dir, account=account)
        self._binaries = binaries
        self._fsync = fsync

    @property
    def url(self) -> str:
        """The superuser's URL of the database ``plera``."""
        return f"postgres://{SUPERUSER}:{self._password}@{LOOPBACK}:{self.port}/{DATABASE}"

    @property
    def _password(self) -> str:
        return (self.folder / "superuser.password").read_text(encoding="ascii")

    @property
    def _pid_file(self) -> Path:
        return self.folder / "postmaster.pid"

    def _prepare(self) -> None:
        if not self.folder.exists():
            self._create_cluster()
        claim_folder(self.folder, account=self._account)
        major = (self.folder / "PG_VERSION").read_text(encoding="ascii").strip()
        if major != str(self._binaries.major):
            raise FolderUnusable(
                f"{self.folder} was made by PostgreSQL {major}, but PostgreSQL {self._binaries.major} would"
                f" run it, and neither reads the other's files: set PLERA_PG_BIN to a PostgreSQL {major}"
                " (to run on, or to dump your data), or PLERA_DATA_DIR to a new folder"
            )

    def _create_cluster(self) -> None:
        """Make the cluster beside its place and move it there, so that a kill leaves all of it or nothing."""
        new = self.folder.with_name("postgres.new")
        shutil.rmtree(new, ignore_errors=True)
        claim_folder(new, account=self._account)
        password_file = self._write_password(new.with_name("postgres.password"))
        options = ["--encoding=UTF8", f"--username={SUPERUSER}", f"--pwfile={password_file}"]
        options += ["--auth-local=scram-sha-256", "--auth-host=scram-sha-256", "--no-instructions"]
        options += _locale_options(self._binaries.major)
        options += [] if self._fsync else ["--no-sync"]
        self._run("initdb", f"--pgdata={new}", *options, folder=new)
        settings = _as_arguments({"fsync": "on" if self._fsync else "off"})
        single = ("--single", "-D", str(new), *settings, "postgres")
        self._run("postgres", *single, folder=new, stdin=f"CREATE DATABASE {DATABASE}\n")
        password_file.replace(new / "superuser.password")
        new.replace(self.folder)

    def _write_password(self, path: Path) -> Path:
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(24), encoding="ascii")
        self._account.take_over(path)
        return path

    def _run(self, program: str, *arguments: str, folder: Path, stdin: str = "") -> None:
        done = subprocess.run(  # noqa: S603
            [str(self._binaries.folder / program), *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
            env=plain_environment(),
            **self._account.process_options,
        )
        # In single-user mode a failed statement doesn't fail the program.
        if done.returncode != 0 or "ERROR:" in done.stderr:
            raise StartFailed(f"{program} could not create {self.folder}:\n{done.stderr.strip()[-2000:]}")

    def _command(self) -> tuple[list[str], bytes]:
        settings = _SETTINGS | {"port": str(self.port)} | ({} if self._fsync else _NOTHING_IS_KEPT)
        return [
            str(self._binaries.folder / "postgres"),
            "-D",
            str(self.folder),
            *_as_arguments(settings),
        ], b""

    def _answers(self) -> bool:
        # The postmaster notes its state in line 8, which is also what pg_ctl waits for.
        try:
            lines = self._pid_file.read_text(encoding="utf-8").splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[0] == str(self.pid) and lines[7].strip() == "ready"


def start_postgres(*, data_dir: Path, fsync: bool = True, pg_bin: Path | None = None) -> Postgres:
    """Start a PostgreSQL on ``data_dir/postgres``, which is created if it is missing.

    Call it from the main thread (see ``spawn``). Roles and tables are the migrations' business.

    Args:
        data_dir: folder of this installation's data.
        fsync: False gives up on surviving a power cut, for speed (tests).
        pg_bin: the folder of ``postgres`` and ``initdb`` (``PLERA_PG_BIN``), None to search.

    Raises:
        EmbeddedServerError: one of its kinds; nothing is left running.
    """
    account = server_account()
    binaries = find_postgres(account=account, chosen=pg_bin)
    folder = prepare_data_dir(data_dir, account=account)
    server = Postgres(binaries=binaries, data_dir=folder, account=account, fsync=fsync)
    server.start()
    return server


def _locale_options(major: int) -> list[str]:
    """Sort by code point and know Unicode's letters, the same on every machine and after every upgrade."""
    if major >= 17:
        return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return ["--locale=C", "--lc-ctype=C.UTF-8"]


def _as_arguments(settings: dict[str, str]) -> list[str]:
    return [argument for name, value in settings.items() for argument in ("-c", f"{name}={value}")]
