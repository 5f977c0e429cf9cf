"""A run from launch to its end, and at every place where it can be stopped."""

import asyncio
import contextvars
from contextlib import AbstractAsyncContextManager
from uuid import UUID

import pytest

from domain.actor import Actor
from domain.idempotency import Idempotency, Replayed
from domain.plays import sources
from domain.plays.rules import PlayNotReady
from domain.runs import controlling, discovery, service
from domain.runs.ending import finish_run
from domain.runs.progress import close_by_enrollment
from domain.sequences import enrollments, reviewing
from domain.sequences.events import EnrollmentEnded
from domain.sequences.rules import EnrollmentStatus
from domain.states import IllegalTransition
from domain.suppression.rules import SuppressionKind, SuppressionReason
from domain.suppression.service import suppress
from domain.work import Work, unit_of_work
from tests.steps.leads import import_content
from tests.steps.runs import (
    approve_all,
    events_of,
    launch,
    launched,
    leads,
    play,
    run_of,
    run_some,
    sender,
    stages_of,
    status_of,
)
from tests.waiting import until_a_lock_is_awaited
from tests.world import World


async def _enrollments(world: World, run_id: UUID) -> list[dict[str, UUID]]:
    return await world.fetch("SELECT * FROM enrollment WHERE run_id = $1 ORDER BY id", run_id)


def _unit(world: World) -> AbstractAsyncContextManager[Work]:
    return unit_of_work(Actor.job(world.workspace_id), now=world.now())


async def _suppress(world: World, lead_id: UUID) -> None:
    async with _unit(world) as work:
        await suppress(
            work,
            kind=SuppressionKind.LEAD,
            value=str(lead_id),
            reason=SuppressionReason.MANUAL,
            identity_key=world.services.ports.identity_key,
        )


async def _send(world: World, enrollment_id: UUID, position: int) -> None:
    async with _unit(world) as work:
        await enrollments.advance(
            work, enrollment_id=enrollment_id, sent_position=position, sent_at=world.now()
        )


async def test_a_launched_play_ends_with_messages_in_review_and_never_with_sent_ones(world: World) -> None:
    good = await leads(world, 2)
    [suppressed] = await leads(world, 1)
    [restricted] = await leads(world, 1, restricted_at=world.now())
    [nameless] = await leads(world, 1, email=None)
    [invalid] = await leads(world, 1, email_status="INVALID")
    await _suppress(world, suppressed)
    run_id = await launch(
        world, await play(world, [*good, suppressed, restricted, nameless, invalid], steps=2)
    )
    await world.run_tasks()

    assert await stages_of(world, run_id) == {
        "IN_REVIEW": 2,
        "DROPPED(SUPPRESSED)": 1,
        "DROPPED(NO_ADDRESS)": 1,
        "DROPPED(INVALID_ADDRESS)": 1,
    }
    messages = await world.fetch("SELECT lead_id, status FROM message WHERE run_id = $1", run_id)
    assert sorted(row["lead_id"] for row in messages) == sorted([*good, *good])
    assert {row["status"] for row in messages} == {"IN_REVIEW"}
    assert await world.fetch("SELECT 1 FROM delivery") == []
    assert await status_of(world, run_id) == "RUNNING"


@pytest.mark.parametrize("as_filter", [False, True])
async def test_a_file_of_people_already_known_brings_all_of_them_through_the_usual_gates(
    world: World, as_filter: bool
) -> None:
    people = ["ada", "bo", "hid", "no", "two"]
    await import_content(world, "\n".join(["Email", *(f"{name}@acme.com" for name in people)]).encode())
    await world.fetch("UPDATE lead SET restricted_at = now() WHERE email = 'hid@acme.com' RETURNING id")
    [objecting] = await world.fetch("SELECT id FROM lead WHERE email = 'no@acme.com'")
    await _suppress(world, objecting["id"])
    file = [
        "Email",
        "ada@acme.com",
        "ADA@acme.com",
        "bo@acme.com",
        "hid@acme.com",
        "no@acme.com",
        "new@acme.com",
    ]
    job = await import_content(world, "\n".join(file).encode(), key="second")
    import_id = UUID(job["id"].rpartition("_")[2])
    source = sources.from_filter(import_job_id=import_id) if as_filter else sources.from_import(import_id)
    run_id = await launch(world, await play(world, source))
    await world.run_tasks()

    taken = await world.fetch(
        """
        SELECT l.email, r.dropped_reason FROM run_lead r JOIN lead l ON l.id = r.lead_id
        WHERE r.run_id = $1 ORDER BY l.email
        """,
        run_id,
    )
    assert [row["email"] for row in taken] == ["ada@acme.com", "bo@acme.com", "new@acme.com", "no@acme.com"]
    assert [row["email"] for row in taken if row["dropped_reason"] == "SUPPRESSED"] == ["no@acme.com"]


async def test_the_runs_stream_tells_its_story_in_order(world: World) -> None:
    run_id = await launched(world, 1)
    await approve_all(world, run_id)
    [enrollment] = await _enrollments(world, run_id)
    await _send(world, enrollment["id"], 1)
    await world.run_tasks()

    rows = await world.fetch(
        "SELECT type, payload FROM event WHERE run_id = $1 AND subject_kind = 'run' ORDER BY seq", run_id
    )
    assert [row["payload"].get("stage", row["type"]) for row in rows] == [
        "RunLaunched",
        "RunStarted",
        "DISCOVERED",
        "RunDiscovered",
        "ENRICHING",
        "DRAFTING",
        "IN_REVIEW",
        "SCHEDULED",
        "SENDING",
        "DONE",
        "RunCompleted",
    ]
    assert await status_of(world, run_id) == "COMPLETED"
    assert (await run_of(world, run_id))["finished_at"] is not None


async def test_a_play_that_lacks_something_says_all_of_it_and_starts_nothing(world: World) -> None:
    play_id = await play(world, await leads(world, 1), sender_ids=[await sender(world, status="PAUSED")])
    with pytest.raises(PlayNotReady) as refused:
        await launch(world, play_id)
    assert refused.value.missing == ("no sender of it can send",)
    assert await world.fetch("SELECT 1 FROM run") == []
    assert await world.fetch("SELECT status FROM play") == [{"status": "DRAFT"}]


async def test_the_same_key_launches_once(world: World) -> None:
    play_id = await play(world, await leads(world, 1))
    key = Idempotency.of(caller_id=world.actor.id, mutation="playLaunch", key="k", arguments={})
    run_id = await service.launch_run(
        actor=world.actor, play_id=play_id, seed=1, now=world.now(), idempotency=key
    )
    with pytest.raises(Replayed) as replayed:
        await service.launch_run(actor=world.actor, play_id=play_id, seed=2, now=world.now(), idempotency=key)
    assert replayed.value.result_id == run_id
    assert [row["seed"] for row in await world.fetch("SELECT seed FROM run")] == [1]


async def test_a_lead_is_in_one_run_at_a_time(world: World) -> None:
    people = await leads(world, 2)
    first = await launch(world, await play(world, people))
    await world.run_tasks()
    second = await launch(world, await play(world, people))
    await world.run_tasks()

    assert await stages_of(world, first) == {"IN_REVIEW": 2}
    assert await stages_of(world, second) == {"DROPPED(EXCLUSIVE_ELSEWHERE)": 2}
    assert await status_of(world, second) == "COMPLETED"


async def test_running_every_task_twice_changes_nothing(world: World) -> None:
    run_id = await launched(world, 3)
    before = await stages_of(world, run_id), await events_of(world, run_id)
    async with _unit(world) as work:
        await work.connection.execute(
            "UPDATE task SET state = 'READY', unique_key = NULL WHERE state = 'DONE'"
        )
    assert await world.run_tasks() >= 4
    assert (await stages_of(world, run_id), await events_of(world, run_id)) == before
    assert len(await world.fetch("SELECT 1 FROM message")) == 3


@pytest.mark.parametrize("tasks", range(5))
async def test_a_run_paused_at_any_stage_comes_to_the_same_result(world: World, tasks: int) -> None:
    run_id = await launch(world, await play(world, await leads(world, 3)))
    await run_some(world, tasks)
    await controlling.pause_run(actor=world.actor, run_id=run_id, now=world.now())
    before = await stages_of(world, run_id)
    await world.run_tasks()
    assert (await stages_of(world, run_id), await status_of(world, run_id)) == (before, "PAUSED(USER)")

    await controlling.resume_run(actor=world.actor, run_id=run_id, budget_credits=None, now=world.now())
    await world.run_tasks()
    assert await stages_of(world, run_id) == {"IN_REVIEW": 3}
    assert await status_of(world, run_id) == "RUNNING"


@pytest.mark.parametrize("tasks", range(6))
async def test_a_run_cancelled_at_any_stage_lets_go_of_everything(world: World, tasks: int) -> None:
    run_id = await launch(world, await play(world, await leads(world, 3)))
    await run_some(world, tasks)
    await approve_all(world, run_id)
    for _ in range(2):
        await controlling.cancel_run(actor=world.actor, run_id=run_id, now=world.now())
    await world.run_tasks()

    assert await status_of(world, run_id) == "CANCELLED"
    assert await stages_of(world, run_id) in ({}, {"DROPPED(RUN_CANCELLED)": 3})
    assert {row["status"] for row in await _enrollments(world, run_id)} <= {"REMOVED"}
    assert {row["status"] for row in await world.fetch("SELECT status FROM message")} <= {"CANCELLED"}
    assert {row["state"] for row in await world.fetch("SELECT state FROM delivery")} <= {"CANCELLED"}
    assert (await events_of(world, run_id)).count("RunCancelled") == 1


async def test_a_paused_run_can_be_cancelled_and_an_ended_one_cannot(world: World) -> None:
    run_id = await launched(world, 1)
    await controlling.pause_run(actor=world.actor, run_id=run_id, now=world.now())
    await controlling.cancel_run(actor=world.actor, run_id=run_id, now=world.now())
    await world.run_tasks()
    assert await status_of(world, run_id) == "CANCELLED"
    with pytest.raises(IllegalTransition):
        await controlling.pause_run(actor=world.actor, run_id=run_id, now=world.now())
    with pytest.raises(IllegalTransition):
        await controlling.resume_run(actor=world.actor, run_id=run_id, budget_credits=None, now=world.now())


async def test_a_rejected_lead_is_dropped_and_an_edited_one_is_reviewed_again(world: World) -> None:
    run_id = await launched(world, 2)
    await approve_all(world, run_id)
    assert await stages_of(world, run_id) == {"SCHEDULED": 2}
    rows = await world.fetch("SELECT id FROM message WHERE run_id = $1 ORDER BY id", run_id)
    await reviewing.reject_message(actor=world.actor, message_id=rows[0]["id"], comment=None, now=world.now())
    assert await stages_of(world, run_id) == {"SCHEDULED": 1, "DROPPED(REJECTED)": 1}


async def test_the_second_message_waits_in_review_without_holding_the_first(world: World) -> None:
    run_id = await launched(world, 1, steps=2)
    rows = await world.fetch(
        """
        SELECT m.id, m.content_hash FROM message m JOIN sequence_step s ON s.id = m.step_id
        WHERE m.run_id = $1 ORDER BY s.position DESC
        """,
        run_id,
    )
    stages = []
    for row in rows:  # the second step's message first
        await reviewing.approve_message(
            actor=world.actor, message_id=row["id"], content_hash=row["content_hash"], now=world.now()
        )
        stages.append(await stages_of(world, run_id))
    assert stages == [{"IN_REVIEW": 1}, {"SCHEDULED": 1}]


@pytest.mark.parametrize(
    ("ended", "stage"),
    [
        (EnrollmentStatus.REPLIED, "DONE"),
        (EnrollmentStatus.OPTED_OUT, "DROPPED(SUPPRESSED)"),
        (EnrollmentStatus.BOUNCED, "DROPPED(INVALID_ADDRESS)"),
    ],
)
async def test_what_ends_a_sequence_closes_the_lead_and_the_run(
    world: World, ended: EnrollmentStatus, stage: str
) -> None:
    run_id = await launched(world, 1)
    await approve_all(world, run_id)
    [enrollment] = await _enrollments(world, run_id)
    async with _unit(world) as work:
        await enrollments.stop(work, enrollment_id=enrollment["id"], status=ended)
    await world.run_tasks()
    assert await stages_of(world, run_id) == {stage: 1}
    assert await status_of(world, run_id) == "COMPLETED"


async def test_two_transactions_that_close_the_last_two_leads_at_once_complete_the_run(world: World) -> None:
    run_id = await launched(world, 2)
    both_have_stopped = asyncio.Barrier(2)

    async def stop(enrollment_id: UUID) -> None:
        async with _unit(world) as work:
            await enrollments.stop(work, enrollment_id=enrollment_id, status=EnrollmentStatus.REMOVED)
            await _close_now(work)
            await both_have_stopped.wait()  # neither sees what the other has done

    async def _close_now(work: Work) -> None:
        [event] = [event for event in work.events if isinstance(event, EnrollmentEnded)]
        await close_by_enrollment(work, run_id=run_id, ended={event.lead_id: EnrollmentStatus.REMOVED})

    await asyncio.gather(*(stop(row["id"]) for row in await _enrollments(world, run_id)))
    await world.run_tasks()
    assert await stages_of(world, run_id) == {"DROPPED(REJECTED)": 2}
    assert await status_of(world, run_id) == "COMPLETED"
    assert (await events_of(world, run_id)).count("RunCompleted") == 1


async def test_a_look_at_the_end_waits_for_leads_that_are_being_closed(
    world: World, database_url: str
) -> None:
    run_id = await launched(world, 1)
    [enrollment] = await _enrollments(world, run_id)
    async with _unit(world) as work:
        await enrollments.stop(work, enrollment_id=enrollment["id"], status=EnrollmentStatus.REMOVED)
        await work.connection.execute(
            "UPDATE run_lead SET stage = 'DROPPED', dropped_reason = 'REJECTED' WHERE run_id = $1", run_id
        )
        looking = asyncio.create_task(_apart(finish_run(actor=work.actor, run_id=run_id, now=work.now)))
        await until_a_lock_is_awaited(database_url)
        assert not looking.done()
    await looking
    assert await status_of(world, run_id) == "COMPLETED"


async def _apart(work: object) -> None:
    """Await in a task of its own, outside of the open unit of work."""
    await asyncio.get_running_loop().create_task(work, context=contextvars.Context())  # type: ignore[arg-type]


async def test_leads_are_taken_up_page_by_page_up_to_the_budgets_number(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "PAGE", 3)
    monkeypatch.setattr(discovery, "BATCH", 2)
    people = sorted(await leads(world, 9))
    await _suppress(world, people[1])
    run_id = await launch(
        world, await play(world, sources.from_filter(title_contains="WAREHOUSE"), max_leads=7)
    )
    await world.run_tasks()
    assert await stages_of(world, run_id) == {"IN_REVIEW": 7, "DROPPED(SUPPRESSED)": 1}
    taken = await world.fetch("SELECT lead_id FROM run_lead ORDER BY lead_id")
    assert [row["lead_id"] for row in taken] == people[:8]
    batches = await world.fetch("SELECT batch, count(*) FROM run_lead GROUP BY batch ORDER BY batch")
    assert all(row["count"] <= 3 for row in batches)


async def test_a_filter_takes_up_only_who_fits_and_may_be_written_to(world: World) -> None:
    [wanted] = await leads(world, 1, country="FR")
    await leads(world, 1, country="DE")
    await leads(world, 1, country="FR", status="MERGED")
    await leads(world, 1, country="FR", status="WON")
    await leads(world, 1, country="FR", title="Baker")
    source = sources.from_filter(country="fr", title_contains="warehouse", statuses=("NEW",))
    run_id = await launch(world, await play(world, source))
    await world.run_tasks()
    assert [row["lead_id"] for row in await world.fetch("SELECT lead_id FROM run_lead")] == [wanted]
    assert await stages_of(world, run_id) == {"IN_REVIEW": 1}


async def test_a_run_without_any_lead_completes_at_once(world: World) -> None:
    run_id = await launch(world, await play(world, sources.from_filter(country="IS")))
    await world.run_tasks()
    assert await status_of(world, run_id) == "COMPLETED"
