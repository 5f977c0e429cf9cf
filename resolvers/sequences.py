"""Sequences and enrollments."""

from typing import Any
from uuid import UUID

from domain.sequences import controlling, service
from domain.sequences.definition import SequenceDefinition
from resolvers.context import Context


async def create_sequence(
    context: Context, *, definition: SequenceDefinition, idempotency_key: str | None, arguments: Any
) -> UUID:
    """Resolve ``Mutation.sequenceCreate``."""
    return await service.create_sequence(
        ports=context.ports,
        actor=context.actor,
        definition=definition,
        now=context.now(),
        idempotency=context.once("sequenceCreate", idempotency_key, arguments),
    )


async def update_sequence(
    context: Context, *, sequence_id: UUID, changes: dict[str, Any], expected_version: int | None
) -> UUID:
    """Resolve ``Mutation.sequenceUpdate``."""
    return await service.update_sequence(
        ports=context.ports,
        actor=context.actor,
        sequence_id=sequence_id,
        changes=changes,
        expected_version=expected_version,
        now=context.now(),
    )


async def activate_sequence(context: Context, *, sequence_id: UUID) -> UUID:
    """Resolve ``Mutation.sequenceActivate``."""
    return await service.activate_sequence(actor=context.actor, sequence_id=sequence_id, now=context.now())


async def archive_sequence(context: Context, *, sequence_id: UUID) -> UUID:
    """Resolve ``Mutation.sequenceArchive``."""
    return await service.archive_sequence(actor=context.actor, sequence_id=sequence_id, now=context.now())


async def pause_enrollment(context: Context, *, enrollment_id: UUID) -> UUID:
    """Resolve ``Mutation.enrollmentPause``."""
    return await controlling.pause_enrollment(
        actor=context.actor, enrollment_id=enrollment_id, now=context.now()
    )


async def resume_enrollment(context: Context, *, enrollment_id: UUID) -> UUID:
    """Resolve ``Mutation.enrollmentResume``."""
    return await controlling.resume_enrollment(
        actor=context.actor, enrollment_id=enrollment_id, now=context.now()
    )


async def remove_enrollment(context: Context, *, enrollment_id: UUID) -> UUID:
    """Resolve ``Mutation.enrollmentRemove``."""
    return await controlling.remove_enrollment(
        actor=context.actor, enrollment_id=enrollment_id, now=context.now()
    )


async def redraft_enrollment(context: Context, *, enrollment_id: UUID) -> UUID:
    """Resolve ``Mutation.enrollmentDraft``."""
    return await controlling.redraft_enrollment(
        actor=context.actor, enrollment_id=enrollment_id, now=context.now()
    )
