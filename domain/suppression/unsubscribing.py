"""What a person does with the link in a message: stop the messages, or object to all processing.

The token in the person's hand is the permission; nobody signs in. It works as long as the message is kept,
whatever has become of the workspace, and what it writes is never lifted without the person.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain import tenancy
from domain.actor import Actor
from domain.suppression.rules import SuppressionKind, SuppressionReason
from domain.suppression.service import suppress
from domain.work import Work, unit_of_work


class Wish(StrEnum):
    """What the person asks for."""

    UNSUBSCRIBE = "unsubscribe"
    OBJECT = "object"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a message came from."""

    workspace_id: UUID
    workspace_name: str


async def find_origin(*, message_id: UUID) -> Origin | None:
    """Return whose message it was; None when it isn't kept any more. A system look-up."""
    async with tenancy.looking_across_workspaces() as connection:
        row = await connection.fetchrow(
            """
            SELECT m.workspace_id, w.name AS workspace_name FROM message m JOIN workspace w ON w.id = m.workspace_id
            WHERE m.id = $1
            """,
            message_id,
        )
    return Origin(**row) if row else None


async def stop_messages(
    *, message_id: UUID, origin: Origin, wish: Wish, identity_key: bytes, request_id: str, now: datetime
) -> None:
    """Suppress whom a message was sent to, in one transaction with everything that must stop for it.

    An unsubscription closes the address; an objection (GDPR Article 21) closes the person's every address.
    Repeating it changes nothing.
    """
    actor = Actor.person(origin.workspace_id, request_id=request_id)
    async with unit_of_work(actor, now=now) as work:
        message = await work.connection.fetchrow(
            "SELECT to_address, lead_id FROM message WHERE workspace_id = $1 AND id = $2",
            origin.workspace_id,
            message_id,
        )
        if message is None:  # erased since the look-up, and an erasure suppresses
            return
        await _suppress(work, SuppressionKind.EMAIL, message["to_address"], wish, identity_key)
        if wish is Wish.OBJECT and message["lead_id"] is not None:
            await _suppress(work, SuppressionKind.LEAD, str(message["lead_id"]), wish, identity_key)


async def _suppress(work: Work, kind: SuppressionKind, value: str, wish: Wish, identity_key: bytes) -> None:
    reason = SuppressionReason.OBJECTION if wish is Wish.OBJECT else SuppressionReason.UNSUBSCRIBE
    await suppress(
        work,
        kind=kind,
        value=value,
        reason=reason,
        identity_key=identity_key,
        evidence="the link in a message",
    )
