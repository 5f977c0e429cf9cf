"""Measuring in turns: every variant answers the same question for a moment, one after the other, round after round."""

import asyncio
import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import asyncpg

from benchmarks.reads.cpu import postgres_cpu_s, process_cpu_s
from benchmarks.reads.questions import Question
from benchmarks.reads.variants import Running
from benchmarks.stage import median, percentile

CONNECTIONS = 8
_LOAD = Path(__file__).with_name("load.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What one variant did in one moment; CPU and latencies in milliseconds, CPU per request."""

    server_cpu: float
    postgres_cpu: float
    total_cpu: float
    rate: float
    p50: float
    p99: float


METRICS = tuple(field.name for field in fields(Sample))
Cell = tuple[str, str]
"""A question's and a variant's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """What measuring needs to know of PostgreSQL: the postmaster's process id, and the superuser's URL."""

    postmaster: int
    database_url: str

    def rounds(
        self, running: Sequence[Running], questions: Sequence[Question], *, rounds: int, seconds: float
    ) -> dict[Cell, list[Sample]]:
        """Return a sample per round; each round begins with another variant."""
        samples: dict[Cell, list[Sample]] = defaultdict(list)
        for number in range(rounds):
            start = number % len(running)
            for question in questions:
                for each in (*running[start:], *running[:start]):
                    if each.variant.answers(question):
                        sample = self.sample(each, question, seconds=seconds)
                        samples[question.name, each.variant.name].append(sample)
        return samples

    def sample(self, each: Running, question: Question, *, seconds: float) -> Sample:
        """Keep a variant busy with one question; raises when an answer is an error."""
        if question.before:
            asyncio.run(self._execute(question.before))
        requests = each.requests(question)
        own = [requests[number::CONNECTIONS] or requests for number in range(CONNECTIONS)]
        server, postgres = process_cpu_s(each.pid), postgres_cpu_s(self.postmaster)
        answer = _load({"port": each.port, "requests": own, "seconds": seconds})
        server = process_cpu_s(each.pid) - server
        postgres = postgres_cpu_s(self.postmaster) - postgres
        if answer["failures"]:
            raise RuntimeError(f"{each.variant.name}, {question.name}: {answer['failures'][0][:1000]}")
        return _sample(answer, server=server, postgres=postgres)

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self.database_url)
        await connection.execute(statement)
        await connection.close()


def _load(order: dict[str, Any]) -> Any:
    command = [sys.executable, "-I", str(_LOAD)]
    done = subprocess.run(command, input=json.dumps(order), stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def _sample(answer: Any, *, server: float, postgres: float) -> Sample:
    latencies = answer["latencies"]
    count = len(latencies)
    return Sample(
        server_cpu=server / count * 1e3,
        postgres_cpu=postgres / count * 1e3,
        total_cpu=(server + postgres) / count * 1e3,
        rate=count / answer["seconds"],
        p50=percentile(latencies, 0.5) * 1e3,
        p99=percentile(latencies, 0.99) * 1e3,
    )


def medians(samples: Sequence[Sample]) -> dict[str, float]:
    """Return the median of each metric."""
    return {name: median([getattr(sample, name) for sample in samples]) for name in METRICS}


def ratio(samples: Mapping[Cell, Sequence[Sample]], metric: str, of: Cell, to: Cell) -> float:
    """Return the median over rounds of one cell's metric relative to another's in the same round."""
    pairs = zip(samples[of], samples[to], strict=True)
    return median([getattr(left, metric) / max(getattr(right, metric), 1e-6) for left, right in pairs])
