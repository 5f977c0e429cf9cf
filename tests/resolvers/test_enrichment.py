"""Enrichment through the API."""

import dataclasses
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from domain.ids import new_id
from domain.workspaces.rules import Role
from simulators.company_sites.companies import SiteKind
from tests.steps import credits
from tests.steps.enrichment import COMPANIES, Outside, company_at, lead_at, outside
from tests.steps.parking import park
from tests.world import World, new_world

ACME = COMPANIES[SiteKind.STRUCTURED]
ADA, GRACE = ACME.people[:2]

ASK = """
mutation ($input: EnrichmentRequestInput!) {
  enrichmentRequest(input: $input) {
    enrichmentRequest { id status plan leadCount doneCount }
    errors { code field }
  }
}
"""
STATE = (
    "query ($id: ID!) { enrichmentRequest(id: $id) { status doneCount error outcomes { leadId outcome } } }"
)
REJECT = "mutation ($id: ID!) { factReject(input: {id: $id}) { fact { state } errors { code field } } }"
PIN = "mutation ($id: ID!) { factPin(input: {id: $id}) { fact { state pinned } errors { code } } }"
WITHDRAW = """
mutation ($key: String) {
  providerDataWithdraw(input: {provider: "website", idempotencyKey: $key}) { errors { code field } }
}
"""


@pytest_asyncio.fixture
async def sites(world: World) -> AsyncIterator[Outside]:
    async with outside() as opened:
        services = dataclasses.replace(world.services, ports=opened.ports(world))
        world.app = dataclasses.replace(world.app, services=services)
        yield opened


async def two_leads(world: World) -> list[str]:
    company_id = await company_at(world, ACME)
    return [f"lead_{await lead_at(world, company_id, name=person.name)}" for person in (ADA, GRACE)]


async def ask(world: World, lead_ids: list[str], *, role: Role = Role.OWNER, **more: Any) -> dict[str, Any]:
    wanted = {"leadIds": lead_ids, "idempotencyKey": str(new_id()), **more}
    data = await world.execute(ASK, {"input": wanted}, role=role)
    answer: dict[str, Any] = data["enrichmentRequest"]
    return answer


async def test_leads_are_enriched_in_the_background_and_everything_can_be_traced(
    world: World, sites: Outside
) -> None:
    leads = await two_leads(world)

    asked = await ask(world, leads, role=Role.REP)
    assert asked["errors"] == []
    request = asked["enrichmentRequest"]
    assert {**request, "id": ""} == {
        "id": "",
        "status": "QUEUED",
        "plan": ["website"],
        "leadCount": 2,
        "doneCount": 0,
    }
    assert sites.sites.requests == []
    await world.run_tasks()

    state = (await world.execute(STATE, {"id": request["id"]}))["enrichmentRequest"]
    assert (state["status"], state["doneCount"], state["error"]) == ("DONE", 2, None)
    assert {item["leadId"] for item in state["outcomes"]} == set(leads)
    data = await world.execute(
        """
        query ($id: ID!) {
          lead(id: $id) {
            title emailStatus
            facts { nodes { field value sourceUrl snippet confidence state about providerCallId } }
            company { description facts { nodes { field about state value } } }
          }
          calls: providerCalls(where: {provider: {eq: "website"}}) {
            nodes { id provider status costCredits cacheHit latencyMs lead { id } company { name } runId }
          }
        }
        """,
        {"id": leads[0]},
    )
    lead = data["lead"]
    assert (lead["title"], lead["company"]["description"]) == (ADA.title, ACME.description)
    title = next(one for one in lead["facts"]["nodes"] if one["field"] == "TITLE")
    assert (title["value"], title["state"], title["about"]) == (ADA.title, "CURRENT", None)
    assert title["snippet"]
    paid = [call for call in data["calls"]["nodes"] if not call["cacheHit"]]
    assert [(call["costCredits"], call["status"]) for call in paid] == [(1, "OK")]
    assert paid[0]["id"] == title["providerCallId"]
    assert paid[0]["company"] == {"name": ACME.name}
    assert {one["about"] for one in lead["company"]["facts"]["nodes"]} >= {None, ADA.name, GRACE.name}


async def test_asking_with_the_same_key_asks_once(world: World, sites: Outside) -> None:
    leads = await two_leads(world)
    wanted = {"leadIds": leads, "idempotencyKey": "k"}

    answers = [await world.execute(ASK, {"input": wanted}) for _ in range(2)]

    ids = {answer["enrichmentRequest"]["enrichmentRequest"]["id"] for answer in answers}
    assert len(ids) == 1
    assert len(await world.fetch("SELECT 1 FROM enrichment_request")) == 1
    assert len(await world.fetch("SELECT 1 FROM task WHERE kind = 'EnrichLeads'")) == 1


async def test_running_the_task_twice_is_running_it_once(world: World, sites: Outside) -> None:
    await ask(world, await two_leads(world))
    await world.run_tasks()
    calls = len(await world.fetch("SELECT 1 FROM provider_call"))
    balance = await credits.balance(world)
    await world.fetch("UPDATE task SET state = 'READY' WHERE kind = 'EnrichLeads'")

    await world.run_tasks()

    assert len(await world.fetch("SELECT 1 FROM provider_call")) == calls
    assert await credits.balance(world) == balance
    assert sites.crawls_of(ACME) == 1


async def test_a_request_stops_when_credits_run_out(world: World, sites: Outside) -> None:
    leads = await two_leads(world)
    await credits.spend_all_but(world, 1)
    request = (await ask(world, leads))["enrichmentRequest"]

    await world.run_tasks()

    state = (await world.execute(STATE, {"id": request["id"]}))["enrichmentRequest"]
    assert state["status"] == "STOPPED"
    assert state["error"] == "INSUFFICIENT_CREDITS: this needs 1 credits, but 0 are available"
    balance = await credits.balance(world)
    assert (balance["available"], balance["consumed"]) == (0, 1)


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"leadIds": []}, "BAD_USER_INPUT", "leadIds"),
        ({"leadIds": [f"lead_{new_id()}"] * 2}, "NOT_FOUND", "leadIds"),
        ({"leadIds": ["comp_1"]}, "BAD_USER_INPUT", "leadIds"),
        ({"leadIds": [f"lead_{new_id()}" for _ in range(251)]}, "BAD_USER_INPUT", "leadIds"),
        ({"plan": ["apollo"]}, "BAD_USER_INPUT", "plan"),
        ({"idempotencyKey": None}, "IDEMPOTENCY_KEY_REQUIRED", "idempotencyKey"),
    ],
)
async def test_a_wrong_request_is_refused_with_its_field(
    world: World, sites: Outside, change: dict[str, Any], code: str, field: str
) -> None:
    leads = await two_leads(world)

    answer = await ask(world, leads, **change)

    assert answer["enrichmentRequest"] is None
    assert answer["errors"] == [{"code": code, "field": ["input", field]}]
    assert await world.fetch("SELECT 1 FROM enrichment_request") == []
    assert await world.fetch("SELECT 1 FROM task WHERE kind = 'EnrichLeads'") == []


async def test_another_workspaces_leads_and_facts_are_as_absent(world: World, sites: Outside) -> None:
    leads = await two_leads(world)
    await ask(world, leads)
    await world.run_tasks()
    (fact,) = await world.fetch("SELECT id FROM field_value LIMIT 1")
    stranger = await new_world(world.app)

    assert (await ask(stranger, leads))["errors"] == [{"code": "NOT_FOUND", "field": ["input", "leadIds"]}]
    data = await stranger.execute(REJECT, {"id": f"fact_{fact['id']}"})
    assert data["factReject"] == {"fact": None, "errors": [{"code": "NOT_FOUND", "field": ["input", "id"]}]}
    assert (await stranger.execute("{ providerCalls { totalCount } }"))["providerCalls"] == {"totalCount": 0}
    assert await world.fetch("SELECT 1 FROM field_value WHERE state = 'REJECTED'") == []


async def test_facts_are_rejected_and_pinned(world: World, sites: Outside) -> None:
    await ask(world, await two_leads(world))
    await world.run_tasks()
    (fact,) = await world.fetch(
        "SELECT id FROM field_value WHERE field = 'DESCRIPTION' AND state = 'CURRENT'"
    )
    variables = {"id": f"fact_{fact['id']}"}

    pinned = await world.execute(PIN, variables)
    rejected = await world.execute(REJECT, variables)

    assert pinned["factPin"] == {"fact": {"state": "CURRENT", "pinned": True}, "errors": []}
    assert rejected["factReject"] == {"fact": {"state": "REJECTED"}, "errors": []}
    (company,) = await world.fetch("SELECT description FROM company")
    assert company["description"] != ACME.description


async def test_a_providers_data_is_withdrawn_in_the_background(world: World, sites: Outside) -> None:
    await ask(world, await two_leads(world))
    await world.run_tasks()

    data = await world.execute(WITHDRAW, {"key": "k"}, role=Role.ADMIN)
    assert data["providerDataWithdraw"] == {"errors": []}
    await world.run_tasks()

    rows = await world.fetch("SELECT DISTINCT value, about, state FROM field_value")
    assert rows == [{"value": "", "about": "", "state": "ERASED"}]
    assert await world.fetch("SELECT DISTINCT title FROM lead") == [{"title": None}]
    (event,) = await world.fetch("SELECT payload FROM event WHERE type = 'ProviderDataWithdrawn'")
    assert event["payload"]["provider"] == "website"


NOBODY = f"fact_{new_id()}"
CASES: list[tuple[str, dict[str, Any], set[Role]]] = [
    (ASK, {"input": {"leadIds": [f"lead_{new_id()}"], "idempotencyKey": "k"}}, {Role.OWNER, Role.ADMIN, Role.MANAGER, Role.REP}),
    (REJECT, {"id": NOBODY}, {Role.OWNER, Role.ADMIN, Role.MANAGER, Role.REP}),
    (PIN, {"id": NOBODY}, {Role.OWNER, Role.ADMIN, Role.MANAGER, Role.REP}),
    (WITHDRAW, {"key": "k"}, {Role.OWNER, Role.ADMIN}),
]  # fmt: skip


@pytest.mark.parametrize(("document", "variables", "allowed"), CASES)
async def test_the_role_decides(
    world: World, document: str, variables: dict[str, Any], allowed: set[Role]
) -> None:
    for role in Role:
        if role in allowed:
            data = await world.execute(document, variables, role=role)
            assert [error["code"] for error in next(iter(data.values()))["errors"]] == ["NOT_FOUND"]
        else:
            assert await world.refused(document, variables, role=role) == ["FORBIDDEN"]
    assert await world.refused(document, variables, role=None) == ["UNAUTHENTICATED"]


async def test_only_who_sees_credits_sees_what_calls_cost(world: World) -> None:
    document = "{ providerCalls { totalCount } }"

    assert await world.refused(document, role=Role.READ_ONLY) == ["FORBIDDEN"]
    assert (await world.execute(document, role=Role.ANALYST))["providerCalls"] == {"totalCount": 0}


async def test_leads_whose_task_is_parked_are_failed_and_the_others_go_on(
    world: World, sites: Outside
) -> None:
    colleagues = await two_leads(world)
    alone = f"lead_{await lead_at(world, None, name='Cy Twombly')}"
    request = (await ask(world, [*colleagues, alone]))["enrichmentRequest"]
    [row] = await world.fetch(
        "SELECT id FROM task WHERE kind = 'EnrichLeads' AND jsonb_array_length(payload->'lead_ids') = 1"
    )
    await world._run_task(row["id"])
    await park(world, "EnrichLeads")

    state = (await world.execute(STATE, {"id": request["id"]}))["enrichmentRequest"]
    outcomes = {each["leadId"]: each["outcome"] for each in state.pop("outcomes")}
    assert state == {
        "status": "DONE",
        "doneCount": 3,
        "error": "leads with the outcome FAILED could not be enriched, for a fault of ours; ask for them anew",
    }
    assert {outcomes[lead_id] for lead_id in colleagues} == {"FAILED"}
    assert outcomes[alone] != "FAILED"
