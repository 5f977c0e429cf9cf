"""Files travel as the GraphQL multipart request specification says."""

import json
from typing import Any

import httpx2
import pytest

from tests.web.graphql.conftest import sign_in
from tests.world import World

DOCUMENT = """mutation ($file: Upload!, $key: String) {
  suppressionImport(input: {file: $file, idempotencyKey: $key}) {
    suppressionImport { fileName byteSize status } errors { code field }
  }
}"""
OPERATIONS = json.dumps({"query": DOCUMENT, "variables": {"file": None, "key": "list-1"}})
MAP = json.dumps({"0": ["variables.file"]})
FILE = ("list.csv", b"email\nada@example.com\n", "text/csv")


async def _upload(client: httpx2.AsyncClient, headers: dict[str, str] | None = None, **parts: Any) -> Any:
    data = {"operations": OPERATIONS, "map": MAP} | parts
    files = {"0": data.pop("file", FILE)}
    data = {name: value for name, value in data.items() if value is not None}
    return await client.post("/graphql", data=data, files=files, headers=headers)


async def test_a_list_is_sent_as_multipart(world: World, owner: httpx2.AsyncClient) -> None:
    answer = await _upload(owner, file=("../never\nwrite.csv", b"email\nada@example.com\n", "text/csv"))

    assert answer.json()["data"]["suppressionImport"] == {
        "suppressionImport": {"fileName": "../never%0Awrite.csv", "byteSize": 22, "status": "UPLOADED"},
        "errors": [],
    }
    [kept] = await world.fetch("SELECT file_path FROM suppression_import")
    assert kept["file_path"].startswith(str(world.services.ports.data_dir))
    assert "never" not in kept["file_path"]


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ({"operations": None}, 422),
        ({"map": None}, 422),
        ({"operations": "nonsense"}, 400),
        ({"map": "nonsense"}, 400),
        ({"operations": "[]"}, 422),
        ({"map": "[]"}, 422),
        ({"map": json.dumps({"0": "variables.file"})}, 422),
        ({"map": json.dumps({"1": ["variables.file"]})}, 422),
        ({"map": json.dumps({"operations": ["variables.file"]})}, 422),
        ({"map": json.dumps({"0": ["variables.key"]})}, 422),
        ({"map": json.dumps({"0": ["variables.nothing"]})}, 422),
        ({"map": json.dumps({"0": ["variables.file.0"]})}, 422),
        ({"map": json.dumps({"0": ["query"]})}, 422),
        ({"map": json.dumps({"0": [""]})}, 422),
        ({"map": json.dumps({"0": [1]})}, 422),
        ({"map": json.dumps({str(number): [] for number in range(11)})}, 422),
        ({"operations": json.dumps({"query": DOCUMENT, "variables": None})}, 422),
        ({"operations": json.dumps({"query": 1, "variables": {"file": None}})}, 422),
    ],
)
async def test_a_form_that_makes_no_request_is_refused(
    world: World, owner: httpx2.AsyncClient, parts: dict[str, Any], status: int
) -> None:
    answer = await _upload(owner, **parts)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (status, "BAD_REQUEST")
    assert await world.fetch("SELECT id FROM suppression_import") == []


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=x", "multipart/form-data; boundary="]
)
async def test_a_body_that_is_no_form_is_refused(owner: httpx2.AsyncClient, kind: str) -> None:
    answer = await owner.post("/graphql", content=b"nonsense", headers={"content-type": kind})
    assert answer.status_code in {400, 422}
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_more_files_than_any_request_has_are_refused(owner: httpx2.AsyncClient) -> None:
    files = {str(number): FILE for number in range(11)}
    answer = await owner.post("/graphql", data={"operations": OPERATIONS, "map": MAP}, files=files)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")


async def test_a_form_of_another_site_s_page_is_refused(world: World, client: httpx2.AsyncClient) -> None:
    cookie = {"cookie": f"plera_session={await sign_in(world)}", "sec-fetch-site": "same-origin"}
    plain = await _upload(client, cookie)
    assert (plain.status_code, plain.json()["errors"][0]["extensions"]["code"]) == (403, "PREFLIGHT_REQUIRED")
    asked = await _upload(client, {**cookie, "apollo-require-preflight": "true"})
    assert asked.json()["data"]["suppressionImport"]["errors"] == []
    foreign = await _upload(
        client, {**cookie, "sec-fetch-site": "cross-site", "x-requested-with": "XMLHttpRequest"}
    )
    assert (foreign.status_code, foreign.json()["errors"][0]["extensions"]["code"]) == (
        403,
        "ORIGIN_NOT_ALLOWED",
    )


async def test_strangers_send_no_files(client: httpx2.AsyncClient) -> None:
    answer = await _upload(client, {"x-requested-with": "XMLHttpRequest"})
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")
