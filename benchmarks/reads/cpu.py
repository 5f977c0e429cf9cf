"""Who has used how much CPU: processes and PostgreSQL's backends, from Linux's /proc."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg

_PROC = Path("/proc")
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PARENT, _CHILDREN_USER, _CHILDREN_SYSTEM = 1, 13, 14
"""Places in /proc/PID/stat after the name, see proc_pid_stat(5)."""


def process_cpu_s(pid: int) -> float:
    """Return the CPU seconds of a process's threads, to the nanosecond; 0 when it has just ended."""
    try:
        threads = list((_PROC / str(pid) / "task").iterdir())
        return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9
    except (FileNotFoundError, ProcessLookupError):
        return 0.0


def resident_kb(pid: int) -> int:
    """Return the memory a process holds now, in KiB."""
    lines = (_PROC / str(pid) / "status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


async def postmaster_of(connection: "asyncpg.Connection[Any]") -> int:
    """Return the process id of the server behind a connection; it must run on this machine."""
    backend: int = await connection.fetchval("SELECT pg_backend_pid()")
    return int(_stat(backend)[_PARENT])


def postgres_cpu_s(postmaster: int) -> float:
    """Return the CPU seconds of all backends, with those that have ended (parallel workers)."""
    own = _stat(postmaster)
    ended = int(own[_CHILDREN_USER]) + int(own[_CHILDREN_SYSTEM])
    return ended / _TICKS_PER_S + sum(process_cpu_s(pid) for pid in _children(postmaster))


def _children(parent: int) -> Iterator[int]:
    for entry in _PROC.iterdir():
        if entry.name.isdecimal():
            try:
                stat = _stat(int(entry.name))
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(stat[_PARENT]) == parent:
                yield int(entry.name)


def _stat(pid: int) -> list[str]:
    text = (_PROC / str(pid) / "stat").read_text(encoding="ascii", errors="replace")
    return text[text.rindex(")") + 2 :].split()
