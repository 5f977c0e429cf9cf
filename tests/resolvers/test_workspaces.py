"""Workspaces through the API."""

from tests.world import World


async def test_a_new_workspace_has_its_creator_as_owner(world: World) -> None:
    data = await world.execute("{ workspace { name version } members { totalCount nodes { role } } }")

    assert data == {
        "workspace": {"name": "Acme Outreach", "version": 1},
        "members": {"totalCount": 1, "nodes": [{"role": "OWNER"}]},
    }


async def test_nobody_sees_a_workspace_without_signing_in(world: World) -> None:
    assert await world.refused("{ workspace { name } }", role=None) == ["UNAUTHENTICATED"]
