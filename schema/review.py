"""What a member does with messages: approve, refuse, edit and write them."""

from collections.abc import Coroutine
from typing import Any
from uuid import UUID

import strawberry

from domain.idempotency import Replayed
from domain.sequences.reviewing import ContentChanged, CountMismatch, MessageNotReady
from resolvers import messages
from resolvers.reading.describe import EVERYTHING
from schema.claims import ReadinessCheck, shown_checks
from schema.enrollments import Enrollment
from schema.errors import UserError, shows
from schema.filters import predicate_of
from schema.info import Info
from schema.messages import Message, MessageWhere
from schema.mutations import Payload, answer
from schema.nodes import entity_of, read_id
from schema.sequences import SequenceStep
from schema.writes import change_by


@shows(ContentChanged)
@strawberry.type(description="The message isn't what the caller saw.")
class ContentChangedError(UserError):
    """Shows ``ContentChanged``."""

    current_hash: str = strawberry.field(description="Hash of the content as it is now.")

    @classmethod
    def from_error(cls, error: ContentChanged) -> "ContentChangedError":
        """Build it from the domain's error."""
        return cls(
            code=error.code,
            message=error.message,
            field=["input", "contentHash"],
            current_hash=error.current_hash,
        )


@shows(MessageNotReady)
@strawberry.type(description="A check blocks the message.")
class MessageNotReadyError(UserError):
    """Shows ``MessageNotReady``."""

    checks: list[ReadinessCheck] = strawberry.field(description="The checks that block it.")

    @classmethod
    def from_error(cls, error: MessageNotReady) -> "MessageNotReadyError":
        """Build it from the domain's error."""
        return cls(code=error.code, message=error.message, field=[], checks=shown_checks(error.blocks))


@shows(CountMismatch)
@strawberry.type(description="The filter selects another number of messages than expected.")
class CountMismatchError(UserError):
    """Shows ``CountMismatch``."""

    expected: int = strawberry.field(description="What the caller expected.")
    found: int = strawberry.field(description="How many can be approved now.")

    @classmethod
    def from_error(cls, error: CountMismatch) -> "CountMismatchError":
        """Build it from the domain's error."""
        return cls(
            code=error.code,
            message=error.message,
            field=["input", "expectedCount"],
            expected=error.expected,
            found=error.found,
        )


@strawberry.input(description="Which content to approve.")
class MessageApproveInput:
    """Arguments of `messageApprove`."""

    id: strawberry.ID = strawberry.field(description="The message.")
    content_hash: str = strawberry.field(description="`contentHash` of what you saw.")
    comment: str | None = strawberry.field(default=None, description="Up to 2,000 characters.")


@strawberry.input(description="Which message to refuse.")
class MessageRejectInput:
    """Arguments of `messageReject`."""

    id: strawberry.ID = strawberry.field(description="The message.")
    comment: str | None = strawberry.field(default=None, description="Why; up to 2,000 characters.")
    redraft: bool = strawberry.field(
        default=False,
        description="Draft the step anew. Otherwise this person isn't written to: the enrollment ends.",
    )


@strawberry.input(description="New wording of a message.")
class MessageEditInput:
    """Arguments of `messageEdit`."""

    id: strawberry.ID = strawberry.field(description="The message.")
    subject: str = strawberry.field(description="One line of up to 300 characters.")
    body: str = strawberry.field(description="Up to 20,000 characters, without the footer.")
    expected_version: int = strawberry.field(description="`version` of what you saw.")


@strawberry.input(description="A message that no drafter could write.")
class MessageWriteInput:
    """Arguments of `messageWrite`."""

    enrollment_id: strawberry.ID = strawberry.field(description="Whom it is for.")
    step_id: strawberry.ID = strawberry.field(description="The step that has no message.")
    subject: str = strawberry.field(description="One line of up to 300 characters.")
    body: str = strawberry.field(description="Up to 20,000 characters, without the footer.")


@strawberry.input(description="Which messages to approve together.")
class MessagesApproveInput:
    """Arguments of `messagesApprove`."""

    expected_count: int = strawberry.field(
        description="How many you mean, 1 to 10,000; with any other number nothing is approved."
    )
    where: MessageWhere | None = strawberry.field(
        default=None, description="Of those in review that no check blocks; all when absent."
    )
    idempotency_key: str | None = strawberry.field(default=None, description="Makes a repeat safe.")


@strawberry.type(description="The answer of message mutations.")
class MessagePayload(Payload):
    """A message after a change."""

    message: Message | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type(description="The answer of messagesApprove.")
class MessagesApprovePayload(Payload):
    """How many were approved."""

    approved_count: int = strawberry.field(default=0, description="All of them, or none.")


@strawberry.type
class ReviewMutation:
    """Root fields that decide about messages."""

    message_approve = change_by(
        MessageApproveInput,
        Message,
        MessagePayload,
        messages.approve_message,
        description="Approve exactly the content you saw.",
    )

    message_reject = change_by(
        MessageRejectInput,
        Message,
        MessagePayload,
        messages.reject_message,
        description="Refuse a message that hasn't left.",
    )

    message_edit = change_by(
        MessageEditInput,
        Message,
        MessagePayload,
        messages.edit_message,
        description="Change a message; it is checked again, and an approval is void.",
    )

    @strawberry.mutation(description="Write a step's message by hand.")
    async def message_write(self, info: Info, input: MessageWriteInput) -> MessagePayload:
        """Write it."""

        async def use_case() -> UUID:
            return await messages.write_message(
                info.context,
                enrollment_id=read_id(input.enrollment_id, Enrollment, field="enrollmentId"),
                step_id=read_id(input.step_id, SequenceStep, field="stepId"),
                subject=input.subject,
                body=input.body,
            )

        return await answer(info, MessagePayload, use_case())

    @strawberry.mutation(description="Approve all messages that a filter selects, or none.")
    async def messages_approve(self, info: Info, input: MessagesApproveInput) -> MessagesApprovePayload:
        """Approve them."""
        batches: list[UUID] = []

        async def use_case() -> UUID | None:
            where = predicate_of(input.where, entity_of(Message)) if input.where else EVERYTHING
            return await messages.approve_messages(
                info.context,
                where=where,
                expected_count=input.expected_count,
                idempotency_key=input.idempotency_key,
            )

        payload = await answer(info, MessagesApprovePayload, _noting(use_case(), batches))
        if batches:
            payload.approved_count = await messages.count_batch(info.context, batch_id=batches[0])
        return payload


async def _noting(use_case: Coroutine[Any, Any, UUID | None], results: list[UUID]) -> UUID | None:
    """Note what a use case answered with, also when it ran before under the same key."""
    try:
        result = await use_case
    except Replayed as replayed:
        results += [replayed.result_id] if replayed.result_id else []
        raise
    results += [result] if result else []
    return result
