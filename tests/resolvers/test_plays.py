"""Strategy profiles and plays through the API."""

from typing import Any

import pytest

from domain.workspaces.rules import Role
from schema.nodes import global_id
from tests.steps.runs import leads, sender, sequence
from tests.world import World, new_world

PROFILE = {
    "name": "Warehouses",
    "persona": {"name": "Ada Lovelace", "role": "Founder", "company": "Engine Ltd"},
    "offer": "Software that halves the time it takes to pick an order.",
    "tone": "Plain.",
    "cta": "Shall we talk?",
    "proofs": [
        {
            "claim": "Twice as fast.",
            "evidenceUrl": "https://engine.example/fast",
            "validUntilOn": "2031-01-31",
        }
    ],
    "icp": {"titles": ["Head of Warehouse"], "geos": ["DE"]},
}
ERRORS = "errors { code message field }"
WRITE_PROFILE = f"""
mutation ($input: StrategyProfileCreateInput!) {{ strategyProfileCreate(input: $input) {{
  strategyProfile {{
    id version status name persona {{ name role company }} proofs {{ claim evidenceUrl validUntilOn }}
    languages forbiddenClaims icp {{ titles industries sizes geos }}
  }} {ERRORS}
}} }}
"""
EDIT_PROFILE = f"""
mutation ($input: StrategyProfileUpdateInput!) {{ strategyProfileUpdate(input: $input) {{
  strategyProfile {{ id version status tone }} {ERRORS}
}} }}
"""
WRITE_PLAY = f"""
mutation ($input: PlayCreateInput!) {{ playCreate(input: $input) {{
  play {{
    id status name goal missing budgetCredits maxLeads enrichmentPlan profile {{ name }} sequence {{ name }}
    source {{ kind statuses titleContains country companyDomain importJobId leadIds }}
    senders {{ nodes {{ sender {{ address }} }} }} version
  }} {ERRORS}
}} }}
"""


async def _profile(world: World) -> dict[str, Any]:
    data = await world.execute(WRITE_PROFILE, {"input": PROFILE})
    payload: dict[str, Any] = data["strategyProfileCreate"]
    assert payload["errors"] == []
    return payload["strategyProfile"]  # type: ignore[no-any-return]


async def _input(world: World, **changes: Any) -> dict[str, Any]:
    return {
        "name": "German warehouses",
        "profileId": (await _profile(world))["id"],
        "sequenceId": global_id("sequ", await sequence(world)),
        "source": {"filter": {"statuses": ["NEW"], "titleContains": "warehouse", "country": "de"}},
        "senderIds": [global_id("sender", await sender(world, name="ada"))],
        "budgetCredits": 500,
        **changes,
    }


async def test_a_profile_comes_back_as_it_was_written(world: World) -> None:
    written = await _profile(world)
    assert written == {
        "id": written["id"],
        "version": 1,
        "status": "ACTIVE",
        "name": "Warehouses",
        "persona": PROFILE["persona"],
        "proofs": PROFILE["proofs"],
        "languages": ["en"],
        "forbiddenClaims": [],
        "icp": {"titles": ["Head of Warehouse"], "industries": [], "sizes": [], "geos": ["DE"]},
    }


async def test_the_list_shows_the_latest_version_of_each_and_all_of_one_when_asked(world: World) -> None:
    first = await _profile(world)
    await _profile(world)
    edit = {"id": first["id"], "tone": "Dry.", "expectedVersion": 1}
    second = (await world.execute(EDIT_PROFILE, {"input": edit}))["strategyProfileUpdate"]["strategyProfile"]
    assert second == {"id": second["id"], "version": 2, "status": "ACTIVE", "tone": "Dry."}

    stale = (await world.execute(EDIT_PROFILE, {"input": {**edit, "tone": "Warm."}}))["strategyProfileUpdate"]
    assert (stale["strategyProfile"], stale["errors"][0]["code"]) == (None, "STALE_VERSION")
    data = await world.execute(
        """query ($id: ID!) {
          latest: strategyProfiles { totalCount nodes { version } }
          versions: strategyProfiles(versionsOf: $id, where: {status: {in: [ACTIVE, ARCHIVED]}}) { nodes { version status } }
        }""",
        {"id": second["id"]},
    )
    assert data == {
        "latest": {"totalCount": 2, "nodes": [{"version": 2}, {"version": 1}]},
        "versions": {"nodes": [{"version": 2, "status": "ACTIVE"}, {"version": 1, "status": "ARCHIVED"}]},
    }


async def test_a_profile_with_a_mistake_names_its_field(world: World) -> None:
    wrong = {**PROFILE, "proofs": [{"claim": " ", "evidenceUrl": "https://engine.example/proof"}]}
    payload = (await world.execute(WRITE_PROFILE, {"input": wrong}))["strategyProfileCreate"]
    assert payload["strategyProfile"] is None
    assert payload["errors"][0]["field"] == ["proofs", "0", "claim"]
    assert await world.fetch("SELECT 1 FROM strategy_profile") == []


async def test_a_play_comes_back_as_it_was_written(world: World) -> None:
    payload = (await world.execute(WRITE_PLAY, {"input": await _input(world)}))["playCreate"]
    assert payload["errors"] == []
    assert payload["play"] == {
        "id": payload["play"]["id"],
        "status": "READY",
        "name": "German warehouses",
        "goal": None,
        "missing": [],
        "budgetCredits": 500,
        "maxLeads": 100_000,
        "enrichmentPlan": [],
        "profile": {"name": "Warehouses"},
        "sequence": {"name": "Three touches"},
        "source": {
            "kind": "FILTER",
            "statuses": ["NEW"],
            "titleContains": "warehouse",
            "country": "DE",
            "companyDomain": None,
            "importJobId": None,
            "leadIds": [],
        },
        "senders": {"nodes": [{"sender": {"address": "ada@engine.example"}}]},
        "version": 2,
    }


async def test_a_play_over_named_leads_says_what_it_lacks_and_is_changed_field_by_field(world: World) -> None:
    ids = [global_id("lead", id_) for id_ in await leads(world, 2)]
    given = await _input(world, source={"leads": ids}, senderIds=[], goal="Meetings")
    play = (await world.execute(WRITE_PLAY, {"input": given}))["playCreate"]["play"]
    assert (play["status"], play["missing"]) == ("DRAFT", ["no sender of it can send"])
    assert play["source"]["leadIds"] == ids

    change = """mutation ($input: PlayUpdateInput!) { playUpdate(input: $input) {
      play { name goal budgetCredits maxLeads source { kind } } errors { code field }
    } }"""
    given = {"id": play["id"], "goal": None, "budgetCredits": 7, "expectedVersion": play["version"]}
    changed = (await world.execute(change, {"input": given}))["playUpdate"]
    assert changed == {
        "play": {
            "name": "German warehouses",
            "goal": None,
            "budgetCredits": 7,
            "maxLeads": 100_000,
            "source": {"kind": "LEADS"},
        },
        "errors": [],
    }
    again = (await world.execute(change, {"input": given}))["playUpdate"]
    assert again == {"play": None, "errors": [{"code": "STALE_VERSION", "field": ["expectedVersion"]}]}


async def test_an_id_of_another_kind_or_another_workspace_is_refused(world: World) -> None:
    other = await new_world(world.app)
    theirs = await _profile(other)
    given = await _input(world)
    for profile_id, field in (
        (theirs["id"], ["profileId"]),
        (theirs["id"].replace("strat", "lead"), ["input", "profileId"]),
    ):
        data = await world.execute(WRITE_PLAY, {"input": {**given, "profileId": profile_id}})
        payload = data["playCreate"]
        assert payload["play"] is None
        assert (payload["errors"][0]["code"], payload["errors"][0]["field"]) == ("BAD_USER_INPUT", field)
    assert await world.fetch("SELECT 1 FROM play") == []
    seen = await world.execute(
        "query ($id: ID!) { strategyProfile(id: $id) { name } node(id: $id) { id } }", {"id": theirs["id"]}
    )
    assert seen == {"strategyProfile": None, "node": None}


@pytest.mark.parametrize(
    ("role", "may_strategy", "may_plays"),
    [
        (Role.MANAGER, True, True),
        (Role.REP, False, True),
        (Role.REVIEWER, False, False),
        (Role.ANALYST, False, False),
        (Role.READ_ONLY, False, False),
    ],
)
async def test_who_may_write_strategies_and_plays(
    world: World, role: Role, may_strategy: bool, may_plays: bool
) -> None:
    given = await _input(world)
    before = await world.fetch(
        "SELECT (SELECT count(*) FROM play) AS plays, (SELECT count(*) FROM strategy_profile) AS profiles"
    )
    if may_strategy:
        await world.execute(WRITE_PROFILE, {"input": PROFILE}, role=role)
    else:
        assert await world.refused(WRITE_PROFILE, {"input": PROFILE}, role=role) == ["FORBIDDEN"]
    if may_plays:
        await world.execute(WRITE_PLAY, {"input": given}, role=role)
    else:
        assert await world.refused(WRITE_PLAY, {"input": given}, role=role) == ["FORBIDDEN"]
    after = await world.fetch(
        "SELECT (SELECT count(*) FROM play) AS plays, (SELECT count(*) FROM strategy_profile) AS profiles"
    )
    assert after[0]["plays"] - before[0]["plays"] == may_plays
    assert after[0]["profiles"] - before[0]["profiles"] == may_strategy
    assert (await world.execute("{ plays { totalCount } }", role=role))["plays"]["totalCount"] == int(
        may_plays
    )
