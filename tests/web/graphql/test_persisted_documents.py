"""Documents by their ids and hashes, over a real server: who may send what, by which ways, and what is refused."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest

from domain.api_clients import service
from domain.api_clients.first_party import move_first_party, publish_first_party
from domain.api_clients.publishing import disable_document
from domain.api_clients.rules import ClientPolicy, DocumentKind, DocumentState
from domain.workspaces.rules import Role
from tests.steps.api_clients import document_row, examined, id_of, key_of, new_client, new_query, publish
from tests.web.graphql.conftest import EVENTS, open_socket, sign_in
from tests.world import World
from wiring import Application

GRAPHQL = "application/graphql-response+json"


def code_of(answer: Any) -> str | None:
    errors = answer.json().get("errors")
    return errors[0]["extensions"]["code"] if errors else None


def by_hash(hash_: str, **members: Any) -> dict[str, Any]:
    return {**members, "extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash_}}}


async def ways_of(http: httpx2.AsyncClient, id_: str, headers: dict[str, str]) -> list[Any]:
    """Ask for a document by every way that names it by its id."""
    bare = id_.removeprefix("sha256:")
    return [
        await http.post("/graphql", json={"documentId": id_}, headers=headers),
        await http.post("/graphql", json={"documentId": bare.upper()}, headers=headers),
        await http.post("/graphql", json={"doc_id": bare}, headers=headers),
        await http.post("/graphql", json={"id": id_, "variables": {}}, headers=headers),
        await http.post("/graphql", json=by_hash(bare), headers=headers),
        await http.get("/graphql", params={"documentId": id_}, headers=headers),
        await http.get(f"/graphql/d/{id_}", headers=headers),
        await http.post(f"/graphql/d/{id_}", json={}, headers=headers),
    ]


@pytest.mark.parametrize("policy", list(ClientPolicy))
async def test_a_published_document_is_answered_by_every_way_that_names_it(
    world: World, client: httpx2.AsyncClient, policy: ClientPolicy
) -> None:
    client_id, text = await new_client(world, policy), new_query()
    key = await key_of(world, client_id)
    await publish(world, client_id, examined(text))

    for answer in await ways_of(client, id_of(text), key):
        assert answer.json() == {"data": {"workspace": {"name": "Acme Outreach"}}}, answer.request


async def test_a_published_text_is_never_held_against_its_id(
    world: World, client: httpx2.AsyncClient
) -> None:
    client_id, text, id_ = (
        await new_client(world, ClientPolicy.ID_ONLY),
        new_query(),
        id_of(secrets.token_hex()),
    )
    await publish(world, client_id, examined(text, id_=id_))

    answer = await client.post(
        "/graphql",
        json=by_hash(id_.removeprefix("sha256:"), query="{ theOriginalSpelling }"),
        headers=await key_of(world, client_id),
    )

    assert answer.json()["data"] == {"workspace": {"name": "Acme Outreach"}}


async def test_nobody_else_finds_a_client_s_documents(
    world: World, client: httpx2.AsyncClient, owner: httpx2.AsyncClient
) -> None:
    mine, other, text = (
        await new_client(world, ClientPolicy.OPEN),
        await new_client(world, ClientPolicy.OPEN),
        new_query(),
    )
    await publish(world, mine, examined(text))

    for headers in (await key_of(world, other), dict(owner.headers), {}):
        for answer in await ways_of(client, id_of(text), headers):
            assert (answer.status_code, code_of(answer)) == (200, "PERSISTED_QUERY_NOT_FOUND")


@pytest.mark.parametrize(
    "id_", ["", "x", "sha256:", "md5:" + "0" * 32, "0" * 63, "sha256:" + "g" * 64, "%2e%2e"]
)
async def test_a_malformed_id_is_one_that_nobody_has(owner: httpx2.AsyncClient, id_: str) -> None:
    answer = await owner.post("/graphql", json={"documentId": id_})
    path = await owner.get(f"/graphql/d/{id_}")

    assert code_of(answer) in {"PERSISTED_QUERY_NOT_FOUND", "BAD_REQUEST"}
    assert code_of(path) in {"PERSISTED_QUERY_NOT_FOUND", "BAD_REQUEST"}
    assert answer.status_code in {200, 422}


async def test_an_address_and_a_body_that_name_different_documents_are_refused(
    owner: httpx2.AsyncClient,
) -> None:
    for body in ({"query": "{ __typename }"}, {"documentId": id_of("x")}):
        answer = await owner.post(f"/graphql/d/{id_of('y')}", json=body)
        assert (answer.status_code, code_of(answer)) == (422, "BAD_REQUEST")


async def test_a_variable_named_id_names_no_document(owner: httpx2.AsyncClient) -> None:
    body = {"query": "query ($id: ID!) { lead(id: $id) { id } }", "variables": {"id": id_of("x")}}
    assert code_of(await owner.post("/graphql", json=body)) == "BAD_USER_INPUT"
    answer = await owner.post("/graphql", json={"query": "{ __typename }", "id": id_of("x")})
    assert answer.json() == {"data": {"__typename": "Query"}}


REFUSED = {
    ClientPolicy.OPEN: None,
    ClientPolicy.AUDIT: None,
    ClientPolicy.REGISTERED: "DOCUMENT_NOT_REGISTERED",
    ClientPolicy.ID_ONLY: "PERSISTED_QUERY_ID_REQUIRED",
}


@pytest.mark.parametrize("policy", list(ClientPolicy))
async def test_a_policy_says_which_texts_are_answered(
    world: World, client: httpx2.AsyncClient, policy: ClientPolicy
) -> None:
    client_id, registered = await new_client(world, policy), new_query()
    key = await key_of(world, client_id)
    await publish(world, client_id, examined(registered, id_=id_of("as the tool hashed it" + registered)))

    for text in (new_query(), new_query("__schema { queryType { name } }"), registered + " "):
        answer = await client.post("/graphql", json={"query": text}, headers=key)
        assert code_of(answer) == REFUSED[policy]
    answer = await client.post("/graphql", json={"query": registered}, headers=key)
    assert code_of(answer) == (REFUSED[policy] if policy is ClientPolicy.ID_ONLY else None)


async def test_refusals_have_the_status_of_their_media_type(world: World, client: httpx2.AsyncClient) -> None:
    key = await key_of(world, await new_client(world, ClientPolicy.ID_ONLY))
    for accept, status in ((GRAPHQL, 422), ("application/json", 200)):
        answer = await client.post(
            "/graphql", json={"query": "{ __typename }"}, headers={**key, "accept": accept}
        )
        assert (answer.status_code, code_of(answer)) == (status, "PERSISTED_QUERY_ID_REQUIRED")


async def test_a_disabled_document_is_answered_no_longer(world: World, client: httpx2.AsyncClient) -> None:
    client_id, text = await new_client(world, ClientPolicy.REGISTERED), new_query()
    key = await key_of(world, client_id)
    await publish(world, client_id, examined(text))
    await _disable(world, id_of(text))

    assert code_of(await client.post("/graphql", json={"documentId": id_of(text)}, headers=key)) == (
        "PERSISTED_QUERY_NOT_FOUND"
    )
    assert (
        code_of(await client.post("/graphql", json={"query": text}, headers=key)) == "DOCUMENT_NOT_REGISTERED"
    )


async def test_stopping_a_client_stops_its_keys(world: World, client: httpx2.AsyncClient) -> None:
    client_id = await new_client(world, ClientPolicy.OPEN)
    key = await key_of(world, client_id)
    assert (await client.post("/graphql", json={"query": "{ __typename }"}, headers=key)).status_code == 200
    await service.suspend_api_client(actor=world.actor, client_id=client_id, now=world.now())

    other = await key_of(world, client_id)  # a key that no process has seen
    answer = await client.post("/graphql", json={"query": "{ __typename }"}, headers=other)
    assert (answer.status_code, code_of(answer)) == (401, "UNAUTHENTICATED")

    await service.resume_api_client(actor=world.actor, client_id=client_id, now=world.now())
    assert (await client.post("/graphql", json={"query": "{ __typename }"}, headers=other)).status_code == 200


async def test_a_client_s_keys_share_its_bucket(world: World, client: httpx2.AsyncClient) -> None:
    client_id = await new_client(world, ClientPolicy.OPEN, points_max=1_000, points_per_s=1)
    keys = [await key_of(world, client_id) for _ in range(2)]
    query = {"query": "{ leads(first: 100) { nodes { company { id } } } }"}

    answers = [await client.post("/graphql", json=query, headers=keys[at % 2]) for at in range(12)]

    assert "q=1000" in answers[0].headers["ratelimit-policy"]
    left = [int(answer.headers["ratelimit"].split("r=")[1].split(";")[0]) for answer in answers]
    assert left == sorted(left, reverse=True)


async def _disable(world: World, id_: str) -> None:
    row = await document_row(world, id_)
    assert row is not None
    await disable_document(actor=world.actor, document_id=row["id"], now=world.now())


async def _uses(world: World, app: Application, id_: str) -> tuple[str, int] | None:
    await app.services.documents.uses.write()
    row = await document_row(world, id_)
    return (row["status"], row["uses"]) if row else None


async def test_uses_are_counted(world: World, app: Application, client: httpx2.AsyncClient) -> None:
    client_id, text = await new_client(world, ClientPolicy.REGISTERED), new_query()
    key = await key_of(world, client_id)
    await publish(world, client_id, examined(text))

    for body in ({"documentId": id_of(text)}, {"query": text}, {"documentId": id_of(text)}):
        await client.post("/graphql", json=body, headers=key)

    assert await _uses(world, app, id_of(text)) == ("ACTIVE", 3)


async def test_under_audit_what_is_sent_unpublished_becomes_a_proposal(
    world: World, app: Application, client: httpx2.AsyncClient
) -> None:
    client_id, text, wrong = await new_client(world, ClientPolicy.AUDIT), new_query(), new_query("nothing")
    key = await key_of(world, client_id)

    for body in ({"query": text}, {"query": text}, {"query": wrong}):
        await client.post("/graphql", json=body, headers=key)

    assert await _uses(world, app, id_of(text)) == ("PROPOSED", 2)
    assert await _uses(world, app, id_of(wrong)) is None
    answer = await client.post("/graphql", json={"documentId": id_of(text)}, headers=key)
    assert code_of(answer) == "PERSISTED_QUERY_NOT_FOUND"  # proposed is not published


class TestFirstParty:
    """Documents of the installation's own programs."""

    async def test_everybody_may_send_them_and_strangers_only_what_is_for_strangers(
        self, world: World, client: httpx2.AsyncClient, owner: httpx2.AsyncClient
    ) -> None:
        closed, open_ = new_query(), new_query("rateLimit { restoreRate }")
        await publish_first_party(examined=[examined(closed), examined(open_)], dry_run=False)
        of_client = await key_of(world, await new_client(world, ClientPolicy.ID_ONLY))

        for headers in (dict(owner.headers), of_client):
            for answer in await ways_of(client, id_of(closed), headers):
                assert answer.json()["data"] == {"workspace": {"name": "Acme Outreach"}}
        assert code_of(await client.post("/graphql", json={"documentId": id_of(closed)})) == "UNAUTHENTICATED"
        assert code_of(await client.post("/graphql", json={"documentId": id_of(open_)})) is None

    async def test_a_client_may_send_their_texts_too(self, world: World, client: httpx2.AsyncClient) -> None:
        text = new_query()
        await publish_first_party(examined=[examined(text)], dry_run=False)
        key = await key_of(world, await new_client(world, ClientPolicy.REGISTERED))

        assert code_of(await client.post("/graphql", json={"query": text}, headers=key)) is None

    async def test_a_disabled_one_is_nobody_s(self, owner: httpx2.AsyncClient) -> None:
        text = new_query()
        await publish_first_party(examined=[examined(text)], dry_run=False)
        await move_first_party(document_id=id_of(text), target=DocumentState.DISABLED)

        answer = await owner.post("/graphql", json={"documentId": id_of(text)})
        assert code_of(answer) == "PERSISTED_QUERY_NOT_FOUND"


class TestAutomatic:
    """Texts that were sent before, by their hashes."""

    async def test_a_miss_is_answered_with_the_words_that_clients_wait_for(
        self, owner: httpx2.AsyncClient
    ) -> None:
        text = new_query()
        hash_ = id_of(text).removeprefix("sha256:")

        for accept in (GRAPHQL, "application/json"):
            missed = await owner.post("/graphql", json=by_hash(hash_), headers={"accept": accept})
            [error] = missed.json()["errors"]
            assert (missed.status_code, error["message"]) == (200, "PersistedQueryNotFound")
            assert error["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
            assert missed.headers["cache-control"] == "no-store"
        sent = await owner.post("/graphql", json=by_hash(hash_, query=text))
        again = await owner.post("/graphql", json=by_hash(hash_))
        assert sent.json() == again.json() == {"data": {"workspace": {"name": "Acme Outreach"}}}

    async def test_a_hash_of_another_text_is_refused_and_not_kept(self, owner: httpx2.AsyncClient) -> None:
        hash_ = id_of(new_query()).removeprefix("sha256:")

        answer = await owner.post("/graphql", json=by_hash(hash_, query="{ __typename }"))

        [error] = answer.json()["errors"]
        assert (error["message"], error["extensions"]["code"]) == (
            "provided sha does not match query",
            "BAD_USER_INPUT",
        )
        assert code_of(await owner.post("/graphql", json=by_hash(hash_))) == "PERSISTED_QUERY_NOT_FOUND"

    async def test_it_makes_nothing_registered(self, world: World, client: httpx2.AsyncClient) -> None:
        client_id, text = await new_client(world, ClientPolicy.OPEN), new_query()
        key, hash_ = await key_of(world, client_id), id_of(text).removeprefix("sha256:")
        await client.post("/graphql", json=by_hash(hash_, query=text), headers=key)

        answer = await client.post("/graphql", json={"documentId": hash_}, headers=key)
        assert code_of(answer) == "PERSISTED_QUERY_NOT_FOUND"

    @pytest.mark.parametrize("policy", [ClientPolicy.AUDIT, ClientPolicy.REGISTERED, ClientPolicy.ID_ONLY])
    async def test_only_an_open_policy_has_it(
        self, world: World, client: httpx2.AsyncClient, owner: httpx2.AsyncClient, policy: ClientPolicy
    ) -> None:
        text = new_query()
        hash_ = id_of(text).removeprefix("sha256:")
        await owner.post("/graphql", json=by_hash(hash_, query=text))
        key = await key_of(world, await new_client(world, policy))

        assert code_of(await client.post("/graphql", json=by_hash(hash_), headers=key)) in {
            "PERSISTED_QUERY_NOT_FOUND",
            "PERSISTED_QUERY_ID_REQUIRED",
        }

    async def test_strangers_neither_see_nor_fill_the_callers_shelf(
        self, client: httpx2.AsyncClient, owner: httpx2.AsyncClient
    ) -> None:
        text = new_query("rateLimit { restoreRate }")
        hash_ = id_of(text).removeprefix("sha256:")
        await owner.post("/graphql", json=by_hash(hash_, query=text))
        assert code_of(await client.post("/graphql", json=by_hash(hash_))) == "PERSISTED_QUERY_NOT_FOUND"

        other = new_query("rateLimit { restoreRate }")
        hash_ = id_of(other).removeprefix("sha256:")
        await client.post("/graphql", json=by_hash(hash_, query=other))
        assert code_of(await owner.post("/graphql", json=by_hash(hash_))) == "PERSISTED_QUERY_NOT_FOUND"


class TestRevalidating:
    """Answers by GET."""

    @asynccontextmanager
    async def _asking(self, world: World, client: httpx2.AsyncClient) -> AsyncIterator[Any]:
        client_id, text = await new_client(world, ClientPolicy.ID_ONLY), new_query()
        await publish(world, client_id, examined(text))
        key = await key_of(world, client_id)

        async def ask(**headers: str) -> Any:
            return await client.get(f"/graphql/d/{id_of(text)}", headers={**key, **headers})

        yield ask

    async def test_the_same_answer_isn_t_sent_twice(self, world: World, client: httpx2.AsyncClient) -> None:
        async with self._asking(world, client) as ask:
            first = await ask()
            tag = first.headers["etag"]
            for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
                again = await ask(**{"if-none-match": known})
                assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
            assert first.headers["vary"] == "Accept, Authorization, Cookie, Origin, Plera-Workspace"
            assert first.headers["cache-control"] == "private, no-cache"

            await world.execute('mutation { workspaceUpdate(input: {name: "Other"}) { errors { code } } }')
            changed = await ask(**{"if-none-match": tag})
            assert (changed.status_code, changed.json()) == (200, {"data": {"workspace": {"name": "Other"}}})

    async def test_another_media_type_is_another_answer(
        self, world: World, client: httpx2.AsyncClient
    ) -> None:
        async with self._asking(world, client) as ask:
            tag = (await ask(accept="application/json")).headers["etag"]
            assert (await ask(accept=GRAPHQL, **{"if-none-match": tag})).status_code == 200

    async def test_errors_and_texts_have_no_tag(self, owner: httpx2.AsyncClient) -> None:
        for address in ("/graphql?query={__typename}", f"/graphql/d/{id_of('x')}"):
            answer = await owner.get(address, headers={"if-none-match": "*"})
            assert answer.status_code == 200
            assert answer.headers["cache-control"] == "no-store"
            assert "etag" not in answer.headers

    async def test_a_mutation_by_get_is_refused_as_ever(
        self, world: World, client: httpx2.AsyncClient
    ) -> None:
        client_id = await new_client(world, ClientPolicy.ID_ONLY)
        text = 'mutation { workspaceUpdate(input: {name: "Gone"}) { errors { code } } }'
        await publish(world, client_id, examined(text, kind=DocumentKind.MUTATION))
        key = await key_of(world, client_id, role=Role.OWNER)

        answer = await client.get(f"/graphql/d/{id_of(text)}", headers=key)
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
        assert code_of(await client.post(f"/graphql/d/{id_of(text)}", json={}, headers=key)) is None


async def test_a_socket_sends_documents_by_their_ids(world: World, server_url: str) -> None:
    client_id = await new_client(world, ClientPolicy.ID_ONLY)
    text = f"subscription S{secrets.token_hex(6)} {{ workspaceEvents {{ type }} }}"
    await publish(world, client_id, examined(text, kind=DocumentKind.SUBSCRIPTION))
    token = (await key_of(world, client_id))["authorization"].removeprefix("Bearer ")

    async with open_socket(server_url) as socket:
        await socket.initialise(token)
        await socket.send(type="subscribe", id="1", payload={"query": text})
        refused = await socket.receive()
        assert (refused["type"], refused["payload"][0]["extensions"]["code"]) == (
            "error",
            "PERSISTED_QUERY_ID_REQUIRED",
        )
        await socket.send(type="subscribe", id="2", payload={"documentId": id_of("x")})
        assert (await socket.receive())["payload"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
        await socket.send(type="subscribe", id="3", payload={"documentId": id_of(text)})
        heard = asyncio.create_task(socket.receive())
        while not heard.done():  # nothing tells when the server listens
            await world.execute('mutation { workspaceUpdate(input: {name: "Acme"}) { errors { code } } }')
        assert (await heard)["payload"]["data"]["workspaceEvents"]["type"] == "WorkspaceUpdated"


async def test_a_client_listens_as_often_as_its_terms_say_whatever_key_it_uses(
    world: World, server_url: str
) -> None:
    client_id = await new_client(world, ClientPolicy.OPEN, subscriptions_max=1)
    tokens = [(await key_of(world, client_id))["authorization"].removeprefix("Bearer ") for _ in range(2)]

    async with open_socket(server_url) as first, open_socket(server_url) as second:
        for socket, token in ((first, tokens[0]), (second, tokens[1])):
            await socket.initialise(token)
        await first.send(type="subscribe", id="1", payload={"query": EVENTS})
        await first.send(type="ping")
        assert await first.receive() == {"type": "pong"}
        await second.send(type="subscribe", id="1", payload={"query": EVENTS})
        refused = await second.receive()
        assert refused["payload"][0]["extensions"]["code"] == "TOO_MANY_SUBSCRIPTIONS"


async def test_new_terms_end_what_began_under_the_old_ones(world: World, server_url: str) -> None:
    client_id = await new_client(world, ClientPolicy.OPEN)
    token = (await key_of(world, client_id))["authorization"].removeprefix("Bearer ")

    async with open_socket(server_url) as socket:
        await socket.initialise(token)
        await service.update_api_client(
            actor=world.actor,
            client_id=client_id,
            changes={"policy": ClientPolicy.ID_ONLY},
            expected_version=None,
            now=world.now(),
        )
        assert (await socket.closed())[0] == 4403


async def test_a_session_stays_open_to_every_text(world: World, client: httpx2.AsyncClient) -> None:
    headers = {"authorization": f"Bearer {await sign_in(world)}"}
    answer = await client.post("/graphql", json={"query": new_query()}, headers=headers)
    assert answer.json()["data"] == {"workspace": {"name": "Acme Outreach"}}
