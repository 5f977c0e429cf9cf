"""What PostgreSQL and Valkey have in common: a folder, a lock, a log, a port and one child process."""

import signal
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from operations.embedded.account import Account
from operations.embedded.child import end, end_orphan, spawn
from operations.embedded.errors import StartFailed
from operations.embedded.folders import FolderLock, rotate_log
from operations.embedded.ports import free_port

_POLL_S = 0.02
_LOG_LINES_SHOWN = 12


class Server(ABC):
    """One embedded server that lives no longer than this process.

    Args:
        name: names its folder, lock and log inside the data folder.
        data_dir: prepared data folder.
        account: who runs it.
    """

    stop_signals: ClassVar[tuple[tuple[signal.Signals, float], ...]]
    """How to stop it: signals and how many seconds each is given, gentlest first."""
    passing_troubles: ClassVar[tuple[str, ...]]
    """What its log says when starting fails for a reason that passes."""
    start_timeout_s: ClassVar[float] = 60

    def __init__(self, *, name: str, data_dir: Path, account: Account) -> None:
        self.folder = data_dir / name
        self.log = data_dir / f"{name}.log"
        self.port = free_port()
        self._port_is_known = False  # once clients may know it, only the same port will do
        self._account = account
        self._lock = FolderLock(data_dir / f"{name}.lock")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """Where clients connect, password included; the same after a restart."""

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> None:
        """Start it and return when it answers; starting a running server changes nothing.

        Raises:
            FolderInUse: another Plera runs on this folder.
            FolderUnusable: the folder is of another account or version.
            StartFailed: it ended, or took too long.
        """
        if self.pid is not None:
            return
        self._lock.acquire()
        try:
            end_orphan(pid_file=self._pid_file, folder=self.folder, stop_signal=self.stop_signals[0][0])
            self._prepare()
            self._launch_until_it_answers()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop it in good order and let go of its folder; stopping twice is safe."""
        if self._process is not None:
            end(self._process, signals=self.stop_signals)
        self._lock.release()

    def kill(self) -> None:
        """Kill it as the system would when memory is short; ``restart`` brings it back."""
        if self._process is not None:
            end(self._process, signals=())

    def restart(self) -> None:
        """Stop it if it runs, and start it on the same port with the same password."""
        self.stop()
        self.start()

    @property
    @abstractmethod
    def _pid_file(self) -> Path:
        """The file it writes its process id to, in its folder."""

    @abstractmethod
    def _prepare(self) -> None:
        """Make its folder ready, holding the lock."""

    @abstractmethod
    def _command(self) -> tuple[list[str], bytes]:
        """Return the command that runs it in the foreground, and what to feed it."""

    @abstractmethod
    def _answers(self) -> bool:
        """Say whether it takes connections by now."""

    def _launch_until_it_answers(self) -> None:
        deadline = time.monotonic() + self.start_timeout_s
        rotate_log(self.log)
        while True:
            start_of_log = self.log.stat().st_size if self.log.exists() else 0
            if self._launch(deadline):
                return
            said = self.log.read_bytes()[start_of_log:].decode(errors="replace")
            late = time.monotonic() > deadline
            if late or not any(trouble in said for trouble in self.passing_troubles):
                raise StartFailed(self._complaint(said, late=late))
            if "ddress already in use" in said and not self._port_is_known:
                self.port = free_port()
            time.sleep(5 * _POLL_S)

    def _launch(self, deadline: float) -> bool:
        """Start the process once; say whether it came to answer."""
        command, stdin = self._command()
        self._process = process = spawn(
            command,
            account=self._account,
            folder=self.folder,
            log=self.log,
            stop_signal=self.stop_signals[0][0],
            stdin=stdin,
        )
        while process.poll() is None and time.monotonic() < deadline:
            if self._answers():
                self._port_is_known = True
                return True
            time.sleep(_POLL_S)
        return False

    def _complaint(self, said: str, *, late: bool) -> str:
        happened = f"did not answer within {self.start_timeout_s:.0f} s" if late else "ended while it started"
        tail = "\n".join(said.strip().splitlines()[-_LOG_LINES_SHOWN:])
        return f"the embedded {self.folder.name} {happened}; {self.log} says:\n{tail}"
