"""Whether a credential still lets one listen: one look for all of its streams."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from auth.viewer import Viewer
from domain.errors import Forbidden, Unauthenticated
from resolvers import standing
from resolvers.following import RECHECK
from resolvers.standing import Standing
from resolvers.tails import LOOK_S
from tests.world import World


def looking(monkeypatch: pytest.MonkeyPatch, *found: Any) -> list[str | None]:
    """Let each look find the next of these; returns whom was looked for."""
    looks: list[str | None] = []
    finds = list(found)

    async def identify(*, credential: str | None, **_: Any) -> Viewer:
        looks.append(credential)
        await asyncio.sleep(0)
        result = finds.pop(0)
        if isinstance(result, Exception):
            raise result
        assert isinstance(result, Viewer)
        return result

    monkeypatch.setattr(standing, "identify", identify)
    return looks


async def test_one_look_serves_all_streams_of_a_credential(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer = world.context().viewer
    looks = looking(monkeypatch, viewer, Unauthenticated("revoked"), Viewer())
    now = [0.0]
    kept = Standing(clock=lambda: now[0])
    contexts = [world.context() for _ in range(5)]

    await asyncio.gather(*(kept.require(context) for context in contexts))
    assert len(looks) == 1

    now[0] += standing.SHARED_S
    [first, *_] = contexts
    with pytest.raises(Unauthenticated):
        await kept.require(first)
    results = await asyncio.gather(*(kept.require(context) for context in contexts), return_exceptions=True)
    assert len(looks) == 2
    assert {type(result) for result in results} == {Unauthenticated}
    assert len({id(result) for result in results}) == 5, "an exception belongs to whom it is raised for"

    now[0] += standing.SHARED_S
    with pytest.raises(Unauthenticated, match="has ended"):
        await kept.require(first)


async def test_another_credential_is_looked_at_by_itself(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer = world.context().viewer
    looks = looking(monkeypatch, viewer, viewer)
    one, other = world.context(), world.context()
    other.caller.credential = "another"
    kept = Standing()
    await asyncio.gather(kept.require(one), kept.require(other))
    assert sorted(looks, key=str) == [None, "another"]


async def test_a_place_in_another_workspace_is_none_here(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking(monkeypatch, Viewer(kind=world.context().viewer.kind, workspace_id=world.user_id))
    with pytest.raises(Forbidden):
        await Standing().require(world.context())


async def test_what_nobody_knows_ends_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = looking(monkeypatch, OSError("no database"))
    await Standing().require(world.context())
    assert len(looks) == 1


def test_a_revoked_right_is_noticed_within_five_seconds() -> None:
    assert RECHECK + timedelta(seconds=LOOK_S) - timedelta(seconds=0.5) <= timedelta(seconds=5)
