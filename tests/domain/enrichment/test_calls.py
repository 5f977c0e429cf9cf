"""Provider calls: single flight, memory, exact credits, and workers that die in the middle."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.enrichment import asking
from domain.enrichment.caching import Opened, Question, Turn, give_up_lost_calls, open_call
from domain.enrichment.rules.calls import LEASE, EnrichmentOutcome
from domain.enrichment.rules.facts import Field, Outcome, Subject
from domain.enrichment.service import Enriched, enrich_lead
from domain.errors import NotConfigured, ProviderUnavailable
from domain.work import Work
from simulators.company_sites.companies import SiteKind
from tests.steps import credits
from tests.steps.enrichment import COMPANIES, Outside, ScriptedSource, company_at, fact, lead_at
from tests.world import World

ACME = COMPANIES[SiteKind.STRUCTURED]


async def enrich(world: World, sites: Outside, source: ScriptedSource, lead_id: UUID) -> Enriched:
    return await enrich_lead(
        ports=sites.ports(world, source),
        actor=world.actor,
        lead_id=lead_id,
        run_id=None,
        plan=[source.name],
        clock=world.clock,
    )


async def statuses(world: World) -> list[tuple[str, bool, int]]:
    rows = await world.fetch(
        "SELECT status, cache_hit, cost_credits FROM provider_call WHERE provider = 'scripted' ORDER BY id"
    )
    return [(row["status"], row["cache_hit"], row["cost_credits"]) for row in rows]


async def test_whoever_asks_the_same_meanwhile_waits_for_the_answer(
    world: World, sites: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting: set[Any] = set()
    all_wait = asyncio.Event()

    async def watched(work: Work, question: Question) -> Opened:
        opened = await open_call(work, question)
        if opened.turn is Turn.WAIT:
            waiting.add(asyncio.current_task())
        if len(waiting) == 4:
            all_wait.set()
        return opened

    monkeypatch.setattr(asking, "open_call", watched)
    source = ScriptedSource(
        scope=Subject.COMPANY, gate=asyncio.Event(), facts=(fact(Field.INDUSTRY, "Robotics"),)
    )
    company_id = await company_at(world, ACME)
    leads = [await lead_at(world, company_id, name=f"Ada Byron{n}") for n in range(5)]
    before = (await credits.balance(world))["available"]

    tasks = [asyncio.create_task(enrich(world, sites, source, lead_id)) for lead_id in leads]
    await all_wait.wait()
    assert (await credits.balance(world))["held"] == 3
    assert source.gate is not None
    source.gate.set()
    results = await asyncio.gather(*tasks)

    assert len(source.asked) == 1
    assert sorted(result.credits for result in results) == [0, 0, 0, 0, 3]
    assert await statuses(world) == [("OK", False, 3), *[("OK", True, 0)] * 4]
    after = await credits.balance(world)
    assert (after["available"], after["held"]) == (before - 3, 0)


async def test_a_worker_killed_between_the_units_costs_nothing_and_is_asked_again(
    world: World, sites: Outside
) -> None:
    source = ScriptedSource(gate=asyncio.Event(), facts=(fact(Field.TITLE, "Founder", about="Ada Byron"),))
    lead_id = await lead_at(world, None, name="Ada Byron")
    before = (await credits.balance(world))["available"]
    killed = asyncio.create_task(enrich(world, sites, source, lead_id))
    await source.begun.wait()
    killed.cancel()
    with pytest.raises(asyncio.CancelledError):
        await killed
    assert (await credits.balance(world))["held"] == 3

    world.clock.offset_s = LEASE.total_seconds() + 1
    assert source.gate is not None
    source.gate.set()
    again = await enrich(world, sites, source, lead_id)

    assert again.credits == 3
    assert await statuses(world) == [("TIMEOUT_UNKNOWN", False, 0), ("OK", False, 3)]
    after = await credits.balance(world)
    assert (after["available"], after["held"], after["consumed"]) == (before - 3, 0, 3)


async def test_the_sweep_gives_lost_calls_up_and_their_credits_back_and_a_late_answer_is_dropped(
    world: World, sites: Outside
) -> None:
    source = ScriptedSource(gate=asyncio.Event(), facts=(fact(Field.TITLE, "Founder", about="Ada Byron"),))
    lead_id = await lead_at(world, None, name="Ada Byron")
    before = await credits.balance(world)
    slow = asyncio.create_task(enrich(world, sites, source, lead_id))
    await source.begun.wait()

    assert await give_up_lost_calls(now=world.now()) == 0
    assert await give_up_lost_calls(now=world.now() + LEASE + timedelta(seconds=1)) >= 1
    assert source.gate is not None
    source.gate.set()
    late = await slow

    assert late == Enriched(outcome=EnrichmentOutcome.FAILED)
    assert await statuses(world) == [("TIMEOUT_UNKNOWN", False, 0)]
    assert await credits.balance(world) == before
    assert await world.fetch("SELECT 1 FROM field_value") == []


@pytest.mark.parametrize(
    ("source", "recorded"),
    [
        (ScriptedSource(outcome=Outcome.NOT_FOUND), "NO_MATCH"),
        (ScriptedSource(outcome=Outcome.BLOCKED), "NO_MATCH"),
        (ScriptedSource(outcome=Outcome.ERROR), "ERROR"),
        (ScriptedSource(error=ProviderUnavailable("down")), "ERROR"),
        (ScriptedSource(error=NotConfigured("no key")), "NO_MATCH"),
    ],
)
async def test_what_brings_nothing_costs_nothing(
    world: World, sites: Outside, source: ScriptedSource, recorded: str
) -> None:
    before = await credits.balance(world)

    result = await enrich(world, sites, source, await lead_at(world, None, name="Ada Byron"))

    assert result.credits == 0
    assert await statuses(world) == [(recorded, False, 0)]
    assert await credits.balance(world) == before


async def test_the_waterfall_stops_when_enough_is_known_and_asks_only_for_what_is_missing(
    world: World, sites: Outside
) -> None:
    ada = ACME.people[0]
    paid = ScriptedSource(facts=(fact(Field.INDUSTRY, "Robotics"),))
    company_id = await company_at(world, ACME)
    known = await lead_at(world, company_id, name=ada.name)

    async def both(lead_id: UUID) -> Enriched:
        return await enrich_lead(
            ports=sites.ports(world, paid),
            actor=world.actor,
            lead_id=lead_id,
            run_id=None,
            plan=["website", "scripted"],
            clock=world.clock,
        )

    await both(known)
    left = [want for _, want in paid.asked]
    stranger = await lead_at(world, company_id, name="Nobody Known")
    await both(stranger)

    assert all(Field.DESCRIPTION not in want and Field.TITLE not in want for want in left)
    query, want = paid.asked[-1]
    assert query.full_name == "Nobody Known"
    assert want == {Field.TITLE, Field.EMAIL}


async def test_every_credit_spent_names_its_call_and_repeating_spends_none(
    world: World, sites: Outside
) -> None:
    source = ScriptedSource(facts=(fact(Field.TITLE, "Founder", about="Ada Byron"),))
    lead_id = await lead_at(world, None, name="Ada Byron", email=ACME.email("ada"))

    spent = await enrich(world, sites, source, lead_id)
    again = await enrich(world, sites, source, lead_id)

    rows = await world.fetch(
        """
        SELECT c.cost_credits, sum(e.amount) AS paid FROM provider_call c
        JOIN ledger_entry e ON e.provider_call_id = c.id AND e.kind = 'SETTLE' AND e.account = 'CONSUMED'
        GROUP BY c.id, c.cost_credits
        """
    )
    assert (spent.credits, again.credits, len(source.asked)) == (4, 0, 1)
    assert sorted((row["cost_credits"], int(row["paid"])) for row in rows) == [(1, 1), (3, 3)]
