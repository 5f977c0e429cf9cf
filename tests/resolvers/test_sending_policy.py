"""The workspace's sending window and limits through the API."""

from domain.workspaces.rules import Role
from tests.world import World

UPDATE = """
mutation ($input: SendingPolicyUpdateInput!) {
  sendingPolicyUpdate(input: $input) {
    workspace { sendingWindow { days { day ranges { opens closes } } } sendingLimits version }
    errors { code field }
  }
}"""
MONDAY = {"days": [{"day": "MON", "ranges": [{"opens": "09:00", "closes": "12:00"}]}]}


async def test_window_and_limits_are_kept_and_what_is_left_out_stays(world: World) -> None:
    first = await world.execute(UPDATE, {"input": {"window": MONDAY, "limits": {"companySendsPerDay": 5}}})
    second = await world.execute(UPDATE, {"input": {"limits": {"riskyAllowed": True}}})

    assert first["sendingPolicyUpdate"]["errors"] == []
    workspace = second["sendingPolicyUpdate"]["workspace"]
    assert workspace["sendingWindow"] == MONDAY
    assert workspace["sendingLimits"] == {
        "conversations_per_day": 30,
        "company_sends_per_day": 5,
        "domain_sends_per_day": None,
        "risky_allowed": True,
    }


async def test_a_window_that_ends_before_it_starts_changes_nothing(world: World) -> None:
    window = {"days": [{"day": "MON", "ranges": [{"opens": "12:00", "closes": "09:00"}]}]}
    data = await world.execute(UPDATE, {"input": {"window": window, "limits": {"companySendsPerDay": 9}}})

    assert data["sendingPolicyUpdate"]["workspace"] is None
    assert [error["code"] for error in data["sendingPolicyUpdate"]["errors"]] == ["BAD_USER_INPUT"]
    assert await world.fetch("SELECT sending_window, sending_limits FROM workspace") == [
        {"sending_window": {}, "sending_limits": {}}
    ]


async def test_a_limit_of_nothing_is_refused(world: World) -> None:
    data = await world.execute(UPDATE, {"input": {"limits": {"companySendsPerDay": 0}}})
    assert [error["code"] for error in data["sendingPolicyUpdate"]["errors"]] == ["BAD_USER_INPUT"]


async def test_only_who_manages_the_workspace_may_change_it(world: World) -> None:
    assert await world.refused(UPDATE, {"input": {}}, role=Role.REP) == ["FORBIDDEN"]


async def test_a_stale_version_is_refused(world: World) -> None:
    data = await world.execute(UPDATE, {"input": {"limits": {"riskyAllowed": True}, "expectedVersion": 99}})
    assert [error["code"] for error in data["sendingPolicyUpdate"]["errors"]] == ["STALE_VERSION"]
