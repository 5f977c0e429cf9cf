"""Steps around sequences: a lead with evidence, a strategy, a run, and messages that wait for review."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from domain.ids import new_id
from domain.ports import Ports
from domain.sequences import service
from domain.sequences.definition import SequenceDefinition, StepDefinition, VariantDefinition
from domain.sequences.drafting import draft_enrollment
from domain.sequences.enrollments import enroll
from domain.sequences.rules import ThreadMode
from domain.work import unit_of_work
from tests.steps.sending import insert
from tests.world import World

FACT = "We build payment terminals for 4,200 corner shops"
OFFER = "Our software reconciles terminal payments with bank statements overnight, so that nobody has to."
CTA = "Would 15 minutes next week be worth it to you?"
PROOF = "Three banks settle 30% faster with us"
TWO_STEPS = (
    StepDefinition(variants=(VariantDefinition(label="A"),)),
    StepDefinition(variants=(VariantDefinition(label="A"),), delay_days=3, thread_mode=ThreadMode.REPLY),
)


@dataclass(slots=True)
class Outreach:
    """A run with an active sequence; nobody is enrolled yet."""

    run_id: UUID
    play_id: UUID
    profile_id: UUID
    sequence_id: UUID
    sender_id: UUID
    lead_ids: list[UUID] = field(default_factory=list)


async def written_sequence(
    world: World, *, steps: tuple[StepDefinition, ...] = TWO_STEPS, active: bool = True, **fields: Any
) -> UUID:
    """Write a sequence as the owner and, unless told otherwise, activate it."""
    sequence_id = await service.create_sequence(
        ports=world.services.ports,
        actor=world.actor,
        definition=SequenceDefinition(name="First contact", steps=steps, **fields),
        now=world.now(),
    )
    if active:
        await service.activate_sequence(actor=world.actor, sequence_id=sequence_id, now=world.now())
    return sequence_id


async def running_outreach(
    world: World, *, sender_id: UUID | None = None, sequence_id: UUID | None = None, **sequence: Any
) -> Outreach:
    """Insert a strategy profile, a sender, a play and a running run over an active sequence."""
    sequence_id = sequence_id or await written_sequence(world, **sequence)
    profile_id, play_id, run_id = (new_id() for _ in range(3))
    if sender_id is None:
        sender_id = await bare_sender(world)
    await insert(
        world,
        "strategy_profile",
        id=profile_id,
        lineage_id=profile_id,
        number=1,
        name="Terminals",
        persona={"name": "Ben Okafor", "role": "Founder", "company": "Pumpwerk"},
        offer=OFFER,
        proofs=[{"claim": PROOF, "evidence_url": "https://pumpwerk.example/banks", "valid_until_on": None}],
        tone="plain",
        cta=CTA,
        forbidden_claims=["market leader"],
    )
    common = {"profile_id": profile_id, "sequence_id": sequence_id, "source": {}, "budget_credits": 1_000}
    await insert(world, "play", id=play_id, name="Play", status="ACTIVE", **common)
    await insert(
        world,
        "run",
        id=run_id,
        play_id=play_id,
        status="RUNNING",
        enrichment_plan=[],
        inputs_hash="x",
        seed=7,
        **common,
    )
    return Outreach(run_id, play_id, profile_id, sequence_id, sender_id)


async def bare_sender(world: World, *, address: str = "ben@pumpwerk.example") -> UUID:
    """Insert an active sender that nothing is ever sent from."""
    sender_id = new_id()
    await insert(
        world,
        "sender",
        id=sender_id,
        kind="SMTP_IMAP",
        address=address,
        domain=address.rpartition("@")[2],
        display_name="Ben Okafor",
        status="ACTIVE",
    )
    return sender_id


async def known_lead(world: World, *, email: str | None = "ada@northwind.example", **columns: Any) -> UUID:
    """Insert a lead at a company with one fact about what the company does."""
    lead_id, company_id = new_id(), new_id()
    host = f"{company_id.hex}.example"
    await insert(world, "company", id=company_id, name="Northwind", name_key=host, domain=host)
    await insert(
        world,
        "lead",
        id=lead_id,
        **{
            "company_id": company_id,
            "email": email,
            "email_identity": email,
            "first_name": "Ada",
            "last_name": "Moreau",
            "title": "Head of Operations",
            "source_kind": "UPLOAD",
            **columns,
        },
    )
    await insert(
        world,
        "field_value",
        id=new_id(),
        company_id=company_id,
        field="DESCRIPTION",
        value=FACT,
        source_kind="PUBLIC",
        source="website",
        source_url="https://www.northwind.example/about",
        snippet=f"{FACT} in Europe.",
        confidence=0.9,
        observed_at=world.now() - timedelta(days=3),
        retrieved_at=world.now() - timedelta(days=3),
        state="CURRENT",
    )
    return lead_id


async def enrolled(world: World, outreach: Outreach, *, lead_id: UUID | None = None, **lead: Any) -> UUID:
    """Enroll a lead (a new one unless given); returns the enrollment."""
    lead_id = lead_id or await known_lead(world, **lead)
    async with unit_of_work(world.actor, now=world.now()) as work:
        enrollment_id = await enroll(
            work,
            run_id=outreach.run_id,
            lead_id=lead_id,
            sequence_id=outreach.sequence_id,
            sender_id=outreach.sender_id,
        )
    assert enrollment_id is not None
    outreach.lead_ids.append(lead_id)
    return enrollment_id


async def drafted(
    world: World, enrollment_id: UUID, *, ports: Ports | None = None, again: bool = False
) -> list[dict[str, Any]]:
    """Draft an enrollment like the worker, and return its messages in the order of their steps."""
    await draft_enrollment(
        ports=ports or world.services.ports,
        actor=world.actor,
        enrollment_id=enrollment_id,
        clock=world.clock,
        again=again,
    )
    return await messages_of(world, enrollment_id)


async def messages_of(world: World, enrollment_id: UUID) -> list[dict[str, Any]]:
    """Return an enrollment's messages in the order of their steps, with ``position``."""
    return await world.fetch(
        """
        SELECT m.*, s.position FROM message m JOIN sequence_step s ON s.id = m.step_id
        WHERE m.enrollment_id = $1 ORDER BY s.position, m.created_at
        """,
        enrollment_id,
    )


async def reviewable(world: World, *, leads: int = 1, **outreach: Any) -> list[dict[str, Any]]:
    """Draft messages for some leads of one run; returns all of them."""
    run = await running_outreach(world, **outreach)
    messages = []
    for number in range(leads):
        enrollment_id = await enrolled(world, run, email=f"ada{number}@northwind.example")
        messages += await drafted(world, enrollment_id)
    return messages


async def event_types(world: World) -> list[str]:
    """Return the types of what has happened to sequences, enrollments and messages, in order."""
    rows = await world.fetch(
        """
        SELECT type FROM event WHERE subject_kind IN ('sequence', 'enrollment', 'message') ORDER BY seq
        """
    )
    return [row["type"] for row in rows]
