"""Whoever changes an object can say which version they saw."""

from typing import Any

from tests.world import SCHEMA, World

ROOT: Any = SCHEMA._schema
MEMBERS = "{ members { nodes { id version } } }"
UPDATE = """
mutation ($input: MemberUpdateInput!) {
  memberUpdate(input: $input) { member { role version } errors { code ... on StaleVersionError { current } } }
}
"""


def test_every_update_takes_the_version_that_was_seen() -> None:
    updates = [name for name in ROOT.type_map if name.endswith(("UpdateInput", "EditInput"))]
    assert len(updates) >= 9
    without = [name for name in updates if "expectedVersion" not in ROOT.type_map[name].fields]
    assert without == []


def test_every_object_that_can_be_updated_shows_its_version() -> None:
    mutations = [name for name in ROOT.mutation_type.fields if name.endswith(("Update", "Edit"))]
    payloads = [ROOT.mutation_type.fields[name].type.of_type for name in mutations]
    objects = [
        field.type for payload in payloads for name, field in payload.fields.items() if name != "errors"
    ]
    assert [object_.name for object_ in objects if "version" not in object_.fields] == []


async def test_a_members_role_changes_from_the_version_that_was_seen(world: World) -> None:
    [owner] = (await world.execute(MEMBERS))["members"]["nodes"]
    seen = {"id": owner["id"], "role": "OWNER", "expectedVersion": owner["version"] + 1}
    stale = (await world.execute(UPDATE, {"input": seen}))["memberUpdate"]
    assert stale == {"member": None, "errors": [{"code": "STALE_VERSION", "current": owner["version"]}]}
    fresh = {**seen, "expectedVersion": owner["version"]}
    assert (await world.execute(UPDATE, {"input": fresh}))["memberUpdate"]["errors"] == []
