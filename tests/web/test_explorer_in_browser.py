"""The explorer in a real browser against a small GraphQL server: it works and nothing complains."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from graphql import build_schema, graphql_sync
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from tests.waiting import until
from tests.web.browser import CHROMIUM, Page, opened_page
from web.explorer.page import routes

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")

SCHEMA = build_schema("""
    type Query { "Says hello." greeting(name: String = "you"): String! }
    type Mutation { signIn(input: SignInInput!): SignInPayload!  signOut: SignInPayload! }
    type Subscription { ticks: Int! }
    input SignInInput { email: String!  password: String! }
    type SignInPayload { token: String  errors: [UserError!]! }
    type UserError { code: String!  message: String!  field: [String!]! }
""")
MARKUP = "<img src=x onerror=alert(1)>"


def sign_in(_: Any, **arguments: Any) -> dict[str, Any]:
    if arguments["input"]["password"] == "a walk by the sea":
        return {"token": "plera_s_secret", "errors": []}
    return {"token": None, "errors": [{"code": "UNAUTHENTICATED", "message": "wrong", "field": []}]}


class Server:
    """Remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.opened_with: list[dict[str, str]] = []

    async def graphql(self, request: Request) -> Response:
        body = await request.json()
        self.asked.append((dict(request.headers), body))
        root = {
            "greeting": lambda _, name: f"{MARKUP} {name}",
            "signIn": sign_in,
            "signOut": lambda _: {"errors": []},
        }
        result = graphql_sync(
            SCHEMA,
            body["query"],
            root,
            variable_values=body.get("variables"),
            operation_name=body.get("operationName"),
        )
        cookie = {"Set-Cookie": "plera_session=tempting; Path=/"} if "signIn" in body["query"] else {}
        return JSONResponse(result.formatted, headers=cookie)

    async def socket(self, socket: WebSocket) -> None:
        await socket.accept("graphql-transport-ws")
        self.opened_with.append((await socket.receive_json())["payload"])
        await socket.send_json({"type": "connection_ack"})
        assert (await socket.receive_json())["type"] == "subscribe"
        await socket.send_json({"type": "ping"})
        assert (await socket.receive_json())["type"] == "pong"
        for tick in (1, 2, 3):
            await socket.send_json({"id": "1", "type": "next", "payload": {"data": {"ticks": tick}}})
        await socket.send_json({"id": "1", "type": "complete"})
        with contextlib.suppress(Exception):
            await socket.receive_json()


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
async def url(server: Server) -> AsyncIterator[str]:
    own = [Route("/graphql", server.graphql, methods=["POST"]), WebSocketRoute("/graphql", server.socket)]
    app = Starlette(routes=[*routes, *own])
    runner = uvicorn.Server(
        uvicorn.Config(app, port=0, log_level="error", lifespan="off", ws="websockets-sansio")
    )
    running = asyncio.create_task(runner.serve())
    await until(lambda: runner.started)  # uvicorn has no event for it
    yield f"http://127.0.0.1:{runner.servers[0].sockets[0].getsockname()[1]}/graphiql"
    runner.should_exit = True
    await running


@pytest.fixture
async def page(url: str, tmp_path: Path) -> AsyncIterator[Page]:
    async with opened_page(url, profile=tmp_path) as page:
        await page.until("document.querySelectorAll('#examples button').length > 5")
        yield page


async def fill(page: Page, **fields: str) -> None:
    for name, text in fields.items():
        await page.run(f"{name}.value = {json.dumps(text)}, {name}.dispatchEvent(new Event('input'))")


async def press_ctrl_enter(page: Page) -> None:
    for kind in ("keyDown", "keyUp"):
        await page.call(
            "Input.dispatchKeyEvent",
            type=kind,
            key="Enter",
            code="Enter",
            modifiers=2,
            windowsVirtualKeyCode=13,
        )


async def test_a_query_runs_and_its_answer_stays_text(page: Page, server: Server) -> None:
    await fill(
        page, query="query Hello($name: String) { greeting(name: $name) }", variables='{"name": "Ada"}'
    )

    await press_ctrl_enter(page)

    await page.until("state.textContent.startsWith('200 · ')")
    assert json.loads(await page.run("result.textContent")) == {"data": {"greeting": f"{MARKUP} Ada"}}
    assert await page.run("result.querySelectorAll('img').length") == 0
    assert server.asked[0][1]["operationName"] == "Hello"
    assert page.complaints == []


async def test_signing_in_keeps_the_token_in_memory_and_loads_the_docs(page: Page, server: Server) -> None:
    await fill(page, email="ada@example.com", password="wrong")
    await page.run("credentials.requestSubmit()")
    await page.until("errors.textContent.includes('UNAUTHENTICATED wrong')")
    assert await page.run("who.textContent") == "not signed in"

    await fill(page, password="a walk by the sea")
    await page.run("credentials.requestSubmit()")
    await page.until("docs.querySelector('h3')")
    assert await page.run("document.activeElement.tagName") != "H3"
    assert await page.run("who.textContent") == "ada@example.com"
    assert await page.run("password.value + errors.textContent") == ""
    assert server.asked[-1][0]["authorization"] == "Bearer plera_s_secret"
    assert await page.run("JSON.stringify([localStorage, sessionStorage]) + document.cookie") == "[{},{}]"

    await fill(page, search="greet")
    assert await page.run("docs.textContent") == "Query.greeting"
    await page.run("docs.querySelector('button').click()")
    assert "Says hello." in await page.run("docs.textContent")
    assert await page.run("document.activeElement.tagName") == "H3"

    await page.run("document.querySelector('#sign-out').click()")
    await page.until("who.textContent === 'not signed in'")
    assert "signOut" in server.asked[-1][1]["query"]
    assert server.asked[-1][0]["authorization"] == "Bearer plera_s_secret"
    assert page.complaints == []


async def test_a_subscription_shows_its_events_and_its_end(page: Page, server: Server) -> None:
    await page.run("token.value = 'plera_t_secret', pasted.requestSubmit()")
    await fill(page, query="subscription Ticks { ticks }", variables="")

    await page.run("run.click()")

    await page.until("state.textContent === '3 events · ended'")
    assert await page.run("result.querySelector('article pre').textContent") == json.dumps(
        {"data": {"ticks": 3}}, indent=2
    )
    assert await page.run("document.querySelector('#stop').hidden") is True
    assert server.opened_with == [{"Authorization": "Bearer plera_t_secret"}]
    assert page.complaints == []


async def test_mistakes_are_told_and_send_nothing(page: Page, server: Server) -> None:
    await fill(page, query="{ greeting }", variables="{nonsense")

    await page.run("run.click()")

    await page.until("errors.textContent.includes('Variables are not JSON')")
    assert server.asked == []


async def test_of_several_operations_the_chosen_one_runs(page: Page, server: Server) -> None:
    await fill(
        page,
        query="""query One($o: I = {a: "}"}) { greeting } # query Not { x }
            fragment F on Query { greeting }
            query Two { greeting }""",
        variables="",
    )
    assert await page.run("[...operation.options].map((o) => o.value).join()") == "One,Two"

    await page.run("operation.value = 'Two', run.click()")

    await page.until("state.textContent.startsWith('200 · ')")
    assert [body["operationName"] for _, body in server.asked] == ["Two"]


async def test_headers_are_kept_only_when_asked(page: Page, url: str) -> None:
    await fill(page, headers="Plera-Workspace: workspace_1")
    assert await page.run("localStorage.length") == 0

    await page.run("keep.click()")
    assert await page.run("Object.values(localStorage).join()") == "Plera-Workspace: workspace_1"

    await page.run("keep.click()")
    assert await page.run("localStorage.length") == 0


async def test_it_fits_a_phone(url: str, tmp_path: Path) -> None:
    async with opened_page(url, profile=tmp_path, width=360) as page:
        await page.until("document.querySelectorAll('#examples button').length > 5")
        assert await page.run("innerWidth") == 360
        assert await page.run("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        assert page.complaints == []
