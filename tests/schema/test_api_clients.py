"""API clients through the API."""

from typing import Any

import pytest

from domain.api_clients.rules import ClientPolicy
from domain.workspaces.rules import Role
from tests.steps.api_clients import examined, key_of, new_client, new_query, publish
from tests.world import World

SHOWN = """
id name policy status pointsMax pointsPerS subscriptionsMax expiresAt version
"""
CREATE = f"""
mutation ($input: ApiClientCreateInput!) {{
  apiClientCreate(input: $input) {{ apiClient {{ {SHOWN} }} errors {{ code message field }} }}
}}
"""
UPDATE = f"""
mutation ($input: ApiClientUpdateInput!) {{
  apiClientUpdate(input: $input) {{ apiClient {{ {SHOWN} }} errors {{ code message field }} }}
}}
"""
LIMITS = {"pointsMax": 1_000, "pointsPerS": 50, "subscriptionsMax": 3, "expiresAt": "2099-01-01T00:00:00Z"}


async def create(world: World, **given: Any) -> dict[str, Any]:
    data = await world.execute(CREATE, {"input": {"name": "Web app", "policy": "OPEN", **given}})
    payload: dict[str, Any] = data["apiClientCreate"]
    return payload


async def update(world: World, id_: str, **given: Any) -> dict[str, Any]:
    data = await world.execute(UPDATE, {"input": {"id": id_, **given}})
    payload: dict[str, Any] = data["apiClientUpdate"]
    return payload


async def move(world: World, verb: str, id_: str) -> tuple[str | None, list[str]]:
    """Return the status afterwards, and the errors' codes."""
    text = f"mutation ($id: ID!) {{ moved: apiClient{verb}(id: $id) {{ apiClient {{ status }} errors {{ code }} }} }}"
    payload = (await world.execute(text, {"id": id_}))["moved"]
    return (payload["apiClient"] or {}).get("status"), [error["code"] for error in payload["errors"]]


async def test_a_new_client_has_the_installation_s_limits_unless_it_says_others(world: World) -> None:
    plain, limited = await create(world), await create(world, policy="ID_ONLY", **LIMITS)
    nothing = dict.fromkeys(LIMITS)
    told = {"name": "Web app", "status": "ACTIVE", "version": 1}
    assert plain["errors"] == limited["errors"] == []
    assert plain["apiClient"] == {"id": plain["apiClient"]["id"], "policy": "OPEN", **told, **nothing}
    assert limited["apiClient"] == {"id": limited["apiClient"]["id"], "policy": "ID_ONLY", **told, **LIMITS}


@pytest.mark.parametrize(
    ("given", "message", "field"),
    [
        ({"name": " "}, "name has 1 to 200 characters", ["name"]),
        ({"pointsMax": 5}, "pointsMax and pointsPerS are given together, or neither", ["pointsMax"]),
        ({"pointsPerS": 5}, "pointsMax and pointsPerS are given together, or neither", ["pointsMax"]),
        ({"pointsMax": 0, "pointsPerS": 5}, "1 to 1,000,000 points", ["pointsMax"]),
        ({"pointsMax": 5, "pointsPerS": 1_000_001}, "1 to 1,000,000 points", ["pointsPerS"]),
        ({"subscriptionsMax": -1}, "0 to 200", ["subscriptionsMax"]),
        ({"subscriptionsMax": 201}, "0 to 200", ["subscriptionsMax"]),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, "the expiry is in the past", ["expiresAt"]),
    ],
)
async def test_limits_that_make_no_sense_are_refused(
    world: World, given: dict[str, Any], message: str, field: list[str]
) -> None:
    refused = {"code": "BAD_USER_INPUT", "message": message, "field": field}
    assert await create(world, **given) == {"apiClient": None, "errors": [refused]}
    assert (await world.execute("{ apiClients { totalCount } }"))["apiClients"] == {"totalCount": 0}


async def test_what_is_left_out_of_an_update_stays_and_null_removes_a_limit(world: World) -> None:
    client = (await create(world, **LIMITS))["apiClient"]
    changed = await update(world, client["id"], policy="REGISTERED", expiresAt=None, name=None)
    assert changed["errors"] == []
    assert changed["apiClient"] == {**client, "policy": "REGISTERED", "expiresAt": None, "version": 2}

    half = await update(world, client["id"], pointsMax=None)
    assert [error["field"] for error in half["errors"]] == [["pointsMax"]]
    freed = await update(world, client["id"], pointsMax=None, pointsPerS=None, expectedVersion=2)
    assert (freed["apiClient"]["pointsMax"], freed["apiClient"]["subscriptionsMax"]) == (None, 3)


async def test_an_update_that_expects_another_version_changes_nothing(world: World) -> None:
    client = (await create(world))["apiClient"]
    stale = await update(world, client["id"], name="Other", expectedVersion=7)
    assert [error["code"] for error in stale["errors"]] == ["STALE_VERSION"]
    [row] = await world.fetch("SELECT name, version FROM api_client")
    assert row == {"name": "Web app", "version": 1}


async def test_a_client_is_suspended_and_resumed_and_revoked_for_good(world: World) -> None:
    id_ = (await create(world))["apiClient"]["id"]
    assert await move(world, "Resume", id_) == ("ACTIVE", []), "it is so already"
    assert await move(world, "Suspend", id_) == ("SUSPENDED", [])
    assert await move(world, "Suspend", id_) == ("SUSPENDED", [])
    assert await move(world, "Resume", id_) == ("ACTIVE", [])
    assert await move(world, "Revoke", id_) == ("REVOKED", [])
    assert await move(world, "Resume", id_) == (None, ["ILLEGAL_TRANSITION"])
    assert [error["code"] for error in (await update(world, id_, name="x"))["errors"]] == ["CONFLICT"]
    moved = await world.fetch("SELECT payload FROM event WHERE type = 'ApiClientMoved' ORDER BY seq")
    assert [row["payload"]["status"] for row in moved] == ["SUSPENDED", "ACTIVE", "REVOKED"]


async def test_a_client_shows_its_tokens_and_documents_and_they_show_it(world: World) -> None:
    client_id = await new_client(world, ClientPolicy.AUDIT)
    await new_client(world, ClientPolicy.OPEN)
    await key_of(world, client_id)
    await publish(world, client_id, examined(new_query()), examined(new_query()))
    found = await world.execute(
        """
        query ($id: ID!) {
          apiClient(id: $id) {
            tokens { totalCount nodes { clientId client { policy } } }
            documents { totalCount nodes { clientId client { policy } } }
          }
          apiClients(where: {policy: {eq: AUDIT}}, search: "APP") { nodes { id } }
          apiTokens(where: {clientId: {eq: $id}}) { totalCount }
        }
        """,
        {"id": f"client_{client_id}"},
    )
    ours = {"clientId": f"client_{client_id}", "client": {"policy": "AUDIT"}}
    assert found == {
        "apiClient": {
            "tokens": {"totalCount": 1, "nodes": [ours]},
            "documents": {"totalCount": 2, "nodes": [ours, ours]},
        },
        "apiClients": {"nodes": [{"id": f"client_{client_id}"}]},
        "apiTokens": {"totalCount": 1},
    }


async def test_a_token_of_a_client_names_it_and_none_is_issued_for_a_revoked_one(world: World) -> None:
    text = """
    mutation ($input: ApiTokenCreateInput!) {
      apiTokenCreate(input: $input) { token apiToken { client { name } } errors { code field } }
    }
    """
    id_ = (await create(world))["apiClient"]["id"]
    given = {"name": "ci", "role": "PUBLISHER", "clientId": id_}
    issued = (await world.execute(text, {"input": given}))["apiTokenCreate"]
    assert (issued["apiToken"], issued["errors"]) == ({"client": {"name": "Web app"}}, [])
    without = (await world.execute(text, {"input": {**given, "clientId": None}}))["apiTokenCreate"]
    assert without["apiToken"] == {"client": None}

    await move(world, "Revoke", id_)
    refused = (await world.execute(text, {"input": given}))["apiTokenCreate"]
    assert refused == {
        "token": None,
        "apiToken": None,
        "errors": [{"code": "CONFLICT", "field": ["clientId"]}],
    }
    lead = {**given, "clientId": id_.replace("client_", "lead_")}
    refused = (await world.execute(text, {"input": lead}))["apiTokenCreate"]
    assert refused["errors"] == [{"code": "BAD_USER_INPUT", "field": ["input", "clientId"]}]


async def test_a_filter_takes_no_id_of_another_kind(world: World) -> None:
    id_ = f"lead_{await new_client(world, ClientPolicy.OPEN)}"
    text = "query ($id: ID!) { apiTokens(where: {clientId: {eq: $id}}) { totalCount } }"
    assert await world.refused(text, {"id": id_}) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("role", [Role.MANAGER, Role.READ_ONLY, Role.PUBLISHER])
async def test_others_see_no_clients(world: World, role: Role) -> None:
    node = f"client_{await new_client(world, ClientPolicy.OPEN)}"
    assert await world.refused("{ apiClients { totalCount } }", role=role) == ["FORBIDDEN"]
    text = "query ($id: ID!) { node(id: $id) { id } }"
    assert await world.refused(text, {"id": node}, role=role) == ["FORBIDDEN"]
