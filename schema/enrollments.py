"""Leads in sequences, and what a member does to them by hand."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from domain.sequences.rules import EnrollmentStatus, PauseReason
from resolvers import sequences
from resolvers.reading.describe import Order
from schema.connections import Connection
from schema.filters import DateTimeFilter, EnumFilter, IDFilter, IntFilter, conditions
from schema.leads import Lead
from schema.lists import list_of, many
from schema.mutations import Payload
from schema.nodes import Node, column, entity, one, reference, type_of
from schema.reads import object_of
from schema.scalars import DateTime
from schema.senders import Sender
from schema.sequences import Sequence
from schema.writes import change_of

if TYPE_CHECKING:
    from schema.messages import Message
    from schema.runs import Run


@entity("enrollment", prefix="enro", counted=True)
class Enrollment(Node):
    """A lead in a sequence."""

    status: EnrollmentStatus = column(description="Where the lead is.")
    pause_reason: PauseReason | None = column(description="Why it waits, while it is PAUSED.")
    resume_at: DateTime | None = column(description="When a pause ends by itself.")
    current_position: int = column(description="The last step that was sent; 0 before the first.")
    ended_at: DateTime | None = column(description="When it ended.")
    created_at: DateTime = column(description="When the lead was enrolled.")
    run_id: strawberry.ID | None = reference("run", description="The run that enrolled the lead.")
    lead_id: strawberry.ID | None = reference("lead", description="The lead.")
    sender_id: strawberry.ID | None = reference("sender", description="The mailbox that writes to the lead.")
    lead: Lead = one(key="lead_id", target=lambda: Lead, description="The lead.")
    sender: Sender = one(
        key="sender_id", target=lambda: Sender, description="The mailbox that writes to the lead."
    )
    run: Annotated["Run", strawberry.lazy("schema.runs")] = one(
        key="run_id", target=lambda: type_of("run"), description="The run that enrolled the lead."
    )
    messages: Connection[Annotated["Message", strawberry.lazy("schema.messages")]] = many(
        key="enrollment_id",
        target=lambda: type_of("mess"),
        description="What was drafted for the lead, oldest first.",
        order=(Order("created_at"),),
    )
    sequence: Sequence = one(key="sequence_id", target=lambda: Sequence, description="The version in use.")


@conditions(Enrollment, sort=("created_at", "ended_at", "resume_at", "current_position"))
class EnrollmentWhere:
    """Which enrollments."""

    status: EnumFilter[EnrollmentStatus] | None = None
    run_id: IDFilter | None = None
    lead_id: IDFilter | None = None
    sender_id: IDFilter | None = None
    sequence_id: IDFilter | None = None
    pause_reason: EnumFilter[PauseReason] | None = None
    current_position: IntFilter | None = None
    created_at: DateTimeFilter | None = None
    ended_at: DateTimeFilter | None = None


@strawberry.type(description="The answer of enrollment mutations.")
class EnrollmentPayload(Payload):
    """An enrollment after a change."""

    enrollment: Enrollment | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type
class EnrollmentsQuery:
    """Root fields about enrollments."""

    enrollment = object_of(Enrollment, description="One lead in one sequence.")

    enrollments = list_of(
        Enrollment,
        order=(Order("created_at", descending=True),),
        description="Leads in sequences, newest first.",
    )


@strawberry.type
class EnrollmentsMutation:
    """Root fields that change enrollments."""

    enrollment_pause = change_of(
        Enrollment,
        EnrollmentPayload,
        sequences.pause_enrollment,
        description="Send nothing to this lead until it is resumed.",
    )

    enrollment_resume = change_of(
        Enrollment,
        EnrollmentPayload,
        sequences.resume_enrollment,
        description="End a pause, whatever its reason.",
    )

    enrollment_remove = change_of(
        Enrollment,
        EnrollmentPayload,
        sequences.remove_enrollment,
        description="Take the lead out of its sequence and cancel what hasn't left.",
    )

    enrollment_draft = change_of(
        Enrollment,
        EnrollmentPayload,
        sequences.redraft_enrollment,
        description="Draft, in the background, the steps that have no message.",
    )
