"""Enroll a batch of a run's leads and have their messages drafted, for review."""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from uuid import UUID

from domain.actor import Actor
from domain.errors import NotFound
from domain.ports import Ports
from domain.runs import queries
from domain.runs.assigning import SenderLoad, assign_senders
from domain.runs.batches import Clock, work_on_each
from domain.runs.controlling import pause
from domain.runs.progress import move_leads
from domain.runs.queries import RunInputs
from domain.runs.rules import DropReason, LeadStage, PauseReason
from domain.senders.rules import CAN_SEND
from domain.sequences.drafting import draft_enrollment
from domain.sequences.enrollments import enroll, stop_many
from domain.sequences.rules import EnrollmentStatus
from domain.work import Work, unit_of_work


async def draft_batch(*, ports: Ports, actor: Actor, run_id: UUID, batch: int, clock: Clock) -> None:
    """Draft what of a batch isn't yet; safe to repeat, and to leave at any point.

    Raises:
        ProviderUnavailable: trying again later is right.
    """
    run, senders = await _begin(ports, actor, run_id, batch, clock)

    async def draft(lead_id: UUID) -> None:
        enrollment_id = await _enroll(actor, run, lead_id, senders[lead_id], clock)
        if enrollment_id is None:
            return
        try:
            await draft_enrollment(ports=ports, actor=actor, enrollment_id=enrollment_id, clock=clock)
        except NotFound:  # the lead lost its address, or was erased, a moment ago
            async with unit_of_work(actor, now=clock()) as work:
                await _let_go(work, run_id, [lead_id], DropReason.NO_ADDRESS, EnrollmentStatus.REMOVED)

    await work_on_each([[lead_id] for lead_id in senders], draft, actor=actor, run_id=run_id, clock=clock)


async def give_up_drafting(work: Work, *, run_id: UUID, batch: int) -> None:
    """Let go of the leads of a batch that can't be drafted for a fault of ours."""
    left = await queries.list_batch(work.connection, run_id=run_id, batch=batch, stages=[LeadStage.DRAFTING])
    await _let_go(work, run_id, left, DropReason.DRAFT_FAILED, EnrollmentStatus.FAILED)


async def _begin(
    ports: Ports, actor: Actor, run_id: UUID, batch: int, clock: Clock
) -> tuple[RunInputs, dict[UUID, UUID]]:
    """Let go of leads that can't be written to; return the others, each with its sender."""
    async with unit_of_work(actor, now=clock()) as work:
        run = await queries.get_inputs(work.connection, run_id=run_id)
        if not run.goes_on:
            return run, {}
        lead_ids = await queries.list_batch(
            work.connection, run_id=run_id, batch=batch, stages=[LeadStage.DRAFTING]
        )
        unfit = await queries.find_unfit(
            work, run=run, lead_ids=lead_ids, identity_key=ports.identity_key, address_is_final=True
        )
        for reason, some in unfit.items():
            await move_leads(work, run_id=run_id, lead_ids=some, target=LeadStage.DROPPED, reason=reason)
        gone = {lead_id for some in unfit.values() for lead_id in some}
        left = [lead_id for lead_id in lead_ids if lead_id not in gone]
        senders = await _choose_senders(work, run, left)
        if left and not senders:
            await pause(work, run_id=run_id, reason=PauseReason.AUTH)
    return run, senders


async def _choose_senders(work: Work, run: RunInputs, lead_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    midnight = datetime.combine(work.now.date(), time(), tzinfo=UTC)
    loads = await work.connection.fetch(
        """
        SELECT s.id AS sender_id, s.daily_limit,
               (SELECT count(*) FROM enrollment e WHERE e.workspace_id = s.workspace_id AND e.sender_id = s.id
                AND e.created_at >= $2) AS assigned
        FROM play_sender ps JOIN sender s ON (s.workspace_id, s.id) = (ps.workspace_id, ps.sender_id)
        WHERE ps.workspace_id = $4 AND ps.play_id = $1 AND s.status = ANY ($3) ORDER BY s.id
        """,
        run.play_id,
        midnight,
        sorted(CAN_SEND),
        work.workspace_id,
    )
    known = await work.connection.fetch(
        """
        SELECT DISTINCT ON (lead_id) lead_id, sender_id FROM enrollment
        WHERE workspace_id = $1 AND lead_id = ANY ($2) ORDER BY lead_id, created_at DESC
        """,
        work.workspace_id,
        list(lead_ids),
    )
    return assign_senders(
        lead_ids,
        loads=[SenderLoad(**load) for load in loads],
        known={row["lead_id"]: row["sender_id"] for row in known},
    )


async def _enroll(actor: Actor, run: RunInputs, lead_id: UUID, sender_id: UUID, clock: Clock) -> UUID | None:
    """Put a lead into the run's sequence; None when the run has stopped or somebody else is writing to it."""
    async with unit_of_work(actor, now=clock()) as work:
        if not await queries.goes_on(work.connection, run_id=run.id, hold=True):
            return None
        enrollment_id = await enroll(
            work, run_id=run.id, lead_id=lead_id, sequence_id=run.sequence_id, sender_id=sender_id
        )
        if enrollment_id is None:
            await move_leads(
                work,
                run_id=run.id,
                lead_ids=[lead_id],
                target=LeadStage.DROPPED,
                reason=DropReason.EXCLUSIVE_ELSEWHERE,
            )
    return enrollment_id


async def _let_go(
    work: Work, run_id: UUID, lead_ids: Sequence[UUID], reason: DropReason, ended: EnrollmentStatus
) -> None:
    """End the sequences leads are in and drop them; the enrollment is locked first, as everywhere."""
    rows = await work.connection.fetch(
        "SELECT id FROM enrollment WHERE workspace_id = $1 AND run_id = $2 AND lead_id = ANY ($3) ORDER BY id",
        work.workspace_id,
        run_id,
        list(lead_ids),
    )
    await stop_many(work, enrollment_ids=[row["id"] for row in rows], status=ended)
    await move_leads(work, run_id=run_id, lead_ids=lead_ids, target=LeadStage.DROPPED, reason=reason)
