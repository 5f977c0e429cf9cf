"""What Prometheus may know: few labels, none of them a workspace, a person or a name that a caller chose."""

import time
from collections.abc import Callable
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from jobs.observing import TaskRun
from jobs.registry import JOBS
from resolvers.observing import Observed
from resolvers.outcome import PlannedPart

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
ANSWERS_MAX: Final = 50
OTHER: Final = "other"
QUICK_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
SLOW_S: Final = (0.01, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1800.0)

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, which nobody reads


class Metrics:
    """One process's counts.

    Attributes:
        registry: its own, so that two in one process don't meet.
    """

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry(auto_describe=True)
        self._requests = Counter(
            "plera_requests", "GraphQL operations that ended", ["kind", "status"], registry=registry
        )
        self._seconds = Histogram(
            "plera_request_seconds",
            "Queries and mutations, from the request to the whole answer",
            ["kind"],
            registry=registry,
            buckets=QUICK_S,
        )
        self._sql = Histogram(
            "plera_request_sql_seconds",
            "Of operations, in statements",
            ["kind"],
            registry=registry,
            buckets=QUICK_S,
        )
        self._streams = Histogram(
            "plera_subscription_seconds",
            "Subscriptions, until they ended",
            registry=registry,
            buckets=SLOW_S,
        )
        self._reads = Counter(
            "plera_reads",
            "Queries by who answered: the read engine, or fields one by one because of this; payloads of"
            " mutations that it answered",
            ["answer"],
            registry=registry,
        )
        self._tasks = Histogram(
            "plera_task_seconds",
            "One try of a background task",
            ["kind", "outcome"],
            registry=registry,
            buckets=SLOW_S,
        )
        self._beats = Gauge(
            "plera_worker_loop_last_success_timestamp_seconds",
            "When each of the worker's loops last did its work",
            ["loop"],
            registry=registry,
        )
        self._delays = Histogram(
            "plera_event_delay_seconds",
            "Live events, from when they happened until a follower read them",
            registry=registry,
            buckets=QUICK_S,
        )
        self._answers: dict[str, Counter] = {}
        self._counts: dict[tuple[str, int], tuple[Counter, Histogram, Histogram]] = {}

    def observe(self, observed: Observed) -> None:
        """Count one operation."""
        key = (observed.kind, observed.status)
        counts = self._counts.get(key)
        if counts is None:  # looking a label up takes longer than counting
            kind = observed.kind
            counts = self._counts[key] = (
                self._requests.labels(kind, str(observed.status)),
                self._streams if kind == "subscription" else self._seconds.labels(kind),
                self._sql.labels(kind),
            )
        requests, seconds, sql = counts
        requests.inc()
        seconds.observe(observed.seconds)
        sql.observe(observed.sql.seconds)
        if observed.planned is PlannedPart.PAYLOAD:
            self._count_read("payload")
        elif observed.planned is not None and observed.kind == "query":
            self._count_read("planned" if observed.planned is PlannedPart.ALL else observed.declined or OTHER)

    def observe_task(self, run: TaskRun) -> None:
        """Count one try of a task."""
        kind = run.kind if run.kind in JOBS else OTHER
        self._tasks.labels(kind, run.outcome).observe(run.seconds)

    def beat(self, loop: str) -> None:
        """Note that a loop of the worker has done its work."""
        self._beats.labels(loop).set(time.time())

    def observe_event_delay(self, seconds: float) -> None:
        """Count a live event that reached a follower."""
        self._delays.observe(max(seconds, 0.0))

    def watch(self, name: str, description: str, look: Callable[[], float]) -> None:
        """Tell a number that somebody else keeps."""
        Gauge(name, description, registry=self.registry).set_function(look)

    def text(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self.registry)

    def _count_read(self, answer: str) -> None:
        """Reasons are words of the schema; should they ever be too many, the rest is one."""
        read = self._answers.get(answer)
        if read is None:
            label = answer if len(self._answers) < ANSWERS_MAX else OTHER
            read = self._reads.labels(label)
            if label == answer:
                self._answers[answer] = read
        read.inc()
