"""Old keys and finished tasks go; what may still be asked for stays."""

from datetime import timedelta

from domain.idempotency import Idempotency
from domain.work import unit_of_work
from domain.workspaces.upkeep import forget_finished
from tests.world import World


async def _use_key(world: World, key: str) -> None:
    idempotency = Idempotency.of(caller_id=world.user_id, mutation="test", key=key, arguments={})
    async with unit_of_work(world.actor, now=world.now(), idempotency=idempotency):
        pass


async def test_a_key_is_kept_for_a_week(world: World) -> None:
    await _use_key(world, "old")
    await forget_finished(workspace_id=world.workspace_id, now=world.now() + timedelta(days=6))
    assert await world.fetch("SELECT key FROM idempotency_record WHERE key = 'old'") == [{"key": "old"}]
    await forget_finished(workspace_id=world.workspace_id, now=world.now() + timedelta(days=8))
    assert await world.fetch("SELECT key FROM idempotency_record WHERE key = 'old'") == []


async def test_only_finished_tasks_go(world: World) -> None:
    for state in ("DONE", "DEAD", "READY"):
        await world.fetch(
            """
            INSERT INTO task (id, workspace_id, kind, payload, state, due_at, finished_at)
            VALUES (gen_random_uuid(), $1, 'Test', '{}', $2, clock_timestamp() + interval '1 day',
                    CASE WHEN $2 <> 'READY' THEN clock_timestamp() END)
            """,
            world.workspace_id,
            state,
        )
    await forget_finished(workspace_id=world.workspace_id, now=world.now() + timedelta(days=15))
    rows = await world.fetch("SELECT state FROM task WHERE kind = 'Test' ORDER BY state")
    assert [row["state"] for row in rows] == ["DEAD", "READY"]
