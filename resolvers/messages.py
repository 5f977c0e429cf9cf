"""Messages: review, editing, previews and test copies."""

from uuid import UUID

from domain import tenancy
from domain.sequences import editing, previewing, queries, reviewing, test_copies, writing
from domain.sequences.previewing import Preview, Wording
from resolvers.context import Context
from resolvers.reading.describe import Predicate
from resolvers.reading.sql import numbered


async def approve_message(
    context: Context, *, message_id: UUID, content_hash: str, comment: str | None
) -> UUID:
    """Resolve ``Mutation.messageApprove``."""
    return await reviewing.approve_message(
        actor=context.actor,
        message_id=message_id,
        content_hash=content_hash,
        comment=comment,
        now=context.now(),
    )


async def reject_message(context: Context, *, message_id: UUID, comment: str | None, redraft: bool) -> UUID:
    """Resolve ``Mutation.messageReject``."""
    return await reviewing.reject_message(
        actor=context.actor, message_id=message_id, comment=comment, redraft=redraft, now=context.now()
    )


async def edit_message(
    context: Context, *, message_id: UUID, subject: str, body: str, expected_version: int
) -> UUID:
    """Resolve ``Mutation.messageEdit``."""
    return await editing.edit_message(
        actor=context.actor,
        message_id=message_id,
        subject=subject,
        body=body,
        expected_version=expected_version,
        now=context.now(),
    )


async def write_message(
    context: Context, *, enrollment_id: UUID, step_id: UUID, subject: str, body: str
) -> UUID:
    """Resolve ``Mutation.messageWrite``."""
    return await writing.write_message(
        actor=context.actor,
        enrollment_id=enrollment_id,
        step_id=step_id,
        subject=subject,
        body=body,
        now=context.now(),
    )


async def approve_messages(
    context: Context, *, where: Predicate, expected_count: int, idempotency_key: str | None
) -> UUID:
    """Resolve ``Mutation.messagesApprove``; answers with the batch."""
    arguments = [where.sql, where.values, expected_count]
    return await reviewing.approve_messages(
        actor=context.actor,
        where=numbered(where.sql, where.values, start=2),
        values=[list(value) if isinstance(value, tuple) else value for value in where.values],
        expected_count=expected_count,
        now=context.now(),
        idempotency=context.once("messagesApprove", idempotency_key, arguments),
    )


async def count_batch(context: Context, *, batch_id: UUID) -> int:
    """Resolve ``MessagesApprovePayload.approvedCount``."""
    async with tenancy.reading(context.actor.workspace_id) as connection:
        return await queries.count_batch(connection, batch_id=batch_id)


async def send_test_copy(context: Context, *, message_id: UUID, idempotency_key: str | None) -> UUID:
    """Resolve ``Mutation.messageTestSend``."""
    return await test_copies.send_test_copy(
        ports=context.ports,
        actor=context.actor,
        message_id=message_id,
        now=context.now(),
        idempotency=context.once("messageTestSend", idempotency_key, {"id": message_id}, required=True),
    )


async def preview_message(
    context: Context,
    *,
    lead_id: UUID,
    step_id: UUID | None,
    variant_id: UUID | None,
    wording: Wording | None,
    profile_id: UUID | None,
    sender_id: UUID | None,
) -> Preview:
    """Resolve ``Query.messagePreview``."""
    return await previewing.preview_message(
        ports=context.ports,
        actor=context.actor,
        lead_id=lead_id,
        step_id=step_id,
        variant_id=variant_id,
        wording=wording,
        profile_id=profile_id,
        sender_id=sender_id,
        now=context.now(),
    )
