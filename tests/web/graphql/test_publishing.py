"""Documents become known and are switched on and off over a real server, which notices it at once."""

from typing import Any

import httpx2
import orjson

from domain.api_clients.rules import ClientPolicy
from domain.workspaces.rules import Role
from tests.steps.api_clients import document_row, id_of, key_of, new_client, new_query
from tests.world import World

PUBLISH = """
mutation ($input: DocumentsPublishInput!) {
  documentsPublish(input: $input) { published results { outcome reasons } errors { message } }
}
"""


async def send_manifest(
    http: httpx2.AsyncClient, headers: dict[str, str], *texts: str, **given: Any
) -> dict[str, Any]:
    """Publish texts as a build pipeline does, by the multipart request specification."""
    operations = {"query": PUBLISH, "variables": {"input": {"manifest": None, **given}}}
    answer = await http.post(
        "/graphql",
        data={
            "operations": orjson.dumps(operations).decode(),
            "map": '{"0": ["variables.input.manifest"]}',
        },
        files={"0": ("manifest.json", orjson.dumps({id_of(text): text for text in texts}))},
        headers=headers,
    )
    told: dict[str, Any] = answer.json()
    return told


async def send_id(http: httpx2.AsyncClient, headers: dict[str, str], id_: str) -> Any:
    """Return the data, or the first error's code."""
    told = (await http.post("/graphql", json={"documentId": id_}, headers=headers)).json()
    return told["errors"][0]["extensions"]["code"] if "errors" in told else told["data"]


async def test_what_is_published_is_answered_at_once(world: World, client: httpx2.AsyncClient) -> None:
    client_id, text = await new_client(world, ClientPolicy.OPEN), new_query()
    pipeline, app = [await key_of(world, client_id, role=role) for role in (Role.PUBLISHER, Role.READ_ONLY)]
    assert await send_id(client, app, id_of(text)) == "PERSISTED_QUERY_NOT_FOUND"

    told = await send_manifest(client, pipeline, text)
    payload = {"published": True, "results": [{"outcome": "CREATED", "reasons": []}], "errors": []}
    assert told["data"] == {"documentsPublish": payload}
    assert await send_id(client, app, id_of(text)) == {"workspace": {"name": "Acme Outreach"}}
    assert await send_id(client, pipeline, id_of(text)) == "FORBIDDEN", "it publishes, and reads nothing"


async def test_what_is_switched_off_is_not_answered_from_then_on(
    world: World, client: httpx2.AsyncClient, owner: httpx2.AsyncClient
) -> None:
    client_id, text = await new_client(world, ClientPolicy.ID_ONLY), new_query()
    app, owners = await key_of(world, client_id), dict(owner.headers)
    assert (await send_manifest(client, owners, text, clientId=f"client_{client_id}"))["data"]
    row = await document_row(world, id_of(text))
    assert row is not None

    name = {"workspace": {"name": "Acme Outreach"}}
    assert await send_id(client, app, id_of(text)) == name
    for verb, answered in (("Disable", "PERSISTED_QUERY_NOT_FOUND"), ("Enable", name)):
        switch = f'mutation {{ persistedDocument{verb}(id: "doc_{row["id"]}") {{ errors {{ code }} }} }}'
        await owner.post("/graphql", json={"query": switch})
        assert await send_id(client, app, id_of(text)) == answered


async def test_the_policy_of_a_pipeline_s_client_holds_for_publishing_too(
    world: World, client: httpx2.AsyncClient
) -> None:
    client_id, text = await new_client(world, ClientPolicy.ID_ONLY), new_query()
    told = await send_manifest(client, await key_of(world, client_id, role=Role.PUBLISHER), text)
    assert told["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_ID_REQUIRED"
    assert await document_row(world, id_of(text)) is None
