"""Where the servers keep their data, who may enter, and that only one server does.

::

    <data folder>/          the starter's, others may pass through
    ├── postgres.lock       held while a server runs; holds its starter's process id
    ├── postgres.log
    ├── postgres/           the server account's, nobody else may enter
    └── valkey.lock, valkey.log, valkey/
"""

import fcntl
import os
from pathlib import Path
from typing import TextIO

from operations.embedded.account import Account
from operations.embedded.errors import FolderInUse, FolderUnusable

ROOTS_FOLDER = Path("/var/lib/plera")
"""What root keeps for the servers: the account nobody can enter it, wherever the checkout is."""

_PASS_THROUGH = 0o711
_LOG_BYTES_MAX = 5_000_000


def default_data_dir(*, checkout: Path) -> Path:
    """Return where a checkout's data live unless somebody says otherwise.

    ``.plera`` in the checkout. Root's are in ``/var/lib/plera``, one folder per checkout: the user nobody,
    who runs the servers then, can't enter a home that is closed to others.
    """
    if os.geteuid() != 0:
        return checkout.resolve() / ".plera"
    return ROOTS_FOLDER / f"data{str(checkout.resolve()).replace('/', '-')}"


def prepare_data_dir(data_dir: Path, *, account: Account) -> Path:
    """Create the data folder if it is missing, and return it resolved.

    Raises:
        FolderUnusable: it can't be created or written, or the servers' account can't enter it.
    """
    folder = data_dir.expanduser().resolve()
    try:
        _create(folder)
    except OSError as error:
        raise FolderUnusable(
            f"the data folder {folder} can't be created ({error.strerror}); set PLERA_DATA_DIR to another one"
        ) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise FolderUnusable(
            f"the data folder {folder} can't be written by you; set PLERA_DATA_DIR to another"
        )
    closed = _closed_to_others(folder) if account.is_other else None
    if closed is not None:
        raise FolderUnusable(
            f"the data folder {folder} can't be used: you are root, so the user nobody runs the servers,"
            f" and {closed} is closed to others. Set PLERA_DATA_DIR to a folder below {ROOTS_FOLDER},"
            " or start as a normal user"
        )
    return folder


def claim_folder(folder: Path, *, account: Account) -> None:
    """Create the folder of one server, open to its account alone.

    Raises:
        FolderUnusable: it exists and belongs to somebody else.
    """
    if not folder.exists():
        folder.mkdir(mode=0o700)
        account.take_over(folder)
    owner = folder.stat().st_uid
    if owner != account.uid:
        raise FolderUnusable(
            f"{folder} belongs to user id {owner}, but the server would run as user id {account.uid}:"
            " start as the same user as before, or set PLERA_DATA_DIR to another folder"
        )


class FolderLock:
    """Keeps a second server out of a folder; the system releases it when its holder dies, however it dies."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: TextIO | None = None

    def acquire(self) -> None:
        """Take the lock, or keep it if it is held already.

        Raises:
            FolderInUse: another process holds it.
        """
        if self._file is not None:
            return
        file = self._path.open("a+", encoding="ascii")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            file.close()
            raise FolderInUse(
                f"{self._path.with_suffix('')} is in use by another running Plera (process {holder}):"
                " stop that one, or set PLERA_DATA_DIR to another folder"
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file

    def release(self) -> None:
        """Let go; releasing twice is safe."""
        if self._file is not None:
            self._file.close()
            self._file = None


def rotate_log(path: Path) -> None:
    """Set a log aside that has grown beyond 5 MB; one older file is kept."""
    if path.exists() and path.stat().st_size > _LOG_BYTES_MAX:
        path.replace(path.with_suffix(".log.1"))


def _create(folder: Path) -> None:
    # Each by itself: mkdir(parents=True) gives the parents the umask's mode, which may close them to others.
    for missing in reversed([path for path in (folder, *folder.parents) if not path.exists()]):
        missing.mkdir()
        missing.chmod(_PASS_THROUGH)


def _closed_to_others(folder: Path) -> Path | None:
    return next((path for path in (folder, *folder.parents) if not path.stat().st_mode & 0o001), None)
