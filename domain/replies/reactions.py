"""What sending does to conversations, in the same transaction."""

from collections.abc import Sequence

from domain.replies.filing import file_sent
from domain.sending.events import MessageSent
from domain.work import Work, reacts_to_all


@reacts_to_all(MessageSent)
async def file_sent_messages(work: Work, events: Sequence[MessageSent]) -> None:
    """Show messages that have left in their conversations, where there are any."""
    await file_sent(work, delivery_ids=[event.delivery_id for event in events], sent_at=work.now)
