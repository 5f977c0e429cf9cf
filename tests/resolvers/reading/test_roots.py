"""Root fields beside each other: read by one statement, or resolved beside it; several objects by their ids."""

import pytest

from domain.ids import new_id
from domain.workspaces.rules import Role
from tests.steps.leads import import_content
from tests.steps.planning import ENGINE, explained, ordinary, planned
from tests.world import World, new_world
from wiring import Application

ROWS = "email,first name,company,website\nada@acme.com,Ada,Acme,acme.com\nbob@nord.com,Bob,Nord,nord.com\n"
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Lead { email isSuppressed } ... on Company { domain } } }"


async def ids_of(world: World) -> list[str]:
    """Import two leads with their companies; returns their ids, leads and companies in turns."""
    await import_content(world, ROWS.encode())
    found = await world.fetch("SELECT id, company_id FROM lead ORDER BY email")
    return [id_ for row in found for id_ in (f"lead_{row['id']}", f"comp_{row['company_id']}")]


async def test_objects_of_any_kinds_come_in_the_order_of_their_ids(app: Application, world: World) -> None:
    ada, acme, bob, nord = await ids_of(world)
    [foreign, *_] = await ids_of(await new_world(app))
    ids = [bob, foreign, acme, "nobody", ada, f"lead_{new_id()}", nord, bob, "lead_nobody"]

    found = await planned(world, NODES, {"ids": ids})

    assert found == (await ordinary(world, NODES, {"ids": ids})).data, ENGINE.tally.declined
    assert [node and node["id"] for node in found["nodes"]] == [
        bob,
        None,
        acme,
        None,
        ada,
        None,
        nord,
        bob,
        None,
    ]
    assert found["nodes"][4] == {
        "__typename": "Lead",
        "id": ada,
        "email": "ada@acme.com",
        "isSuppressed": False,
    }
    statement, values = explained(world, NODES, {"ids": ids})
    assert statement.count("set_config") == len(values) - 1 == 2, "one column for each kind"


@pytest.mark.parametrize("ids", [[], ["nobody"], [f"lead_{new_id()}"]])
async def test_objects_that_are_nowhere_are_null(world: World, ids: list[str]) -> None:
    assert await planned(world, NODES, {"ids": ids}) == {"nodes": [None] * len(ids)}
    assert (await ordinary(world, NODES, {"ids": ids})).data == {"nodes": [None] * len(ids)}


async def test_a_resolved_field_goes_beside_the_statement(world: World) -> None:
    await ids_of(world)
    document = """{
        __typename eventTypes viewer { user { email } workspaces { id } }
        leads(first: 1) { nodes { email } } creditAccount { available }
        check: suppressionCheck(email: "ada@acme.com") { suppressed matches { reason } }
        broken: messagePreview(input: {leadId: "nobody"}) { preview { subject } errors { __typename code field } }
    }"""

    found = await planned(world, document)

    assert found == (await ordinary(world, document)).data, ENGINE.tally.declined
    assert list(found) == ["__typename", "eventTypes", "viewer", "leads", "creditAccount", "check", "broken"]
    assert found["leads"] == {"nodes": [{"email": "ada@acme.com"}]}
    assert found["broken"]["errors"] == [
        {"__typename": "ValidationError", "code": "BAD_USER_INPUT", "field": ["input"]}
    ]


async def test_a_resolved_field_asks_for_rights(world: World) -> None:
    document = "{ creditAccount { available } leads { nodes { id } } }"

    assert await planned(world, document, role=Role.REVIEWER) is None

    assert ENGINE.tally.declined["Forbidden"] > 0
    assert (await ordinary(world, document, role=Role.REVIEWER)).codes == ["FORBIDDEN"]


async def test_nobody_is_told_that_they_are_nobody(world: World) -> None:
    assert await planned(world, "{ viewer { user { email } } }", role=None) == {"viewer": None}
