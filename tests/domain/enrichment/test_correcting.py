"""What people say about facts, and taking a provider's data back."""

from typing import Any
from uuid import UUID

import pytest

from domain.actor import Actor
from domain.enrichment.correcting import FactGone, pin_fact, reject_fact
from domain.enrichment.rules.facts import Fact, Field, Subject
from domain.enrichment.storing import Owner, Source, store_facts
from domain.enrichment.withdrawing import request_withdrawal, withdraw_provider
from domain.errors import Forbidden, NotFound
from domain.leads.rules import SourceKind
from domain.work import unit_of_work
from domain.workspaces.rules import Role
from simulators.company_sites.companies import SiteKind
from tests.steps.enrichment import COMPANIES, company_at, fact, lead_at
from tests.world import World, new_world

ACME = COMPANIES[SiteKind.STRUCTURED]
SITE, SHOP = (
    Source(name="website", kind=SourceKind.PUBLIC, call_id=None),
    Source(name="shop", kind=SourceKind.PROVIDER, call_id=None),
)


async def store(world: World, owner: Owner, source: Source, *facts: Fact) -> None:
    async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
        await store_facts(work, owner=owner, facts=facts, source=source)


async def facts_of(world: World) -> dict[str, tuple[UUID, str]]:
    rows = await world.fetch("SELECT id, value, state FROM field_value ORDER BY id")
    return {row["value"]: (row["id"], row["state"]) for row in rows}


async def states(world: World) -> dict[str, str]:
    return {value: state for value, (_, state) in (await facts_of(world)).items()}


async def industry_of(world: World, company_id: UUID) -> Any:
    (row,) = await world.fetch("SELECT industry FROM company WHERE id = $1", company_id)
    return row["industry"]


async def two_opinions(world: World) -> tuple[UUID, Owner]:
    company_id = await company_at(world, ACME)
    owner = Owner(company_id=company_id)
    await store(world, owner, SITE, fact(Field.INDUSTRY, "Robots", confidence=0.9))
    await store(world, owner, SHOP, fact(Field.INDUSTRY, "Toys", confidence=0.6))
    return company_id, owner


async def test_the_surest_value_is_current_and_the_others_are_kept(world: World) -> None:
    company_id, _ = await two_opinions(world)

    assert await states(world) == {"Robots": "CURRENT", "Toys": "CANDIDATE"}
    assert await industry_of(world, company_id) == "Robots"


async def test_a_rejected_value_makes_room_for_the_next_and_never_comes_back(world: World) -> None:
    company_id, owner = await two_opinions(world)
    fact_id, _ = (await facts_of(world))["Robots"]

    for _ in range(2):
        await reject_fact(actor=world.actor, fact_id=fact_id, now=world.now())
    await store(world, owner, SITE, fact(Field.INDUSTRY, "robots ", confidence=0.95))
    await store(world, owner, SHOP, fact(Field.INDUSTRY, "Robots", confidence=0.95))

    assert await states(world) == {"Robots": "REJECTED", "Toys": "CURRENT"}
    assert await industry_of(world, company_id) == "Toys"
    assert len(await world.fetch("SELECT 1 FROM event WHERE type = 'FactRejected'")) == 1
    with pytest.raises(FactGone):
        await pin_fact(actor=world.actor, fact_id=fact_id, pinned=True, now=world.now())


async def test_rejecting_the_last_value_empties_the_column(world: World) -> None:
    lead_id = await lead_at(world, None, name="Ada Byron")
    found = fact(Field.EMAIL, "ada@acme.example", about="Ada Byron")
    await store(world, Owner(lead_id=lead_id), SITE, found)
    (before,) = await world.fetch("SELECT email, email_identity FROM lead")
    fact_id, _ = (await facts_of(world))["ada@acme.example"]

    await reject_fact(actor=world.actor, fact_id=fact_id, now=world.now())

    assert before == {"email": "ada@acme.example", "email_identity": "ada@acme.example"}
    (after,) = await world.fetch("SELECT email, email_identity, email_status FROM lead")
    assert after == {"email": None, "email_identity": None, "email_status": "UNVERIFIED"}


async def test_a_pinned_value_stays_whatever_is_found_until_it_is_let_go(world: World) -> None:
    company_id, owner = await two_opinions(world)
    fact_id, _ = (await facts_of(world))["Toys"]

    await pin_fact(actor=world.actor, fact_id=fact_id, pinned=True, now=world.now())
    await store(world, owner, SITE, fact(Field.INDUSTRY, "Ships", confidence=0.99))
    assert await industry_of(world, company_id) == "Toys"
    assert (await states(world))["Toys"] == "CURRENT"

    await pin_fact(actor=world.actor, fact_id=fact_id, pinned=False, now=world.now())
    assert await industry_of(world, company_id) == "Ships"
    assert await states(world) == {"Robots": "SUPERSEDED", "Toys": "SUPERSEDED", "Ships": "CURRENT"}


async def test_an_address_of_another_lead_stays_a_mere_fact(world: World) -> None:
    await lead_at(world, None, name="Ada Byron", email="ada@acme.example")
    twin = await lead_at(world, None, name="Ada Byron")

    await store(world, Owner(lead_id=twin), SITE, fact(Field.EMAIL, "ada@acme.example", about="Ada Byron"))

    rows = await world.fetch("SELECT email FROM lead WHERE id = $1", twin)
    assert rows == [{"email": None}]
    assert await states(world) == {"ada@acme.example": "CURRENT"}


async def test_colleagues_are_kept_apart_from_the_company(world: World) -> None:
    company_id = await company_at(world, ACME)
    boss = fact(Field.EMAIL, "boss@acme.example", about="Bo Boss", subject=Subject.PERSON)
    await store(world, Owner(company_id=company_id), SITE, boss, fact(Field.EMAIL, "info@acme.example"))

    rows = await world.fetch("SELECT about, value, state FROM field_value ORDER BY value")
    assert [(row["about"], row["value"], row["state"]) for row in rows] == [
        ("Bo Boss", "boss@acme.example", "CURRENT"),
        ("", "info@acme.example", "CURRENT"),
    ]


async def test_a_provider_is_withdrawn_exactly(world: World) -> None:
    company_id, owner = await two_opinions(world)
    await store(world, owner, SHOP, fact(Field.COUNTRY, "GB"))
    lead_id = await lead_at(world, company_id, name="Ada Byron")
    await store(world, Owner(lead_id=lead_id), SHOP, fact(Field.TITLE, "Founder", about="Ada Byron"))
    await store(world, Owner(lead_id=lead_id), SITE, fact(Field.PHONE, "+4930123456", about="Ada Byron"))
    other = await new_world(world.app)
    await two_opinions(other)

    erased = await withdraw_provider(actor=world.actor, provider="shop", clock=world.clock)
    again = await withdraw_provider(actor=world.actor, provider="shop", clock=world.clock)

    assert (erased, again) == (3, 0)
    rows = await world.fetch("SELECT source, value, snippet, source_url, state FROM field_value ORDER BY id")
    assert {row["value"] for row in rows if row["source"] == "website"} == {"Robots", "+4930123456"}
    gone = {
        (row["value"], row["snippet"], row["source_url"], row["state"])
        for row in rows
        if row["source"] == "shop"
    }
    assert gone == {("", None, None, "ERASED")}
    (company,) = await world.fetch("SELECT industry, country FROM company")
    assert company == {"industry": "Robots", "country": None}
    assert await world.fetch("SELECT title, phone FROM lead") == [{"title": None, "phone": "+4930123456"}]
    assert await states(other) == {"Robots": "CURRENT", "Toys": "CANDIDATE"}


async def test_only_who_may_corrects_and_withdraws(world: World) -> None:
    await two_opinions(world)
    fact_id, _ = (await facts_of(world))["Toys"]
    before = await states(world)
    reader, manager = await world.member(Role.READ_ONLY), await world.member(Role.MANAGER)
    stranger = (await new_world(world.app)).actor

    with pytest.raises(Forbidden):
        await reject_fact(actor=reader, fact_id=fact_id, now=world.now())
    with pytest.raises(Forbidden):
        await pin_fact(actor=reader, fact_id=fact_id, pinned=True, now=world.now())
    with pytest.raises(Forbidden):
        await request_withdrawal(actor=manager, provider="shop", now=world.now())
    for use_case in (
        reject_fact(actor=stranger, fact_id=fact_id, now=world.now()),
        pin_fact(actor=stranger, fact_id=fact_id, pinned=True, now=world.now()),
        request_withdrawal(actor=world.actor, provider="nobody", now=world.now()),
    ):
        with pytest.raises(NotFound):
            await use_case
    assert await states(world) == before
