import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from operations.embedded.child import end, end_orphan
from tests.waiting import HANGS_S

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux tells children of their parent's death"
)

APPLICATION = """
import os, signal, sys, time
from pathlib import Path
from operations.embedded.child import die_with_parent

def drain(*_):
    Path(sys.argv[1], "drained").touch()
    sys.exit(0)

signal.signal(signal.SIGTERM, drain)
die_with_parent()
Path(sys.argv[1], "pid").write_text(str(os.getpid()))
time.sleep(3_600)
"""


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + HANGS_S
    while not (path.exists() and (path.stat().st_size or path.name == "drained")):
        assert time.monotonic() < deadline, f"{path.name} never came"
        time.sleep(0.02)


def started(script: str, *arguments: str) -> "subprocess.Popen[bytes]":
    """Run a script that prints a line first, and return when it has."""
    child = subprocess.Popen([sys.executable, "-c", script, *arguments], stdout=subprocess.PIPE)
    assert child.stdout is not None
    with child.stdout as output:
        output.readline()
    return child


def test_an_application_drains_when_the_make_that_runs_it_is_killed(tmp_path: Path) -> None:
    (tmp_path / "application.py").write_text(APPLICATION)
    (tmp_path / "Makefile").write_text(f"run:\n\t@exec {sys.executable} application.py {tmp_path}\n")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    make = subprocess.Popen(["make", "-s", "run"], cwd=tmp_path, env=environment)
    wait_for(tmp_path / "pid")
    assert not (tmp_path / "drained").exists()

    make.kill()
    make.wait()

    wait_for(tmp_path / "drained")


def test_a_deaf_child_is_killed_after_its_patience_is_over() -> None:
    script = "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(3_600)"
    child = started(script)

    end(child, signals=((signal.SIGTERM, 0.1),))

    assert child.returncode == -signal.SIGKILL


def test_an_orphan_is_ended_and_its_file_removed(tmp_path: Path) -> None:
    orphan = started("import time; print(flush=True); time.sleep(3_600)", str(tmp_path))
    pid_file = tmp_path / "server.pid"
    pid_file.write_text(f"{orphan.pid}\n")

    end_orphan(pid_file=pid_file, folder=tmp_path, stop_signal=signal.SIGTERM)

    assert orphan.wait(HANGS_S) == -signal.SIGTERM
    assert not pid_file.exists()


def test_a_stranger_with_the_same_process_id_is_left_alone(tmp_path: Path) -> None:
    stranger = started("import time; print(flush=True); time.sleep(3_600)")
    pid_file = tmp_path / "server.pid"
    pid_file.write_text(f"{stranger.pid}\n")

    end_orphan(pid_file=pid_file, folder=tmp_path, stop_signal=signal.SIGTERM)

    assert stranger.poll() is None
    assert not pid_file.exists()
    end(stranger, signals=())


@pytest.mark.parametrize("content", ["", "\n", "not a number\n"])
def test_a_broken_process_id_file_is_nobodys(tmp_path: Path, content: str) -> None:
    (tmp_path / "server.pid").write_text(content)
    end_orphan(pid_file=tmp_path / "server.pid", folder=tmp_path, stop_signal=signal.SIGTERM)
