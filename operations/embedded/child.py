"""Child processes that end when we do, however we end.

Ctrl-C goes to a terminal's whole process group, and a server that dies with it takes the application's last
statements along: so servers get a session of their own and are stopped by us. If we are killed, Linux sends
them their stop signal (``PR_SET_PDEATHSIG``, see prctl(2)); elsewhere they stay, and the next start ends them
or says so.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
import warnings
from contextlib import suppress
from functools import partial
from pathlib import Path

from operations.embedded.account import Account

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_POLL_S = 0.02


def die_with_parent(*, signal_number: int = signal.SIGTERM, parent_pid: int | None = None) -> None:
    """Have the system send us ``signal_number`` when the thread that started us ends; only Linux can.

    The setting survives ``exec``, not a change of user, and isn't inherited by our own children.

    Args:
        signal_number: what to receive; SIGTERM lets an application drain.
        parent_pid: who must still be our parent (default: who it is now); if it died in the meantime,
            the signal comes at once.
    """
    if _LIBC is None:
        return
    expected = os.getppid() if parent_pid is None else parent_pid
    _LIBC.prctl(_PR_SET_PDEATHSIG, int(signal_number), 0, 0, 0)
    if os.getppid() != expected:
        os.kill(os.getpid(), signal_number)


def spawn(
    command: list[str],
    *,
    account: Account,
    folder: Path,
    log: Path,
    stop_signal: signal.Signals,
    stdin: bytes = b"",
) -> subprocess.Popen[bytes]:
    """Start a server that gets ``stop_signal`` when we die.

    Call it from the main thread: the system looks at the thread that started the child, not at the process.

    Args:
        command: the program and its arguments; secrets belong into ``stdin``, arguments can be seen by all.
        account: who runs it.
        folder: its working directory, which the account can enter (our own may be closed to it).
        log: takes its output, appended.
        stop_signal: what ends it in good order.
        stdin: a few bytes it reads first.
    """
    last_words = partial(die_with_parent, signal_number=stop_signal, parent_pid=os.getpid())
    log.touch(mode=0o600)
    with log.open("ab") as output, warnings.catch_warnings():
        # Python 3.12 warns of any fork beside threads. The one call made before exec takes no lock.
        warnings.simplefilter("ignore", DeprecationWarning)
        process = subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=plain_environment(),
            umask=0o077,
            start_new_session=True,
            preexec_fn=last_words,  # noqa: PLW1509
            **account.process_options,
        )
    assert process.stdin is not None
    with suppress(BrokenPipeError), process.stdin as pipe:  # who waits for the server will see that it ended
        pipe.write(stdin)
    return process


def end(process: subprocess.Popen[bytes], *, signals: tuple[tuple[signal.Signals, float], ...]) -> None:
    """Stop a child by each signal in turn, giving it that many seconds, then kill it; safe to repeat."""
    for signal_number, patience_s in signals:
        process.send_signal(signal_number)
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            continue
        return
    process.kill()
    process.wait()


def end_orphan(*, pid_file: Path, folder: Path, stop_signal: signal.Signals, patience_s: float = 30) -> None:
    """End the server that a killed starter left in ``folder``, and remove a stale process id file.

    Hold the folder's lock, so that whoever serves it has no starter any more. For a moment after a kill that
    is the rule: the server is still writing its last checkpoint when the next start comes. A stale file must
    go because process ids are used again, soon so in containers, and PostgreSQL would believe it.
    """
    if sys.platform != "linux" or (pid := _read_pid(pid_file)) is None:
        return
    deadline = time.monotonic() + patience_s
    signalled = False
    while _serves(pid, folder):
        late = time.monotonic() > deadline
        if late or not signalled:
            os.kill(pid, signal.SIGKILL if late else stop_signal)
            signalled = True
        time.sleep(_POLL_S)
    pid_file.unlink(missing_ok=True)


def plain_environment() -> dict[str, str]:
    """Return an environment without the caller's PG* variables, locale and time zone, which would leak in."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _read_pid(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_text(encoding="ascii").split(maxsplit=1)[0])
    except (OSError, ValueError, IndexError):
        return None


def _serves(pid: int, folder: Path) -> bool:
    """Say whether the process has the folder among its arguments; containers hide its cwd even from root."""
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return os.fsencode(folder) in arguments
