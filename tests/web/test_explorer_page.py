import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from graphql import OperationDefinitionNode, build_schema, parse, validate
from starlette.applications import Starlette

from web import explorer
from web.explorer.page import routes

FOLDER = Path(explorer.__file__).parent
SDL = FOLDER.parent.parent / "schema" / "schema.graphql"


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=Starlette(routes=routes))
    async with httpx2.AsyncClient(transport=transport, base_url="http://plera.test") as client:
        yield client


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/graphiql", "text/html; charset=utf-8"),
        ("/graphiql/explorer.js", "text/javascript; charset=utf-8"),
        ("/graphiql/docs.js", "text/javascript; charset=utf-8"),
        ("/graphiql/socket.js", "text/javascript; charset=utf-8"),
        ("/graphiql/explorer.css", "text/css; charset=utf-8"),
        ("/graphiql/examples.graphql", "text/plain; charset=utf-8"),
        ("/graphiql/icon.svg", "image/svg+xml"),
    ],
)
async def test_every_file_is_served_with_its_type_and_the_strict_headers(
    client: httpx2.AsyncClient, path: str, media_type: str
) -> None:
    answer = await client.get(path)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-cache"
    assert int(answer.headers["content-length"]) == len(answer.content) > 100
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.parametrize(
    "path",
    [
        "/graphiql/page.py",
        "/graphiql/__init__.py",
        "/graphiql/..%2fpage.py",
        "/graphiql/%2e%2e",
        "/graphiql/x/y",
    ],
)
async def test_nothing_else_of_the_folder_is_served(client: httpx2.AsyncClient, path: str) -> None:
    answer = await client.get(path)

    assert answer.status_code == 404
    assert b"import" not in answer.content


async def test_a_browser_that_has_the_file_gets_no_body(client: httpx2.AsyncClient) -> None:
    etag = (await client.get("/graphiql")).headers["etag"]
    assert re.fullmatch('"[0-9a-f]{32}"', etag)

    for sent in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        answer = await client.get("/graphiql", headers={"If-None-Match": sent})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)
        assert "content-security-policy" in answer.headers

    stale = await client.get("/graphiql", headers={"If-None-Match": '"0123"'})
    assert stale.status_code == 200
    assert (await client.get("/graphiql/explorer.js")).headers["etag"] != etag


async def test_it_is_read_only(client: httpx2.AsyncClient) -> None:
    assert (await client.post("/graphiql", content=b"x")).status_code == 405
    head = await client.head("/graphiql")
    assert (head.status_code, head.content) == (200, b"")


def test_the_page_asks_nobody_else_and_has_nothing_inline() -> None:
    page = (FOLDER / "index.html").read_text()
    addresses = re.findall(r'(?:src|href|action)="([^"]*)"', page)
    assert addresses
    assert all(address.startswith("/") and not address.startswith("//") for address in addresses)
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)
    for name in ("explorer.js", "docs.js", "socket.js", "explorer.css"):
        text = (FOLDER / name).read_text()
        assert not re.search(
            r"https?://|innerHTML|outerHTML|insertAdjacent|document\.write|\beval\(|@import", text
        )


def test_the_explorer_stays_small() -> None:
    names = ("index.html", "explorer.js", "docs.js", "socket.js", "explorer.css")

    assert sum(len((FOLDER / name).read_text().splitlines()) for name in names) <= 500


def test_the_examples_are_one_named_operation_each() -> None:
    text = (FOLDER / "examples.graphql").read_text()
    operations = [part for part in parse(text).definitions if isinstance(part, OperationDefinitionNode)]

    assert len(operations) == text.count("# === ") == len(parse(text).definitions)
    assert len({operation.name.value for operation in operations if operation.name}) == len(operations)


@pytest.mark.skipif(not SDL.exists(), reason="the schema is not written yet")
def test_the_examples_and_the_explorer_s_own_requests_fit_the_schema() -> None:
    schema = build_schema(SDL.read_text())
    script = (FOLDER / "explorer.js").read_text() + (FOLDER / "docs.js").read_text()
    own = re.findall(r"^(?:export )?const (?:SIGN_IN|SIGN_OUT) = \"(.*)\";$", script, re.MULTILINE)
    assert len(own) == 2

    for document in [(FOLDER / "examples.graphql").read_text(), *own]:
        assert [error.message for error in validate(schema, parse(document))] == []
