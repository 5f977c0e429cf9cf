"""Look-ups of senders that aren't plain lists."""

from uuid import UUID

from domain.errors import NotFound
from domain.senders.models import Sender


async def get_sender(*, workspace_id: UUID, sender_id: UUID, for_update: bool = False) -> Sender:
    """Return a sender inside an open unit of work; raises NotFound."""
    found = Sender.filter(workspace_id=workspace_id, id=sender_id)
    sender = await (found.select_for_update() if for_update else found).first()
    if sender is None:
        raise NotFound("no such sender", field=("id",))
    return sender
