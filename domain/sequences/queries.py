"""Reads about sequences and messages that aren't plain lists."""

from typing import TYPE_CHECKING, Final
from uuid import UUID

from domain.errors import NotFound
from domain.sequences.definition import DrafterName, SequenceDefinition, StepDefinition, VariantDefinition
from domain.sequences.reply_rules import ReplyRules
from domain.sequences.rules import StepKind, ThreadMode
from domain.work import Work

if TYPE_CHECKING:
    from domain.tenancy import Connection

LEFT_STATES: Final = ("HANDOFF", "SENT", "UNKNOWN", "REVIEW")
"""States of a delivery after which its message may be in somebody's inbox."""


async def get_definition(work: Work, *, sequence_id: UUID) -> SequenceDefinition:
    """Return a version as its author wrote it; raises NotFound."""
    sequence = await work.connection.fetchrow(
        "SELECT name, ruleset FROM sequence WHERE workspace_id = $1 AND id = $2",
        work.workspace_id,
        sequence_id,
    )
    if sequence is None:
        raise NotFound("no such sequence", field=("id",))
    rows = await work.connection.fetch(
        """
        SELECT s.id, s.kind, s.delay_days, s.delay_business_days, s.thread_mode,
               v.label, v.language, v.subject_template, v.body_template, v.weight
        FROM sequence_step s LEFT JOIN step_variant v ON (v.workspace_id, v.step_id) = (s.workspace_id, s.id)
        WHERE s.workspace_id = $1 AND s.sequence_id = $2 ORDER BY s.position, v.label
        """,
        work.workspace_id,
        sequence_id,
    )
    steps: dict[UUID, StepDefinition] = {}
    variants: dict[UUID, list[VariantDefinition]] = {}
    for row in rows:
        steps[row["id"]] = StepDefinition(
            variants=(),
            kind=StepKind(row["kind"]),
            delay_days=row["delay_days"],
            is_business_days=row["delay_business_days"],
            thread_mode=ThreadMode(row["thread_mode"]),
        )
        names = ("label", "language", "subject_template", "body_template", "weight")
        variants.setdefault(row["id"], []).append(VariantDefinition(**{name: row[name] for name in names}))
    drafter = sequence["ruleset"].get("drafter")
    return SequenceDefinition(
        name=sequence["name"],
        steps=tuple(_with_variants(step, variants[id_]) for id_, step in steps.items()),
        drafter=DrafterName(drafter) if drafter else None,
        reply_rules=ReplyRules.of(sequence["ruleset"]),
    )


async def has_left(connection: "Connection", *, message_id: UUID) -> bool:
    """Tell whether a message was handed to a mail server, or may have been."""
    return bool(
        await connection.fetchval(
            """
            SELECT true FROM delivery
            WHERE workspace_id = current_setting('app.workspace_id')::uuid AND message_id = $1 AND state = ANY ($2)
            """,
            message_id,
            LEFT_STATES,
        )
    )


async def count_batch(connection: "Connection", *, batch_id: UUID) -> int:
    """Return how many messages were approved together."""
    return int(
        await connection.fetchval(
            """
            SELECT count(*) FROM approval
            WHERE workspace_id = current_setting('app.workspace_id')::uuid AND batch_id = $1
            """,
            batch_id,
        )
    )


def _with_variants(step: StepDefinition, variants: list[VariantDefinition]) -> StepDefinition:
    return StepDefinition(
        variants=tuple(variants),
        kind=step.kind,
        delay_days=step.delay_days,
        is_business_days=step.is_business_days,
        thread_mode=step.thread_mode,
    )
