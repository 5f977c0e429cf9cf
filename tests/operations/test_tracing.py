"""Traces: what a span says, and that there is none unless the standard variables ask for it."""

import asyncio
import gzip
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Thread
from typing import ClassVar

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from auth.budgets import Budget, Spending
from domain.sql_time import SqlTime
from jobs.observing import TaskOutcome, TaskRun
from operations.observing import Observing, open_traces
from operations.tracing import Traces
from resolvers.observing import Observed
from resolvers.outcome import OperationKind, Outcome, PlannedPart
from settings import Settings
from tests.waiting import HANGS_S

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


class _Operation:
    kind = OperationKind.QUERY
    name = "Leads"
    sha256 = "ab" * 32
    may_change_callers = False


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def traces(exporter: InMemorySpanExporter) -> Traces:
    return Traces(SimpleSpanProcessor(exporter))


async def test_a_span_names_the_operation_and_the_plan(
    traces: Traces, exporter: InMemorySpanExporter
) -> None:
    spending = Spending(budget=Budget(points_max=1, points_per_s=1), requested=9, left=1, actual=4)
    outcome = Outcome(data=b'{"a":"ada@example.com"}', planned=PlannedPart.ALL, spending=spending)
    observed = Observed("f" * 32, "http", operation=_Operation(), outcome=outcome, status=200, seconds=0.25)
    observed.sql.seconds, observed.sql.statements = 0.125, 3
    traces.observe(observed)
    [span] = exporter.get_finished_spans()
    assert span.name == "query Leads"
    assert span.attributes == {
        "graphql.operation.type": "query",
        "graphql.operation.name": "Leads",
        "plera.document.sha256": "ab" * 32,
        "plera.request_id": "f" * 32,
        "plera.transport": "http",
        "plera.planned": "all",
        "plera.cost.requested": 9,
        "plera.cost.actual": 4,
        "plera.sql.ms": 125.0,
        "plera.sql.statements": 3,
        "http.response.status_code": 200,
    }
    assert (span.end_time or 0) - (span.start_time or 0) == 250_000_000
    assert span.parent is None
    assert span.status.is_unset
    assert span.resource.attributes["service.name"] == "plera"


async def test_a_span_stands_under_the_callers(traces: Traces, exporter: InMemorySpanExporter) -> None:
    traces.observe(Observed("f" * 32, "http", f"00-{TRACE}-{PARENT}-01", status=500))
    traces.observe(Observed("f" * 32, "http", "nonsense", status=401))
    under, alone = exporter.get_finished_spans()
    assert under.parent is not None
    assert (f"{under.context.trace_id:032x}", f"{under.parent.span_id:016x}") == (TRACE, PARENT)
    assert (under.name, under.status.is_ok, under.status.is_unset) == ("refused", False, False)
    assert (alone.parent, alone.status.is_unset) == (None, True)


async def test_the_service_is_named_by_the_standard_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "outreach")
    exporter = InMemorySpanExporter()
    Traces(SimpleSpanProcessor(exporter)).observe(Observed("f" * 32, "http"))
    assert exporter.get_finished_spans()[0].resource.attributes["service.name"] == "outreach"


async def test_a_task_is_a_span_too(traces: Traces, exporter: InMemorySpanExporter) -> None:
    traces.observe_task(
        TaskRun(kind="ImportLeads", outcome=TaskOutcome.RETRY, seconds=0.5, sql=SqlTime(0.25, 7))
    )
    [span] = exporter.get_finished_spans()
    assert (span.name, span.status.is_ok, span.status.is_unset) == ("task ImportLeads", False, False)
    assert span.attributes == {
        "plera.task.outcome": "retry",
        "plera.sql.ms": 250.0,
        "plera.sql.statements": 7,
    }


def test_nothing_is_traced_without_the_variables() -> None:
    assert open_traces(Settings()) is None
    assert (
        open_traces(Settings(OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9", OTEL_SDK_DISABLED="true"))
        is None
    )
    assert Observing(Settings(request_log="none")).observer is None


def test_a_missing_extra_is_said_and_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "operations.tracing", None)
    assert open_traces(Settings(OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9")) is None
    said = capsys.readouterr()
    assert "otel_missing" in said.out + said.err


class _Collector(BaseHTTPRequestHandler):
    """Takes what OTLP over HTTP sends, as a collector does."""

    received: ClassVar[Queue[tuple[str, ExportTraceServiceRequest]]] = Queue()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        self.received.put((self.path, ExportTraceServiceRequest.FromString(body)))
        self.send_response(200)
        self.send_header("content-type", "application/x-protobuf")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Collector) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


async def test_a_collector_gets_the_spans(collector: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=staging")
    traces = open_traces(Settings())
    assert traces is not None
    traces.observe(
        Observed("f" * 32, "http", f"00-{TRACE}-{PARENT}-01", operation=_Operation(), status=200, seconds=0.5)
    )
    await asyncio.to_thread(traces.close)

    path, sent = _Collector.received.get(timeout=HANGS_S)
    assert path == "/v1/traces"
    [resource_spans] = sent.resource_spans
    named = {each.key: each.value.string_value for each in resource_spans.resource.attributes}
    assert (named["service.name"], named["deployment.environment.name"]) == ("plera", "staging")
    [span] = resource_spans.scope_spans[0].spans
    assert (span.name, span.trace_id.hex(), span.parent_span_id.hex()) == ("query Leads", TRACE, PARENT)
    assert span.end_time_unix_nano - span.start_time_unix_nano == 500_000_000
