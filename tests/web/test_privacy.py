"""The pages of a privacy request: a mailed link, a button, no login."""

import re
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx2
import orjson
import pytest
import pytest_asyncio

from tests.steps.privacy import fulfil_request, mailed_code, open_request, waiting_mail
from tests.waiting import HANGS_S
from tests.world import World


@pytest_asyncio.fixture
async def browser(server_url: str) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=server_url, timeout=HANGS_S) as client:
        yield client


@pytest.fixture
def email() -> str:
    return f"ada.{uuid4().hex}@canary.example"


async def _path(email: str, kind: str) -> str:
    found = re.search(r"/privacy/\S+", await waiting_mail(email, kind))
    assert found is not None
    return found[0]


async def _status(world: World) -> str:
    [row] = await world.fetch("SELECT status FROM privacy_request")
    return str(row["status"])


async def test_opening_the_mailed_link_asks_and_the_button_confirms(
    world: World, browser: httpx2.AsyncClient, email: str
) -> None:
    await open_request(world, "ACCESS", email)
    await mailed_code(world, email)
    path = await _path(email, "PRIVACY_CODE")

    page = await browser.get(path, headers={"Accept-Language": "fr"})
    assert (page.status_code, "Confirmer votre demande" in page.text) == (200, True)
    assert await _status(world) == "VERIFYING_IDENTITY"

    done = await browser.post(path)
    assert done.status_code == 200
    assert "Your request is confirmed" in done.text
    assert await _status(world) == "VERIFIED"
    assert (await browser.post(path)).status_code == 404


async def test_a_wrong_code_or_a_foreign_link_confirms_nothing(
    world: World, browser: httpx2.AsyncClient, email: str
) -> None:
    await open_request(world, "ACCESS", email)
    code = await mailed_code(world, email)
    path = await _path(email, "PRIVACY_CODE")
    wrong = path.removesuffix(code) + f"{(int(code) + 1) % 1_000_000:06}"
    forged = path.replace("/privacy/confirm/", "/privacy/confirm/A", 1)

    for attempt in (wrong, forged, path.replace("/confirm/", "/result/").rpartition("/")[0]):
        assert (await browser.post(attempt)).status_code == 404
    assert await _status(world) == "VERIFYING_IDENTITY"


async def test_the_answer_is_downloaded_by_a_button_and_each_time_is_audited(
    world: World, browser: httpx2.AsyncClient, email: str
) -> None:
    await fulfil_request(world, "ACCESS", email)
    path = await _path(email, "PRIVACY_RESULT")
    page = await browser.get(path)
    assert "Download" in page.text
    assert await world.fetch("SELECT 1 FROM audit_event WHERE action = 'privacy_request.download'") == []

    answer = await browser.post(path)

    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["cache-control"] == "no-store"
    assert orjson.loads(answer.content)["schemaVersion"] == 1
    [entry] = await world.fetch(
        "SELECT actor_kind FROM audit_event WHERE action = 'privacy_request.download'"
    )
    assert entry == {"actor_kind": "PERSON"}
