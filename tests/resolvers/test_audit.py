"""The audit log through the API."""

import pytest

from domain.workspaces.rules import Role
from tests.world import World, new_world

LIST = """
query($where: AuditEventWhere) {
  auditEvents(where: $where) { totalCount nodes { id seq actorKind action targetKind targetId detail hash } }
}
"""
VERIFY = "{ auditVerify { ok count brokenAt } }"
READERS = {Role.OWNER, Role.ADMIN, Role.PRIVACY_OFFICER}


async def test_the_newest_entry_comes_first_and_names_its_target(world: World) -> None:
    await world.execute('mutation { workspaceUpdate(input: {name: "New Name"}) { errors { code } } }')
    data = (await world.execute(LIST))["auditEvents"]

    assert data["totalCount"] == 3  # the workspace came with trial credits
    newest = data["nodes"][0]
    assert (newest["seq"], newest["action"], newest["actorKind"]) == (3, "workspace.update", "USER")
    assert newest["targetId"] == f"work_{world.workspace_id}"
    assert newest["detail"] == {"fields": ["name"]}
    assert len(newest["hash"]) == 64


async def test_entries_are_filtered_and_found_by_id(world: World) -> None:
    await world.execute('mutation { workspaceUpdate(input: {name: "New Name"}) { errors { code } } }')
    where = {
        "where": {"action": {"eq": "workspace.create"}, "targetId": {"eq": f"work_{world.workspace_id}"}}
    }
    [entry] = (await world.execute(LIST, where))["auditEvents"]["nodes"]

    assert entry["action"] == "workspace.create"
    found = await world.execute(
        "query($id: ID!) { node(id: $id) { id ... on AuditEvent { seq } } }", {"id": entry["id"]}
    )
    assert found["node"] == {"id": entry["id"], "seq": 1}


async def test_the_chain_is_verified(world: World) -> None:
    await world.execute('mutation { workspaceUpdate(input: {name: "New Name"}) { errors { code } } }')

    assert (await world.execute(VERIFY))["auditVerify"] == {"ok": True, "count": 3, "brokenAt": None}


@pytest.mark.parametrize("role", [*Role, None])
async def test_who_may_read_it(world: World, role: Role | None) -> None:
    [entry, _] = (await world.execute("{ auditEvents { nodes { id } } }"))["auditEvents"]["nodes"]
    node = ("query($id: ID!) { node(id: $id) { id } }", {"id": entry["id"]})
    if role in READERS:
        await world.execute(VERIFY, role=role)
        assert (await world.execute(*node, role=role))["node"] == entry
        return
    refusal = ["FORBIDDEN"] if role else ["UNAUTHENTICATED"]
    assert await world.refused("{ auditEvents { totalCount } }", role=role) == refusal
    assert await world.refused(VERIFY, role=role) == refusal
    assert await world.refused(*node, role=role) == refusal


async def test_another_workspaces_entries_are_not_there(world: World) -> None:
    other = await new_world(world.app)
    [theirs, _] = (await other.execute(LIST))["auditEvents"]["nodes"]

    data = await world.execute("query($id: ID!) { node(id: $id) { id } }", {"id": theirs["id"]})
    assert data["node"] is None
    assert theirs["id"] not in {entry["id"] for entry in (await world.execute(LIST))["auditEvents"]["nodes"]}
