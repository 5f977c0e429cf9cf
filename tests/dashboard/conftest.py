"""GraphiQL as `make dashboard` built it, before the real server, in a real browser."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from main import GRAPHIQL
from tests.waiting import until
from tests.web.browser import CHROMIUM, Page, opened_page
from tests.web.serving import served
from web.explorer.graphiql import explorer_routes
from wiring import Application

EDITORS = ("operation.graphql", "variables.json", "request-headers.json", "response.json")
READY = (
    "globalThis.__MONACO && document.querySelector('.graphiql-execute-button') "
    "&& document.querySelector('.graphiql-query-editor .view-lines')?.innerText.trim() && "
    f"{json.dumps(EDITORS)}.every((name) => __MONACO.editor.getModels().some((model) => model.uri.path.endsWith(name)))"
)
"""Monaco has drawn the first tab, and there are all editors."""


@pytest_asyncio.fixture(scope="session")
async def server_url(app: Application) -> AsyncIterator[str]:
    """Where the API and GraphiQL answer: ``http://127.0.0.1:port``."""
    assert (GRAPHIQL / "index.html").is_file(), "GraphiQL isn't built: make dashboard"
    async with served(app, explorer=explorer_routes(built=GRAPHIQL)) as url:
        yield url


class Explorer:
    """What a person does in GraphiQL."""

    def __init__(self, page: Page, *, url: str) -> None:
        self.page = page
        self.url = url

    async def open(self, *, fragment: str = "") -> None:
        await self.page.navigate("about:blank")
        await self.page.navigate(f"{self.url}/graphiql{fragment}")
        await self.page.until(READY)

    async def write(self, *, editor: str, text: str) -> None:
        """Fill one of the editors: operation.graphql, variables.json or request-headers.json."""
        model = f"__MONACO.editor.getModels().find((model) => model.uri.path.endsWith({json.dumps(editor)}))"
        await self.page.run(f"{model}.setValue({json.dumps(text)})")

    async def read(self, *, editor: str) -> str:
        model = f"__MONACO.editor.getModels().find((model) => model.uri.path.endsWith({json.dumps(editor)}))"
        text: str = await self.page.run(f"{model}.getValue()")
        return text

    async def run(self, operation: str | None = None, variables: dict[str, Any] | None = None) -> None:
        """Run what stands in the tab, or this operation."""
        if operation is not None:
            await self.write(editor="operation.graphql", text=operation)
            await self.write(editor="variables.json", text=json.dumps(variables or {}))
            wanted = json.dumps(operation.split("(")[0].split()[1])
            await self.page.until(
                f"document.querySelector('.graphiql-tab-active').innerText.includes({wanted})"
            )
        await self.page.run("document.querySelector('.graphiql-execute-button').click()")

    async def answer(self, *, about: str) -> dict[str, Any]:
        """Wait for an answer that contains these words, and return it."""
        model = "__MONACO.editor.getModels().find((model) => model.uri.path.endsWith('response.json'))"
        await self.page.until(f"{model}.getValue().includes({json.dumps(about)})")
        answer: dict[str, Any] = json.loads(await self.read(editor="response.json"))
        return answer

    async def choose_tab(self, name: str) -> None:
        button = f"[...document.querySelectorAll('.graphiql-tab-button')].find((tab) => tab.innerText === {json.dumps(name)})"
        await self.page.run(f"{button}.click()")
        await self.page.until(
            f"document.querySelector('.graphiql-tab-active').innerText.includes({json.dumps(name)})"
        )

    async def submit(self, label: str, **values: str) -> None:
        """Fill the form whose button has this label, and press it."""
        form = f"[...document.forms].find((form) => form.querySelector('[type=submit]').textContent === {json.dumps(label)})"
        await self.page.until(form)
        for name, value in values.items():
            await self.page.run(f"{form}.elements.{name}.value = {json.dumps(value)}")
        await self.page.run(f"{form}.requestSubmit()")

    async def who(self) -> str:
        text: str = await self.page.run("document.querySelector('.plera-who').innerText")
        return text

    async def assert_quiet(self) -> None:
        """Nothing was complained about, and nobody but our own server was asked."""
        assert self.page.complaints == []
        own = (f"{self.url}/", f"{self.url.replace('http', 'ws', 1)}/", "data:", "about:blank")
        assert [address for address in self.page.addresses if not address.startswith(own)] == []
        await until(
            lambda: any(_is_worker(address) for address in self.page.addresses)
        )  # begun when it is idle


def _is_worker(address: str) -> bool:
    return address.endswith(".worker.js") or ".worker-" in address


@pytest_asyncio.fixture
async def explorer(server_url: str, tmp_path: Path) -> AsyncIterator[Explorer]:
    """GraphiQL in a browser of its own, which has seen nothing before."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here")
    async with opened_page(f"{server_url}/graphiql", profile=tmp_path, width=1440) as page:
        await page.until(READY)
        yield Explorer(page, url=server_url)
