"""Sequences, their steps and variants, and who is enrolled in them."""

from uuid import UUID

import strawberry

from domain.sequences.definition import DrafterName, SequenceDefinition, StepDefinition, VariantDefinition
from domain.sequences.reply_rules import DEFAULT_RULES
from domain.sequences.rules import (
    SequenceStatus,
    StepKind,
    ThreadMode,
    VariantStatus,
)
from resolvers import sequences
from resolvers.reading.describe import Order
from schema.connections import Connection
from schema.filters import (
    BooleanFilter,
    DateTimeFilter,
    EnumFilter,
    IDFilter,
    StringFilter,
    conditions,
)
from schema.info import Info
from schema.lists import list_of, many
from schema.mutations import Payload, answer, fields_of
from schema.nodes import Node, column, entity, one, read_id
from schema.reads import object_of
from schema.reply_rules import SequenceReplyRules, SequenceReplyRulesInput, read_rules
from schema.scalars import DateTime
from schema.writes import change_of


@entity("step_statistics", prefix="stat")
class StepStatistics(Node):
    """What became of a step's messages, over all runs of this version."""

    sent_count: int = column(description="Messages sent.")
    replied_count: int = column(description="Of those, answered.")
    bounced_count: int = column(description="Of those, bounced.")
    opted_out_count: int = column(description="People who opted out after this step.")


@entity("step_variant", prefix="vari")
class StepVariant(Node):
    """One wording of a step."""

    label: str = column(description="Its name within the step.")
    language: str = column(description="BCP 47 code, such as `de` or `en-GB`.")
    subject_template: str = column(description="Liquid; empty means the drafter's own.")
    body_template: str = column(description="Liquid; empty means the drafter's own.")
    weight: int = column(description="0 to 1000: its share among the step's variants.")
    status: VariantStatus = column(description="Whether it takes part in the choice.")


@entity("sequence_step", prefix="step")
class SequenceStep(Node):
    """One message of a sequence."""

    position: int = column(description="Its place, from 1.")
    kind: StepKind = column(description="What it does.")
    delay_days: int = column(description="Days after the step before it, 0 to 365.")
    delay_business_days: bool = column(description="Whether only days count on which the window opens.")
    thread_mode: ThreadMode = column(description="New conversation, or an answer in the one before.")
    variants: Connection[StepVariant] = many(
        key="step_id", target=lambda: StepVariant, description="Its wordings.", order=(Order("label"),)
    )
    statistics: StepStatistics = one(
        key="id", target=lambda: StepStatistics, description="What became of its messages."
    )


@entity("sequence", prefix="sequ", search="t.name ILIKE '%' || {} || '%'")
class Sequence(Node):
    """One version of a sequence: the steps that a play sends to each lead."""

    name: str = column(description="What the workspace calls it.")
    number: int = column(description="The version, from 1.")
    lineage_id: strawberry.ID = column(description="Common to all versions of it.")
    is_latest: bool = column(
        """NOT EXISTS (SELECT FROM sequence later WHERE later.workspace_id = t.workspace_id
           AND later.lineage_id = t.lineage_id AND later.number > t.number)""",
        description="Whether no newer version exists.",
    )
    status: SequenceStatus = column(description="Whether plays can use it.")
    drafter: DrafterName | None = column(
        "t.ruleset ->> 'drafter'", description="Who drafts; absent means the workspace's default."
    )
    reply_rules: SequenceReplyRules = column("t.ruleset", description="What it does when somebody answers.")
    version: int = column(description="Rises with each change; updates name the one they saw.")
    created_at: DateTime = column(description="When this version was written.")
    updated_at: DateTime = column(description="When it was changed last.")
    steps: Connection[SequenceStep] = many(
        key="sequence_id", target=lambda: SequenceStep, description="In order.", order=(Order("position"),)
    )


@conditions(Sequence, search="Part of the name.", sort=("created_at", "updated_at", "name"))
class SequenceWhere:
    """Which sequences."""

    status: EnumFilter[SequenceStatus] | None = None
    name: StringFilter | None = None
    lineage_id: IDFilter | None = None
    is_latest: BooleanFilter | None = None
    created_at: DateTimeFilter | None = None


@strawberry.input(description="A wording of a step.")
class StepVariantInput:
    """One variant."""

    label: str = strawberry.field(description="1 to 80 characters, unique in its step.")
    language: str = strawberry.field(default="en", description="BCP 47 code, such as `de` or `en-GB`.")
    subject_template: str = strawberry.field(
        default="", description="Liquid, one line, up to 300 characters; empty means the drafter's own."
    )
    body_template: str = strawberry.field(
        default="", description="Liquid, up to 10,000 characters; empty means the drafter's own."
    )
    weight: int = strawberry.field(default=1, description="0 to 1000: its share among the variants.")


@strawberry.input(description="A step of a sequence.")
class SequenceStepInput:
    """One step."""

    variants: list[StepVariantInput] = strawberry.field(description="1 to 10 wordings.")
    kind: StepKind = strawberry.field(default=StepKind.EMAIL, description="Only EMAIL so far.")
    delay_days: int = strawberry.field(default=0, description="0 to 365 days after the step before it.")
    delay_business_days: bool = strawberry.field(
        default=True, description="Count only days on which the lead's sending window opens."
    )
    thread_mode: ThreadMode = strawberry.field(
        default=ThreadMode.NEW, description="The first step is always NEW."
    )


@strawberry.input(description="A new sequence.")
class SequenceCreateInput:
    """Arguments of `sequenceCreate`."""

    name: str = strawberry.field(description="1 to 200 characters.")
    steps: list[SequenceStepInput] = strawberry.field(description="1 to 20 steps, in order.")
    drafter: DrafterName | None = strawberry.field(
        default=None, description="Who drafts; absent means a language model if one is configured."
    )
    idempotency_key: str | None = strawberry.field(default=None, description="Makes a repeat safe.")
    reply_rules: SequenceReplyRulesInput | None = strawberry.field(
        default=None, description="What it does when somebody answers; absent means the defaults."
    )


@strawberry.input(description="Changes to a sequence; what is left out stays.")
class SequenceUpdateInput:
    """Arguments of `sequenceUpdate`."""

    id: strawberry.ID = strawberry.field(description="The version to start from.")
    name: str | None = strawberry.field(default=strawberry.UNSET, description="1 to 200 characters.")
    steps: list[SequenceStepInput] | None = strawberry.field(
        default=strawberry.UNSET, description="All steps anew."
    )
    drafter: DrafterName | None = strawberry.field(
        default=strawberry.UNSET, description="Who drafts; null means the workspace's default."
    )
    expected_version: int | None = strawberry.field(default=None, description="Refuse if it changed since.")
    reply_rules: SequenceReplyRulesInput | None = strawberry.field(
        default=strawberry.UNSET, description="What it does when somebody answers; null means the defaults."
    )


@strawberry.type(description="The answer of sequence mutations.")
class SequencePayload(Payload):
    """A sequence after a change."""

    sequence: Sequence | None = strawberry.field(default=None, description="The version as it is now.")


@strawberry.type
class SequencesQuery:
    """Root fields about sequences."""

    sequence = object_of(Sequence, description="One version of a sequence.")

    sequences = list_of(
        Sequence,
        order=(Order("created_at", descending=True),),
        description="Versions of sequences, newest first unless ordered.",
    )


@strawberry.type
class SequencesMutation:
    """Root fields that change sequences and enrollments."""

    @strawberry.mutation(description="Write a sequence, as a DRAFT.")
    async def sequence_create(self, info: Info, input: SequenceCreateInput) -> SequencePayload:
        """Create it."""

        async def use_case() -> UUID:
            return await sequences.create_sequence(
                info.context,
                definition=SequenceDefinition(
                    name=input.name,
                    steps=_steps(input.steps),
                    drafter=input.drafter,
                    reply_rules=DEFAULT_RULES.changed(read_rules(input.reply_rules)),
                ),
                idempotency_key=input.idempotency_key,
                arguments=strawberry.asdict(input),
            )

        return await answer(info, SequencePayload, use_case())

    @strawberry.mutation(
        description="Change a version that was never active; else write the next version, as a DRAFT."
    )
    async def sequence_update(self, info: Info, input: SequenceUpdateInput) -> SequencePayload:
        """Change it."""

        async def use_case() -> UUID:
            changes = fields_of(input, without=("id", "expected_version"))
            if "steps" in changes:
                changes["steps"] = _steps(input.steps or [])
            if changes.get("name", "") is None:
                del changes["name"]
            if "reply_rules" in changes:
                changes["reply_rules"] = read_rules(changes["reply_rules"])
            return await sequences.update_sequence(
                info.context,
                sequence_id=read_id(input.id, Sequence),
                changes=changes,
                expected_version=input.expected_version,
            )

        return await answer(info, SequencePayload, use_case())

    sequence_activate = change_of(
        Sequence,
        SequencePayload,
        sequences.activate_sequence,
        description="Let plays use this version; it doesn't change any more.",
    )

    sequence_archive = change_of(
        Sequence,
        SequencePayload,
        sequences.archive_sequence,
        description="Take this version out of use; who is enrolled in it goes on.",
    )


def _steps(steps: list[SequenceStepInput]) -> tuple[StepDefinition, ...]:
    return tuple(
        StepDefinition(
            variants=tuple(VariantDefinition(**fields_of(variant)) for variant in step.variants),
            kind=step.kind,
            delay_days=step.delay_days,
            is_business_days=step.delay_business_days,
            thread_mode=step.thread_mode,
        )
        for step in steps
    )
