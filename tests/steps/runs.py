"""Steps with plays and runs: what a play needs, a launch, and what became of it."""

import dataclasses
from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import jobs.runs  # noqa: F401 - registers the handlers
from domain.actor import Actor
from domain.ids import new_id
from domain.plays import service as plays
from domain.plays import sources, strategy
from domain.plays.profiles import Persona, Profile, ProfileState, Proof
from domain.plays.rules import Budget
from domain.plays.sources import Source
from domain.plays.specs import PlaySpec
from domain.runs import service as runs
from domain.sequences import reviewing
from domain.sequences import service as sequences
from domain.sequences.definition import SequenceDefinition, StepDefinition, VariantDefinition
from domain.sequences.rules import ThreadMode
from domain.work import unit_of_work
from tests.world import World

PROFILE = Profile(
    name="Warehouse software",
    persona=Persona(name="Ada Lovelace", role="Founder", company="Engine Ltd"),
    offer="Software that halves the time it takes to pick an order.",
    tone="Plain and friendly.",
    cta="Would a short call next week be of use?",
    languages=("en",),
    proofs=(Proof("Picks per hour doubled at a customer's warehouse.", "https://engine.example/proof"),),
)
SUBJECT = "Picking orders at {{ company.name }}"
BODY = """Hello {{ lead.first_name }},

I write because you run the warehouse at {{ company.name }}. We make software that halves the time it takes to
pick an order, and a customer has shared the numbers with us. Would a short call next week be of use?

Ada Lovelace"""


async def profile(world: World) -> UUID:
    """Write an active strategy profile."""
    return await strategy.create_profile(
        actor=world.actor, profile=PROFILE, state=ProfileState.ACTIVE, now=world.now()
    )


async def sequence(world: World, *, steps: int = 1) -> UUID:
    """Write a sequence of e-mails and activate it."""
    variant = VariantDefinition(label="A", subject_template=SUBJECT, body_template=BODY)
    definition = SequenceDefinition(
        name="Three touches",
        steps=tuple(
            StepDefinition(
                variants=(variant,),
                delay_days=3 if index else 0,
                thread_mode=ThreadMode.REPLY if index else ThreadMode.NEW,
            )
            for index in range(steps)
        ),
    )
    sequence_id = await sequences.create_sequence(
        ports=world.services.ports, actor=world.actor, definition=definition, now=world.now()
    )
    await sequences.activate_sequence(actor=world.actor, sequence_id=sequence_id, now=world.now())
    return sequence_id


async def sender(world: World, *, status: str = "ACTIVE", name: str | None = None) -> UUID:
    """Have a mailbox connected."""
    sender_id = new_id()
    await insert(
        world,
        "sender",
        id=sender_id,
        kind="SMTP_IMAP",
        address=f"{name or sender_id.hex[-8:]}@engine.example",
        domain="engine.example",
        display_name="Ada Lovelace",
        status=status,
    )
    return sender_id


async def leads(world: World, count: int, **columns: Any) -> list[UUID]:
    """Add leads of one company whose addresses were judged just now."""
    company_id = new_id()
    await insert(
        world,
        "company",
        id=company_id,
        name="Acme Logistics",
        name_key=company_id.hex,
        domain=f"{company_id.hex[-10:]}.example",
    )
    ids = []
    for _ in range(count):
        lead_id = new_id()
        email = f"{lead_id.hex[-12:]}@acme.example"
        values = {
            "company_id": company_id,
            "email": email,
            "email_identity": email,
            "email_status": "VALID",
            "email_checked_at": world.now(),
            "first_name": "Grace",
            "last_name": "Hopper",
            "full_name": "Grace Hopper",
            "title": "Head of Warehouse",
            "country": "DE",
            "source_kind": "UPLOAD",
            **columns,
        }
        if values["email"] is None:
            values["email_identity"] = None
        await insert(world, "lead", id=lead_id, **values)
        ids.append(lead_id)
    return ids


async def play(
    world: World,
    source: Source | Sequence[UUID],
    *,
    steps: int = 1,
    sender_ids: Sequence[UUID] | None = None,
    credits: int = 10_000,
    max_leads: int = 1_000,
    plan: tuple[str, ...] = (),
) -> UUID:
    """Write a play with everything it needs."""
    if not isinstance(source, Source):
        source = sources.from_leads(tuple(source))
    spec = PlaySpec(
        name="Warehouses",
        profile_id=await profile(world),
        sequence_id=await sequence(world, steps=steps),
        source=source,
        enrichment_plan=plan,
        sender_ids=tuple(sender_ids) if sender_ids is not None else (await sender(world),),
        budget=Budget(max_credits=credits, max_leads=max_leads),
    )
    return await plays.create_play(
        actor=world.actor, spec=spec, known_sources=world.services.ports.sources.keys(), now=world.now()
    )


async def launch(world: World, play_id: UUID) -> UUID:
    """Launch a play without running anything yet."""
    return await runs.launch_run(
        actor=world.actor, play_id=play_id, seed=7, now=world.now(), idempotency=None
    )


async def launched(world: World, count: int = 3, **options: Any) -> UUID:
    """Launch a play over fresh leads and run it until its messages wait for review."""
    run_id = await launch(world, await play(world, await leads(world, count), **options))
    await world.run_tasks()
    return run_id


async def run_some(world: World, count: int) -> None:
    """Run the next due tasks of runs, one by one."""
    for _ in range(count):
        due = await world.fetch(
            "SELECT id FROM task WHERE state = 'READY' AND due_at <= clock_timestamp() ORDER BY due_at, id LIMIT 1"
        )
        for row in due:
            await world._run_task(row["id"])


async def approve_all(world: World, run_id: UUID) -> int:
    """Approve every message of a run that waits for review; returns how many."""
    rows = await world.fetch(
        "SELECT id, content_hash FROM message WHERE run_id = $1 AND status = 'IN_REVIEW'", run_id
    )
    for row in rows:
        await reviewing.approve_message(
            actor=world.actor, message_id=row["id"], content_hash=row["content_hash"], now=world.now()
        )
    return len(rows)


async def run_of(world: World, run_id: UUID) -> dict[str, Any]:
    """Return a run's row."""
    [row] = await world.fetch("SELECT * FROM run WHERE id = $1", run_id)
    return row


async def status_of(world: World, run_id: UUID) -> str:
    """Return a run's status, with the reason when it is paused."""
    row = await run_of(world, run_id)
    return f"{row['status']}({row['pause_reason']})" if row["pause_reason"] else str(row["status"])


async def stages_of(world: World, run_id: UUID) -> dict[str, int]:
    """Return how many leads of a run are at each stage; dropped ones with their reason."""
    rows = await world.fetch("SELECT stage, dropped_reason FROM run_lead WHERE run_id = $1", run_id)
    return dict(
        Counter(
            f"{row['stage']}({row['dropped_reason']})" if row["dropped_reason"] else row["stage"]
            for row in rows
        )
    )


async def events_of(world: World, run_id: UUID) -> list[str]:
    """Return the types of the events in a run's stream, in order."""
    rows = await world.fetch("SELECT type FROM event WHERE run_id = $1 ORDER BY seq", run_id)
    return [row["type"] for row in rows]


async def insert(world: World, table: str, **columns: Any) -> None:
    """Insert a row of this workspace."""
    columns = {"id": new_id(), "workspace_id": world.workspace_id, **columns}
    places = ", ".join(f"${index}" for index in range(1, len(columns) + 1))
    async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
        await work.connection.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", *columns.values()
        )


def with_ports(world: World, **changes: Any) -> World:
    """Return the same world with other adapters."""
    ports = dataclasses.replace(world.services.ports, **changes)
    app = dataclasses.replace(world.app, services=dataclasses.replace(world.services, ports=ports))
    return dataclasses.replace(world, app=app)
