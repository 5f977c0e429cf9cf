"""The metrics: what is counted under which labels, and how many labels there can be."""

from domain.sql_time import SqlTime
from jobs.observing import TaskOutcome, TaskRun
from operations.metrics import ANSWERS_MAX, Metrics
from resolvers.observing import Observed
from resolvers.outcome import OperationKind, Outcome, PlannedPart


class _Operation:
    name = "Ada_s_secret"
    sha256 = "ab" * 32
    may_change_callers = False

    def __init__(self, kind: OperationKind) -> None:
        self.kind = kind


def _query(outcome: Outcome, *, kind: OperationKind = OperationKind.QUERY, status: int = 200) -> Observed:
    return Observed(
        "f" * 32, "http", operation=_Operation(kind), outcome=outcome, status=status, seconds=0.03
    )


def _value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


async def test_operations_are_counted_by_kind_and_status() -> None:
    metrics = Metrics()
    metrics.observe(_query(Outcome(data=b"{}", planned=PlannedPart.ALL)))
    metrics.observe(_query(Outcome(data=b"{}", planned=PlannedPart.NONE, declined="Query.viewer")))
    metrics.observe(
        _query(
            Outcome(data=b"{}", planned=PlannedPart.NONE, declined="mutation"), kind=OperationKind.MUTATION
        )
    )
    metrics.observe(Observed("f" * 32, "http", status=401))
    assert _value(metrics, "plera_requests_total", kind="query", status="200") == 2
    assert _value(metrics, "plera_requests_total", kind="mutation", status="200") == 1
    assert _value(metrics, "plera_requests_total", kind="refused", status="401") == 1
    assert _value(metrics, "plera_request_seconds_bucket", kind="query", le="0.025") == 0
    assert _value(metrics, "plera_request_seconds_bucket", kind="query", le="0.05") == 2
    assert _value(metrics, "plera_reads_total", answer="planned") == 1
    assert _value(metrics, "plera_reads_total", answer="Query.viewer") == 1
    assert _value(metrics, "plera_reads_total", answer="mutation") is None
    assert b"Ada" not in metrics.text()


async def test_a_mutation_counts_as_a_read_when_its_payload_was_planned() -> None:
    metrics = Metrics()
    mutation = OperationKind.MUTATION
    metrics.observe(_query(Outcome(data=b"{}", planned=PlannedPart.PAYLOAD), kind=mutation))
    metrics.observe(_query(Outcome(data=b"{}", planned=PlannedPart.NONE, declined="mutation"), kind=mutation))
    assert _value(metrics, "plera_reads_total", answer="payload") == 1
    assert metrics.text().count(b"plera_reads_total{") == 1


async def test_subscriptions_dont_spoil_the_times_of_requests() -> None:
    metrics = Metrics()
    metrics.observe(_query(Outcome(data=b"{}"), kind=OperationKind.SUBSCRIPTION))
    assert _value(metrics, "plera_subscription_seconds_count") == 1
    assert _value(metrics, "plera_request_seconds_count", kind="subscription") is None


async def test_reasons_can_not_grow_without_end() -> None:
    metrics = Metrics()
    for number in range(ANSWERS_MAX + 20):
        metrics.observe(_query(Outcome(data=b"{}", planned=PlannedPart.NONE, declined=f"reason {number}")))
    assert metrics.text().count(b"plera_reads_total{") == ANSWERS_MAX + 1
    assert _value(metrics, "plera_reads_total", answer="other") == 20


async def test_kinds_of_tasks_that_nobody_knows_are_one() -> None:
    metrics = Metrics()
    for kind in ("Whatever", "Else"):
        metrics.observe_task(TaskRun(kind=kind, outcome=TaskOutcome.DEAD, seconds=0.2, sql=SqlTime()))
    assert _value(metrics, "plera_task_seconds_count", kind="other", outcome="dead") == 2


async def test_two_in_one_process_dont_meet() -> None:
    one, other = Metrics(), Metrics()
    one.beat("sweep_tasks")
    name = "plera_worker_loop_last_success_timestamp_seconds"
    assert (_value(one, name, loop="sweep_tasks") or 0) > 1_700_000_000
    assert _value(other, name, loop="sweep_tasks") is None
