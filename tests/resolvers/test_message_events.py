"""The stream of what happens to messages."""

from typing import Any

from resolvers.following import cursor_of
from tests.steps.runs import approve_all, launched
from tests.steps.sequences import reviewable
from tests.waiting import in_time
from tests.world import World, listen

EVENTS = """
subscription ($run: ID, $after: Cursor) { messageEvents(runId: $run, after: $after) { type subjectId runId } }
"""


async def heard(world: World, count: int, **variables: Any) -> list[dict[str, Any]]:
    """Return the first events since the workspace began."""
    stream = listen(EVENTS, {"after": cursor_of(world.context(), 0)} | variables, context=world.context())
    async with in_time():
        answers = [await anext(stream) for _ in range(count)]
    await stream.aclose()
    assert all(answer.errors == [] for answer in answers)
    return [(answer.data or {})["messageEvents"] for answer in answers]


async def test_messages_are_followed_from_draft_to_schedule(world: World) -> None:
    run_id = await launched(world, 2)
    await world.run_tasks()
    assert await approve_all(world, run_id) == 2
    [other, *_] = await reviewable(world)  # of another run

    of_run = await heard(world, 6, run=f"run_{run_id}")
    assert {event["runId"] for event in of_run} == {f"run_{run_id}"}
    assert sorted(event["type"] for event in of_run) == sorted(
        2 * ["MessageDrafted", "MessageApproved", "DeliveryScheduled"]
    )
    assert all(event["subjectId"].startswith("mess_") for event in of_run)

    everything = await heard(world, 7)
    assert everything[:-1] == of_run
    assert (everything[-1]["type"], everything[-1]["subjectId"]) == ("MessageDrafted", f"mess_{other['id']}")
    assert everything[-1]["runId"] not in {None, f"run_{run_id}"}


async def test_a_run_that_isn_t_there_has_no_messages(world: World) -> None:
    for run in ("run_0193f3c8-0000-7000-8000-000000000000", "lead_0193f3c8-0000-7000-8000-000000000000", "x"):
        answer = await anext(listen(EVENTS, {"run": run}, context=world.context()))
        assert answer.codes == ["NOT_FOUND"]
