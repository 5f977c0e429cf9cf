"""Suppressing and matching against the database."""

import asyncio
from datetime import timedelta

import pytest

from domain import tenancy
from domain.actor import Actor
from domain.ids import new_id
from domain.suppression import queries
from domain.suppression.keys import Recipient
from domain.suppression.platform import add_platform_suppression
from domain.suppression.rules import SuppressionKind, SuppressionReason, SuppressionScope
from domain.work import unit_of_work
from tests.steps import suppression as steps
from tests.world import World, new_world


async def events_of(world: World) -> list[dict[str, str]]:
    rows = await world.fetch("SELECT payload FROM event WHERE type = 'AddressSuppressed' ORDER BY seq")
    return [row["payload"] for row in rows]


@pytest.mark.parametrize(
    ("kind", "value", "display"),
    [
        (SuppressionKind.EMAIL, "Ada+news@Example.com", "a***@example.com"),
        (SuppressionKind.DOMAIN, "Example.COM", "example.com"),
        (SuppressionKind.PHONE, "+49 30 1234567", "+49***67"),
        (SuppressionKind.LINKEDIN, "https://linkedin.com/in/ada", "in/a***"),
    ],
)
async def test_an_entry_holds_a_keyed_hash_and_what_stays_readable(
    world: World, kind: SuppressionKind, value: str, display: str
) -> None:
    entry_id = await steps.suppress(world, value, kind=kind)

    [row] = await world.fetch(
        "SELECT id, display, length(key_hash) AS size, s::text AS whole FROM suppression s"
    )
    assert (row["id"], row["display"], row["size"]) == (entry_id, display, 32)
    assert "ada@" not in row["whole"]


async def test_the_same_person_in_another_spelling_is_the_same_entry(world: World) -> None:
    first = await steps.suppress(world, "ada.lovelace@gmail.com")
    again = await steps.suppress(world, "AdaLovelace+x@googlemail.com")

    assert again == first
    assert await events_of(world) == [{"reason": "MANUAL", "kind": "EMAIL"}]
    audits = await world.fetch("SELECT target_id FROM audit_event WHERE action = 'suppression.add'")
    assert audits == [{"target_id": first}]


async def test_many_at_once_make_one_entry(world: World) -> None:
    made = await asyncio.gather(*(steps.suppress(world, "ada@example.com") for _ in range(12)))

    assert len(set(made)) == 1
    assert len(await events_of(world)) == 1


async def test_an_entry_is_only_ever_widened(world: World) -> None:
    soon, later = world.now() + timedelta(days=1), world.now() + timedelta(days=2)
    entry_id = await steps.suppress(world, "ada@example.com", expires_at=later)
    for end in (soon, later):
        await steps.suppress(world, "ada@example.com", expires_at=end)
    assert await world.fetch("SELECT expires_at FROM suppression") == [{"expires_at": later}]
    assert len(await events_of(world)) == 1

    assert await steps.suppress(world, "ada@example.com") == entry_id
    await steps.suppress(world, "ada@example.com", expires_at=soon)

    assert await world.fetch("SELECT expires_at FROM suppression") == [{"expires_at": None}]
    assert len(await events_of(world)) == 2


async def test_an_entry_ends_by_itself_and_can_be_made_again(world: World) -> None:
    entry_id = await steps.suppress(world, "ada@example.com", expires_at=world.now() + timedelta(hours=1))
    assert [entry.id for entry in await steps.entries_for(world, "ada@example.com")] == [entry_id]
    world.clock.offset_s = 7_200
    assert await steps.entries_for(world, "ada@example.com") == []

    await steps.suppress(world, "ada@example.com")
    assert [entry.id for entry in await steps.entries_for(world, "ada@example.com")] == [entry_id]


async def test_an_erasure_takes_what_is_readable_from_older_entries(world: World) -> None:
    await steps.suppress(world, "ada@example.com", evidence="Ada rang us")
    await steps.suppress(world, "bob@example.com", evidence="Bob rang us")
    await steps.suppress(world, "ada@example.com", reason=SuppressionReason.ERASURE)

    rows = await world.fetch("SELECT reason, display, evidence FROM suppression ORDER BY created_at")
    assert rows == [
        {"reason": "MANUAL", "display": None, "evidence": None},
        {"reason": "MANUAL", "display": "b***@example.com", "evidence": "Bob rang us"},
        {"reason": "ERASURE", "display": None, "evidence": None},
    ]
    assert len(await steps.entries_for(world, "ada@example.com")) == 2


async def test_a_domain_names_its_subdomains_and_the_leads_there_and_nobody_else(world: World) -> None:
    company_id = await steps.insert(world, "company", name="Acme", name_key="acme", domain="acme.example")
    here = await steps.lead(world, "ada@mail.acme.example")
    colleague = await steps.lead(world, "ada@private.example", company_id=company_id)
    await steps.lead(world, "ada@notacme.example")
    entry_id = await steps.suppress(world, "acme.example", kind=SuppressionKind.DOMAIN)

    async with tenancy.reading(world.workspace_id) as connection:
        found = await queries.find_recipients(connection, suppression_id=entry_id)
    assert set(found) == {here, colleague}
    assert await steps.entries_for(world, "eve@deep.mail.acme.example")
    assert await steps.entries_for(world, "eve@notacme.example") == []


@pytest.mark.parametrize("kind", [SuppressionKind.LEAD, SuppressionKind.COMPANY, SuppressionKind.PHONE])
async def test_every_kind_finds_its_leads(world: World, kind: SuppressionKind) -> None:
    company_id = await steps.insert(world, "company", name="Acme", name_key="acme")
    lead_id = await steps.lead(world, "ada@example.com", company_id=company_id, phone="+49301234567")
    await steps.lead(world, "bob@example.com")
    value = {SuppressionKind.LEAD: lead_id, SuppressionKind.COMPANY: company_id}.get(kind, "+49301234567")
    entry_id = await steps.suppress(world, str(value), kind=kind)

    async with tenancy.reading(world.workspace_id) as connection:
        assert await queries.find_recipients(connection, suppression_id=entry_id) == [lead_id]


async def test_narrow_scopes_reach_their_play_or_sender_alone(world: World) -> None:
    play_id, sender_id = new_id(), new_id()
    await steps.suppress(world, "ada@example.com", scope=SuppressionScope.PLAY, scope_id=play_id)
    await steps.suppress(world, "bob@example.com", scope=SuppressionScope.SENDER, scope_id=sender_id)

    assert await steps.entries_for(world, "ada@example.com", play_id=new_id(), sender_id=sender_id) == []
    assert len(await steps.entries_for(world, "ada@example.com", play_id=play_id)) == 1
    assert await steps.entries_for(world, "bob@example.com", play_id=play_id) == []
    assert len(await steps.entries_for(world, "bob@example.com", sender_id=sender_id)) == 1


async def test_many_recipients_are_matched_by_one_query(world: World) -> None:
    leads = [new_id() for _ in range(50)]
    people = [Recipient(lead_id=id_, emails=(f"p{n}@example.com",)) for n, id_ in enumerate(leads)]
    await steps.suppress(world, "p7@example.com")
    queries_seen: list[object] = []

    async with tenancy.reading(world.workspace_id) as connection:
        connection.add_query_logger(queries_seen.append)
        found = await queries.matching(
            connection,
            recipients=people,
            identity_key=world.services.ports.identity_key,
            now=world.now(),
        )
        connection.remove_query_logger(queries_seen.append)

    assert list(found) == [leads[7]]
    assert len(queries_seen) == 1


async def test_another_workspace_is_not_concerned(world: World) -> None:
    stranger = await new_world(world.app)
    await steps.suppress(world, "ada@example.com")

    assert await steps.entries_for(stranger, "ada@example.com") == []


async def test_the_operators_list_holds_everywhere(world: World) -> None:
    address = f"{new_id().hex}@everywhere.example"
    key = world.services.ports.identity_key
    for is_new in (True, False):
        assert is_new is await add_platform_suppression(
            kind=SuppressionKind.EMAIL, value=address, reason=SuppressionReason.LEGAL, identity_key=key
        )

    for one in (world, await new_world(world.app)):
        [entry] = await steps.entries_for(one, address)
        assert (entry.scope, entry.reason) == (SuppressionScope.PLATFORM, SuppressionReason.LEGAL)


async def test_an_entry_made_while_a_gate_checks_is_seen_by_its_next_look(world: World) -> None:
    lead_id = new_id()
    person = [Recipient(lead_id=lead_id, emails=("ada@example.com",))]
    key = world.services.ports.identity_key
    gate_is_open, entry_is_made = asyncio.Event(), asyncio.Event()

    async def gate() -> list[bool]:
        async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
            looks = []
            for _ in range(2):
                found = await queries.matching(
                    work.connection, recipients=person, identity_key=key, now=world.now()
                )
                looks.append(lead_id in found)
                gate_is_open.set()
                await entry_is_made.wait()
        return looks

    async def suppress() -> None:
        await gate_is_open.wait()
        await steps.suppress(world, "ada@example.com")
        entry_is_made.set()

    looks, _ = await asyncio.gather(gate(), suppress())
    assert looks == [False, True]
