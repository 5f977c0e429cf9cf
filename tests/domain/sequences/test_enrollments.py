"""Leads go through a sequence once, and leave it for good."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.errors import Forbidden
from domain.sequences import controlling
from domain.sequences.controlling import EnrollmentOver
from domain.sequences.enrollments import advance, enroll, resume, snooze, stop, stop_many
from domain.sequences.rules import EnrollmentStatus, PauseReason
from domain.states import IllegalTransition
from domain.suppression.rules import SuppressionKind, SuppressionReason, SuppressionScope
from domain.suppression.service import suppress
from domain.work import unit_of_work
from domain.workspaces.rules import Role
from tests.steps.sequences import (
    drafted,
    enrolled,
    event_types,
    known_lead,
    messages_of,
    running_outreach,
)
from tests.world import World


async def _do(world: World, piece: Any, **arguments: Any) -> Any:
    async with unit_of_work(world.actor, now=world.now()) as work:
        return await piece(work, **arguments)


async def _status(world: World, enrollment_id: UUID) -> str:
    [row] = await world.fetch("SELECT status FROM enrollment WHERE id = $1", enrollment_id)
    return str(row["status"])


async def test_a_lead_is_in_one_open_sequence_at_a_time(world: World) -> None:
    first = await running_outreach(world)
    second = await running_outreach(world, sender_id=first.sender_id)
    lead_id = await known_lead(world)
    enrollment_id = await enrolled(world, first, lead_id=lead_id)
    other = {
        "run_id": second.run_id,
        "lead_id": lead_id,
        "sequence_id": second.sequence_id,
        "sender_id": second.sender_id,
    }

    assert await _do(world, enroll, **other) is None
    await _do(world, stop, enrollment_id=enrollment_id, status=EnrollmentStatus.FINISHED)
    assert await _do(world, enroll, **other) is not None


async def test_enrolling_twice_gives_the_same_enrollment(world: World) -> None:
    outreach = await running_outreach(world)
    lead_id = await known_lead(world)
    ids = {await enrolled(world, outreach, lead_id=lead_id) for _ in range(2)}

    assert len(ids) == 1
    assert (await event_types(world)).count("LeadEnrolled") == 1


async def test_stopping_ends_it_for_good_and_cancels_what_hasnt_left(world: World) -> None:
    enrollment_id = await enrolled(world, await running_outreach(world))
    await drafted(world, enrollment_id)
    assert await _do(world, stop, enrollment_id=enrollment_id, status=EnrollmentStatus.REPLIED) is True
    assert await _do(world, stop, enrollment_id=enrollment_id, status=EnrollmentStatus.FAILED) is False

    assert await _status(world, enrollment_id) == "REPLIED"
    assert [message["status"] for message in await messages_of(world, enrollment_id)] == ["CANCELLED"] * 2
    assert (await event_types(world))[-3:] == ["EnrollmentEnded", "MessageCancelled", "MessageCancelled"]


async def test_open_is_no_way_to_end(world: World) -> None:
    enrollment_id = await enrolled(world, await running_outreach(world))
    with pytest.raises(IllegalTransition):
        await _do(world, stop, enrollment_id=enrollment_id, status=EnrollmentStatus.PENDING)
    assert await _status(world, enrollment_id) == "PENDING"


async def test_of_many_those_are_stopped_that_were_open(world: World) -> None:
    outreach = await running_outreach(world)
    ids = [await enrolled(world, outreach, email=f"a{n}@northwind.example") for n in range(3)]
    await _do(world, stop, enrollment_id=ids[0], status=EnrollmentStatus.REPLIED)

    assert await _do(world, stop_many, enrollment_ids=ids, status=EnrollmentStatus.REMOVED) == ids[1:]
    assert [await _status(world, id_) for id_ in ids] == ["REPLIED", "REMOVED", "REMOVED"]


async def test_after_the_last_step_it_is_finished(world: World) -> None:
    enrollment_id = await enrolled(world, await running_outreach(world))
    for position in (1, 1, 2):
        await _do(world, advance, enrollment_id=enrollment_id, sent_position=position, sent_at=world.now())

    assert await _status(world, enrollment_id) == "FINISHED"
    rows = await world.fetch("SELECT payload FROM event WHERE type = 'EnrollmentAdvanced' ORDER BY seq")
    assert [row["payload"]["next_position"] for row in rows] == [2, None]


async def test_a_late_report_doesnt_reopen_it(world: World) -> None:
    enrollment_id = await enrolled(world, await running_outreach(world))
    await _do(world, stop, enrollment_id=enrollment_id, status=EnrollmentStatus.OPTED_OUT)
    await _do(world, advance, enrollment_id=enrollment_id, sent_position=1, sent_at=world.now())

    [row] = await world.fetch("SELECT status, current_position FROM enrollment")
    assert row == {"status": "OPTED_OUT", "current_position": 1}
    assert "EnrollmentAdvanced" not in await event_types(world)


async def test_a_snooze_ends_by_itself_at_its_time(world: World) -> None:
    enrollment_id = await enrolled(world, await running_outreach(world))
    until = world.now() + timedelta(days=5)
    await _do(world, snooze, enrollment_id=enrollment_id, until=until, reason=PauseReason.OOO)
    assert await world.fetch("SELECT kind, due_at FROM task") == [
        {"kind": "ResumeEnrollment", "due_at": until}
    ]

    await controlling.resume_due(actor=world.actor, enrollment_id=enrollment_id, now=world.now())
    assert await _status(world, enrollment_id) == "PAUSED"
    await controlling.resume_due(actor=world.actor, enrollment_id=enrollment_id, now=until)
    assert await _status(world, enrollment_id) == "ACTIVE"


async def test_a_pause_is_never_made_shorter(world: World) -> None:
    enrollment_id = await enrolled(world, await running_outreach(world))
    late, early = world.now() + timedelta(days=9), world.now() + timedelta(days=2)
    for until in (late, early):
        await _do(world, snooze, enrollment_id=enrollment_id, until=until, reason=PauseReason.OOO)
    [row] = await world.fetch("SELECT resume_at FROM enrollment")
    assert row["resume_at"] == late

    await controlling.pause_enrollment(actor=world.actor, enrollment_id=enrollment_id, now=world.now())
    assert not await _do(world, snooze, enrollment_id=enrollment_id, until=early, reason=PauseReason.OOO)
    assert await world.fetch("SELECT pause_reason, resume_at FROM enrollment") == [
        {"pause_reason": "MANUAL", "resume_at": None}
    ]


async def test_resuming_what_isnt_paused_changes_nothing(world: World) -> None:
    enrollment_id = await enrolled(world, await running_outreach(world))
    assert await _do(world, resume, enrollment_id=enrollment_id) is False
    assert "EnrollmentResumed" not in await event_types(world)


async def test_an_ended_enrollment_cant_be_paused(world: World) -> None:
    enrollment_id = await enrolled(world, await running_outreach(world))
    await controlling.remove_enrollment(actor=world.actor, enrollment_id=enrollment_id, now=world.now())
    with pytest.raises(EnrollmentOver):
        await controlling.pause_enrollment(actor=world.actor, enrollment_id=enrollment_id, now=world.now())


async def test_reviewers_dont_steer_enrollments(world: World) -> None:
    enrollment_id = await enrolled(world, await running_outreach(world))
    with pytest.raises(Forbidden):
        await controlling.remove_enrollment(
            actor=await world.member(Role.REVIEWER), enrollment_id=enrollment_id, now=world.now()
        )
    assert await _status(world, enrollment_id) == "PENDING"


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        (SuppressionReason.UNSUBSCRIBE, "OPTED_OUT"),
        (SuppressionReason.BOUNCE, "BOUNCED"),
        (SuppressionReason.CUSTOMER, "SUPPRESSED"),
    ],
)
async def test_a_suppression_takes_its_people_out(
    world: World, reason: SuppressionReason, status: str
) -> None:
    outreach = await running_outreach(world)
    enrollment_id, other_id = [
        await enrolled(world, outreach, email=email) for email in ("ada@n.example", "bo@n.example")
    ]
    await drafted(world, enrollment_id)
    await _do(
        world,
        suppress,
        kind=SuppressionKind.EMAIL,
        value="Ada@n.example",
        reason=reason,
        identity_key=world.services.ports.identity_key,
    )

    assert await _status(world, enrollment_id) == status
    assert await _status(world, other_id) == "PENDING"
    assert {message["status"] for message in await messages_of(world, enrollment_id)} == {"CANCELLED"}


async def test_a_suppression_for_another_sender_leaves_the_enrollment(world: World) -> None:
    outreach = await running_outreach(world)
    enrollment_id = await enrolled(world, outreach)
    suppression = {
        "kind": SuppressionKind.EMAIL,
        "value": "ada@northwind.example",
        "reason": SuppressionReason.MANUAL,
        "identity_key": world.services.ports.identity_key,
        "scope": SuppressionScope.SENDER,
    }
    await _do(world, suppress, **suppression, scope_id=outreach.play_id)
    assert await _status(world, enrollment_id) == "PENDING"
    await _do(world, suppress, **suppression, scope_id=outreach.sender_id)
    assert await _status(world, enrollment_id) == "SUPPRESSED"
