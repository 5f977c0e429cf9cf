"""Pages of other origins: those the operator allows may ask, with tokens."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from tests.web.graphql.conftest import sign_in
from tests.web.serving import served
from tests.world import World
from web.graphql.cross_origin import CrossOrigin
from wiring import Application

APP = "https://app.example"
NAME = {"query": "{ workspace { name } }"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def open_url(app: Application) -> AsyncIterator[str]:
    """A server that pages of one other origin may ask."""
    services = replace(app.services, web_origins=frozenset({APP}))
    async with served(replace(app, services=services), explorer=()) as url:
        yield url


@pytest_asyncio.fixture
async def page(world: World, open_url: str) -> AsyncIterator[Any]:
    """Ask as the owner's browser does for a page of some origin."""
    authorization = f"Bearer {await sign_in(world)}"
    async with httpx2.AsyncClient(base_url=open_url) as client:

        async def ask(origin: str, *, method: str = "POST", body: Any = NAME, **headers: str) -> Any:
            headers = {"origin": origin, "authorization": authorization, **headers}
            return await client.request(method, "/graphql", json=body, headers=headers)

        yield ask


async def test_an_allowed_page_is_answered_and_may_read_the_answer(page: Any) -> None:
    bodies: tuple[Any, ...] = (NAME, {"query": "{"}, [])
    for body in bodies:
        answer = await page(APP, body=body)
        assert answer.headers["access-control-allow-origin"] == APP
        assert answer.headers["vary"] == "Accept, Origin"
        assert "RateLimit" in answer.headers["access-control-expose-headers"]
        assert "access-control-allow-credentials" not in answer.headers
    assert (await page(APP)).json() == {"data": {"workspace": {"name": "Acme Outreach"}}}


async def test_its_browser_is_told_beforehand_what_it_may_send(page: Any) -> None:
    answer = await page(APP, method="OPTIONS", **{"access-control-request-method": "POST"})
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-methods"] == "GET, POST"
    allowed = {name.strip().lower() for name in answer.headers["access-control-allow-headers"].split(",")}
    assert {"authorization", "content-type", "plera-workspace", "idempotency-key"} <= allowed
    assert int(answer.headers["access-control-max-age"]) > 0


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://app.example", f"{APP}.evil.example", "null"]
)
async def test_another_page_may_not_read_the_answer(page: Any, origin: str) -> None:
    for method in ("POST", "OPTIONS"):
        answer = await page(origin, method=method)
        assert "access-control-allow-origin" not in answer.headers
        assert answer.headers["vary"] == "Accept, Origin"


async def test_a_cookie_is_refused_from_an_allowed_page_too(world: World, page: Any) -> None:
    answer = await page(APP, authorization="", cookie=f"plera_session={await sign_in(world)}")
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (
        403,
        "ORIGIN_NOT_ALLOWED",
    )


async def test_nothing_is_said_where_no_page_is_allowed(owner: httpx2.AsyncClient) -> None:
    answer = await owner.post("/graphql", json=NAME, headers={"origin": APP})
    assert answer.headers["vary"] == "Accept"
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_star_allows_every_page() -> None:
    assert (b"access-control-allow-origin", APP.encode()) in CrossOrigin(frozenset({"*"})).headers(APP)
    assert CrossOrigin(frozenset({"*"})).headers(None) == [(b"vary", b"Origin")]
