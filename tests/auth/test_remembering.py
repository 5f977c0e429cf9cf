"""Who is behind a credential is asked once in a moment, and anew after whatever may have changed it."""

import asyncio

import pytest

from auth import remembering, viewer
from auth.remembering import RememberedViewers
from domain.errors import Unauthenticated
from tests.steps.accounts import new_account, sign_in
from tests.world import Clock


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The credentials that the database was asked about."""
    found: list[str] = []
    identify = viewer.identify

    async def counted(**arguments: object) -> object:
        found.append(str(arguments["credential"]))
        return await identify(**arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(remembering, "identify", counted)
    return found


async def _ask(viewers: RememberedViewers, credential: str | None, request_id: str = "r") -> object:
    return await viewers.identify(credential=credential, workspace=None, request_id=request_id)


async def test_a_burst_asks_once_and_each_request_keeps_its_id(app: object, asked: list[str]) -> None:
    viewers, token = RememberedViewers(clock=Clock()), await sign_in(await new_account())
    first, second = [
        await viewers.identify(credential=token, workspace=None, request_id=id_) for id_ in ("one", "two")
    ]
    assert asked == [token]
    assert (first.user_id, first.request_id, second.request_id) == (second.user_id, "one", "two")


async def test_after_a_moment_it_is_asked_again(app: object, asked: list[str]) -> None:
    clock = Clock()
    viewers, token = RememberedViewers(clock=clock), await sign_in(await new_account())
    await _ask(viewers, token)
    clock.offset_s = 1.6
    await _ask(viewers, token)
    assert asked == [token, token]


async def test_what_was_read_before_a_change_is_not_remembered_after_it(
    app: object, asked: list[str]
) -> None:
    viewers, token = RememberedViewers(clock=Clock()), await sign_in(await new_account())
    reading = asyncio.create_task(_ask(viewers, token))
    await asyncio.sleep(0)
    viewers.forget()
    await reading
    await _ask(viewers, token)
    assert asked == [token, token]


async def test_who_is_refused_is_asked_each_time(app: object, asked: list[str]) -> None:
    viewers = RememberedViewers(clock=Clock())
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            await _ask(viewers, "plera_s_nobody")
    assert len(asked) == 2


async def test_nobody_is_nobody(asked: list[str]) -> None:
    assert await _ask(RememberedViewers(clock=Clock()), None) is viewer.ANONYMOUS
    assert asked == []
