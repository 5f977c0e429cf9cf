"""Jobs around enrollments: running them twice is the same as once."""

from datetime import timedelta

import pytest

from domain.errors import DomainError
from domain.sequences.enrollments import snooze
from domain.sequences.rules import PauseReason
from domain.sequences.tasks import DraftEnrollments, ResumeEnrollment
from domain.work import unit_of_work
from jobs.registry import JobContext
from jobs.sequences import draft_enrollments, resume_enrollment
from tests.steps.sequences import enrolled, event_types, messages_of, running_outreach
from tests.world import World


def _context(world: World) -> JobContext:
    return JobContext(ports=world.services.ports, workspace_id=world.workspace_id, clock=world.clock)


async def test_a_batch_is_drafted_once(world: World) -> None:
    outreach = await running_outreach(world)
    ids = [await enrolled(world, outreach, email=f"a{n}@northwind.example") for n in range(6)]
    task = DraftEnrollments(enrollment_ids=tuple(ids))
    assert DraftEnrollments.from_payload(task.as_payload()) == task
    for _ in range(2):
        await draft_enrollments(_context(world), task)

    assert [len(await messages_of(world, id_)) for id_ in ids] == [2] * 6
    assert (await event_types(world)).count("MessageDrafted") == 12


async def test_one_that_fails_doesnt_stop_the_others(world: World) -> None:
    outreach = await running_outreach(world)
    broken = await enrolled(world, outreach, email=None)
    fine = await enrolled(world, outreach, email="ada@northwind.example")
    with pytest.raises(DomainError) as failed:
        await draft_enrollments(_context(world), DraftEnrollments(enrollment_ids=(broken, fine)))

    assert failed.value.code == "LEAD_HAS_NO_ADDRESS"
    assert len(await messages_of(world, fine)) == 2
    assert await messages_of(world, broken) == []


async def test_a_pause_ends_when_its_time_comes_and_not_before(world: World) -> None:
    enrollment_id = await enrolled(world, await running_outreach(world))
    async with unit_of_work(world.actor, now=world.now()) as work:
        until = world.now() + timedelta(hours=1)
        await snooze(work, enrollment_id=enrollment_id, until=until, reason=PauseReason.OOO)
    statuses = []
    for offset_s in (0, 3700, 3700):
        world.clock.offset_s = offset_s
        await resume_enrollment(_context(world), ResumeEnrollment(enrollment_id=enrollment_id))
        [row] = await world.fetch("SELECT status FROM enrollment")
        statuses.append(row["status"])

    assert statuses == ["PAUSED", "ACTIVE", "ACTIVE"]
    assert (await event_types(world)).count("EnrollmentResumed") == 1
