"""The stream of what comes back."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, cast

import strawberry

from domain.replies.labels import Label
from resolvers import replies
from resolvers.reading.describe import Single
from schema.events import AfterEvent, Logged
from schema.info import Info
from schema.nodes import entity_of, read_id, type_of
from schema.replies import Reply
from schema.rights import require_rights
from schema.scalars import DateTime


@strawberry.input(description="Which events about replies.")
class ReplyEventWhere:
    """Conditions on the stream."""

    labels: list[Label] | None = strawberry.field(
        default=None, description="Only mails that are one of these."
    )
    run_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only answers to this run's messages."
    )


@strawberry.type(description="Something that happened to a reply, at its place in the workspace's log.")
class ReplyEvent(Logged):
    """An entry of the log about a reply."""

    type: str = strawberry.field(
        description="ReplyReceived, BounceReceived, ComplaintReceived or ReplyClassified."
    )
    occurred_at: DateTime = strawberry.field(description="When it happened.")

    @strawberry.field(description="The reply as it is now; absent once erased.")
    async def reply(self, info: Info) -> Reply | None:
        """Read it."""
        event: Any = self
        reply: Any = await info.context.reader.one(Single(entity_of(Reply), event.subject_id))
        return cast("Reply | None", reply)


@strawberry.type
class RepliesSubscription:
    """The stream of what comes back."""

    @strawberry.subscription(
        description="Replies, bounces and complaints as they come, and corrections; with `after` replayed first."
    )
    async def replies(
        self,
        info: Info,
        after: AfterEvent = None,
        where: Annotated[
            ReplyEventWhere | None, strawberry.argument(description="Only some of them.")
        ] = None,
    ) -> AsyncIterator[ReplyEvent]:
        """Stream them."""
        require_rights(info)
        run_id = (
            read_id(where.run_id, type_of("run"), field="runId", within=("where",))
            if where and where.run_id
            else None
        )
        labels = frozenset(where.labels) if where and where.labels is not None else None
        stream = replies.follow_replies(info.context, labels=labels, run_id=run_id, after=after)
        return cast("AsyncIterator[ReplyEvent]", stream)
