"""Look-ups of senders that aren't plain lists."""

from uuid import UUID

from domain import tenancy
from domain.errors import NotFound
from domain.senders.models import Sender


async def get_sender(*, workspace_id: UUID, sender_id: UUID, for_update: bool = False) -> Sender:
    """Return a sender inside an open unit of work; raises NotFound."""
    found = Sender.filter(workspace_id=workspace_id, id=sender_id)
    sender = await (found.select_for_update() if for_update else found).first()
    if sender is None:
        raise NotFound("no such sender", field=("id",))
    return sender


async def list_readable_senders() -> list[tuple[UUID, UUID]]:
    """Return (workspace_id, id) of every mailbox that can be read, the longest unread first."""
    async with tenancy.across_workspaces() as connection:
        rows = await connection.fetch(
            """
            SELECT workspace_id, id FROM sender
            WHERE kind = 'SMTP_IMAP' AND status IN ('ACTIVE', 'THROTTLED', 'WARMING', 'DEGRADED', 'PAUSED')
            ORDER BY last_polled_at NULLS FIRST
            """
        )
    return [(row["workspace_id"], row["id"]) for row in rows]
