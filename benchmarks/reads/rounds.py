"""Measuring in turns: every variant answers the same question for a moment, one after the other, round after round."""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

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


def measure_rounds(
    running: Sequence[Running], questions: Sequence[Question], *, postmaster: int, rounds: int, seconds: float
) -> dict[Cell, list[Sample]]:
    """Return a sample per round; the first variant of a round changes, so that none always follows the same one."""
    samples: dict[Cell, list[Sample]] = defaultdict(list)
    for number in range(rounds):
        start = number % len(running)
        for question in questions:
            for each in (*running[start:], *running[:start]):
                if each.variant.answers(question):
                    sample = measure(each, question, postmaster=postmaster, seconds=seconds)
                    samples[question.name, each.variant.name].append(sample)
    return samples


def measure(each: Running, question: Question, *, postmaster: int, seconds: float) -> Sample:
    """Keep a variant busy with one question; raises when an answer is an error."""
    requests = each.requests(question)
    own = [requests[number::CONNECTIONS] or requests for number in range(CONNECTIONS)]
    order = {"port": each.port, "requests": own, "seconds": seconds}
    server, postgres = process_cpu_s(each.pid), postgres_cpu_s(postmaster)
    done = subprocess.run(
        [sys.executable, "-I", str(_LOAD)],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        check=True,
    )
    server = process_cpu_s(each.pid) - server
    postgres = postgres_cpu_s(postmaster) - postgres
    answer = json.loads(done.stdout)
    if answer["failures"]:
        raise RuntimeError(f"{each.variant.name}, {question.name}: {answer['failures'][0][:1000]}")
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
