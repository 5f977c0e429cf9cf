"""What earlier features' events do to sequences, in the same transaction."""

from domain.sequences.enrollments import stop_many
from domain.sequences.rules import EnrollmentStatus
from domain.suppression.events import AddressSuppressed
from domain.suppression.queries import find_recipients
from domain.suppression.rules import SuppressionReason
from domain.work import Work, reacts_to

_ENDS = {
    SuppressionReason.UNSUBSCRIBE: EnrollmentStatus.OPTED_OUT,
    SuppressionReason.OBJECTION: EnrollmentStatus.OPTED_OUT,
    SuppressionReason.COMPLAINT: EnrollmentStatus.OPTED_OUT,
    SuppressionReason.BOUNCE: EnrollmentStatus.BOUNCED,
}
"""What a suppression for this reason makes of an enrollment; the others make it SUPPRESSED."""


@reacts_to(AddressSuppressed)
async def stop_suppressed(work: Work, event: AddressSuppressed) -> None:
    """End the open enrollments of everybody the entry names, as far as the entry reaches."""
    lead_ids = await find_recipients(work.connection, suppression_id=event.subject_id)
    rows = await work.connection.fetch(
        """
        SELECT e.id FROM enrollment e
        JOIN run r ON (r.workspace_id, r.id) = (e.workspace_id, e.run_id)
        JOIN suppression s ON s.workspace_id = e.workspace_id AND s.id = $2
        WHERE e.workspace_id = $1 AND e.lead_id = ANY ($3) AND e.status IN ('PENDING', 'ACTIVE', 'PAUSED')
          AND (s.scope = 'WORKSPACE' OR s.scope = 'PLAY' AND s.scope_id = r.play_id
            OR s.scope = 'SENDER' AND s.scope_id = e.sender_id)
          AND (cardinality(s.channels) = 0 OR 'EMAIL' = ANY (s.channels))
        """,
        work.workspace_id,
        event.subject_id,
        lead_ids,
    )
    status = _ENDS.get(SuppressionReason(event.reason), EnrollmentStatus.SUPPRESSED)
    await stop_many(work, enrollment_ids=[row["id"] for row in rows], status=status)
