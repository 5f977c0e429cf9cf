"""A mailbox that can't be read for a while: noted with the sender, and taken back when it can be again.

A degraded sender goes on sending; its owner sees why no replies come in.
"""

from typing import Final
from uuid import UUID

from domain.senders.events import SenderDegraded, SenderRecovered
from domain.senders.queries import get_sender
from domain.senders.rules import SenderStatus
from domain.work import Work

UNREADABLE: Final = "mail can't be read"


async def degrade(work: Work, *, sender_id: UUID, reason: str) -> None:
    """Note that a sender's mailbox can't be read; safe to repeat, and nothing for one that isn't ACTIVE.

    Args:
        reason: for people, shown with the sender.
    """
    sender = await get_sender(workspace_id=work.workspace_id, sender_id=sender_id, for_update=True)
    if sender.status != SenderStatus.ACTIVE:
        return
    sender.status, sender.status_reason = SenderStatus.DEGRADED, f"{UNREADABLE}: {reason}"[:300]
    await sender.save(update_fields=["status", "status_reason"])
    work.emit(SenderDegraded(subject_id=sender_id))


async def recover(work: Work, *, sender_id: UUID) -> None:
    """Take back what ``degrade`` noted; a sender that is degraded for another reason stays so."""
    sender = await get_sender(workspace_id=work.workspace_id, sender_id=sender_id, for_update=True)
    if sender.status != SenderStatus.DEGRADED or not (sender.status_reason or "").startswith(UNREADABLE):
        return
    sender.status, sender.status_reason = SenderStatus.ACTIVE, None
    await sender.save(update_fields=["status", "status_reason"])
    work.emit(SenderRecovered(subject_id=sender_id))
