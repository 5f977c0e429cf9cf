"""Drafting writes messages for review, from evidence, once."""

import dataclasses
from uuid import uuid4

import pytest

from domain.credits.rules import InsufficientCredits
from domain.errors import NotConfigured, NotFound, ProviderUnavailable
from domain.ports import Ports
from domain.sequences.content import UNSUBSCRIBE_PLACEHOLDER
from domain.sequences.definition import StepDefinition, VariantDefinition
from domain.sequences.drafting import choose_drafter
from domain.sequences.enrollments import stop
from domain.sequences.gathering import NoAddress
from domain.sequences.rules import EnrollmentStatus
from domain.work import unit_of_work
from integrations.anthropic.writer import AnthropicDrafter
from simulators.anthropic import Scripted
from tests.integrations.anthropic.conversation import Conversation, converse
from tests.steps.credits import balance, spend_all_but
from tests.steps.sequences import (
    FACT,
    drafted,
    enrolled,
    event_types,
    messages_of,
    running_outreach,
)
from tests.world import World


def _with_ai(world: World) -> tuple[Ports, Conversation]:
    """The world's ports with a model that answers as the simulator does."""
    talk = converse()
    ports = world.services.ports
    drafters = {**ports.drafters, "anthropic": AnthropicDrafter(claude=talk.claude)}
    return dataclasses.replace(ports, drafters=drafters), talk


async def _spent(world: World, before: dict[str, int]) -> int:
    """How much was paid, with nothing held and nothing lost."""
    after = await balance(world)
    assert after["available"] + after["consumed"] == before["available"]
    assert after["held"] == after["expired"] == 0
    return after["consumed"]


async def test_every_step_gets_a_message_for_review(world: World) -> None:
    enrollment_id = await enrolled(world, await running_outreach(world))
    first, second = await drafted(world, enrollment_id)

    assert (first["status"], first["drafted_by"], first["model"]) == ("IN_REVIEW", "liquid-template", None)
    assert first["subject"] == "A question for Northwind"
    assert second["subject"] == "Re: A question for Northwind"
    assert first["to_address"] == "ada@northwind.example"
    assert {"rule": "CLAIM_EVIDENCE", "result": "PASS", "detail": ""} in first["readiness_checks"]
    assert first["readiness"] != "BLOCK"
    [row] = await world.fetch("SELECT status FROM enrollment")
    assert row["status"] == "ACTIVE"
    drafting = ["LeadEnrolled", "MessageDrafted", "MessageDrafted", "EnrollmentDrafted"]
    assert (await event_types(world))[-4:] == drafting


async def test_a_claim_names_the_stored_fact_it_rests_on(world: World) -> None:
    first, second = await drafted(world, await enrolled(world, await running_outreach(world)))
    [fact] = await world.fetch("SELECT id FROM field_value")

    assert {"span": FACT, "facts": [str(fact["id"])], "proofs": []} in first["claims"]
    [proof] = second["claims"]
    assert proof["facts"] == []
    assert proof["proofs"][0]["url"] == "https://pumpwerk.example/banks"


async def test_the_first_contact_says_who_writes_and_where_the_data_is_from(world: World) -> None:
    first, second = await drafted(world, await enrolled(world, await running_outreach(world)))

    assert "1 Long Street · 12345 Springfield" in first["text_body"]
    assert "Acme Outreach processes your business contact details" in first["text_body"]
    assert "Source: a contact list that Acme Outreach keeps and northwind.example." in first["text_body"]
    assert "Why you got this" not in second["text_body"]
    assert all(UNSUBSCRIBE_PLACEHOLDER in message["text_body"] for message in (first, second))


async def test_drafting_twice_writes_nothing_new(world: World) -> None:
    enrollment_id = await enrolled(world, await running_outreach(world))
    before = await drafted(world, enrollment_id)
    types = await event_types(world)

    assert await drafted(world, enrollment_id) == before
    assert await event_types(world) == types


async def test_a_lead_that_has_left_gets_no_message(world: World) -> None:
    enrollment_id = await enrolled(world, await running_outreach(world))
    async with unit_of_work(world.actor, now=world.now()) as work:
        await stop(work, enrollment_id=enrollment_id, status=EnrollmentStatus.OPTED_OUT)

    assert await drafted(world, enrollment_id) == []


async def test_a_lead_without_an_address_is_reported_and_not_drafted(world: World) -> None:
    enrollment_id = await enrolled(world, await running_outreach(world), email=None)
    with pytest.raises(NoAddress):
        await drafted(world, enrollment_id)

    assert await messages_of(world, enrollment_id) == []
    [event] = await world.fetch("SELECT payload FROM event WHERE type = 'DraftingFailed'")
    assert event["payload"]["code"] == "LEAD_HAS_NO_ADDRESS"


async def test_an_erased_lead_is_not_drafted(world: World) -> None:
    enrollment_id = await enrolled(world, await running_outreach(world), erased_at=world.now())
    with pytest.raises(NoAddress):
        await drafted(world, enrollment_id)


async def test_another_workspaces_enrollment_is_missing(world: World) -> None:
    with pytest.raises(NotFound):
        await drafted(world, uuid4())


async def test_a_step_that_cant_be_drafted_is_left_to_a_person(world: World) -> None:
    steps = (StepDefinition(variants=(VariantDefinition(label="A", language="pl"),)),)
    enrollment_id = await enrolled(world, await running_outreach(world, steps=steps))

    assert await drafted(world, enrollment_id) == []
    [event] = await world.fetch("SELECT payload, run_id FROM event WHERE type = 'DraftingFailed'")
    assert (event["payload"]["code"], event["payload"]["position"]) == ("DRAFT_FAILED", 1)
    [row] = await world.fetch("SELECT status FROM enrollment")
    assert row["status"] == "PENDING"


async def test_the_variant_in_the_leads_language_is_chosen(world: World) -> None:
    both = (VariantDefinition(label="A", weight=1000), VariantDefinition(label="B", language="de"))
    outreach = await running_outreach(world, steps=(StepDefinition(variants=both),))
    [message] = await drafted(world, await enrolled(world, outreach, locale="de-AT"))

    [variant] = await world.fetch("SELECT label FROM step_variant WHERE id = $1", message["variant_id"])
    assert variant["label"] == "B"
    assert "Warum Sie das erhalten" in message["text_body"]


async def test_a_model_is_paid_for_each_message_it_gave(world: World) -> None:
    before = await balance(world)
    ports, talk = _with_ai(world)
    first, second = await drafted(world, await enrolled(world, await running_outreach(world)), ports=ports)

    assert (first["drafted_by"], first["model"]) == ("anthropic", "claude-sonnet-5-5")
    assert len(talk.requests) == 2
    calls = await world.fetch(
        "SELECT message_id, cost_credits, cost_usd, price_version FROM ai_call ORDER BY id"
    )
    assert {call["message_id"] for call in calls} == {first["id"], second["id"]}
    assert [call["cost_credits"] for call in calls] == [2, 2]
    assert all(call["cost_usd"] > 0 and call["price_version"] for call in calls)
    assert await _spent(world, before) == 4
    paid = await world.fetch(
        "SELECT count(*) AS n FROM ledger_entry WHERE ai_call_id IS NOT NULL AND kind = 'SETTLE'"
    )
    assert paid[0]["n"] > 0


async def test_templates_cost_nothing(world: World) -> None:
    before = await balance(world)
    await drafted(world, await enrolled(world, await running_outreach(world)))

    assert await balance(world) == before
    assert await world.fetch("SELECT 1 FROM credit_hold") == []


async def test_a_model_that_gives_nothing_usable_is_booked_and_not_paid(world: World) -> None:
    before = await balance(world)
    ports, talk = _with_ai(world)
    talk.simulator.script += [Scripted(text="{}"), Scripted(text="{}")]
    enrollment_id = await enrolled(world, await running_outreach(world))

    assert await drafted(world, enrollment_id, ports=ports) == []
    calls = await world.fetch("SELECT message_id, cost_credits FROM ai_call")
    assert calls == [{"message_id": None, "cost_credits": 0}] * 2
    assert await balance(world) == before
    assert (await event_types(world))[-1] == "DraftingFailed"


async def test_a_provider_that_fails_keeps_what_came_before_and_holds_nothing(world: World) -> None:
    before = await balance(world)
    ports, talk = _with_ai(world)
    enrollment_id = await enrolled(world, await running_outreach(world))
    talk.simulator.script += [Scripted(text=None), Scripted(status=529)]
    with pytest.raises(ProviderUnavailable):
        await drafted(world, enrollment_id, ports=ports)

    assert [message["position"] for message in await messages_of(world, enrollment_id)] == [1]
    assert await _spent(world, before) == 2

    assert [message["position"] for message in await drafted(world, enrollment_id, ports=ports)] == [1, 2]
    assert await _spent(world, before) == 4


async def test_without_credits_no_model_is_asked(world: World) -> None:
    await spend_all_but(world, 1)
    ports, talk = _with_ai(world)
    enrollment_id = await enrolled(world, await running_outreach(world))
    with pytest.raises(InsufficientCredits):
        await drafted(world, enrollment_id, ports=ports)

    assert talk.requests == []
    [event] = await world.fetch("SELECT payload FROM event WHERE type = 'DraftingFailed'")
    assert event["payload"]["code"] == "INSUFFICIENT_CREDITS"


async def test_a_drafter_without_a_key_is_not_configured(world: World) -> None:
    with pytest.raises(NotConfigured):
        choose_drafter(world.services.ports, wanted="anthropic")
    assert choose_drafter(world.services.ports, wanted=None).name == "liquid-template"
    assert choose_drafter(_with_ai(world)[0], wanted=None).name == "anthropic"


async def test_a_pause_while_the_drafter_thought_stays(world: World) -> None:
    enrollment_id = await enrolled(world, await running_outreach(world))
    await world.fetch("UPDATE enrollment SET status = 'PAUSED', pause_reason = 'MANUAL' RETURNING id")
    await drafted(world, enrollment_id)

    [row] = await world.fetch("SELECT status FROM enrollment")
    assert row["status"] == "PAUSED"
