"""What waits in the database, as the metrics tell it."""

from dataclasses import dataclass

from domain.tasks import Task
from domain.work import unit_of_work
from operations.depths import Depths
from operations.metrics import Metrics
from tests.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Lonely(Task):
    """A task that nobody handles."""


async def test_waiting_tasks_and_deliveries_are_counted(world: World) -> None:
    metrics = Metrics()
    depths = Depths(metrics)

    def value(name: str, **labels: str) -> float:
        return metrics.registry.get_sample_value(name, labels) or 0.0

    await depths.look()
    before = value("plera_tasks", kind="other", state="ready")
    async with unit_of_work(world.actor, now=world.now()) as work:
        await work.enqueue(Lonely())
    await depths.look()
    assert value("plera_tasks", kind="other", state="ready") == before + 1
    assert value("plera_tasks_overdue_seconds") > 0
    states = ("scheduled", "leased", "handoff", "unknown")
    assert all(
        metrics.registry.get_sample_value("plera_deliveries", {"state": state}) is not None
        for state in states
    )
    async with unit_of_work(world.actor, now=world.now()) as work:
        await work.connection.execute(
            "UPDATE task SET state = 'DONE' WHERE workspace_id = $1 AND kind = 'Lonely'", world.workspace_id
        )
    await depths.look()
    assert value("plera_tasks", kind="other", state="ready") == before
