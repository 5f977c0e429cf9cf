import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette

from web.explorer.graphiql import explorer_routes

SCRIPT = b"export const plera = 1;\n" * 100


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A folder as the build leaves it."""
    folder = tmp_path / "graphiql"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>GraphiQL</title>")
    (folder / "sources").write_text("1 2")
    for name, content in {
        "index-CK1d_-YF.js": SCRIPT,
        "index-CK1d_-YF.js.gz": gzip.compress(SCRIPT),
        "index-BmsI-tU3.css": b"body{}",
        "codicon-DCmgc-ay.ttf": b"\0\1\0\0",
        "licenses.md": b"# Licences",
        "index-CK1d_-YF.map": b"{}",
        "notes.js": b"1",
    }.items():
        (folder / "assets" / name).write_bytes(content)
    return folder


@pytest.fixture
async def client(built: Path) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=Starlette(routes=explorer_routes(built=built)))
    async with httpx2.AsyncClient(transport=transport, base_url="http://plera.test") as client:
        yield client


async def test_the_page_has_a_policy_without_inline_or_evaluated_scripts(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/graphiql")

    assert (answer.status_code, answer.text) == (200, "<!doctype html><title>GraphiQL</title>")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["x-content-type-options"] == "nosniff"
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "worker-src": "'self'",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }


@pytest.mark.parametrize(
    ("name", "media_type", "caching"),
    [
        ("index-CK1d_-YF.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"),
        ("index-BmsI-tU3.css", "text/css; charset=utf-8", "public, max-age=31536000, immutable"),
        ("codicon-DCmgc-ay.ttf", "font/ttf", "public, max-age=31536000, immutable"),
        ("licenses.md", "text/plain; charset=utf-8", "no-cache"),
    ],
)
async def test_files_with_a_hash_in_their_name_are_kept_for_a_year(
    client: httpx2.AsyncClient, name: str, media_type: str, caching: str
) -> None:
    answer = await client.get(f"/graphiql/assets/{name}")

    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
    assert answer.headers["cache-control"] == caching
    assert answer.headers["vary"] == "Accept-Encoding"
    assert "'unsafe-inline'" not in answer.headers["content-security-policy"].partition("style-src")[0]


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br", "gzip"),
        ("br;q=1.0, GZIP;q=0.5", "gzip"),
        ("gzip;q=0", None),
        ("gzip;q=0.0, br", None),
        ("gzip;q=nonsense", None),
        ("br", None),
        ("identity", None),
    ],
)
async def test_a_file_goes_out_compressed_to_those_who_take_it(
    client: httpx2.AsyncClient, accepted: str, coding: str | None
) -> None:
    answer = await client.get("/graphiql/assets/index-CK1d_-YF.js", headers={"Accept-Encoding": accepted})

    assert answer.headers.get("content-encoding") == coding
    assert answer.content == SCRIPT
    assert (int(answer.headers["content-length"]) < len(SCRIPT)) is (coding == "gzip")


@pytest.mark.parametrize(
    "path",
    [
        "/graphiql/assets/index-CK1d_-YF.js.gz",
        "/graphiql/assets/index-CK1d_-YF.map",
        "/graphiql/assets/notes.js",
        "/graphiql/assets/index-00000000.js",
        "/graphiql/assets/..%2findex.html",
        "/graphiql/assets/%2e%2e",
        "/graphiql/assets/%00-CK1d_-YF.js",
        "/graphiql/sources",
        "/graphiql/index-CK1d_-YF.js",
    ],
)
async def test_nothing_else_is_served(client: httpx2.AsyncClient, path: str) -> None:
    answer = await client.get(path)

    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("cache-control", "")


async def test_it_is_read_only(client: httpx2.AsyncClient) -> None:
    for path in ("/graphiql", "/graphiql/assets/index-CK1d_-YF.js"):
        assert (await client.post(path, content=b"x")).status_code == 405
        head = await client.head(path)
        assert (head.status_code, head.content) == (200, b"")


async def test_where_it_is_not_built_the_small_page_answers_until_it_is(tmp_path: Path, built: Path) -> None:
    folder = tmp_path / "later"
    transport = httpx2.ASGITransport(app=Starlette(routes=explorer_routes(built=folder)))
    async with httpx2.AsyncClient(transport=transport, base_url="http://plera.test") as client:
        small = await client.get("/graphiql")
        assert "<title>Plera explorer</title>" in small.text
        assert "unsafe" not in small.headers["content-security-policy"]
        assert (await client.get("/graphiql/explorer.js")).status_code == 200
        assert (await client.get("/graphiql/assets/index-CK1d_-YF.js")).status_code == 404

        built.rename(folder)

        assert "<title>GraphiQL</title>" in (await client.get("/graphiql")).text
        assert (await client.get("/graphiql/assets/index-CK1d_-YF.js")).status_code == 200
