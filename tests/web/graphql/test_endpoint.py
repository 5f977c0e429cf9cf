"""The HTTP door, over a real server: who gets in, what is answered, in which kind and with which status."""

import asyncio
import gzip
import re
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx2
import orjson
import pytest

from auth import remembering, viewer
from tests.web.graphql.conftest import EVENTS, api_token, sign_in
from tests.world import World

WORKSPACE = "{ workspace { name } }"
NAMED = {"data": {"workspace": {"name": "Acme Outreach"}}}
GRAPHQL, JSON = "application/graphql-response+json", "application/json"


async def _ask(client: httpx2.AsyncClient, query: str, **headers: str) -> Any:
    return await client.post("/graphql", json={"query": query}, headers=headers)


def _code(answer: Any) -> str:
    [error] = answer.json()["errors"]
    assert re.fullmatch("[0-9a-f]{32}", error["extensions"]["requestId"])
    assert answer.headers["x-request-id"] == error["extensions"]["requestId"]
    code: str = error["extensions"]["code"]
    return code


async def test_a_bearer_token_signs_in(world: World, client: httpx2.AsyncClient) -> None:
    token = await sign_in(world)
    answer = await _ask(client, WORKSPACE, authorization=f"Bearer {token}")
    assert (answer.status_code, answer.json()) == (200, NAMED)


@pytest.mark.parametrize("credential", ["nonsense", "plera_s_" + "x" * 43, "plera_t_" + "x" * 43])
async def test_a_wrong_credential_is_refused_before_anything_runs(
    client: httpx2.AsyncClient, credential: str
) -> None:
    answer = await _ask(client, "{ __typename }", authorization=f"Bearer {credential}")
    assert (answer.status_code, _code(answer)) == (401, "UNAUTHENTICATED")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_cookie_works_for_our_own_pages_only(world: World, client: httpx2.AsyncClient) -> None:
    cookie = {"cookie": f"plera_session={await sign_in(world)}"}
    own = await _ask(client, WORKSPACE, **cookie, **{"sec-fetch-site": "same-origin"})
    assert own.json() == NAMED
    foreign = await _ask(client, WORKSPACE, **cookie, origin="https://evil.example")
    assert (foreign.status_code, _code(foreign)) == (403, "ORIGIN_NOT_ALLOWED")


async def test_callers_are_looked_up_anew_only_after_what_may_change_them(
    world: World, owner: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0
    identify = viewer.identify

    async def counted(**arguments: Any) -> viewer.Viewer:
        nonlocal looks
        looks += 1
        return await identify(**arguments)

    monkeypatch.setattr(remembering, "identify", counted)
    monkeypatch.setattr(remembering, "REMEMBERED", timedelta(days=1))
    nobody, token_id = UUID(int=1), (await api_token(world))[1]
    restrict = f'mutation {{ leadRestrict(input: {{id: "lead_{nobody}"}}) {{ errors {{ code }} }} }}'
    revoke = f'mutation {{ apiTokenRevoke(id: "token_{token_id}") {{ errors {{ code }} }} }}'
    looked = []
    for document in (restrict, restrict, revoke, restrict, restrict):
        answer = await _ask(owner, document)
        assert "errors" not in answer.json()
        looked.append(looks)
    assert looked == [1, 1, 1, 2, 2]


async def test_signing_out_takes_the_cookie_away(world: World, client: httpx2.AsyncClient) -> None:
    cookie = {"cookie": f"plera_session={await sign_in(world)}", "sec-fetch-site": "same-origin"}
    answer = await _ask(client, "mutation { signOut { errors { code } } }", **cookie)
    assert answer.json() == {"data": {"signOut": {"errors": []}}}
    assert answer.headers["set-cookie"].startswith("plera_session=; Path=/; Max-Age=0")
    again = await _ask(client, WORKSPACE, **cookie)
    assert (again.status_code, _code(again)) == (401, "UNAUTHENTICATED")


async def test_another_workspace_is_refused_like_a_missing_one(owner: httpx2.AsyncClient) -> None:
    for workspace in ("work_01a20000-0000-7000-8000-000000000000", "garbage"):
        answer = await _ask(owner, WORKSPACE, **{"plera-workspace": workspace})
        assert (answer.status_code, _code(answer)) == (403, "FORBIDDEN")


STATUSES: list[tuple[dict[str, Any], int, int, str]] = [
    # the request, the status for the newer media type, the one for plain JSON, the code
    ({"query": "{"}, 400, 200, "GRAPHQL_PARSE_FAILED"),
    ({"query": ""}, 400, 200, "GRAPHQL_PARSE_FAILED"),
    ({"query": "{ nothing }"}, 422, 200, "GRAPHQL_VALIDATION_FAILED"),
    ({"query": "query ($n: Int) { eventTypes }"}, 422, 200, "GRAPHQL_VALIDATION_FAILED"),
    ({"query": "{ " + "eventTypes " * 300 + "}"}, 422, 200, "QUERY_TOO_COMPLEX"),
    ({"query": "{ eventTypes } #" + "x" * 70_000}, 422, 200, "QUERY_TOO_COMPLEX"),
    ({"query": "query A { eventTypes } query B { __typename }"}, 422, 200, "OPERATION_RESOLUTION_FAILURE"),
    ({"query": "{ eventTypes }", "operationName": "A"}, 422, 200, "OPERATION_RESOLUTION_FAILURE"),
    ({"query": "query ($n: Int!) { leads(first: $n) { totalCount } }"}, 422, 200, "BAD_USER_INPUT"),
    (
        {"query": "query ($n: Int) { leads(first: $n) { totalCount } }", "variables": {"n": "x"}},
        422,
        200,
        "BAD_USER_INPUT",
    ),
    ({"query": "{ leads(first: 0) { totalCount } }"}, 294, 200, "BAD_USER_INPUT"),
    ({"query": "{ leads(first: 101) { totalCount } }"}, 294, 200, "BAD_USER_INPUT"),
    ({"query": "{ leads(first: 1, last: 1) { totalCount } }"}, 294, 200, "BAD_USER_INPUT"),
    ({"query": '{ leads(after: "x") { totalCount } }'}, 294, 200, "CURSOR_INVALID"),
    ({"query": "{ eventTypes }", "variables": {"unused": [0] * 251}}, 422, 422, "BAD_USER_INPUT"),
    ({"query": "{ eventTypes }", "variables": []}, 422, 422, "BAD_REQUEST"),
    ({"qeury": "{ eventTypes }"}, 422, 422, "BAD_REQUEST"),
    ({"extensions": {"persistedQuery": {}}}, 422, 422, "BAD_REQUEST"),
    ({"documentId": 1}, 422, 422, "BAD_REQUEST"),
    ({"documentId": "x", "query": "{ eventTypes }"}, 422, 422, "BAD_REQUEST"),
    ({"documentId": "x"}, 200, 200, "PERSISTED_QUERY_NOT_FOUND"),
]


@pytest.mark.parametrize("body, newer, plain, code", STATUSES)  # noqa: PT006
async def test_the_status_follows_the_media_type(
    owner: httpx2.AsyncClient, body: dict[str, Any], newer: int, plain: int, code: str
) -> None:
    for accept, kind, status in (
        (GRAPHQL, GRAPHQL, newer),
        (JSON, JSON, plain),
        ("*/*", JSON, plain),
        ("", JSON, plain),
    ):
        answer = await owner.post("/graphql", json=body, headers={"accept": accept})
        assert (answer.status_code, _code(answer)) == (status, code)
        assert answer.headers["content-type"] == f"{kind}; charset=utf-8"
        assert answer.headers["vary"] == "Accept"
        assert ("data" in answer.json()) is (newer == 294)


async def test_a_request_of_which_nothing_is_right_is_a_bad_one(owner: httpx2.AsyncClient) -> None:
    for accept, status in ((GRAPHQL, 400), (JSON, 200)):
        body = {"query": "query ($n: Int!) { eventTypes }", "variables": {"n": None}}
        answer = await owner.post("/graphql", json=body, headers={"accept": accept})
        codes = [error["extensions"]["code"] for error in answer.json()["errors"]]
        assert (answer.status_code, codes) == (status, ["GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT"])


async def test_a_stranger_s_question_is_refused_by_status_or_by_code(client: httpx2.AsyncClient) -> None:
    for accept, status in ((GRAPHQL, 401), (JSON, 200)):
        answer = await _ask(client, WORKSPACE, accept=accept)
        assert (answer.status_code, _code(answer)) == (status, "UNAUTHENTICATED")


async def test_good_answers_are_200_in_every_kind(owner: httpx2.AsyncClient) -> None:
    for accept, kind in (
        (GRAPHQL, GRAPHQL),
        (JSON, JSON),
        ("*/*", JSON),
        (f"{GRAPHQL}, {JSON};q=0.9", GRAPHQL),
    ):
        answer = await _ask(owner, WORKSPACE, accept=accept)
        assert (answer.status_code, answer.json()) == (200, NAMED)
        assert answer.headers["content-type"] == f"{kind}; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"


BODIES: list[tuple[bytes, dict[str, str], int, str]] = [
    (b"", {}, 400, "BAD_REQUEST"),
    (b"nonsense", {}, 400, "BAD_REQUEST"),
    (b"[]", {}, 422, "BAD_REQUEST"),
    (b'[{"query": "{ eventTypes }"}]', {}, 422, "BAD_REQUEST"),
    (b'{"query": "{ eventTypes }"}', {"content-type": ""}, 415, "UNSUPPORTED_MEDIA_TYPE"),
    (b"{ eventTypes }", {"content-type": "application/graphql"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
    (
        b"query={eventTypes}",
        {"content-type": "application/x-www-form-urlencoded"},
        415,
        "UNSUPPORTED_MEDIA_TYPE",
    ),
    (b'{"query": "{ eventTypes }"}', {"content-type": "text/plain"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
    (b"{}", {"content-type": "application/json; charset=latin-1"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
    (
        gzip.compress(mtime=0, data=b'{"query": "{ eventTypes }"}'),
        {"content-encoding": "gzip"},
        415,
        "UNSUPPORTED_MEDIA_TYPE",
    ),
    (b'{"query": "' + b" " * 1_000_000 + b'"}', {}, 413, "REQUEST_TOO_LARGE"),
    (b'{"query": "{ eventTypes }"}', {"accept": "text/html"}, 406, "NOT_ACCEPTABLE"),
    (b'{"query": "{ eventTypes }"}', {"accept": "application/json;q=0"}, 406, "NOT_ACCEPTABLE"),
]


@pytest.mark.parametrize("body, headers, status, code", BODIES)  # noqa: PT006
async def test_what_is_no_request_is_turned_away_in_json(
    owner: httpx2.AsyncClient, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    answer = await owner.post("/graphql", content=body, headers={"content-type": JSON, **headers})
    assert (answer.status_code, _code(answer)) == (status, code)
    assert answer.headers["content-type"] == f"{JSON}; charset=utf-8"
    assert len(answer.content) < 500


async def test_utf_8_may_be_said(owner: httpx2.AsyncClient) -> None:
    for kind in ("application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"'):
        answer = await owner.post(
            "/graphql", content=b'{"query": "{ __typename }"}', headers={"content-type": kind}
        )
        assert answer.json() == {"data": {"__typename": "Query"}}


async def test_get_asks_and_never_changes(owner: httpx2.AsyncClient) -> None:
    asked = await owner.get("/graphql", params={"query": WORKSPACE})
    assert (asked.status_code, asked.json()) == (200, NAMED)
    changed = await owner.get("/graphql", params={"query": "mutation { signOut { errors { code } } }"})
    assert (changed.status_code, _code(changed), changed.headers["allow"]) == (
        405,
        "METHOD_NOT_ALLOWED",
        "POST",
    )
    still = await owner.get("/graphql", params={"query": WORKSPACE})
    assert still.json() == NAMED


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "QUERY"])
async def test_other_methods_are_refused_with_what_is_allowed(
    client: httpx2.AsyncClient, method: str
) -> None:
    answer = await client.request(method, "/graphql")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST, OPTIONS")


async def test_options_says_what_is_allowed_and_opens_nothing_to_other_sites(
    client: httpx2.AsyncClient,
) -> None:
    answer = await client.options(
        "/graphql", headers={"origin": "https://evil.example", "access-control-request-method": "POST"}
    )
    assert (answer.status_code, answer.headers["allow"]) == (204, "GET, POST, OPTIONS")
    assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_a_body_without_end_is_cut_off(client: httpx2.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b'{"query": "'
        for _ in range(200):
            yield b" " * 100_000

    answer = await client.post("/graphql", content=endless(), headers={"content-type": JSON})
    assert (answer.status_code, _code(answer)) == (413, "REQUEST_TOO_LARGE")


async def test_who_hangs_up_half_way_troubles_nobody(server_url: str, owner: httpx2.AsyncClient) -> None:
    url = urlsplit(server_url)
    _, writer = await asyncio.open_connection(url.hostname, url.port)
    with closing(writer):
        writer.write(
            b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{"
        )
        await writer.drain()
    assert (await _ask(owner, WORKSPACE)).json() == NAMED


async def test_what_the_caller_may_still_spend_is_said(owner: httpx2.AsyncClient) -> None:
    answer = await _ask(owner, "{ leads(first: 50) { nodes { id } } }")
    assert answer.headers["ratelimit-policy"] == '"points";q=50000;w=10'
    found = re.fullmatch(r'"points";r=(\d+);t=(\d+)', answer.headers["ratelimit"])
    assert found is not None
    assert 49_000 < int(found[1]) <= 50_000
    assert answer.json() == {"data": {"leads": {"nodes": []}}}


async def test_the_cost_is_told_to_who_asks(owner: httpx2.AsyncClient) -> None:
    answer = await _ask(owner, "{ leads(first: 50) { nodes { id } } }", **{"plera-cost": "1"})
    cost = answer.json()["extensions"]["cost"]
    assert (cost["requestedQueryCost"], cost["actualQueryCost"]) == (51, 1)
    assert cost["throttleStatus"]["maximumAvailable"] == 50_000
    assert cost["throttleStatus"]["restoreRate"] == 5_000


async def test_a_stranger_who_asks_too_much_is_slowed_down(client: httpx2.AsyncClient) -> None:
    expensive = "mutation { " + " ".join(f"a{i}: signOut {{ errors {{ code }} }}" for i in range(30)) + " }"
    for _ in range(20):
        answer = await _ask(client, expensive)
        if answer.status_code != 200:
            break
    assert (answer.status_code, _code(answer)) == (429, "RATE_LIMITED")
    assert 1 <= int(answer.headers["retry-after"]) <= 20


async def test_a_database_that_is_away_is_no_fault_of_the_caller(
    owner: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(**_: object) -> None:
        raise ConnectionRefusedError("no")

    monkeypatch.setattr("auth.remembering.identify", away)
    answer = await _ask(owner, WORKSPACE)
    assert (answer.status_code, _code(answer), answer.headers["retry-after"]) == (
        503,
        "SERVICE_UNAVAILABLE",
        "2",
    )


async def test_what_breaks_in_front_of_the_execution_is_masked(
    owner: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(**_: object) -> None:
        raise RuntimeError("swordfish")

    monkeypatch.setattr("auth.remembering.identify", broken)
    answer = await _ask(owner, WORKSPACE)
    assert (answer.status_code, _code(answer)) == (500, "INTERNAL_SERVER_ERROR")
    assert "swordfish" not in answer.text


async def test_a_subscription_is_not_answered_in_one_piece(owner: httpx2.AsyncClient) -> None:
    answer = await _ask(owner, EVENTS, accept=f"{GRAPHQL}, {JSON}")
    assert (answer.status_code, _code(answer)) == (406, "NOT_ACCEPTABLE")


async def test_a_key_in_the_header_makes_a_repeat_safe(owner: httpx2.AsyncClient) -> None:
    document = """mutation { leadCreate(input: {email: "ada@example.com"}) {
        lead { id } errors { code } } }"""
    first = await _ask(owner, document, **{"idempotency-key": "a"})
    again = await _ask(owner, document, **{"idempotency-key": "a"})
    assert first.json().get("extensions") is None
    assert again.json() == {**first.json(), "extensions": {"idempotency": {"replayed": True}}}


async def test_readiness_names_what_is_missing(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/livez")).text == "ok"
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"fine": True, "broken": False})


async def test_the_sdl_is_served(client: httpx2.AsyncClient) -> None:
    assert "type Query {" in (await client.get("/schema.graphql")).text


async def test_nothing_a_caller_sends_is_logged_at_length(
    owner: httpx2.AsyncClient, capfd: pytest.CaptureFixture[str]
) -> None:
    for body, headers, _, _ in BODIES:
        await owner.post("/graphql", content=body, headers={"content-type": JSON, **headers})
    for asked, *_ in STATUSES:
        await owner.post("/graphql", content=orjson.dumps(asked), headers={"content-type": JSON})
    output = capfd.readouterr()
    assert len(output.out + output.err) <= 500 * (len(BODIES) + len(STATUSES))
