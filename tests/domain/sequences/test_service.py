"""Sequences are written, changed and versioned."""

import pytest

from domain.errors import Forbidden, Invalid, NotConfigured, NotFound, StaleVersion
from domain.sequences import queries, service
from domain.sequences.definition import DrafterName, SequenceDefinition, StepDefinition, VariantDefinition
from domain.sequences.reply_rules import OnOoo, OnReply, ReplyRules
from domain.sequences.rules import StepKind, ThreadMode
from domain.sequences.templates import InvalidTemplate
from domain.states import IllegalTransition
from domain.work import unit_of_work
from domain.workspaces.rules import Role
from tests.steps.sequences import TWO_STEPS, written_sequence
from tests.world import World, new_world


async def _definition(world: World, sequence_id: object) -> SequenceDefinition:
    async with unit_of_work(world.actor, now=world.now()) as work:
        return await queries.get_definition(work, sequence_id=sequence_id)  # type: ignore[arg-type]


async def _update(
    world: World, sequence_id: object, *, expected: int | None = None, **changes: object
) -> object:
    return await service.update_sequence(
        ports=world.services.ports,
        actor=world.actor,
        sequence_id=sequence_id,  # type: ignore[arg-type]
        changes=changes,
        expected_version=expected,
        now=world.now(),
    )


async def test_what_was_written_is_read_back(world: World) -> None:
    sequence_id = await written_sequence(world, active=False, drafter=DrafterName.LIQUID_TEMPLATE)

    assert await _definition(world, sequence_id) == SequenceDefinition(
        name="First contact", steps=TWO_STEPS, drafter=DrafterName.LIQUID_TEMPLATE
    )
    [row] = await world.fetch("SELECT status, number, lineage_id FROM sequence")
    assert row == {"status": "DRAFT", "number": 1, "lineage_id": sequence_id}


async def test_a_draft_is_changed_in_place(world: World) -> None:
    sequence_id = await written_sequence(world, active=False)
    assert await _update(world, sequence_id, name="Other", steps=TWO_STEPS[:1]) == sequence_id

    assert await _definition(world, sequence_id) == SequenceDefinition(name="Other", steps=TWO_STEPS[:1])
    assert await world.fetch("SELECT count(*) AS n FROM step_variant") == [{"n": 1}]


async def test_an_active_version_stays_and_a_next_one_is_written(world: World) -> None:
    sequence_id = await written_sequence(world)
    next_id = await _update(world, sequence_id, name="Other")

    assert next_id != sequence_id
    rows = await world.fetch("SELECT id, number, name, status FROM sequence ORDER BY number")
    assert rows == [
        {"id": sequence_id, "number": 1, "name": "First contact", "status": "ACTIVE"},
        {"id": next_id, "number": 2, "name": "Other", "status": "DRAFT"},
    ]
    assert (await _definition(world, sequence_id)).steps == (await _definition(world, next_id)).steps
    assert await _update(world, sequence_id, name="Third") != next_id
    assert await world.fetch("SELECT max(number) AS n FROM sequence") == [{"n": 3}]


async def test_reply_rules_belong_to_the_version_they_were_written_with(world: World) -> None:
    patient = ReplyRules(on_reply=OnReply.PAUSE, on_ooo=OnOoo.RESUME_AFTER_DAYS, ooo_default_days=14)
    sequence_id = await written_sequence(world, reply_rules=patient)
    next_id = await _update(
        world, sequence_id, reply_rules={"on_reply": OnReply.STOP, "ooo_default_days": None}
    )

    assert (await _definition(world, sequence_id)).reply_rules == patient
    assert (await _definition(world, next_id)).reply_rules == ReplyRules(on_ooo=OnOoo.RESUME_AFTER_DAYS)
    assert await _update(world, next_id, reply_rules=None) == next_id
    assert (await _definition(world, next_id)).reply_rules == ReplyRules()
    [kept] = await world.fetch("SELECT ruleset FROM sequence WHERE number = 2")
    assert kept["ruleset"] == ReplyRules().as_data()  # later defaults don't reach it


async def test_a_rule_that_cannot_be_followed_changes_nothing(world: World) -> None:
    sequence_id = await written_sequence(world, active=False)
    with pytest.raises(Invalid) as refused:
        await _update(world, sequence_id, reply_rules={"ooo_default_days": 61})
    assert refused.value.field == ("replyRules", "oooDefaultDays")
    assert (await _definition(world, sequence_id)).reply_rules == ReplyRules()


async def test_a_stale_update_changes_nothing(world: World) -> None:
    sequence_id = await written_sequence(world, active=False)
    await _update(world, sequence_id, name="Other", expected=1)
    with pytest.raises(StaleVersion):
        await _update(world, sequence_id, name="Third", expected=1)
    assert (await _definition(world, sequence_id)).name == "Other"


async def test_an_archived_sequence_is_never_active_again(world: World) -> None:
    sequence_id = await written_sequence(world)
    for _ in range(2):
        await service.archive_sequence(actor=world.actor, sequence_id=sequence_id, now=world.now())
    with pytest.raises(IllegalTransition):
        await service.activate_sequence(actor=world.actor, sequence_id=sequence_id, now=world.now())
    with pytest.raises(IllegalTransition):
        await _update(world, sequence_id, name="Other")
    rows = await world.fetch("SELECT type FROM event WHERE subject_kind = 'sequence' ORDER BY seq")
    assert [row["type"] for row in rows] == ["SequenceCreated", "SequenceActivated", "SequenceArchived"]


async def test_another_workspaces_sequence_is_missing(world: World) -> None:
    other = await new_world(world.app)
    theirs = await written_sequence(other)
    with pytest.raises(NotFound):
        await service.archive_sequence(actor=world.actor, sequence_id=theirs, now=world.now())
    assert await other.fetch("SELECT status FROM sequence") == [{"status": "ACTIVE"}]


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.READ_ONLY, Role.ANALYST])
async def test_only_authors_write_sequences(world: World, role: Role) -> None:
    with pytest.raises(Forbidden):
        await service.create_sequence(
            ports=world.services.ports,
            actor=await world.member(role),
            definition=SequenceDefinition(name="x", steps=TWO_STEPS),
            now=world.now(),
        )
    assert await world.fetch("SELECT 1 FROM sequence") == []


def _step(**changes: object) -> StepDefinition:
    return StepDefinition(**{"variants": (VariantDefinition(label="A"),), **changes})  # type: ignore[arg-type]


def _wording(**changes: object) -> StepDefinition:
    return _step(variants=(VariantDefinition(**{"label": "A", **changes}),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("steps", "field"),
    [
        ((), ("steps",)),
        ((_step(),) * 21, ("steps",)),
        ((_step(thread_mode=ThreadMode.REPLY),), ("steps", "0", "threadMode")),
        ((_step(), _step(kind=StepKind.CALL_TASK)), ("steps", "1", "kind")),
        ((_step(delay_days=366),), ("steps", "0", "delayDays")),
        ((_step(delay_days=-1),), ("steps", "0", "delayDays")),
        ((_step(variants=()),), ("steps", "0", "variants")),
        ((_step(variants=(VariantDefinition(label="A"),) * 2),), ("steps", "0", "variants")),
        ((_wording(weight=0),), ("steps", "0", "variants")),
        ((_wording(weight=1001),), ("steps", "0", "variants", "0", "weight")),
        ((_wording(language="english"),), ("steps", "0", "variants", "0", "language")),
        ((_wording(label=" "),), ("steps", "0", "variants", "0", "label")),
        ((_wording(label="a\u202eb"),), ("steps", "0", "variants", "0", "label")),
    ],
)
async def test_a_sequence_that_couldnt_run_is_refused(
    world: World, steps: tuple[StepDefinition, ...], field: tuple[str, ...]
) -> None:
    with pytest.raises(Invalid) as refused:
        await written_sequence(world, steps=steps)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("wording", "field"),
    [
        ({"subject_template": "a\nb"}, "subjectTemplate"),
        ({"body_template": "{{ lead.salary }}"}, "bodyTemplate"),
        ({"body_template": "{% if offer %}open"}, "bodyTemplate"),
        ({"body_template": "{% for i in (1..100000000) %}{% endfor %}"}, "bodyTemplate"),
        ({"body_template": "{{ facts.first }}"}, "bodyTemplate"),
    ],
)
async def test_a_template_that_couldnt_be_filled_is_refused(
    world: World, wording: dict[str, str], field: str
) -> None:
    with pytest.raises(InvalidTemplate) as refused:
        await written_sequence(world, steps=(_wording(**wording),))
    assert refused.value.field == ("steps", "0", "variants", "0", field)


async def test_a_drafter_without_credentials_cant_be_chosen(world: World) -> None:
    with pytest.raises(NotConfigured):
        await written_sequence(world, drafter=DrafterName.ANTHROPIC)
    assert await world.fetch("SELECT 1 FROM sequence") == []
