"""Conversations: both sides' mails in order, answering, and putting away."""

from enum import Enum
from uuid import UUID

import strawberry

from domain.replies.rules import ThreadStatus
from domain.sending.states import DeliveryState
from resolvers import threads
from resolvers.reading.describe import Order
from schema.connections import Connection
from schema.filters import (
    BooleanFilter,
    DateTimeFilter,
    EnumFilter,
    IDFilter,
    conditions,
)
from schema.info import Info
from schema.leads import Lead
from schema.lists import list_of, many
from schema.messages import Message
from schema.mutations import Payload, answer
from schema.nodes import Node, column, entity, one, read_id, reference
from schema.reads import object_of
from schema.replies import Reply
from schema.scalars import DateTime
from schema.writes import change_by


@strawberry.enum(description="Which way a mail of a conversation went.")
class ThreadDirection(Enum):
    """Which way a mail went."""

    INBOUND = strawberry.enum_value("INBOUND", description="To us.")
    OUTBOUND = strawberry.enum_value("OUTBOUND", description="From us.")


@entity("thread_entry", prefix="entr")
class ThreadEntry(Node):
    """A mail of a conversation, theirs or ours."""

    direction: ThreadDirection = column(description="INBOUND is theirs.")
    at: DateTime = column(description="When it came or left; for one that waits, when it was written.")
    from_address: str = column(description="Who wrote.")
    to_address: str = column(description="To whom.")
    subject: str = column(description="Its subject.")
    text: str = column("t.text_body", description="Its words, without what was quoted.")
    delivery_state: DeliveryState | None = column(description="For ours: how far its sending is.")
    reply: Reply | None = one(key="reply_id", target=lambda: Reply, description="The reply, for theirs.")
    message: Message | None = one(
        key="message_id", target=lambda: Message, description="The message, for ours."
    )


@conditions(ThreadEntry, sort=("at",))
class ThreadEntryWhere:
    """Which mails of a conversation."""

    direction: EnumFilter[ThreadDirection] | None = None
    delivery_state: EnumFilter[DeliveryState] | None = None
    at: DateTimeFilter | None = None


@entity("thread", prefix="thre", search="t.subject ILIKE '%' || {} || '%'", counted=True)
class Thread(Node):
    """A conversation between one of our mailboxes and a lead; begins with the first mail from outside."""

    subject: str = column(description="Of the message that opened it.")
    status: ThreadStatus = column(
        description="Whether it wants attention; machines' mails alone don't open it."
    )
    snoozed_until: DateTime | None = column(description="When it opens by itself.")
    unread: bool = column(description="Whether something came that nobody has read.")
    last_at: DateTime = column(description="When its latest mail came or left.")
    version: int = column(description="Rises with each change.")
    created_at: DateTime = column(description="When its first mail came in.")
    lead: Lead | None = one(
        key="lead_id", target=lambda: Lead, description="With whom; absent for strangers."
    )
    sender_id: strawberry.ID | None = reference("sender", description="Our mailbox; it never changes.")
    entries: Connection[ThreadEntry] = many(
        key="thread_id",
        target=lambda: ThreadEntry,
        order=(Order("at"),),
        description="The mails of both sides, oldest first.",
    )
    replies: Connection[Reply] = many(
        key="thread_id",
        target=lambda: Reply,
        order=(Order("received_at"),),
        description="Theirs, oldest first.",
    )


@conditions(Thread, search="Part of the subject.", sort=("last_at", "created_at"))
class ThreadWhere:
    """Which conversations."""

    status: EnumFilter[ThreadStatus] | None = None
    unread: BooleanFilter | None = None
    lead_id: IDFilter | None = None
    sender_id: IDFilter | None = None
    last_at: DateTimeFilter | None = None


@strawberry.input(description="A person's answer.")
class ThreadAnswerInput:
    """Arguments of `threadAnswer`."""

    thread_id: strawberry.ID = strawberry.field(description="The conversation.")
    text: str = strawberry.field(description="Plain text of 1 to 20,000 characters.")
    idempotency_key: str | None = strawberry.field(
        default=None, description="Up to 255 characters; required here or as the header Idempotency-Key."
    )


@strawberry.input(description="Until when to put a conversation away.")
class ThreadSnoozeInput:
    """Arguments of `threadSnooze`."""

    id: strawberry.ID = strawberry.field(description="The conversation.")
    until: DateTime = strawberry.field(description="A moment within a year from now.")


@strawberry.input(description="A conversation.")
class ThreadInput:
    """Arguments of the mutations that need nothing else."""

    id: strawberry.ID = strawberry.field(description="The conversation.")


@strawberry.type(description="The answer of mutations about a conversation.")
class ThreadPayload(Payload):
    """A conversation after a change."""

    thread: Thread | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type(description="The answer of threadAnswer.")
class ThreadAnswerPayload(Payload):
    """The message that was written."""

    message: Message | None = strawberry.field(
        default=None, description="Approved by writing it, and queued."
    )


@strawberry.type
class ThreadsQuery:
    """Root fields about conversations."""

    threads = list_of(
        Thread,
        order=(Order("last_at", descending=True),),
        description="Conversations, the latest mail first.",
    )

    thread = object_of(Thread, description="One conversation; null when it is absent or another workspace's.")


@strawberry.type
class ThreadsMutation:
    """Root fields that change conversations."""

    @strawberry.mutation(
        description="Answer whoever wrote last. Writing it approves it; it leaves through the same gate as all else."
    )
    async def thread_answer(self, info: Info, input: ThreadAnswerInput) -> ThreadAnswerPayload:
        """Answer."""

        async def use_case() -> UUID:
            return await threads.answer_thread(
                info.context,
                thread_id=read_id(input.thread_id, Thread, field="threadId"),
                text=input.text,
                idempotency_key=input.idempotency_key,
            )

        return await answer(info, ThreadAnswerPayload, use_case())

    thread_close = change_by(
        ThreadInput,
        Thread,
        ThreadPayload,
        threads.close_thread,
        description="Put a conversation away as handled; a person's next mail opens it again.",
    )

    thread_reopen = change_by(
        ThreadInput,
        Thread,
        ThreadPayload,
        threads.reopen_thread,
        description="Take a closed or snoozed conversation up again.",
    )

    thread_snooze = change_by(
        ThreadSnoozeInput,
        Thread,
        ThreadPayload,
        threads.snooze_thread,
        description="Put a conversation away until a moment, or until a person writes.",
    )

    thread_mark_read = change_by(
        ThreadInput,
        Thread,
        ThreadPayload,
        threads.mark_thread_read,
        description="Note that somebody has read a conversation.",
    )
