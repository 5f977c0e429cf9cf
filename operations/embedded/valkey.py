"""An embedded Valkey: its folder, its settings, its life."""

import secrets
import signal
import socket
from pathlib import Path
from typing import ClassVar

from operations.embedded.account import Account, server_account
from operations.embedded.binaries import find_valkey
from operations.embedded.folders import claim_folder, prepare_data_dir
from operations.embedded.ports import LOOPBACK
from operations.embedded.server import Server


class Valkey(Server):
    """A Valkey on a loopback port, with a password of its own for each life of this object.

    Args:
        program: ``valkey-server`` or ``redis-server``.
        data_dir: prepared data folder.
        account: who runs it.
        append_only: keep what it holds over restarts.
    """

    stop_signals = ((signal.SIGTERM, 10.0),)
    passing_troubles: ClassVar = ("ddress already in use",)

    def __init__(self, *, program: Path, data_dir: Path, account: Account, append_only: bool) -> None:
        super().__init__(name="valkey", data_dir=data_dir, account=account)
        self._program = program
        self._append_only = append_only
        self._password = secrets.token_urlsafe(24)

    @property
    def url(self) -> str:
        """The URL of its database 0."""
        return f"redis://:{self._password}@{LOOPBACK}:{self.port}/0"

    @property
    def _pid_file(self) -> Path:
        return self.folder / "valkey.pid"

    def _prepare(self) -> None:
        claim_folder(self.folder, account=self._account)

    def _command(self) -> tuple[list[str], bytes]:
        settings = [
            f"bind {LOOPBACK}",
            f"port {self.port}",
            f"requirepass {self._password}",
            f"appendonly {'yes' if self._append_only else 'no'}",
            'save ""',
            "maxmemory-policy noeviction",  # queues and locks must not vanish silently
            f'pidfile "{self._pid_file}"',
            "set-proc-title no",  # keeps the folder among the arguments, by which a left-over is known
            "always-show-logo no",
        ]
        command = [str(self._program), "-", "--dir", str(self.folder)]
        return command, "\n".join(settings).encode() + b"\n"

    def _answers(self) -> bool:
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=1) as connection:
                connection.sendall(f"AUTH {self._password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2 and (received := connection.recv(256)):
                    answer += received
        except OSError:
            return False
        return answer.endswith(b"+PONG\r\n")  # -LOADING while it reads its file


def start_valkey(*, data_dir: Path, append_only: bool = True) -> Valkey:
    """Start a Valkey on ``data_dir/valkey``, which is created if it is missing.

    Call it from the main thread (see ``spawn``).

    Args:
        data_dir: folder of this installation's data.
        append_only: False forgets everything when it stops (tests).

    Raises:
        EmbeddedServerError: one of its kinds; nothing is left running.
    """
    account = server_account()
    program = find_valkey(account=account)
    folder = prepare_data_dir(data_dir, account=account)
    server = Valkey(program=program, data_dir=folder, account=account, append_only=append_only)
    server.start()
    return server
