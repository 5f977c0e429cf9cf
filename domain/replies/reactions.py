"""What sending does to conversations, in the same transaction."""

from domain.replies.filing import file_sent
from domain.sending.events import MessageSent
from domain.work import Work, reacts_to


@reacts_to(MessageSent)
async def file_sent_message(work: Work, event: MessageSent) -> None:
    """Show a message that has left in its conversation, if there is one."""
    await file_sent(work, delivery_id=event.delivery_id, sent_at=work.now)
