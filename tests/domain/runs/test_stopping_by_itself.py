"""What pauses a run without a person, and what lets it go on."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.actor import Actor
from domain.enrichment.rules.emails import EmailReason, EmailStatus, EmailVerdict
from domain.errors import NotConfigured, ProviderUnavailable
from domain.plays import service as plays
from domain.runs import controlling, drafting
from domain.senders.events import SenderPaused, SenderReauthRequired, SenderVerified
from domain.work import unit_of_work
from jobs.registry import JOBS, Again, JobContext
from tests.steps.credits import grant, spend_all_but
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
    with_ports,
)
from tests.world import World


class Verifier:
    """Says VALID about every address; each verdict costs a credit."""

    def __init__(self, now: datetime) -> None:
        self.asked = 0
        self._now = now

    async def verify(self, address: str) -> EmailVerdict:
        self.asked += 1
        return EmailVerdict(
            address=address,
            status=EmailStatus.VALID,
            reasons=(EmailReason.MX_FOUND,),
            mail_hosts=("mx.acme.example",),
            checked_at=self._now,
            expires_at=self._now.replace(year=self._now.year + 1),
        )


class BrokenDrafter:
    """Fails as it is told."""

    name = "liquid-template"

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def draft(self, brief: Any) -> Any:
        raise self.error


async def _unverified(world: World, count: int) -> list[UUID]:
    return await leads(world, count, email_status="UNVERIFIED", email_checked_at=None)


async def _emit(world: World, event: Any) -> None:
    async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
        work.emit(event)


async def test_too_few_credits_pause_the_run_and_new_ones_let_it_go_on(world: World) -> None:
    world = with_ports(world, email_verifier=Verifier(world.now()))
    await spend_all_but(world, 2)
    run_id = await launch(world, await play(world, await _unverified(world, 5)))
    await world.run_tasks()
    assert await status_of(world, run_id) == "PAUSED(BUDGET)"
    assert world.services.ports.email_verifier.asked == 2  # type: ignore[attr-defined]

    await grant(world, 100)
    assert await status_of(world, run_id) == "RUNNING"
    await world.run_tasks()
    assert await stages_of(world, run_id) == {"IN_REVIEW": 5}
    assert world.services.ports.email_verifier.asked == 5  # type: ignore[attr-defined]


async def test_a_run_that_has_used_up_its_budget_waits_for_a_higher_one(world: World) -> None:
    world = with_ports(world, email_verifier=Verifier(world.now()))
    run_id = await launch(world, await play(world, await _unverified(world, 4), credits=3))
    await world.run_tasks()
    assert await status_of(world, run_id) == "PAUSED(BUDGET)"
    assert world.services.ports.email_verifier.asked == 3  # type: ignore[attr-defined]

    await grant(world, 100)  # the workspace's credits aren't the run's
    assert await status_of(world, run_id) == "PAUSED(BUDGET)"
    await controlling.resume_run(actor=world.actor, run_id=run_id, budget_credits=50, now=world.now())
    await world.run_tasks()
    assert await stages_of(world, run_id) == {"IN_REVIEW": 4}
    assert (await run_of(world, run_id))["budget_credits"] == 50


async def test_a_run_without_any_sender_left_is_paused_until_one_is_verified(world: World) -> None:
    only = await sender(world)
    run_id = await launch(world, await play(world, await leads(world, 2), sender_ids=[only]))
    await run_some(world, 2)
    await _emit(world, SenderReauthRequired(subject_id=only))
    assert await status_of(world, run_id) == "PAUSED(AUTH)"
    await world.run_tasks()
    assert await stages_of(world, run_id) == {"DISCOVERED": 2}

    await _emit(world, SenderVerified(subject_id=only, files_sent_copy=True))
    await world.run_tasks()
    assert await stages_of(world, run_id) == {"IN_REVIEW": 2}


async def test_a_run_goes_on_with_the_other_sender_and_its_leads_are_shared_out(world: World) -> None:
    first, second = await sender(world), await sender(world)
    run_id = await launch(world, await play(world, await leads(world, 4), sender_ids=[first, second]))
    await run_some(world, 2)
    await _emit(world, SenderReauthRequired(subject_id=first))
    assert await status_of(world, run_id) == "RUNNING"
    await world.run_tasks()
    rows = await world.fetch("SELECT sender_id, count(*) FROM enrollment GROUP BY sender_id")
    assert {row["sender_id"]: row["count"] for row in rows} == {first: 2, second: 2}


async def test_a_run_paused_for_refusals_waits_for_a_person(world: World) -> None:
    only = await sender(world)
    run_id = await launch(world, await play(world, await leads(world, 1), sender_ids=[only]))
    await run_some(world, 1)
    await _emit(world, SenderPaused(subject_id=only, automatic=False))
    assert await status_of(world, run_id) == "RUNNING"
    await _emit(world, SenderPaused(subject_id=only, automatic=True))
    assert await status_of(world, run_id) == "PAUSED(BOUNCE)"
    await _emit(world, SenderVerified(subject_id=only, files_sent_copy=True))
    assert await status_of(world, run_id) == "PAUSED(BOUNCE)"


async def test_a_drafter_without_credentials_pauses_the_run(world: World) -> None:
    broken = with_ports(world, drafters={"liquid-template": BrokenDrafter(NotConfigured("no key"))})
    run_id = await launch(broken, await play(world, await leads(world, 2)))
    await broken.run_tasks()
    assert await status_of(world, run_id) == "PAUSED(AUTH)"

    await controlling.resume_run(actor=world.actor, run_id=run_id, budget_credits=None, now=world.now())
    await world.run_tasks()
    assert await stages_of(world, run_id) == {"IN_REVIEW": 2}


async def _draft_once(world: World, run_id: UUID, *, now: datetime) -> None:
    """Run the batch's drafting as the worker would, while the clock stands still."""
    job = JOBS["DraftRunLeads"]
    context = JobContext(ports=world.services.ports, workspace_id=world.workspace_id, clock=lambda: now)
    await job.handler(context, job.task.from_payload({"run_id": str(run_id), "batch": 0}))


async def test_an_outage_is_waited_for_and_a_fault_of_ours_drops_the_lead_in_the_end(world: World) -> None:
    error = ProviderUnavailable("busy", retry_after_s=30)
    broken = with_ports(world, drafters={"liquid-template": BrokenDrafter(error)})
    run_id = await launch(broken, await play(world, await leads(world, 1)))
    await run_some(broken, 3)
    now = world.now()
    with pytest.raises(Again) as again:
        await _draft_once(broken, run_id, now=now)
    assert again.value.at == now + timedelta(seconds=30)
    assert await stages_of(world, run_id) == {"DRAFTING": 1}

    broken.services.ports.drafters["liquid-template"].error = ZeroDivisionError()  # type: ignore[attr-defined]
    with pytest.raises(ZeroDivisionError):
        await _draft_once(broken, run_id, now=now)
    assert await stages_of(world, run_id) == {"DRAFTING": 1}
    job = JOBS["DraftRunLeads"]
    assert job.when_parked is not None
    async with unit_of_work(Actor.job(world.workspace_id), now=world.now()) as work:
        await job.when_parked(work, job.task.from_payload({"run_id": str(run_id), "batch": 0}), "boom")
    assert await stages_of(world, run_id) == {"DROPPED(DRAFT_FAILED)": 1}
    assert [row["status"] for row in await world.fetch("SELECT status FROM enrollment")] == ["FAILED"]
    assert "RunCompleted" not in await events_of(world, run_id)


async def test_a_cancellation_between_two_steps_of_a_lead_enrolls_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = await launch(world, await play(world, await leads(world, 1)))
    await run_some(world, 3)
    chosen = drafting._choose_senders

    async def cancel_meanwhile(*args: Any) -> Any:
        senders = await chosen(*args)
        await args[0].connection.execute("UPDATE run SET status = 'CANCELLING' WHERE id = $1", run_id)
        return senders

    monkeypatch.setattr(drafting, "_choose_senders", cancel_meanwhile)
    await _draft_once(world, run_id, now=world.now())
    assert await world.fetch("SELECT 1 FROM enrollment") == []


async def test_pausing_a_play_holds_its_runs_and_resuming_lets_them_go_on(world: World) -> None:
    play_id = await play(world, await leads(world, 2))
    run_id = await launch(world, play_id)
    await run_some(world, 2)
    await plays.pause_play(actor=world.actor, play_id=play_id, now=world.now())
    await world.run_tasks()
    assert await stages_of(world, run_id) == {"DISCOVERED": 2}
    assert await status_of(world, run_id) == "RUNNING"

    await plays.resume_play(actor=world.actor, play_id=play_id, now=world.now())
    await world.run_tasks()
    assert await stages_of(world, run_id) == {"IN_REVIEW": 2}


async def test_messages_beyond_the_runs_budget_wait_for_a_higher_one(world: World) -> None:
    run_id = await launched(world, 3, credits=2)
    await approve_all(world, run_id)
    assert await status_of(world, run_id) == "PAUSED(BUDGET)"
    held = "SELECT count(*) AS n FROM credit_hold WHERE status = 'HELD'"
    assert await world.fetch(held) == [{"n": 2}]
    waiting = "SELECT refused_gate, count(*) AS n FROM delivery GROUP BY 1 ORDER BY 1"
    assert await world.fetch(waiting) == [
        {"refused_gate": "CREDITS", "n": 1},
        {"refused_gate": None, "n": 2},
    ]

    await controlling.resume_run(actor=world.actor, run_id=run_id, budget_credits=3, now=world.now())
    assert await status_of(world, run_id) == "RUNNING"


async def test_an_approval_without_credits_stands_and_pauses_the_run(world: World) -> None:
    run_id = await launched(world, 2)
    await spend_all_but(world, 1)
    await approve_all(world, run_id)
    assert await status_of(world, run_id) == "PAUSED(BUDGET)"
    assert await stages_of(world, run_id) == {"SCHEDULED": 2}

    await grant(world, 100)
    assert await status_of(world, run_id) == "RUNNING"
