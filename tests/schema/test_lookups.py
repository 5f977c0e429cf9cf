"""Objects of any kind by their ids."""

from domain.workspaces.rules import Role
from tests.world import World

CREATE = "mutation ($input: LeadCreateInput!) { leadCreate(input: $input) { lead { id company { id } } } }"
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
MISSING = "lead_01930000-0000-7000-8000-000000000001"


async def test_objects_come_in_the_order_of_their_ids(world: World) -> None:
    person = {"email": "ada@acme.com", "companyName": "Acme"}
    lead = (await world.execute(CREATE, {"input": person}))["leadCreate"]["lead"]
    ids = [lead["company"]["id"], MISSING, lead["id"], "", "nonsense_7", lead["company"]["id"]]
    nodes = (await world.execute(NODES, {"ids": ids}))["nodes"]
    company = {"__typename": "Company", "id": lead["company"]["id"]}
    assert nodes == [company, None, {"__typename": "Lead", "id": lead["id"]}, None, None, company]


async def test_a_hundred_ids_are_enough(world: World) -> None:
    assert (await world.execute(NODES, {"ids": [MISSING] * 100}))["nodes"] == [None] * 100
    assert await world.refused(NODES, {"ids": [MISSING] * 101}) == ["BAD_USER_INPUT"]


async def test_an_object_that_the_role_may_not_read_is_refused(world: World) -> None:
    ids = ["audit_01930000-0000-7000-8000-000000000001"]
    assert await world.refused(NODES, {"ids": ids}, role=Role.REP) == ["FORBIDDEN"]
