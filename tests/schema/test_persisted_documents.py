"""Publishing documents through the API, and switching them on and off."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson
import pytest

from domain.actor import ActorKind
from domain.api_clients.rules import ClientPolicy, ClientTerms
from domain.workspaces.rules import Role
from tests.steps.api_clients import document_row, examined, id_of, new_client, new_query, publish
from tests.steps.leads import SentFile
from tests.world import World, ask

PUBLISH = """
mutation ($input: DocumentsPublishInput!) {
  documentsPublish(input: $input) {
    published
    results { documentId name outcome reasons cost scopes deprecatedFields }
    errors { code message field }
  }
}
"""
MINE = "query Mine($n: Int) { leads(first: $n) { nodes { id } } }"
OFF = 'mutation Off { leadRestrict(input: {id: "x"}) { errors { code } } }'
BROKEN = "{ nothing }"


def manifest_of(*texts: str) -> SentFile:
    return SentFile(orjson.dumps({id_of(text): text for text in texts}))


async def published(
    world: World, client_id: UUID | None, manifest: Any, *, role: Role = Role.PUBLISHER, **given: Any
) -> dict[str, Any]:
    named = {"clientId": f"client_{client_id}"} if client_id else {}
    data = await world.execute(PUBLISH, {"input": {"manifest": manifest, **named, **given}}, role=role)
    payload: dict[str, Any] = data["documentsPublish"]
    return payload


async def refusal(world: World, client_id: UUID | None, manifest: Any) -> dict[str, Any]:
    """Return the only error; nothing is published with it."""
    payload = await published(world, client_id, manifest)
    assert (payload["published"], payload["results"]) == (False, [])
    [error] = payload["errors"]
    return error  # type: ignore[no-any-return]


@pytest.fixture
async def client_id(world: World) -> UUID:
    return await new_client(world, ClientPolicy.ID_ONLY)


async def stored(world: World) -> set[str]:
    rows = await world.fetch("SELECT document_id FROM persisted_document")
    return {row["document_id"] for row in rows}


async def test_a_build_pipeline_s_key_publishes_and_reads_what_became_of_it(
    world: World, client_id: UUID
) -> None:
    payload = await published(world, client_id, manifest_of(MINE, OFF))
    assert payload == {
        "published": True,
        "errors": [],
        "results": [
            {
                "documentId": id_of(MINE),
                "name": "Mine",
                "outcome": "CREATED",
                "reasons": [],
                "cost": 101,
                "scopes": ["READ"],
                "deprecatedFields": [],
            },
            {
                "documentId": id_of(OFF),
                "name": "Off",
                "outcome": "CREATED",
                "reasons": [],
                "cost": 21,
                "scopes": ["WRITE_LEADS"],
                "deprecatedFields": [],
            },
        ],
    }
    assert await stored(world) == {id_of(MINE), id_of(OFF)}


async def test_the_same_manifest_again_changes_nothing(world: World, client_id: UUID) -> None:
    await published(world, client_id, manifest_of(MINE))
    again = await published(world, client_id, manifest_of(MINE, OFF))
    assert [result["outcome"] for result in again["results"]] == ["UNCHANGED", "CREATED"]
    audits = await world.fetch(
        "SELECT detail FROM audit_event WHERE action = 'persisted_document.publish' ORDER BY seq"
    )
    assert [row["detail"] for row in audits] == [{"documents": [id_of(MINE)]}, {"documents": [id_of(OFF)]}]


async def test_one_that_is_rejected_keeps_all_from_being_published(world: World, client_id: UUID) -> None:
    payload = await published(world, client_id, manifest_of(MINE, BROKEN))
    assert (payload["published"], payload["errors"]) == (False, [])
    assert [(result["outcome"], result["reasons"]) for result in payload["results"]] == [
        ("CREATED", []),
        ("REJECTED", ["Cannot query field 'nothing' on type 'Query'."]),
    ]
    assert payload["results"][1] | {"documentId": "", "reasons": []} == {
        **{"documentId": "", "name": None, "outcome": "REJECTED", "reasons": []},
        **{"cost": None, "scopes": [], "deprecatedFields": []},
    }
    assert await stored(world) == set()


async def test_a_dry_run_says_what_would_become_of_it(world: World, client_id: UUID) -> None:
    payload = await published(world, client_id, manifest_of(MINE), dryRun=True)
    assert (payload["published"], payload["results"][0]["outcome"]) == (False, "CREATED")
    assert await stored(world) == set()


async def test_an_id_is_told_as_it_was_given_and_cut(world: World, client_id: UUID) -> None:
    digits = id_of(MINE).removeprefix("sha256:").upper()
    manifest = SentFile(orjson.dumps({digits: MINE, "x" * 500: OFF}))
    payload = await published(world, client_id, manifest)
    assert [result["documentId"] for result in payload["results"]] == [digits, "x" * 80]
    assert payload["results"][1]["reasons"] == [
        "its id isn't a SHA-256 in hexadecimal; set the tool's hash to sha256"
    ]


async def test_what_apollo_s_tool_writes_is_published(world: World, client_id: UUID) -> None:
    operation = {"id": id_of(MINE).removeprefix("sha256:"), "name": "Mine", "type": "query", "body": MINE}
    manifest = {"format": "apollo-persisted-query-manifest", "version": 1, "operations": [operation]}
    payload = await published(world, client_id, SentFile(orjson.dumps(manifest)))
    assert payload["published"]
    assert await stored(world) == {id_of(MINE)}


@pytest.mark.parametrize(
    ("manifest", "code", "message"),
    [
        (b"", "BAD_USER_INPUT", "the file is empty"),
        (b"email\nx@example.com", "BAD_USER_INPUT", "the manifest isn't JSON: "),
        (b"[]", "BAD_USER_INPUT", "a manifest is a JSON object"),
        (b" " * (10 * 1024 * 1024 + 1), "UPLOAD_TOO_LARGE", "at most 10 MB"),
    ],
)
async def test_what_is_no_manifest_is_refused(
    world: World, client_id: UUID, manifest: bytes, code: str, message: str
) -> None:
    error = await refusal(world, client_id, SentFile(manifest))
    assert (error["code"], error["field"]) == (code, ["manifest"])
    assert error["message"].startswith(message)


async def test_a_client_has_to_be_named_unless_the_token_is_its_own(world: World, client_id: UUID) -> None:
    error = await refusal(world, None, manifest_of(MINE))
    assert error == {
        "code": "BAD_USER_INPUT",
        "message": "say for which client, or use a token of it",
        "field": ["clientId"],
    }
    other = await new_client(world, ClientPolicy.OPEN)
    payload, refused = [await _by_token_of(world, client_id, named) for named in (None, other)]
    assert payload["published"]
    assert [error["message"] for error in refused["errors"]] == [
        "this token publishes for its own client alone"
    ]
    rows = await world.fetch("SELECT api_client_id FROM persisted_document")
    assert rows == [{"api_client_id": client_id}]


async def _by_token_of(world: World, client_id: UUID, named: UUID | None) -> dict[str, Any]:
    """Publish with a key that belongs to a client."""
    context = world.context(role=Role.PUBLISHER)
    terms = ClientTerms(id=client_id, policy=ClientPolicy.OPEN)
    context.viewer = replace(context.viewer, kind=ActorKind.API_TOKEN, client=terms)
    given = {"manifest": manifest_of(MINE)} | ({"clientId": f"client_{named}"} if named else {})
    answer = await ask(PUBLISH, {"input": given}, context=context)
    assert answer.errors == []
    payload: dict[str, Any] = (answer.data or {})["documentsPublish"]
    return payload


@pytest.mark.parametrize("role", [Role.MANAGER, Role.REP, Role.READ_ONLY])
async def test_others_publish_nothing(world: World, client_id: UUID, role: Role) -> None:
    given = {"manifest": manifest_of(MINE), "clientId": f"client_{client_id}"}
    assert await world.refused(PUBLISH, {"input": given}, role=role) == ["FORBIDDEN"]
    assert await stored(world) == set()


async def _switch(world: World, verb: str, id_: str) -> tuple[str, str]:
    """Return a document's status after it was switched, in the answer and in the database."""
    text = f"""
    mutation ($id: ID!) {{
      switched: persistedDocument{verb}(id: $id) {{
        persistedDocument {{ documentId status }} errors {{ code }}
      }}
    }}
    """
    payload = (await world.execute(text, {"id": id_}))["switched"]
    assert payload["errors"] == []
    shown = payload["persistedDocument"]
    row = await document_row(world, shown["documentId"])
    assert row is not None
    return shown["status"], row["status"]


async def test_a_document_is_switched_off_and_on_again(world: World, client_id: UUID) -> None:
    text = new_query()
    await publish(world, client_id, examined(text))
    row = await document_row(world, id_of(text))
    assert row is not None
    id_ = f"doc_{row['id']}"
    for verb, status in (("Disable", "DISABLED"), ("Disable", "DISABLED"), ("Enable", "ACTIVE")):
        assert await _switch(world, verb, id_) == (status, status)
    moved = await world.fetch("SELECT payload FROM event WHERE type = 'PersistedDocumentMoved' ORDER BY seq")
    assert [one["payload"]["status"] for one in moved] == ["DISABLED", "ACTIVE"]

    switch = "mutation ($id: ID!) { persistedDocumentEnable(id: $id) { errors { code } } }"
    assert await world.refused(switch, {"id": id_}, role=Role.PUBLISHER) == ["FORBIDDEN"]


async def test_documents_are_listed_by_what_they_do(world: World, client_id: UUID) -> None:
    await published(world, client_id, manifest_of(MINE, OFF, new_query()))
    found = await world.execute(
        """
        query ($client: ID!, $other: ID!) {
          mutations: persistedDocuments(where: {kind: {eq: MUTATION}}) {
            nodes { documentId kind name text uses lastUsedAt scopes status }
          }
          searched: persistedDocuments(search: "min", where: {clientId: {eq: $client}}) { nodes { name } }
          dear: persistedDocuments(orderBy: [{field: COST, direction: DESC}], first: 1) { nodes { name } }
          others: persistedDocuments(where: {clientId: {eq: $other}}) { totalCount }
          unused: persistedDocuments(where: {lastUsedAt: {isNull: true}}) { totalCount }
        }
        """,
        {"client": f"client_{client_id}", "other": f"client_{world.workspace_id}"},
    )
    assert found == {
        "mutations": {
            "nodes": [
                {
                    **{"documentId": id_of(OFF), "kind": "MUTATION", "name": "Off", "text": OFF, "uses": 0},
                    **{"lastUsedAt": None, "scopes": ["WRITE_LEADS"], "status": "ACTIVE"},
                }
            ]
        },
        "searched": {"nodes": [{"name": "Mine"}]},
        "dear": {"nodes": [{"name": "Mine"}]},
        "others": {"totalCount": 0},
        "unused": {"totalCount": 3},
    }
