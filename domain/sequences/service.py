"""Sequences: write, change, activate and archive them. A version that was active never changes again."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.actor import Actor, require
from domain.errors import NotFound, StaleVersion
from domain.idempotency import Idempotency
from domain.ids import new_id
from domain.ports import Ports
from domain.sequences import queries
from domain.sequences.definition import SequenceDefinition, check_definition
from domain.sequences.events import SequenceActivated, SequenceArchived, SequenceCreated, SequenceUpdated
from domain.sequences.models import Sequence, SequenceStep, StepVariant
from domain.sequences.rules import SEQUENCE_STATES, SequenceStatus
from domain.states import IllegalTransition
from domain.work import Work, unit_of_work
from domain.workspaces.rules import Permission

_UNUSED = (SequenceStatus.DRAFT, SequenceStatus.IN_REVIEW, SequenceStatus.APPROVED)
_TO_ACTIVE = {
    SequenceStatus.DRAFT: SequenceStatus.IN_REVIEW,
    SequenceStatus.IN_REVIEW: SequenceStatus.APPROVED,
    SequenceStatus.APPROVED: SequenceStatus.ACTIVE,
    SequenceStatus.PAUSED: SequenceStatus.ACTIVE,
}
"""Every message is reviewed by a person, so whoever activates a sequence approves it by that."""


async def create_sequence(
    *,
    ports: Ports,
    actor: Actor,
    definition: SequenceDefinition,
    now: datetime,
    idempotency: Idempotency | None = None,
) -> UUID:
    """Write the first version of a sequence, as a DRAFT.

    Raises:
        Invalid, InvalidTemplate, NotConfigured: see ``definition.check_definition``.
    """
    require(actor, Permission.WRITE_SEQUENCES)
    check_definition(definition, templates=ports.templates, drafters=ports.drafters)
    async with unit_of_work(actor, now=now, idempotency=idempotency) as work:
        sequence_id = new_id()
        await _write_version(work, definition, sequence_id=sequence_id, lineage_id=sequence_id, number=1)
        work.answer(sequence_id)
    return sequence_id


async def update_sequence(
    *,
    ports: Ports,
    actor: Actor,
    sequence_id: UUID,
    changes: dict[str, Any],
    expected_version: int | None,
    now: datetime,
) -> UUID:
    """Change a version that isn't in use yet; one that is or was gets a next version, a DRAFT.

    Args:
        ports: the outside world.
        actor: who changes it.
        sequence_id: the version to start from.
        changes: new values for fields of ``SequenceDefinition``; what is left out stays. ``reply_rules`` are those
            that change, by name; None means the defaults.
        expected_version: refuse if the row changed since.
        now: the present.

    Returns:
        The id of the version that holds the changes.
    """
    require(actor, Permission.WRITE_SEQUENCES)
    async with unit_of_work(actor, now=now) as work:
        sequence = await _locked(work, sequence_id)
        if expected_version is not None and sequence.version != expected_version:
            raise StaleVersion(expected=expected_version, current=sequence.version)
        if sequence.status == SequenceStatus.ARCHIVED:
            raise IllegalTransition("an archived sequence isn't changed any more")
        definition = _changed(await queries.get_definition(work, sequence_id=sequence_id), changes)
        check_definition(definition, templates=ports.templates, drafters=ports.drafters)
        if sequence.status in _UNUSED:
            await _rewrite(work, sequence, definition)
            return sequence_id
        next_id, number = new_id(), await _last_number(work, sequence) + 1
        await _write_version(
            work, definition, sequence_id=next_id, lineage_id=sequence.lineage_id, number=number
        )
    return next_id


async def activate_sequence(*, actor: Actor, sequence_id: UUID, now: datetime) -> UUID:
    """Let plays use a version; activating it twice changes nothing."""
    require(actor, Permission.WRITE_SEQUENCES)
    async with unit_of_work(actor, now=now) as work:
        sequence = await _locked(work, sequence_id)
        status = SequenceStatus(sequence.status)
        while status is not SequenceStatus.ACTIVE:
            target = _TO_ACTIVE.get(status, SequenceStatus.ACTIVE)
            SEQUENCE_STATES.require(status, target)
            status = target
        if sequence.status != status:
            await _move(sequence, status)
            work.emit(SequenceActivated(subject_id=sequence_id))
            work.audit("sequence.activate", target_kind="sequence", target_id=sequence_id)
    return sequence_id


async def archive_sequence(*, actor: Actor, sequence_id: UUID, now: datetime) -> UUID:
    """Take a version out of use for new runs; who is enrolled in it goes on. Twice changes nothing."""
    require(actor, Permission.WRITE_SEQUENCES)
    async with unit_of_work(actor, now=now) as work:
        sequence = await _locked(work, sequence_id)
        if sequence.status != SequenceStatus.ARCHIVED:
            SEQUENCE_STATES.require(SequenceStatus(sequence.status), SequenceStatus.ARCHIVED)
            await _move(sequence, SequenceStatus.ARCHIVED)
            work.emit(SequenceArchived(subject_id=sequence_id))
            work.audit("sequence.archive", target_kind="sequence", target_id=sequence_id)
    return sequence_id


async def _locked(work: Work, sequence_id: UUID) -> Sequence:
    """Return a version with its whole lineage locked, so that two edits don't take the same number."""
    await work.connection.fetch(
        """
        SELECT id FROM sequence WHERE workspace_id = $1
          AND lineage_id = (SELECT lineage_id FROM sequence WHERE workspace_id = $1 AND id = $2)
        ORDER BY id FOR UPDATE
        """,
        work.workspace_id,
        sequence_id,
    )
    sequence = await Sequence.filter(workspace_id=work.workspace_id, id=sequence_id).first()
    if sequence is None:
        raise NotFound("no such sequence", field=("id",))
    return sequence


async def _last_number(work: Work, sequence: Sequence) -> int:
    return int(
        await work.connection.fetchval(
            "SELECT max(number) FROM sequence WHERE workspace_id = $1 AND lineage_id = $2",
            work.workspace_id,
            sequence.lineage_id,
        )
    )


async def _move(sequence: Sequence, status: SequenceStatus) -> None:
    sequence.status = status
    await sequence.save(update_fields=["status"])


async def _write_version(
    work: Work, definition: SequenceDefinition, *, sequence_id: UUID, lineage_id: UUID, number: int
) -> None:
    await Sequence.create(
        id=sequence_id,
        workspace_id=work.workspace_id,
        lineage_id=lineage_id,
        number=number,
        name=definition.name,
        ruleset=_ruleset(definition),
    )
    await _write_steps(work, definition, sequence_id=sequence_id)
    work.emit(SequenceCreated(subject_id=sequence_id, number=number))
    work.audit("sequence.create", target_kind="sequence", target_id=sequence_id, number=number)


async def _rewrite(work: Work, sequence: Sequence, definition: SequenceDefinition) -> None:
    steps = SequenceStep.filter(workspace_id=work.workspace_id, sequence_id=sequence.id)
    step_ids = list(await steps.values_list("id", flat=True))
    await StepVariant.filter(workspace_id=work.workspace_id, step_id__in=step_ids).delete()
    await steps.delete()
    await _write_steps(work, definition, sequence_id=sequence.id)
    sequence.name, sequence.ruleset = definition.name, _ruleset(definition)
    sequence.status = SequenceStatus.DRAFT
    await sequence.save(update_fields=["name", "ruleset", "status"])
    work.emit(SequenceUpdated(subject_id=sequence.id))
    work.audit("sequence.update", target_kind="sequence", target_id=sequence.id)


async def _write_steps(work: Work, definition: SequenceDefinition, *, sequence_id: UUID) -> None:
    steps, variants = [], []
    for position, step in enumerate(definition.steps, start=1):
        step_id = new_id()
        steps.append(
            SequenceStep(
                id=step_id,
                workspace_id=work.workspace_id,
                sequence_id=sequence_id,
                position=position,
                kind=step.kind,
                delay_days=step.delay_days,
                delay_business_days=step.is_business_days,
                thread_mode=step.thread_mode,
            )
        )
        variants += [
            StepVariant(
                id=new_id(),
                workspace_id=work.workspace_id,
                step_id=step_id,
                label=variant.label,
                language=variant.language,
                subject_template=variant.subject_template,
                body_template=variant.body_template,
                weight=variant.weight,
            )
            for variant in step.variants
        ]
    await SequenceStep.bulk_create(steps)
    await StepVariant.bulk_create(variants)


def _changed(before: SequenceDefinition, changes: dict[str, Any]) -> SequenceDefinition:
    if "reply_rules" in changes:
        changes = {**changes, "reply_rules": before.reply_rules.changed(changes["reply_rules"])}
    return replace(before, **changes)


def _ruleset(definition: SequenceDefinition) -> dict[str, Any]:
    drafter = {"drafter": definition.drafter} if definition.drafter else {}
    return {**drafter, **definition.reply_rules.as_data()}
