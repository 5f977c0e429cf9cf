"""Deliveries: the way of an approved message to its recipient."""

from datetime import datetime
from typing import Any

import strawberry

from domain.sending.gate import WHY_NOT, Gate
from domain.sending.states import DeliveryState
from resolvers import sending
from resolvers.reading.describe import Order
from schema.connections import Connection
from schema.filters import DateTimeFilter, EnumFilter, IDFilter, StringFilter, conditions
from schema.lists import list_of, many
from schema.messages import Message
from schema.mutations import Payload
from schema.nodes import Node, column, entity, one, reference
from schema.reads import object_of
from schema.scalars import DateTime, EmailAddress
from schema.senders import Sender
from schema.writes import change_by, change_of


@strawberry.type(description="Why a message hasn't left yet.")
class WhyNot:
    """A refusal of the send gate."""

    gate: Gate = strawberry.field(description="What refuses.")
    value: str = strawberry.field(description="What was found there, such as `50 of 50 in 24 hours`.")
    sentence: str = strawberry.field(description="The reason in one sentence.")
    earliest_at: DateTime | None = strawberry.field(
        description="When this passes by itself; absent when a person must act, or it never will."
    )


def shown_refusal(root: Any) -> WhyNot | None:
    """Return what the gate last said about a delivery's row."""
    refusal = root["why_not"]
    if refusal is None:
        return None
    gate, earliest_at = Gate(refusal["gate"]), refusal["earliest_at"]
    return WhyNot(
        gate=gate,
        value=refusal["value"] or "",
        sentence=WHY_NOT[gate],
        earliest_at=DateTime(datetime.fromisoformat(earliest_at)) if earliest_at else None,
    )


_WHY_NOT = """
CASE WHEN t.refused_gate IS NOT NULL AND t.state IN ('SCHEDULED', 'LEASED', 'SUPPRESSED', 'CANCELLED') THEN
    jsonb_build_object('gate', t.refused_gate, 'value', t.refused_value, 'earliest_at', t.refused_until)
END
"""


_RUN_ID = "(SELECT m.run_id FROM message m WHERE (m.workspace_id, m.id) = (t.workspace_id, t.message_id))"


@entity("delivery_attempt", prefix="attempt")
class DeliveryAttempt(Node):
    """One line of a delivery's journal."""

    kind: str = column(description="GATE, HANDOFF, OUTCOME or RECONCILE.")
    result: str = column(description="What came of it.")
    detail: str | None = column(description="The server's words, or what the gate found.")
    at: DateTime = column(description="When.")


@conditions(DeliveryAttempt, sort=("at",))
class DeliveryAttemptWhere:
    """Which lines of a journal."""

    kind: StringFilter | None = None
    result: StringFilter | None = None
    at: DateTimeFilter | None = None


@entity("delivery", prefix="delivery", counted=True)
class Delivery(Node):
    """The attempt series to send one message, once."""

    state: DeliveryState = column(description="How far it is.")
    to_address: EmailAddress = column(description="Whom it goes to.")
    due_at: DateTime = column(description="When it is tried next, while it waits.")
    attempts: int = column(description="Tries that a server or the network refused.")
    rfc_message_id: str = column(description="The Message-ID we gave it.")
    rfc_message_id_final: str | None = column(description="The one recipients see, once it was sent.")
    sent_at: DateTime | None = column(description="When its server took it.")
    enhanced_code: str | None = column(description="The server's status code (RFC 3463), when it refused.")
    detail: str | None = column(description="The server's words, or why it ended.")
    bounced_at: DateTime | None = column(description="When it came back.")
    replied_at: DateTime | None = column(description="When the lead answered it.")
    why_not: WhyNot | None = column(
        _WHY_NOT,
        resolver=shown_refusal,
        description="What keeps it from leaving, or ended it; absent when nothing does or it has left.",
    )
    message: Message | None = one(key="message_id", target=lambda: Message, description="What it sends.")
    sender: Sender | None = one(key="sender_id", target=lambda: Sender, description="Where it leaves from.")
    attempt_log: Connection[DeliveryAttempt] = many(
        key="delivery_id", target=lambda: DeliveryAttempt, description="Its journal.", order=(Order("at"),)
    )
    message_id: strawberry.ID | None = reference("message", description="What it sends.")
    sender_id: strawberry.ID | None = reference("sender", description="Where it leaves from.")
    lead_id: strawberry.ID | None = reference("lead", description="Whom it is for.")
    enrollment_id: strawberry.ID | None = reference(
        "enrollment", description="The lead's place in a sequence."
    )
    run_id: strawberry.ID | None = reference("run", sql=_RUN_ID, description="The run it belongs to.")
    created_at: DateTime = column(description="When it was scheduled.")


@conditions(Delivery, sort=("created_at", "due_at", "sent_at"))
class DeliveryWhere:
    """Which deliveries."""

    state: EnumFilter[DeliveryState] | None = None
    message_id: IDFilter | None = None
    sender_id: IDFilter | None = None
    lead_id: IDFilter | None = None
    enrollment_id: IDFilter | None = None
    run_id: IDFilter | None = None
    due_at: DateTimeFilter | None = None
    sent_at: DateTimeFilter | None = None


@strawberry.input(description="A delivery in doubt that a person wants sent again.")
class DeliveryResendInput:
    """Arguments of `deliveryResend`."""

    id: strawberry.ID = strawberry.field(description="The delivery; UNKNOWN or REVIEW.")
    idempotency_key: str | None = strawberry.field(
        default=None, description="1 to 255 characters; required here or as the header Idempotency-Key."
    )


@strawberry.type(description="The answer of delivery mutations.")
class DeliveryPayload(Payload):
    """A delivery after a change."""

    delivery: Delivery | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type
class SendingQuery:
    """Root fields about deliveries."""

    delivery = object_of(Delivery, description="One delivery.")

    deliveries = list_of(
        Delivery,
        order=(Order("created_at", descending=True),),
        description="Deliveries, newest first.",
    )


@strawberry.type
class SendingMutation:
    """Root fields that decide about deliveries in doubt."""

    delivery_resend = change_by(
        DeliveryResendInput,
        Delivery,
        DeliveryPayload,
        sending.resend_delivery,
        description="Send a message again whose fate is unknown; the recipient may get it twice.",
    )

    delivery_mark_sent = change_of(
        Delivery,
        DeliveryPayload,
        sending.mark_delivery_sent,
        description="Say that a message whose fate is unknown did leave.",
    )
