"""Enriching leads from real sites on loopback."""

from typing import Any
from uuid import UUID

import pytest

from domain import tenancy
from domain.credits.rules import InsufficientCredits
from domain.enrichment.queries import evidence_of
from domain.enrichment.rules.calls import EnrichmentOutcome, SkipReason
from domain.enrichment.rules.facts import Field
from domain.enrichment.service import Enriched, enrich_lead
from domain.errors import Forbidden, Invalid, NotFound
from domain.ids import new_id
from domain.suppression.rules import SuppressionKind, SuppressionReason
from domain.workspaces.rules import Role
from simulators.company_sites.companies import SiteKind
from simulators.company_sites.pages import INJECTION
from tests.steps import credits, suppression
from tests.steps.enrichment import COMPANIES, Outside, ScriptedSource, company_at, fact, lead_at
from tests.world import World, new_world

ACME = COMPANIES[SiteKind.STRUCTURED]
ADA = ACME.people[0]


async def enrich(
    world: World, sites: Outside, lead_id: UUID, *, plan: tuple[str, ...] = ("website",)
) -> Enriched:
    return await enrich_lead(
        ports=sites.ports(world),
        actor=world.actor,
        lead_id=lead_id,
        run_id=None,
        plan=plan,
        clock=world.clock,
    )


async def lead_of(world: World, lead_id: UUID) -> dict[str, Any]:
    (row,) = await world.fetch("SELECT * FROM lead WHERE id = $1", lead_id)
    return row


async def calls_of(world: World) -> list[tuple[str, str, bool, int]]:
    rows = await world.fetch(
        "SELECT provider, status, cache_hit, cost_credits FROM provider_call ORDER BY started_at, id"
    )
    return [(row["provider"], row["status"], row["cache_hit"], row["cost_credits"]) for row in rows]


async def current(world: World, owner: str, id_: UUID) -> dict[str, str]:
    rows = await world.fetch(
        f"SELECT field, value FROM field_value WHERE {owner} = $1 AND state = 'CURRENT' AND about = ''", id_
    )
    return {row["field"]: row["value"] for row in rows}


async def test_a_leads_site_brings_facts_with_evidence_and_its_address_gets_a_verdict(
    world: World, sites: Outside
) -> None:
    company_id = await company_at(world, ACME)
    address = ACME.email(ADA.local_part)
    lead_id = await lead_at(world, company_id, name=ADA.name, email=address)
    before = await credits.balance(world)

    enriched = await enrich(world, sites, lead_id)

    assert enriched.reason is None
    assert enriched.credits == 2  # one for the company, one for the verdict
    assert await calls_of(world) == [("website", "OK", False, 1), ("email_verdict", "OK", False, 1)]
    after = await credits.balance(world)
    assert (after["available"], after["held"], after["consumed"]) == (before["available"] - 2, 0, 2)
    lead = await lead_of(world, lead_id)
    assert (lead["title"], lead["email_status"], lead["email_status_reason"]) == (
        ADA.title,
        "VALID",
        "MX_FOUND",
    )
    assert (await current(world, "company_id", company_id))["DESCRIPTION"] == ACME.description
    (company,) = await world.fetch("SELECT * FROM company WHERE id = $1", company_id)
    assert company["description"] == ACME.description
    assert company["country"] == ACME.country
    assert company["employee_count"] == ACME.employees
    assert company["name"] == ACME.name
    rows = await world.fetch(
        "SELECT source_url, snippet, confidence, retrieved_at, provider_call_id FROM field_value"
    )
    assert all(
        row["source_url"].startswith(f"http://{ACME.host}/") and row["snippet"] and row["provider_call_id"]
        and 0 < row["confidence"] < 1
        for row in rows
    )  # fmt: skip


async def test_evidence_has_the_names_templates_use(world: World, sites: Outside) -> None:
    company_id = await company_at(world, ACME)
    lead_id = await lead_at(world, company_id, name=ADA.name)
    await enrich(world, sites, lead_id)

    async with tenancy.reading(world.workspace_id) as connection:
        evidence = await evidence_of(connection, lead_id=lead_id, now=world.now())

    by_name = {row["field"]: row for row in evidence}
    assert len(by_name) == len(evidence)
    does = by_name["what_company_does"]
    assert (does["subject"], does["value"]) == ("COMPANY", ACME.description)
    assert does["snippet"]
    assert (by_name["title"]["subject"], by_name["title"]["value"]) == ("LEAD", ADA.title)
    assert by_name["company_name"]["value"] == ACME.name
    others = {person.name for person in ACME.people[1:]}
    assert not others & {row["value"] for row in evidence}


async def test_two_leads_of_a_company_are_one_crawl_and_one_price(world: World, sites: Outside) -> None:
    company_id = await company_at(world, ACME)
    first, second = ACME.people[:2]
    leads = [await lead_at(world, company_id, name=person.name) for person in (first, second)]

    enriched = [await enrich(world, sites, lead_id) for lead_id in leads]

    assert sites.crawls_of(ACME) == 1
    found = [call for call in await calls_of(world) if call[0] == "website"]
    assert found == [("website", "OK", False, 1), ("website", "OK", True, 0)]
    assert {(await lead_of(world, lead_id))["title"] for lead_id in leads} == {first.title, second.title}
    assert {(await lead_of(world, lead_id))["email"] for lead_id in leads} == {
        ACME.email(first.local_part),
        ACME.email(second.local_part),
    }
    assert sorted(result.credits for result in enriched) == [1, 2]


async def test_enriching_again_asks_and_pays_nothing(world: World, sites: Outside) -> None:
    lead_id = await lead_at(world, await company_at(world, ACME), name=ADA.name, email=ACME.email("ada"))
    await enrich(world, sites, lead_id)
    balance, calls, facts = (
        await credits.balance(world),
        await calls_of(world),
        await world.fetch("SELECT id, state FROM field_value ORDER BY id"),
    )
    asked = len(sites.dns.questions)

    again = await enrich(world, sites, lead_id)

    assert again.credits == 0
    assert sites.crawls_of(ACME) == 1
    assert len(sites.dns.questions) == asked
    assert await calls_of(world) == calls
    assert await credits.balance(world) == balance
    assert await world.fetch("SELECT id, state FROM field_value ORDER BY id") == facts


async def test_a_stale_answer_is_asked_for_again_and_its_facts_only_become_fresher(
    world: World, sites: Outside
) -> None:
    lead_id = await lead_at(world, await company_at(world, ACME), name=ADA.name)
    await enrich(world, sites, lead_id)
    before = await world.fetch("SELECT id FROM field_value ORDER BY id")
    world.clock.offset_s = 31 * 86400.0

    again = await enrich(world, sites, lead_id)

    assert sites.crawls_of(ACME) == 2
    assert again.credits == 2
    assert await world.fetch("SELECT id FROM field_value ORDER BY id") == before


async def test_a_page_that_gives_orders_changes_nothing_but_the_facts_it_states(
    world: World, sites: Outside
) -> None:
    hostile = COMPANIES[SiteKind.HOSTILE]
    company_id = await company_at(world, hostile)
    lead_id = await lead_at(world, company_id, name="Eve Mallory")

    await enrich(world, sites, lead_id)

    texts = [
        f"{row['value']} {row['snippet']} {row['about']}"
        for row in await world.fetch("SELECT value, snippet, about FROM field_value")
    ]
    assert texts
    for word in ("Ignore", "evil", "System prompt", "Offscreen", "Mallory", "secret", INJECTION):
        assert not any(word in text for text in texts)
    lead = await lead_of(world, lead_id)
    assert (lead["email"], lead["title"]) == (None, None)
    assert {host for host, _ in sites.sites.requests} == {hostile.host}


async def test_sites_that_refuse_fail_or_say_nothing_cost_nothing(world: World, sites: Outside) -> None:
    before = await credits.balance(world)
    outcomes = []
    for kind in (SiteKind.CLOSED, SiteKind.SLOW, SiteKind.PARKED):
        lead_id = await lead_at(world, await company_at(world, COMPANIES[kind]), name="Ada Byron")
        outcomes.append((await enrich(world, sites.impatient(), lead_id)).outcome)
        await enrich(world, sites.impatient(), lead_id)  # remembered for a while, even the failure

    assert outcomes == [EnrichmentOutcome.NOT_FOUND, EnrichmentOutcome.FAILED, EnrichmentOutcome.NOT_FOUND]
    assert await calls_of(world) == [
        ("website", "NO_MATCH", False, 0),
        ("website", "ERROR", False, 0),
        ("website", "NO_MATCH", False, 0),
    ]
    assert await credits.balance(world) == before


async def test_who_mustnt_be_written_to_isnt_enriched(world: World, sites: Outside) -> None:
    company_id = await company_at(world, ACME)
    restricted = await lead_at(world, company_id, name=ADA.name, restricted_at=world.now())
    erased = await lead_at(world, company_id, status="ERASED", erased_at=world.now())

    results = [await enrich(world, sites, lead_id) for lead_id in (restricted, erased)]

    assert [(result.outcome, result.reason) for result in results] == [
        (EnrichmentOutcome.SKIPPED, SkipReason.RESTRICTED),
        (EnrichmentOutcome.SKIPPED, SkipReason.ERASED),
    ]
    assert sites.sites.requests == []
    assert await calls_of(world) == []
    events = await world.fetch("SELECT payload FROM event WHERE type = 'LeadEnriched' ORDER BY seq")
    assert [event["payload"]["reason"] for event in events] == ["RESTRICTED", "ERASED"]


async def test_a_suppressed_lead_isnt_enriched(world: World, sites: Outside) -> None:
    await suppression.suppress(world, ACME.host, kind=SuppressionKind.DOMAIN)
    lead_id = await lead_at(world, await company_at(world, ACME), name=ADA.name)

    result = await enrich(world, sites, lead_id)

    assert (result.outcome, result.reason) == (EnrichmentOutcome.SKIPPED, SkipReason.SUPPRESSED)
    assert sites.sites.requests == []
    assert await calls_of(world) == []


async def test_what_touches_a_persons_private_life_isnt_kept_but_counted(
    world: World, sites: Outside
) -> None:
    source = ScriptedSource(
        facts=(
            fact(Field.TITLE, "Founder", about="Ada Byron"),
            fact(Field.KEYWORDS, "trade union member", about="Ada Byron"),
            fact(Field.DESCRIPTION, "Treats cancer in regional hospitals"),
        )
    )
    company_id = await company_at(world, ACME)
    lead_id = await lead_at(world, company_id, name="Ada Byron")

    await enrich_lead(
        ports=sites.ports(world, source),
        actor=world.actor,
        lead_id=lead_id,
        run_id=None,
        plan=["scripted"],
        clock=world.clock,
    )

    assert await current(world, "lead_id", lead_id) == {"TITLE": "Founder"}
    assert await current(world, "company_id", company_id) == {
        "DESCRIPTION": "Treats cancer in regional hospitals"
    }
    assert await world.fetch("SELECT refused_count FROM provider_call") == [{"refused_count": 1}]


async def test_the_next_crawl_doesnt_undo_an_erasure(world: World, sites: Outside) -> None:
    erased, other = ACME.people[:2]
    await suppression.suppress(world, ACME.email(erased.local_part), reason=SuppressionReason.ERASURE)
    company_id = await company_at(world, ACME)

    await enrich(world, sites, await lead_at(world, company_id, name=other.name))

    rows = await world.fetch("SELECT about, value, snippet FROM field_value")
    assert not any(erased.last in f"{row['about']} {row['value']}" for row in rows)
    assert other.name in {row["about"] for row in rows}
    (call,) = await world.fetch("SELECT refused_count FROM provider_call WHERE provider = 'website'")
    assert call["refused_count"] >= 3


async def test_an_address_that_nobody_can_judge_costs_nothing_and_is_asked_again_later(
    world: World, sites: Outside
) -> None:
    sites.dns.failing.add(ACME.host)
    lead_id = await lead_at(world, None, email=ACME.email("ada"))
    await enrich(world, sites, lead_id, plan=())
    await enrich(world, sites, lead_id, plan=())
    sites.dns.failing.clear()
    world.clock.offset_s = 3 * 86400.0 + 1

    known = await enrich(world, sites, lead_id, plan=())

    assert known.credits == 1
    assert await calls_of(world) == [
        ("email_verdict", "NO_MATCH", False, 0),
        ("email_verdict", "OK", False, 1),
    ]
    assert (await lead_of(world, lead_id))["email_status"] == "VALID"


async def test_without_credits_nobody_is_asked(world: World, sites: Outside) -> None:
    lead_id = await lead_at(world, await company_at(world, ACME), name=ADA.name)
    await credits.spend_all_but(world, 0)

    with pytest.raises(InsufficientCredits):
        await enrich(world, sites, lead_id)

    assert sites.sites.requests == []
    assert await calls_of(world) == []
    assert await world.fetch("SELECT 1 FROM event WHERE type = 'LeadEnriched'") == []


async def test_workspaces_share_no_memory(world: World, sites: Outside) -> None:
    other = await new_world(world.app)
    for one in (world, other):
        await enrich(one, sites, await lead_at(one, await company_at(one, ACME), name=ADA.name))

    assert sites.crawls_of(ACME) == 2
    assert [call[2] for call in await calls_of(other)] == [False, False]


async def test_an_uploaded_value_stays_and_a_found_one_follows(world: World, sites: Outside) -> None:
    company_id = await company_at(world, ACME, description="What the upload said")
    lead_id = await lead_at(world, company_id, name=ADA.name, title="Queen of Engines")

    await enrich(world, sites, lead_id)

    (company,) = await world.fetch("SELECT description, country FROM company WHERE id = $1", company_id)
    assert company == {"description": "What the upload said", "country": ACME.country}
    assert (await lead_of(world, lead_id))["title"] == "Queen of Engines"
    assert (await current(world, "lead_id", lead_id))["TITLE"] == ADA.title


async def test_strangers_and_readers_change_nothing(world: World, sites: Outside) -> None:
    lead_id = await lead_at(world, await company_at(world, ACME), name=ADA.name)
    other = await new_world(world.app)
    reader = await world.member(Role.READ_ONLY)

    with pytest.raises(NotFound):
        await enrich(other, sites, lead_id)
    with pytest.raises(NotFound):
        await enrich(world, sites, new_id())
    with pytest.raises(Invalid):
        await enrich(world, sites, lead_id, plan=("website", "apollo"))
    with pytest.raises(Forbidden):
        await enrich_lead(
            ports=sites.ports(world), actor=reader, lead_id=lead_id, run_id=None, plan=(), clock=world.clock
        )
    assert sites.sites.requests == []
