"""A campaign large enough to measure: senders, leads and messages for review, inserted in bulk."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

from domain.actor import Actor
from domain.ids import new_id
from domain.ports import Ports
from domain.sequences.content import Footer, compose_content, content_hash
from domain.sequences.reviewing import approve_messages
from domain.work import unit_of_work
from tests.steps.sending import POSTAL_ADDRESS, Campaign, Post, connected_sender, granted, running_campaign
from tests.world import World

PER_SENDER = 100
"""Messages of one sender: fewer than its daily limit, so that pacing isn't what is measured."""


@dataclass(frozen=True, slots=True)
class Outreach:
    """A campaign and its messages, the senders taking turns."""

    campaign: Campaign
    message_ids: list[UUID]


async def outreach(
    world: World, *, messages: int, ports: Ports, server: dict[str, Any] | None = None
) -> Outreach:
    """Write ``messages`` for review, each to a company of its own, with credits for all of them.

    Args:
        world: whose.
        messages: how many.
        ports: hold the key that seals the senders' logins.
        server: the senders' ``server`` column; None for one that is never dialled.
    """
    post = cast(Post, SimpleNamespace(server=_NO_SERVER, ports=ports))
    columns: dict[str, Any] = {"daily_limit": 150} | ({"server": server} if server else {})
    senders = [
        await connected_sender(world, post, address=f"jo{new_id().hex}@example.com", **columns)
        for _ in range(-(-messages // PER_SENDER))
    ]
    campaign = await running_campaign(world, senders[0], credits=0)
    await granted(world, 10 * messages)
    return Outreach(campaign, await _write_messages(world, campaign, senders, messages))


async def approve(world: World, wanted: Outreach) -> None:
    """Approve all of its messages at once, as the owner."""
    await approve_messages(
        actor=world.actor,
        where="t.id = ANY ($2)",
        values=[wanted.message_ids],
        expected_count=len(wanted.message_ids),
        now=world.now(),
    )


async def _write_messages(world: World, campaign: Campaign, senders: list[UUID], messages: int) -> list[UUID]:
    content = compose_content(
        subject="A question",
        text_body="Hello Ada,\n\nhow are your robots? We make them faster, and would like to show you how.",
        claims=(),
        footer=Footer(language="en", postal_address=POSTAL_ADDRESS),
    )
    message_ids = [new_id() for _ in range(messages)]
    async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
        await work.connection.execute("UPDATE workspace SET sending_limits = $1::jsonb", _LIMITS)
        await work.connection.execute(
            "UPDATE run SET budget_credits = $2 WHERE id = $1", campaign.run_id, 10 * messages
        )
        await work.connection.execute(
            _WRITE,
            world.workspace_id,
            campaign.run_id,
            campaign.sequence_id,
            campaign.steps[0],
            message_ids,
            [new_id() for _ in message_ids],
            [new_id() for _ in message_ids],
            [senders[number % len(senders)] for number in range(messages)],
            content.subject,
            content.text_body,
            content.html_body,
            content_hash(content),
        )
    return message_ids


_NO_SERVER = SimpleNamespace(ports=SimpleNamespace(smtps=465, imaps=993))
_LIMITS = '{"conversations_per_day": 150}'
_WRITE = """
WITH new AS (
    SELECT *, 'ada@c' || replace(lead_id::text, '-', '') || '.example' AS email
    FROM unnest($5::uuid[], $6::uuid[], $7::uuid[], $8::uuid[]) AS new (id, lead_id, enrollment_id, sender_id)
), leads AS (
    INSERT INTO lead (id, workspace_id, email, email_identity, email_status, email_checked_at, full_name, source_kind)
    SELECT lead_id, $1, email, email, 'VALID', now(), 'Ada Lovelace', 'UPLOAD' FROM new
), members AS (
    INSERT INTO run_lead (id, workspace_id, run_id, lead_id, stage)
    SELECT lead_id, $1, $2, lead_id, 'IN_REVIEW' FROM new
), enrollments AS (
    INSERT INTO enrollment (id, workspace_id, run_id, lead_id, sequence_id, sender_id, status)
    SELECT enrollment_id, $1, $2, lead_id, $3, sender_id, 'ACTIVE' FROM new
)
INSERT INTO message (id, workspace_id, run_id, enrollment_id, step_id, lead_id, sender_id, to_address, subject,
                     text_body, html_body, content_hash, drafted_by, status, readiness)
SELECT id, $1, $2, enrollment_id, $4, lead_id, sender_id, email, $9, $10, $11, $12, 'liquid', 'IN_REVIEW', 'PASS'
FROM new
"""
