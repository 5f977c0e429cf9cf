"""Who answers: how each variant is started, how it wants to be asked, and what its answer says."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from benchmarks.peers.postgraphile import DOCUMENTS, reshaped
from benchmarks.reads.comparing import content
from benchmarks.reads.questions import Question
from operations.embedded.servers import Servers

HERE = Path(__file__).resolve().parents[2]
NODE_PEERS = HERE / "benchmarks" / "peers" / "node"
START_TIMEOUT_S = 60


def _as_is(_question: str, data: Any) -> Any:
    return data


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One way to answer the questions.

    Attributes:
        command: what starts it; the port comes last.
        global_ids: whether its ids carry the kind of object, as Plera's do.
        documents: its own by question, with the turns as variables; a question missing there isn't asked. None takes
            Plera's.
        reshape: brings its ``data`` into the shape of Plera's.
    """

    name: str
    title: str
    command: tuple[str, ...]
    global_ids: bool = False
    documents: dict[str, str] | None = None
    reshape: Callable[[str, Any], Any] = field(default=_as_is)

    def answers(self, question: Question) -> bool:
        """Tell whether it is asked this question."""
        return self.documents is None or question.name in self.documents

    def request(self, question: Question, turn: dict[str, Any]) -> tuple[str, bytes]:
        """Return path and body of one request."""
        if self.name == "floor":
            return f"/{question.name}", json.dumps(turn).encode()
        document = question.document if self.documents is None else self.documents[question.name]
        variables = turn if self.documents else question.variables(turn, global_ids=self.global_ids)
        return "/graphql", json.dumps({"query": document, "variables": variables}).encode()

    def says(self, question: Question, answer: bytes) -> Any:
        """Return the content of an answer; raises when it holds an error."""
        parsed = json.loads(answer)
        if parsed.get("errors"):
            raise RuntimeError(f"{self.name}, {question.name}: {parsed['errors']}")
        return content(self.reshape(question.name, parsed["data"]))


@dataclass(frozen=True, slots=True)
class Running:
    """A variant that serves."""

    variant: Variant
    pid: int
    port: int
    token: str

    def ask(self, question: Question, turn: dict[str, Any]) -> Any:
        """Return the content of its answer."""
        path, body = self.variant.request(question, turn)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        url = f"http://127.0.0.1:{self.port}{path}"
        try:
            with urlopen(Request(url, data=body, headers=headers), timeout=60) as answer:
                return self.variant.says(question, answer.read())
        except HTTPError as error:
            told = error.read()[:1_000].decode(errors="replace")
            raise RuntimeError(f"{self.variant.name}, {question.name}: {error.code} {told}") from error

    def requests(self, question: Question) -> list[str]:
        """Return the turns of a question as they travel."""
        return [self._raw(*self.variant.request(question, turn)) for turn in question.turns]

    def _raw(self, path: str, body: bytes) -> str:
        return (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nAuthorization: Bearer {self.token}\r\n"
            f"Content-Type: application/json\r\nAccept: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            f"{body.decode()}"
        )


def _python(name: str, title: str, **options: Any) -> Variant:
    return Variant(
        name=name, title=title, command=(sys.executable, "-m", "benchmarks.reads.serving", name), **options
    )


def _node(name: str, title: str, **options: Any) -> Variant:
    return Variant(name=name, title=title, command=("node", str(NODE_PEERS / f"{name}.mjs")), **options)


FLOOR = _python("floor", "floor: hand-written SQL to bytes")
PLERA = _python("plera", "Plera", global_ids=True)
TUNED = _python("tuned", "tuned Strawberry: records and loaders", global_ids=True)
TORTOISE = _python("tortoise", "ordinary Strawberry + Tortoise")
POSTGRAPHILE = _node("postgraphile", "PostGraphile 5", documents=DOCUMENTS, reshape=reshaped)
MERCURIUS = _node("mercurius", "mercurius + JIT + loaders")
STOCK = _python("stock", "Strawberry's WebSocket handler", global_ids=True)
"""Answers no questions; for the fan-out."""
IN_PYTHON, IN_NODE = (FLOOR, PLERA, TUNED, TORTOISE), (POSTGRAPHILE, MERCURIUS)


def available() -> tuple[Variant, ...]:
    """Return the variants that can run here; says so when Node's can't."""
    trouble = _install_node_peers()
    if trouble:
        print(f"Without the peers in Node: {trouble}")
        return IN_PYTHON
    return (*IN_PYTHON, *IN_NODE)


def _install_node_peers() -> str | None:
    """Install what the lock names, once; returns what stands in the way."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        return "there is no node and npm"
    lock, installed = NODE_PEERS / "package-lock.json", NODE_PEERS / "node_modules" / ".package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return None
    done = subprocess.run([npm, "ci"], cwd=NODE_PEERS, capture_output=True, text=True, check=False)
    return done.stderr.strip()[-500:] if done.returncode else None


@contextmanager
def started(variant: Variant, *, servers: Servers, data_dir: Path, token: str) -> Iterator[Running]:
    """Run a variant until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = (
        os.environ
        | {
            "DATABASE_URL": servers.database_url,
            "REDIS_URL": servers.redis_url,
            "PLERA_DATA_DIR": str(data_dir),
            "PLERA_API_POINTS_MAX": "1000000000",  # nobody is refused for asking a lot; what is asked is still counted
            "PLERA_REQUEST_LOG": "none",  # no other variant writes a line for each request
            "NODE_ENV": "production",
            "NODE_NO_WARNINGS": "1",
            "GRAPHILE_ENV": "production",
        }
    )
    process = subprocess.Popen([*variant.command, str(port)], cwd=HERE, env=environment)
    try:
        _await_port(process, port)
        yield Running(variant, process.pid, port, token)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _await_port(process: "subprocess.Popen[bytes]", port: int) -> None:
    until = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"{process.args!r} doesn't listen")
