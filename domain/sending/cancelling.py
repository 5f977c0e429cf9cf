"""Taking back what hasn't left: its delivery ends and its credits come back."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from domain.credits.service import release_many
from domain.sending.events import DeliveryCancelled, DeliverySuppressed
from domain.sending.gate import TerminalOutcome
from domain.sending.scheduling import operation_key
from domain.work import Work


class Of(StrEnum):
    """Whose deliveries are meant."""

    MESSAGES = "message_id"
    ENROLLMENTS = "enrollment_id"
    LEADS = "lead_id"


class Unsent(NamedTuple):
    """A delivery that has just ended without leaving."""

    id: UUID
    message_id: UUID
    run_id: UUID | None


async def cancel_deliveries(
    work: Work,
    of: Of,
    ids: Sequence[UUID],
    *,
    outcome: TerminalOutcome,
    reason: str,
    with_answers: bool = True,
) -> int:
    """End the deliveries of messages, enrollments or leads that wait or are being prepared.

    One that a worker is preparing isn't sent either: the worker's hand-off finds it ended. One that has been
    handed over is out of reach and stays. Thousands at once take the same statements as one.

    Args:
        of: what ``ids`` are.
        outcome: how the deliveries end.
        reason: for people.
        with_answers: also what a person wrote in a thread, not only the sequence's messages.

    Returns:
        How many ended.
    """
    rows = await work.connection.fetch(
        _CANCEL[of], work.workspace_id, outcome.value, reason, list(ids), with_answers
    )
    await end_unsent(work, [Unsent(*row) for row in rows], outcome=outcome)
    return len(rows)


async def end_unsent(work: Work, unsent: Sequence[Unsent], *, outcome: TerminalOutcome) -> None:
    """Give back the credits of deliveries that have just ended without leaving, and say so."""
    await release_many(work, operation_keys=[operation_key(one.id) for one in unsent])
    event = DeliverySuppressed if outcome is TerminalOutcome.SUPPRESSED else DeliveryCancelled
    for one in unsent:
        work.emit(event(subject_id=one.message_id, run_id=one.run_id, delivery_id=one.id))


_CANCEL: Final = {
    of: f"""
UPDATE delivery d SET state = $2, detail = $3, lease_until = NULL FROM message m
WHERE d.workspace_id = $1 AND d.state IN ('SCHEDULED', 'LEASED') AND d.{of} = ANY ($4)
  AND ($5 OR m.kind = 'SEQUENCE')
  AND (m.workspace_id, m.id) = (d.workspace_id, d.message_id)
RETURNING d.id, d.message_id, m.run_id
"""  # noqa: S608 - composed of our own names
    for of in Of
}
