"""How much work waits in the database, for the metrics; looked up only when somebody asks."""

from prometheus_client import Gauge

from domain.sending.queries import count_open_deliveries
from jobs.queue import count_open, measure_overdue_s
from jobs.registry import JOBS
from operations.metrics import OTHER, Metrics


class Depths:
    """The gauges of what waits in all workspaces together."""

    def __init__(self, metrics: Metrics) -> None:
        registry = metrics.registry
        self._tasks = Gauge("plera_tasks", "Tasks that aren't done", ["kind", "state"], registry=registry)
        self._overdue = Gauge(
            "plera_tasks_overdue_seconds", "How long the longest due task has waited", registry=registry
        )
        self._deliveries = Gauge("plera_deliveries", "Deliveries on their way", ["state"], registry=registry)

    async def look(self) -> None:
        """Look it up."""
        tasks, overdue_s, deliveries = (
            await count_open(),
            await measure_overdue_s(),
            await count_open_deliveries(),
        )
        self._tasks.clear()
        for kind, state, found in tasks:
            self._tasks.labels(kind if kind in JOBS else OTHER, state.lower()).inc(found)
        self._overdue.set(overdue_s)
        for state, found in deliveries.items():
            self._deliveries.labels(state.lower()).set(found)
