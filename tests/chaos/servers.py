"""The servers and workers of a chaos run, each a process of its own that can be killed."""

import base64
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from operations.embedded.postgres import start_postgres
from operations.embedded.valkey import start_valkey
from tests.servers import scratch_folder

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "correct horse"
ADDRESSES = tuple(f"jo{number}@example.com" for number in range(5))
SLOW_S = 0.5
"""How long the provider takes to answer: most of a message's time passes after the point of no return."""
FAULTS: tuple[dict[str, Any], ...] = (
    {"drop": "AFTER_ACCEPTING", "drop_times": 3},
    {"drop": "AFTER_ACCEPTING", "drop_times": 3},
    {"drop": "BEFORE_ACCEPTING", "drop_times": 3},
    {"drop": "BEFORE_DATA", "drop_times": 2},
    {"delay_s": 8.0},
    {"delay_s": SLOW_S},
    {"refusal": "451 4.3.0 Try again later"},
    {"refusal": ""},
)


class Chaos:
    """A database, a Valkey, a mail provider and some workers, until the end of the block.

    Args:
        seed: what happens when is drawn from it (how processes interleave isn't).
        files_sent_copies: whether the provider files what it sends.
        workers: how many run.
    """

    def __init__(self, *, seed: int, files_sent_copies: bool, workers: int = 3) -> None:
        self.random = random.Random(seed)
        self._files_sent_copies = files_sent_copies
        self._worker_count = workers
        self._stack = ExitStack()
        self._workers: list[subprocess.Popen[bytes]] = []
        self._stopped: dict[int, float] = {}
        self._ready_at: dict[int, float] = {}
        self.happened: list[str] = []

    def __enter__(self) -> Self:
        with self._stack:
            self._folder = self._stack.enter_context(scratch_folder())
            self.postgres = start_postgres(data_dir=self._folder)
            self._stack.callback(self.postgres.stop)
            self.valkey = start_valkey(data_dir=self._folder)
            self._stack.callback(self.valkey.stop)
            self.mail = self._start_mail()
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.kill()
            worker.wait()
        keep = os.environ.get("PLERA_CHAOS_LOG")
        if keep:
            shutil.copy(self._folder / "workers.log", keep)
        self._stack.close()

    @property
    def environment(self) -> dict[str, str]:
        """What workers, and whoever prepares the database, are configured with: short leases, short waits."""
        return {
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.valkey.url,
            "PLERA_MASTER_KEYS": "chaos:" + base64.b64encode(b"c" * 32).decode(),
            "PLERA_DATA_DIR": str(self._folder),
            "PLERA_OUTBOUND_ALLOW": "127.0.0.0/8",
            "PLERA_OUTBOUND_CA_FILE": self.mail["ca_file"],
            "PLERA_LEASE_S": "3",
            "PLERA_SMTP_FINAL_TIMEOUT_S": "6",
            "PLERA_RECONCILE_DELAYS_S": "0.5,1,2,4",
            "PLERA_SETTLE_DELAY_S": "2",
            "PLERA_SWEEP_INTERVAL_S": "0.3",
            "PLERA_SEND_CONCURRENCY": "3",
        }

    def start_workers(self) -> None:
        """Begin to work, with a provider that takes its time."""
        for address in ADDRESSES:
            self._set_faults(address, {"delay_s": SLOW_S})
        self._workers = [self._start_worker(number) for number in range(self._worker_count)]

    def do_something(self) -> None:
        """Let something go wrong, drawn at random."""
        actions = (
            self._kill,
            self._kill,
            self._stop,
            self._stop,
            self._misbehave,
            self._misbehave,
            self._misbehave,
            self._restart,
        )
        self._let_go_on()
        self.random.choice(actions)()

    def calm(self) -> None:
        """Let everything work again."""
        for address in ADDRESSES:
            self._set_faults(address, {"drop": None, "delay_s": 0, "refusal": ""})
        self._let_go_on(all_of_them=True)
        for number, worker in enumerate(self._workers):
            if worker.poll() is not None:
                self._workers[number] = self._start_worker(number)

    def accepted(self) -> list[str]:
        """Message-IDs of everything the provider took, in order."""
        lines = Path(self.mail["journal"]).read_text().splitlines()
        return [json.loads(line)["message_id"] for line in lines]

    def _kill(self) -> None:
        number = self.random.randrange(len(self._workers))
        if time.monotonic() < self._ready_at[number]:
            return
        self.happened.append(f"kill worker {number}")
        self._stopped.pop(number, None)
        self._workers[number].kill()
        self._workers[number].wait()
        self._workers[number] = self._start_worker(number)

    def _stop(self) -> None:
        number = self.random.randrange(len(self._workers))
        for_s = self.random.choice((0.5, 2.0, 4.0, 9.0))
        self.happened.append(f"stop worker {number} for {for_s} s")
        if self._workers[number].poll() is None:
            self._workers[number].send_signal(signal.SIGSTOP)
            self._stopped[number] = time.monotonic() + for_s

    def _let_go_on(self, *, all_of_them: bool = False) -> None:
        for number, until in list(self._stopped.items()):
            if all_of_them or time.monotonic() >= until:
                self._workers[number].send_signal(signal.SIGCONT)
                del self._stopped[number]

    def _restart(self) -> None:
        server = self.random.choice((self.postgres, self.postgres, self.valkey))
        self.happened.append(f"kill {server.folder.name}")
        server.kill()
        time.sleep(self.random.random())
        server.restart()

    def _misbehave(self) -> None:
        faults = self.random.choice(FAULTS)
        self.happened.append(f"mail: {faults}")
        for address in self.random.sample(ADDRESSES, 3):
            self._set_faults(address, faults)

    def _set_faults(self, address: str, faults: dict[str, Any]) -> None:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.mail['control']}/accounts/{address}/faults",
            data=json.dumps(faults).encode(),
            method="PATCH",
        )
        urllib.request.urlopen(request, timeout=10).close()

    def _start_mail(self) -> dict[str, Any]:
        accounts = [
            {"address": address, "password": PASSWORD, "files_sent_copies": self._files_sent_copies}
            for address in ADDRESSES
        ]
        config = self._folder / "mail.json"
        folder = self._folder / "mail"
        config.write_text(json.dumps({"folder": str(folder), "control_port": 0, "accounts": accounts}))
        process = self._spawn("-m", "simulators.mail", "--config", str(config), stdout=subprocess.PIPE)
        assert process.stdout is not None
        self._stack.callback(process.stdout.close)
        self._stack.callback(process.wait)
        self._stack.callback(process.kill)
        told: dict[str, Any] = json.loads(process.stdout.readline())
        Path(told["journal"]).touch()
        return told

    def _start_worker(self, number: int) -> "subprocess.Popen[bytes]":
        self._ready_at[number] = time.monotonic() + 6  # before, it only imports
        return self._spawn("main.py", "worker", env={**os.environ, **self.environment})

    def _spawn(self, *arguments: str, **options: Any) -> "subprocess.Popen[bytes]":
        log = (self._folder / "workers.log").open("ab")
        options = {"stdout": log, "stderr": log, **options}
        try:
            return subprocess.Popen([sys.executable, *arguments], cwd=ROOT, **options)
        finally:
            log.close()
