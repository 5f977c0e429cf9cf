"""Who is told what the process does: the request log, the metrics and the traces, as the settings want it."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from jobs.observing import TaskRun
from operations.metrics import Metrics
from operations.request_log import RequestLines, is_fault, log_readably
from resolvers.context import Services
from resolvers.observing import Observed, Observer
from resolvers.tails import Tails
from settings import Environment, RequestLog, Settings
from web.graphql.listeners import Listeners

if TYPE_CHECKING:
    from operations.tracing import Traces

log = structlog.get_logger(__name__)


class Observing:
    """All of them in one; who isn't wanted costs nothing.

    Attributes:
        metrics: None without an admin port.
    """

    def __init__(self, settings: Settings) -> None:
        self.metrics = Metrics() if settings.admin_port is not None else None
        self._traces = open_traces(settings)
        self._observers: list[Observer] = []
        self._closers: list[Callable[[], None]] = []
        self._log_requests(settings)
        if self.metrics is not None:
            self._observers.append(self.metrics.observe)
        if self._traces is not None:
            self._observers.append(self._traces.observe)
            self._closers.append(self._traces.close)

    @property
    def observer(self) -> Observer | None:
        """Who is told about operations; None when nobody wants to know."""
        return self._observe if self._observers else None

    def told_by(self, services: Services) -> Services:
        """Return services that tell the metrics, too."""
        if self.metrics is None:
            return services
        tails = Tails(services.ports.wakeups, clock=services.clock, delayed=self.metrics.observe_event_delay)
        return replace(services, tails=tails)

    def watch_listeners(self, listeners: Callable[[], Listeners | None]) -> None:
        """Tell how many sockets and operations are open."""
        if self.metrics is None:
            return

        def sockets() -> int:
            found = listeners()
            return found.sockets_open if found is not None else 0

        def operations() -> int:
            found = listeners()
            return found.operations_open if found is not None else 0

        self.metrics.watch("plera_sockets_open", "Sockets of callers who said who they are", sockets)
        self.metrics.watch(
            "plera_operations_open",
            "Operations over sockets and streams, subscriptions most of all",
            operations,
        )

    def observe_task(self, run: TaskRun) -> None:
        """Tell one try of a task."""
        if self.metrics is not None:
            self.metrics.observe_task(run)
        if self._traces is not None:
            self._traces.observe_task(run)

    def beat(self, loop: str) -> None:
        """Tell that a loop of the worker has done its work."""
        if self.metrics is not None:
            self.metrics.beat(loop)

    def close(self) -> None:
        """Write and send what is held."""
        for close in self._closers:
            close()

    def _observe(self, observed: Observed) -> None:
        for observe in self._observers:
            observe(observed)

    def _log_requests(self, settings: Settings) -> None:
        if settings.request_log is RequestLog.NONE:
            return
        if settings.env is Environment.PRODUCTION:
            lines = RequestLines(settings.request_log)
            self._observers.append(lines.observe)
            self._closers.append(lines.flush)
        elif settings.request_log is RequestLog.ALL:
            self._observers.append(log_readably)
        else:
            self._observers.append(lambda observed: log_readably(observed) if is_fault(observed) else None)


def open_traces(settings: Settings) -> "Traces | None":
    """Return the traces that the standard variables ask for; None without them, or without the extra ``otel``."""
    if settings.otel_endpoint is None or settings.otel_sdk_disabled:
        return None
    try:  # imported here: the SDK takes half a second that others needn't wait for
        from operations.tracing import Traces, otlp_processor
    except ImportError:
        log.warning("otel_missing", hint="the variables are set, but the extra `otel` isn't installed")
        return None
    return Traces(otlp_processor())
