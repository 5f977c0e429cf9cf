"""Messages: what was drafted, what it rests on, and what people decided about it."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated, Any, cast

import strawberry

from domain.events import EventFilter
from domain.sequences.content import split_footer
from domain.sequences.readiness.checks import CheckResult
from domain.sequences.rules import MessageStatus
from resolvers.reading.describe import Latest, Order, Predicate
from schema.claims import MessageClaim, ReadinessCheck, shown_checks, shown_claims
from schema.connections import Connection
from schema.enrollments import Enrollment
from schema.events import AfterEvent, Event, stream, subject
from schema.filters import (
    BooleanFilter,
    DateTimeFilter,
    EnumFilter,
    IDFilter,
    StringFilter,
    conditions,
)
from schema.info import Info
from schema.leads import Lead
from schema.lists import list_of, many
from schema.nodes import Node, column, computed, entity, entity_of, latest, one, reference, type_of
from schema.reads import object_of
from schema.rights import require_rights
from schema.scalars import DateTime, EmailAddress
from schema.senders import Sender
from schema.sequences import SequenceStep, StepVariant

if TYPE_CHECKING:
    from schema.runs import Run
    from schema.sending import Delivery, WhyNot


IN_REVIEW = Predicate("t.status = 'IN_REVIEW'")


@entity("approval", prefix="appr")
class Approval(Node):
    """A person's decision about a message, good for exactly the content with this hash."""

    content_hash: str = column(description="SHA-256 of the content that was decided about.")
    decision: str = column(description="APPROVED or REJECTED.")
    comment: str | None = column(description="What the person said.")
    status: str = column(description="VALID, or VOIDED because the content changed.")
    decided_by: str = column(
        "coalesce((SELECT u.name FROM app_user u WHERE u.id = t.decided_by), 'a former member')",
        description="Who decided.",
    )
    is_batch: bool = column("t.batch_id IS NOT NULL", description="Whether many were decided about at once.")
    voided_at: DateTime | None = column(description="When it became void.")
    created_at: DateTime = column(description="When it was decided.")


def _body(root: Any) -> str:
    return split_footer(root["text_body"])[0]


def _footer(root: Any) -> str:
    return split_footer(root["text_body"])[1]


async def _claims(root: Any, info: Info) -> list[MessageClaim]:
    return await shown_claims(info, root["claims"])


def _checks(root: Any) -> list[ReadinessCheck]:
    return shown_checks(root["readiness_checks"])


async def _why_not(root: Any, info: Info) -> Any:
    from schema.sending import shown_refusal  # deliveries show their messages

    latest_delivery = cast(Latest, entity_of(Message).readings["delivery"])
    delivery = await info.context.reader.first_child(latest_delivery, parent_id=root["id"])
    return None if delivery is None else shown_refusal(delivery)


@entity(
    "message",
    prefix="mess",
    search="(t.subject ILIKE '%' || {} || '%' OR t.to_address ILIKE {} || '%')",
    counted=True,
)
class Message(Node):
    """Content for one person. It leaves only as it was approved."""

    subject: str = column(description="The subject line.")
    text_body: str = column(description="The whole text with its footer, as it will be sent.")
    html_body: str = column(description="The same as HTML.")
    body: str = computed(needs=("text_body",), description="The text without the footer; what is edited.")(
        _body
    )
    footer: str = computed(needs=("text_body",), description="Unsubscribe line, postal address, notice.")(
        _footer
    )
    to_address: EmailAddress = column(description="Whom it is for.")
    status: MessageStatus = column(description="What was decided.")
    content_hash: str = column(description="Name it when you approve: it says what you saw.")
    drafted_by: str = column(
        description="Who wrote it: `liquid-template`, `anthropic`, or `person`; templates are no AI."
    )
    is_ai_generated: bool = column("t.model IS NOT NULL", description="Whether a language model wrote it.")
    is_edited: bool = column(
        "t.edited_by IS NOT NULL", description="Whether a person has written or changed it."
    )
    readiness: CheckResult = column(description="The worst result of its checks.")
    score: int = column(description="0 to 100; helps to order the queue and decides nothing.")
    readiness_checks: list[ReadinessCheck] = column(resolver=_checks, description="Every check.")
    claims: list[MessageClaim] = column(resolver=_claims, description="What it claims, with evidence.")
    approval: Approval | None = latest(
        key="message_id",
        target=lambda: Approval,
        where=Predicate("t.status = 'VALID'"),
        description="The decision that holds now.",
    )
    approvals: Connection[Approval] = many(
        key="message_id", target=lambda: Approval, description="Every decision.", order=(Order("created_at"),)
    )
    delivery: Annotated["Delivery", strawberry.lazy("schema.sending")] | None = latest(
        key="message_id",
        target=lambda: type_of("delivery"),
        description="How far its sending is; absent until it is approved and its turn comes.",
    )
    why_not: Annotated["WhyNot", strawberry.lazy("schema.sending")] | None = computed(
        description="What keeps it from leaving; absent when nothing does."
    )(_why_not)
    run_id: strawberry.ID | None = reference("run", description="The run it belongs to.")
    lead_id: strawberry.ID | None = reference("lead", description="The lead it is for.")
    sender_id: strawberry.ID | None = reference("sender", description="The mailbox it would leave from.")
    lead: Lead | None = one(key="lead_id", target=lambda: Lead, description="The lead it is for.")
    sender: Sender = one(
        key="sender_id", target=lambda: Sender, description="The mailbox it would leave from."
    )
    run: Annotated["Run", strawberry.lazy("schema.runs")] | None = one(
        key="run_id", target=lambda: type_of("run"), description="The run it belongs to."
    )
    enrollment: Enrollment | None = one(
        key="enrollment_id", target=lambda: Enrollment, description="The lead's place in the sequence."
    )
    step: SequenceStep | None = one(key="step_id", target=lambda: SequenceStep, description="The step.")
    variant: StepVariant | None = one(
        key="variant_id", target=lambda: StepVariant, description="The wording."
    )
    version: int = column(description="Rises with each change; an edit names the one it saw.")
    created_at: DateTime = column(description="When it was drafted.")
    updated_at: DateTime = column(description="When it changed last.")


@conditions(
    Message,
    search="Part of the subject, or the beginning of the address.",
    sort=("created_at", "updated_at", "score"),
)
class MessageWhere:
    """Which messages."""

    status: EnumFilter[MessageStatus] | None = None
    readiness: EnumFilter[CheckResult] | None = None
    drafted_by: StringFilter | None = None
    is_edited: BooleanFilter | None = None
    run_id: IDFilter | None = None
    lead_id: IDFilter | None = None
    sender_id: IDFilter | None = None
    enrollment_id: IDFilter | None = None
    step_id: IDFilter | None = None
    variant_id: IDFilter | None = None
    created_at: DateTimeFilter | None = None


@strawberry.type
class MessagesQuery:
    """Root fields about messages."""

    message = object_of(Message, description="One message.")

    messages = list_of(
        Message,
        order=(Order("created_at", descending=True),),
        description="Messages, newest first.",
    )

    review_queue = list_of(
        Message,
        within=IN_REVIEW,
        order=(Order("created_at"),),
        description="Messages that wait for a decision, the oldest first.",
    )


@strawberry.type
class MessagesSubscription:
    """Streams about messages."""

    @strawberry.subscription(
        description="What happens to messages: drafted, edited, approved, rejected, scheduled, sent, failed."
    )
    async def message_events(
        self,
        info: Info,
        run_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="Only messages of this run; all when absent."),
        ] = None,
        after: AfterEvent = None,
    ) -> AsyncIterator[Event]:
        """Stream them."""
        require_rights(info)
        run = None if run_id is None else await subject(info, run_id, table="run")
        where = EventFilter(run_id=run, subject_kinds=("message",))
        return stream(info, where=where, after=after)
