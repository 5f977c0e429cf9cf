"""Replies: what came, what it is, and the stream of what comes."""

from collections.abc import AsyncIterator, Collection
from uuid import UUID

from domain.events import EventFilter, LoggedEvent
from domain.replies import service
from domain.replies.events import BounceReceived, ComplaintReceived, ReplyClassified, ReplyReceived
from domain.replies.labels import Label
from resolvers.context import Context
from resolvers.following import follow

STREAMED = tuple(
    event.__name__ for event in (ReplyReceived, BounceReceived, ComplaintReceived, ReplyClassified)
)
_LABELS = {BounceReceived.__name__: Label.BOUNCE, ComplaintReceived.__name__: Label.COMPLAINT}


async def classify_reply(context: Context, *, reply_id: UUID, label: Label) -> UUID:
    """Resolve ``Mutation.replyClassify``."""
    return await service.classify_reply(
        actor=context.actor,
        reply_id=reply_id,
        label=label,
        identity_key=context.ports.identity_key,
        now=context.now(),
    )


async def follow_replies(
    context: Context, *, labels: Collection[Label] | None, run_id: UUID | None, after: str | None
) -> AsyncIterator[LoggedEvent]:
    """Resolve ``Subscription.replies``: events about replies, those with other labels left out."""
    where = EventFilter(run_id=run_id, types=STREAMED)
    async for event in follow(context, where=where, after=after):
        if labels is None or label_of(event) in labels:
            yield event


def label_of(event: LoggedEvent) -> Label:
    """Return what the mail was when it happened; bounces and complaints say it by their kind."""
    return _LABELS.get(event.type) or Label(event.payload["label"])
