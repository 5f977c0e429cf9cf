"""Cursors while others write: who was there all the time is shown exactly once, whatever comes and goes."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.steps.planning import ENGINE, ordinary, planned
from tests.steps.runs import leads
from tests.world import World

PAGE = """
query ($first: Int, $after: Cursor, $last: Int, $before: Cursor) {
  leads(first: $first, after: $after, last: $last, before: $before, orderBy: [{field: FULL_NAME}]) {
    nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
CHANGES = st.lists(st.sampled_from(("insert", "delete", "nothing")), min_size=1, max_size=12)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES, size=st.integers(1, 4), forward=st.booleans())
async def test_who_stays_is_shown_once(world: World, changes: list[str], size: int, forward: bool) -> None:
    await world.fetch("DELETE FROM lead")
    await leads(world, 8)
    before = {row["id"] for row in await world.fetch("SELECT id FROM lead")}
    seen: list[str] = []
    cursor, waiting = None, list(changes)
    while True:
        page = {"first": size, "after": cursor} if forward else {"last": size, "before": cursor}
        found = await planned(world, PAGE, page)
        assert found == (await ordinary(world, PAGE, page)).data, ENGINE.tally.declined
        info = found["leads"]["pageInfo"]
        ids = [node["id"] for node in found["leads"]["nodes"]]
        seen += ids if forward else reversed(ids)
        if not info["hasNextPage" if forward else "hasPreviousPage"]:
            break
        cursor = info["endCursor" if forward else "startCursor"]
        await _change(world, waiting.pop() if waiting else "nothing")
    stayed = before & {row["id"] for row in await world.fetch("SELECT id FROM lead")}
    assert len(seen) == len(set(seen))
    assert {f"lead_{id_}" for id_ in stayed} <= set(seen)


async def _change(world: World, what: str) -> None:
    if what == "insert":
        await leads(world, 1)
    elif what == "delete":
        await world.fetch("DELETE FROM lead WHERE id = (SELECT id FROM lead ORDER BY random() LIMIT 1)")
