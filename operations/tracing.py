"""Spans for OpenTelemetry, made when an operation has ended: nothing is carried along while it runs.

Imported only when the standard variables ask for it; the extra ``otel`` brings the packages. The SDK reads the rest of
its variables itself (``OTEL_SERVICE_NAME``, ``OTEL_TRACES_SAMPLER``, ``OTEL_EXPORTER_OTLP_HEADERS`` and so on).
"""

import time
from typing import Final

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from jobs.observing import TaskOutcome, TaskRun
from resolvers.observing import Observed

SERVICE: Final = "plera"
Attributes = dict[str, str | int | float | bool | tuple[str, ...]]
_PROPAGATOR: Final = TraceContextTextMapPropagator()
_FAILED: Final = {TaskOutcome.RETRY, TaskOutcome.DEAD}


def otlp_processor() -> SpanProcessor:
    """Send spans by OTLP over HTTP, in batches, from a thread of its own."""
    return BatchSpanProcessor(OTLPSpanExporter())


class Traces:
    """One process's spans.

    Args:
        processor: where they go.
    """

    def __init__(self, processor: SpanProcessor) -> None:
        resource = Resource.create()
        if str(resource.attributes["service.name"]).startswith("unknown_service"):
            resource = resource.merge(Resource({"service.name": SERVICE}))
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer(SERVICE)

    def observe(self, observed: Observed) -> None:
        """Tell one operation, under the caller's span if it named one."""
        name = observed.operation.name if observed.operation is not None else None
        parent = Context()
        if observed.traceparent is not None:
            parent = _PROPAGATOR.extract({"traceparent": observed.traceparent}, context=parent)
        self._span(
            f"{observed.kind} {name}" if name else observed.kind,
            kind=SpanKind.SERVER,
            seconds=observed.seconds,
            attributes=_attributes(observed),
            parent=parent,
            failed=observed.status >= 500,
        )

    def observe_task(self, run: TaskRun) -> None:
        """Tell one try of a task."""
        self._span(
            f"task {run.kind}",
            kind=SpanKind.CONSUMER,
            seconds=run.seconds,
            attributes={
                "plera.task.outcome": run.outcome.value,
                "plera.sql.ms": run.sql.seconds * 1000,
                "plera.sql.statements": run.sql.statements,
            },
            parent=Context(),
            failed=run.outcome in _FAILED,
        )

    def close(self) -> None:
        """Send what is left; takes seconds when nobody listens there."""
        self._provider.shutdown()

    def _span(
        self,
        name: str,
        *,
        kind: SpanKind,
        seconds: float,
        attributes: Attributes,
        parent: Context,
        failed: bool,
    ) -> None:
        ended = time.time_ns()
        span = self._tracer.start_span(
            name,
            context=parent,
            kind=kind,
            attributes=attributes,
            start_time=ended - int(seconds * 1e9),
        )
        if failed:
            span.set_status(StatusCode.ERROR)
        span.end(end_time=ended)


def _attributes(observed: Observed) -> Attributes:
    operation = observed.operation
    known = {
        "graphql.operation.type": observed.kind if operation is not None else None,
        "graphql.operation.name": operation.name if operation is not None else None,
        "plera.document.sha256": operation.sha256 if operation is not None else None,
        "plera.request_id": observed.request_id,
        "plera.transport": observed.transport,
        "plera.planned": observed.planned,
        "plera.declined": observed.declined,
        "plera.cost.requested": observed.cost_requested,
        "plera.cost.actual": observed.cost_actual,
        "plera.sql.ms": observed.sql.seconds * 1000,
        "plera.sql.statements": observed.sql.statements,
        "plera.errors": observed.codes or None,
        "http.response.status_code": observed.status,
    }
    return {name: value for name, value in known.items() if value is not None}
