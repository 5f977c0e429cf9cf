"""What a refusal of the gate does to a delivery: it waits and says why, or it ends."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from domain.enrichment.tasks import JudgeAddress
from domain.sending.allowance import spacing_s
from domain.sending.cancelling import Unsent, end_unsent
from domain.sending.events import DeliveryDeferred
from domain.sending.gate import Gate, GateDecision, TerminalOutcome
from domain.sending.journal import Step, note
from domain.sending.judging import Candidate
from domain.sending.states import RECHECK
from domain.work import Work

Refused = tuple[Candidate, GateDecision]


async def refuse_deliveries(work: Work, refused: Sequence[Refused]) -> None:
    """Record the gate's refusals of leased deliveries, fenced by their epochs."""
    if not refused:
        return
    due = await _due_times(work, refused)
    rows = await work.connection.fetch(
        """
        UPDATE delivery d
        SET state = n.state, due_at = n.due_at, lease_until = NULL, refused_gate = n.gate, refused_value = n.value,
            refused_until = n.until
        FROM unnest($2::uuid[], $3::int[], $4::text[], $5::timestamptz[], $6::text[], $7::text[], $8::timestamptz[])
            AS n (id, epoch, state, due_at, gate, value, until)
        WHERE d.workspace_id = $1 AND d.id = n.id AND d.epoch = n.epoch AND d.state = 'LEASED'
        RETURNING d.id
        """,
        work.workspace_id,
        [candidate.id for candidate, _ in refused],
        [candidate.epoch for candidate, _ in refused],
        [decision.terminal or "SCHEDULED" for _, decision in refused],
        due,
        [str(decision.gate) for _, decision in refused],
        [decision.value for _, decision in refused],
        [decision.earliest_at for _, decision in refused],
    )
    written = {row["id"] for row in rows}
    told = [(candidate, decision) for candidate, decision in refused if candidate.id in written]
    await _tell(work, told)
    await _ask_about_addresses(work, [c for c, d in told if d.gate is Gate.ADDRESS and d.terminal is None])
    await note(work, [Step(c.id, c.epoch, "GATE", f"{d.gate}", d.value) for c, d in told])


async def _tell(work: Work, refused: Sequence[Refused]) -> None:
    """Say which wait and at which gate, and end those that never go on."""
    for candidate, decision in refused:
        is_news = candidate.refused_gate != decision.gate  # asking again every few minutes is none
        if decision.terminal is None and is_news:
            work.emit(
                DeliveryDeferred(
                    subject_id=candidate.message_id,
                    run_id=candidate.run_id,
                    delivery_id=candidate.id,
                    gate=str(decision.gate),
                )
            )
    for outcome in TerminalOutcome:
        ended = [candidate for candidate, decision in refused if decision.terminal == outcome]
        await end_unsent(work, [Unsent(c.id, c.message_id, c.run_id) for c in ended], outcome=outcome)


async def _ask_about_addresses(work: Work, held: Sequence[Candidate]) -> None:
    """Have addresses judged again when they begin to hold a message: a verdict grows old between two steps."""
    newly_held = [candidate.id for candidate in held if candidate.refused_gate != Gate.ADDRESS]
    if not newly_held:
        return
    rows = await work.connection.fetch(
        """
        SELECT d.lead_id, m.run_id FROM delivery d
        JOIN message m ON m.workspace_id = d.workspace_id AND m.id = d.message_id
        WHERE d.workspace_id = $1 AND d.id = ANY ($2) AND d.lead_id IS NOT NULL
        """,
        work.workspace_id,
        newly_held,
    )
    for row in rows:
        await work.enqueue(JudgeAddress(lead_id=row["lead_id"], run_id=row["run_id"]))


async def _due_times(work: Work, refused: Sequence[Refused]) -> list[datetime]:
    """Return when each asks again.

    What waits for its sender's pace stands in a queue: each gets the place after the last one, so that a
    thousand messages don't ask every minute and the first in line goes first.
    """
    paced = [candidate for candidate, decision in refused if _is_paced(candidate, decision)]
    tails = await _tails(work, {candidate.sender_id for candidate in paced})
    due = []
    for candidate, decision in refused:
        at = decision.earliest_at or work.now + RECHECK
        if _is_paced(candidate, decision):
            tail = tails.get(candidate.sender_id)
            at = at if tail is None else max(at, tail + _gap(candidate))
            tails[candidate.sender_id] = at
        due.append(at)
    return due


def _is_paced(candidate: Candidate, decision: GateDecision) -> bool:
    """Tell whether it joins its sender's queue; one that had its place and came a second early keeps it."""
    if decision.earliest_at is None:
        return False
    is_early = decision.gate is Gate.SPACING and candidate.refused_gate == Gate.SPACING
    return decision.gate in (Gate.SPACING, Gate.ALLOWANCE) and not is_early


def _gap(candidate: Candidate) -> timedelta:
    shortest_s, longest_s = candidate.gap_s
    return timedelta(
        seconds=spacing_s(
            sender_id=candidate.sender_id,
            delivery_id=candidate.id,
            shortest_s=shortest_s,
            longest_s=longest_s,
        )
    )


async def _tails(work: Work, sender_ids: set[UUID]) -> dict[UUID, datetime]:
    if not sender_ids:
        return {}
    rows = await work.connection.fetch(
        """
        SELECT sender_id, max(due_at) AS tail FROM delivery
        WHERE workspace_id = $1 AND sender_id = ANY ($2) AND state = 'SCHEDULED' AND due_at > $3
          AND refused_gate IN ('SPACING', 'ALLOWANCE')
        GROUP BY sender_id
        """,
        work.workspace_id,
        list(sender_ids),
        work.now,
    )
    return {row["sender_id"]: row["tail"] for row in rows}
