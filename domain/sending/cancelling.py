"""Taking back what hasn't left: its delivery ends and its credits come back."""

from collections.abc import Sequence
from uuid import UUID

from domain.credits.service import release
from domain.sending.events import DeliveryCancelled, DeliverySuppressed
from domain.sending.gate import TerminalOutcome
from domain.sending.scheduling import operation_key
from domain.work import Work


async def cancel_deliveries(
    work: Work,
    *,
    outcome: TerminalOutcome,
    reason: str,
    message_id: UUID | None = None,
    enrollment_id: UUID | None = None,
    lead_ids: Sequence[UUID] | None = None,
    with_answers: bool = True,
) -> int:
    """End the deliveries of a message, an enrollment or leads that wait or are being prepared.

    One that a worker is preparing isn't sent either: the worker's hand-off finds it ended. One that has been
    handed over is out of reach and stays.

    Args:
        outcome: how they end.
        reason: for people.
        with_answers: also what a person wrote in a thread, not only the sequence's messages.

    Returns:
        How many ended.
    """
    rows = await work.connection.fetch(
        """
        UPDATE delivery d SET state = $2, detail = $3, lease_until = NULL FROM message m
        WHERE d.workspace_id = $1 AND d.state IN ('SCHEDULED', 'LEASED')
          AND (d.message_id = $4 OR d.enrollment_id = $5 OR d.lead_id = ANY ($6))
          AND ($7 OR m.kind = 'SEQUENCE')
          AND (m.workspace_id, m.id) = (d.workspace_id, d.message_id)
        RETURNING d.id, d.message_id, m.run_id
        """,
        work.workspace_id,
        outcome.value,
        reason,
        message_id,
        enrollment_id,
        list(lead_ids or ()),
        with_answers,
    )
    for row in rows:
        await end_unsent(
            work, delivery_id=row["id"], message_id=row["message_id"], run_id=row["run_id"], outcome=outcome
        )
    return len(rows)


async def end_unsent(
    work: Work, *, delivery_id: UUID, message_id: UUID, run_id: UUID | None, outcome: TerminalOutcome
) -> None:
    """Give back the credits of a delivery that has just ended without leaving, and say so."""
    await release(work, operation_key=operation_key(delivery_id))
    event = DeliverySuppressed if outcome is TerminalOutcome.SUPPRESSED else DeliveryCancelled
    work.emit(event(subject_id=message_id, run_id=run_id, delivery_id=delivery_id))
