"""The answer to an event is made once for all who asked alike, and only for them."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace
from typing import Any

import pytest

from domain.errors import Invalid
from domain.events import find_last_seq
from domain.workspaces.rules import Role
from resolvers.following import cursor_of
from resolvers.sharing import Shared
from schema import subscribing
from tests.steps.happening import happen
from tests.waiting import in_time
from tests.world import Answer, World, listen, new_world

EVENTS = "subscription ($after: Cursor, $short: Boolean = false) { workspaceEvents(after: $after) { seq type @skip(if: $short) } }"


@pytest.fixture
def executed(world: World, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Count the executions, while no time passes in which an answer could grow too old to share."""
    services = replace(world.services, shared=Shared(clock=lambda: 0.0))
    world.app = replace(world.app, services=services)
    found: list[Any] = []
    execute = subscribing.execute_subscription_event

    def counted(executor: Any) -> Any:
        found.append(executor)
        return execute(executor)

    monkeypatch.setattr(subscribing, "execute_subscription_event", counted)
    return found


async def first_answers(*streams: AsyncGenerator[Answer, None]) -> list[Answer]:
    async with AsyncExitStack() as stack, in_time():
        for stream in streams:
            await stack.enter_async_context(aclosing(stream))
        return await asyncio.gather(*(anext(stream) for stream in streams))


def stream(
    world: World, variables: Mapping[str, Any], *, document: str = EVENTS, role: Role = Role.OWNER
) -> AsyncGenerator[Answer, None]:
    return listen(document, variables, context=world.context(role=role))


async def test_one_answer_serves_all_whatever_they_have_heard_before(
    world: World, executed: list[Any]
) -> None:
    start = await find_last_seq(workspace_id=world.workspace_id)
    await happen(world)
    after = {"after": cursor_of(world.context(), start)}

    answers = await first_answers(
        *(stream(world, after) for _ in range(8)), stream(world, after | {"short": False})
    )

    expected = {"workspaceEvents": {"seq": start + 1, "type": "WorkspaceUpdated"}}
    assert [answer.data for answer in answers] == [expected] * 9
    assert len(executed) == 2, "one with the default, one with the same value given"


async def test_other_selections_roles_and_workspaces_have_answers_of_their_own(
    world: World, executed: list[Any]
) -> None:
    other = await new_world(world.app)
    for each in (world, other):
        await happen(each)

    def after(each: World) -> dict[str, Any]:
        return {"after": cursor_of(each.context(), 0)}

    answers = await first_answers(
        stream(world, after(world)),
        stream(world, after(world) | {"short": True}),
        stream(world, after(world), role=Role.READ_ONLY),
        stream(world, after(world), document=EVENTS + " "),
        stream(other, after(other)),
    )

    assert len(executed) == 5
    assert "type" not in (answers[1].data or {})["workspaceEvents"]
    assert all(
        "type" in (answer.data or {})["workspaceEvents"] for answer in answers if answer is not answers[1]
    )


async def test_errors_name_the_request_they_belong_to(
    world: World, monkeypatch: pytest.MonkeyPatch, executed: list[Any]
) -> None:
    def broken(*_: Any) -> Any:
        raise Invalid("no cursor today")

    await happen(world)
    after = {"after": cursor_of(world.context(), 0)}
    monkeypatch.setattr("schema.events.cursor_of", broken)
    document = "subscription ($after: Cursor) { workspaceEvents(after: $after) { cursor } }"
    contexts = [world.context() for _ in range(3)]
    for number, context in enumerate(contexts):
        context.request_id = f"request {number}"

    answers = await first_answers(*(listen(document, after, context=context) for context in contexts))

    named = [answer.errors[0]["extensions"]["requestId"] for answer in answers]
    assert named == ["request 0", "request 1", "request 2"]
    assert len(executed) == 3, "once for each"


async def test_who_names_no_workspace_is_told_so(world: World) -> None:
    context = world.context()
    context.viewer = replace(context.viewer, workspace_id=None, role=None)
    [answer] = await first_answers(listen(EVENTS, {}, context=context))
    assert answer.codes == ["WORKSPACE_REQUIRED"]
