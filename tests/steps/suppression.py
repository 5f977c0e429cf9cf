"""Steps about suppressions that scenario tests share."""

from datetime import datetime
from typing import Any
from uuid import UUID

from domain.actor import Actor
from domain.identity import email_identity
from domain.ids import new_id
from domain.suppression import queries, service
from domain.suppression.keys import Recipient
from domain.suppression.rules import Channel, Entry, SuppressionKind, SuppressionReason, SuppressionScope
from domain.work import unit_of_work
from tests.world import World


async def insert(world: World, table: str, **columns: Any) -> UUID:
    """Write a row of a feature that this test isn't about."""
    id_, names = new_id(), ", ".join(columns)
    places = ", ".join(f"${place}" for place in range(3, len(columns) + 3))
    async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
        sql = f"INSERT INTO {table} (id, workspace_id, {names}) VALUES ($1, $2, {places})"
        await work.connection.execute(sql, id_, world.workspace_id, *columns.values())
    return id_


async def lead(world: World, email: str, **columns: Any) -> UUID:
    """Write a lead."""
    return await insert(
        world, "lead", email=email, email_identity=email_identity(email), source_kind="UPLOAD", **columns
    )


async def message(world: World, to_address: str, *, lead_id: UUID | None = None) -> UUID:
    """Write a message from a sender of its own."""
    sender_id = await insert(
        world,
        "sender",
        kind="SMTP_IMAP",
        address=f"{new_id().hex}@sender.example",
        domain="sender.example",
        display_name="Ada",
    )
    return await insert(
        world,
        "message",
        sender_id=sender_id,
        lead_id=lead_id,
        to_address=to_address,
        subject="Hello",
        text_body="Hello",
        html_body="<p>Hello</p>",
        content_hash="0",
        drafted_by="liquid",
    )


async def suppress(
    world: World,
    value: str,
    *,
    kind: SuppressionKind = SuppressionKind.EMAIL,
    reason: SuppressionReason = SuppressionReason.MANUAL,
    scope: SuppressionScope = SuppressionScope.WORKSPACE,
    scope_id: UUID | None = None,
    evidence: str | None = None,
    expires_at: datetime | None = None,
) -> UUID:
    """Make an entry."""
    async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
        return await service.suppress(
            work,
            kind=kind,
            value=value,
            reason=reason,
            identity_key=world.services.ports.identity_key,
            scope=scope,
            scope_id=scope_id,
            evidence=evidence,
            expires_at=expires_at,
        )


async def entries_for(
    world: World,
    *emails: str,
    lead_id: UUID | None = None,
    play_id: UUID | None = None,
    sender_id: UUID | None = None,
    channel: Channel = Channel.EMAIL,
) -> list[Entry]:
    """Return the entries that forbid writing to somebody with these addresses."""
    async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
        [found] = await queries.match_each(
            work.connection,
            recipients=[Recipient(lead_id=lead_id, emails=emails)],
            identity_key=world.services.ports.identity_key,
            now=world.now(),
            play_id=play_id,
            sender_id=sender_id,
            channel=channel,
        )
    return found
