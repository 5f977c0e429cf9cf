"""Whether those who listen still may: one look for all who are alike, and what ends whom."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from auth.remembering import REMEMBERED
from auth.viewer import Viewer
from domain.errors import DomainError, Forbidden, Unauthenticated
from domain.workspaces.rules import Role
from resolvers.context import Context
from tests.world import World
from web.graphql import standing
from web.graphql.standing import ENDING_S, LOOK_EVERY_S, Listener, Standing


class Audience:
    """Some who listen, and why each was ended."""

    def __init__(self) -> None:
        self.standing = Standing()
        self.reasons: dict[str, DomainError] = {}

    def add(self, name: str, context: Context, *, credential: str = "one") -> None:
        """Let another one listen."""
        context.caller.credential = credential

        async def end(reason: DomainError) -> None:
            self.reasons[name] = reason

        self.standing.watch(Listener(context, end))


def looking(monkeypatch: pytest.MonkeyPatch, **found: Viewer | Exception) -> list[str | None]:
    """Let looks find these by credential; returns whom was looked for."""
    looks: list[str | None] = []

    async def identify(*, credential: str, **_: Any) -> Viewer:
        looks.append(credential)
        await asyncio.sleep(0)
        result = found[credential]
        if isinstance(result, Exception):
            raise result
        return result

    monkeypatch.setattr(standing, "identify", identify)
    return looks


async def test_one_look_serves_all_who_are_alike(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    viewer = world.context().viewer
    looks = looking(monkeypatch, one=Unauthenticated("revoked"), other=viewer)
    audience = Audience()
    for number in range(5):
        audience.add(f"one {number}", world.context())
        audience.add(f"other {number}", world.context(), credential="other")

    await audience.standing.look()

    assert sorted(looks, key=str) == ["one", "other"]
    assert set(audience.reasons) == {f"one {number}" for number in range(5)}


async def test_a_lost_right_ends_and_another_role_does_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer = world.context().viewer
    looking(
        monkeypatch,
        same=viewer,
        removed=Forbidden("no member"),
        nobody=Viewer(),
        lowered=replace(viewer, role=Role.READ_ONLY),
    )
    audience = Audience()
    for name in ("same", "removed", "nobody", "lowered"):
        audience.add(name, world.context(), credential=name)

    await audience.standing.look()

    kinds = {name: type(reason) for name, reason in audience.reasons.items()}
    assert kinds == {"removed": Forbidden, "nobody": Unauthenticated, "lowered": Forbidden}


async def test_who_came_with_another_role_is_looked_at_for_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking(monkeypatch, one=world.context(role=Role.REP).viewer)
    audience = Audience()
    audience.add("before", world.context(role=Role.OWNER))
    audience.add("since", world.context(role=Role.REP))
    await audience.standing.look()
    assert set(audience.reasons) == {"before"}


@pytest.mark.parametrize("error", [OSError("no database"), RuntimeError("a bug")])
async def test_what_nobody_knows_ends_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    looks = looking(monkeypatch, one=error)
    audience = Audience()
    audience.add("one", world.context())
    await audience.standing.look()
    assert (len(looks), audience.reasons) == (1, {})


async def test_who_reads_nothing_holds_up_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "ENDING_S", 0)
    looking(monkeypatch, one=Unauthenticated("revoked"))
    audience = Audience()
    stuck = asyncio.Event()

    async def never(_: DomainError) -> None:
        await stuck.wait()

    context = world.context()
    context.caller.credential = "one"
    audience.standing.watch(Listener(context, never))
    audience.add("other", world.context())
    await audience.standing.look()
    assert set(audience.reasons) == {"other"}


async def test_who_left_is_looked_at_no_longer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = looking(monkeypatch, one=Unauthenticated("revoked"))
    context = world.context()
    context.caller.credential = "one"

    async def end(_: DomainError) -> None:
        raise AssertionError

    kept = Standing()
    with kept.watching(Listener(context, end)):
        pass
    await kept.look()
    assert not looks


def test_who_may_no_longer_listen_is_shown_out_within_five_seconds() -> None:
    """Also of somebody who was remembered a moment too long when the socket was opened."""
    assert REMEMBERED.total_seconds() + LOOK_EVERY_S + ENDING_S < 5
