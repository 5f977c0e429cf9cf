"""Replies, bounces and complaints, and what they were classified as."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry

from domain.replies.bounce_policy import BounceClass, BounceRemedy
from domain.replies.bounces import BounceAction
from domain.replies.labels import ClassificationStatus, EvidenceSource, Label, Method, Nuance
from domain.replies.matching import MatchBy, Participant
from domain.replies.rules import ReplyStatus
from resolvers import replies
from resolvers.reading.describe import Order
from schema.connections import Connection
from schema.filters import (
    BooleanFilter,
    DateTimeFilter,
    EnumFilter,
    IDFilter,
    conditions,
)
from schema.leads import Lead
from schema.lists import list_of, many
from schema.mutations import Payload
from schema.nodes import Node, column, entity, one, reference
from schema.reads import object_of
from schema.scalars import DateTime, EmailAddress
from schema.writes import change_by

if TYPE_CHECKING:
    from schema.threads import Thread


def _thread() -> type:
    from schema.threads import Thread  # the two modules show each other's objects

    return Thread


@strawberry.type(description="Why a mail was classified like this: a place in it.")
class ReplyEvidence:
    """A quotation of the mail."""

    source: EvidenceSource = strawberry.field(description="Which part of the mail.")
    start: int = strawberry.field(description="First character; 0 for headers and reports.")
    end: int = strawberry.field(description="After the last character; 0 for headers and reports.")
    quote: str = strawberry.field(description="The words, up to 300 characters.")


@entity("classification", prefix="clas")
class Classification(Node):
    """One judgement of what a mail is; the newest counts."""

    label: Label = column(description="What it is.")
    confidence: float = column(description="0 to 1.")
    method: Method = column(description="Who judged.")
    status: ClassificationStatus = column(description="Whether a person has looked at it.")
    nuance: Nuance | None = column(description="What the label leaves open.")
    evidence: ReplyEvidence | None = column("t.evidence_span", description="Why.")
    created_at: DateTime = column(description="When.")


@entity("bounce", prefix="boun")
class Bounce(Node):
    """What a server said about a recipient."""

    recipient: str = column(description="Whom it couldn't reach; may be empty.")
    enhanced_code: str | None = column(description="RFC 3463 code, such as 5.1.1.")
    bounce_class: BounceClass = column(description="Whose fault it is.")
    action: BounceAction = column(description="Whether it has given up.")
    remedy: BounceRemedy = column(description="What it asks for.")
    diagnostic: str | None = column(description="The server's words.")
    bounced_on: date = column(description="The day it came, where the lead lives.")


@entity(
    "reply",
    prefix="repl",
    search="t.subject ILIKE '%' || {} || '%' OR t.from_address ILIKE '%' || {} || '%'",
    counted=True,
)
class Reply(Node):
    """A mail that came back: from a person, their mail program, or a server."""

    from_address: EmailAddress = column(description="Who wrote.")
    from_name: str | None = column(description="Their name as the mail says.")
    subject: str = column(description="Its subject.")
    text: str = column("t.stripped_text", description="Their own words, without what they quoted.")
    text_body: str = column(description="All of its text, up to 100 kB.")
    truncated: bool = column(description="Whether the mail was too long or too odd to be read to its end.")
    received_at: DateTime = column(description="When it came into the mailbox.")
    label: Label = column(description="What it is.")
    label_confidence: float = column(description="0 to 1.")
    label_method: Method = column(description="Who said so.")
    label_status: ClassificationStatus = column(description="Whether a person has looked at it.")
    nuance: Nuance | None = column(description="What the label leaves open.")
    evidence: ReplyEvidence | None = column("t.evidence_span", description="Why it is that.")
    return_on: date | None = column(description="The day they named as being back.")
    referred_name: str | None = column(description="Whom they named as the one to talk to.")
    referred_address: EmailAddress | None = column(
        description="That person's address; never written to by itself."
    )
    participant: Participant = column(description="Who wrote, as seen from the lead.")
    matched_by: MatchBy = column(description="What ties it to our message.")
    match_score: float = column(description="How sure that is, 0 to 1.")
    needs_review: bool = column(description="Whether a person should look at it.")
    status: ReplyStatus = column(description="How far it was dealt with.")
    version: int = column(description="Rises with each change.")
    lead: Lead | None = one(key="lead_id", target=lambda: Lead, description="Whom it concerns.")
    run_id: strawberry.ID | None = reference("run", description="The run whose message it answers.")
    sender_id: strawberry.ID | None = reference("sender", description="The mailbox it came into.")
    thread: Annotated["Thread", strawberry.lazy("schema.threads")] | None = one(
        key="thread_id", target=_thread, description="The conversation."
    )
    classifications: Connection[Classification] = many(
        key="reply_id", target=lambda: Classification, description="Its judgements, oldest first."
    )
    bounces: Connection[Bounce] = many(
        key="reply_id", target=lambda: Bounce, description="What a server reported."
    )


@conditions(
    Reply,
    search="Part of the subject or of the address.",
    sort=("received_at", "match_score", "label_confidence"),
)
class ReplyWhere:
    """Which replies."""

    label: EnumFilter[Label] | None = None
    participant: EnumFilter[Participant] | None = None
    status: EnumFilter[ReplyStatus] | None = None
    needs_review: BooleanFilter | None = None
    received_at: DateTimeFilter | None = None
    lead_id: IDFilter | None = None
    run_id: IDFilter | None = None
    sender_id: IDFilter | None = None
    thread_id: IDFilter | None = None


@strawberry.input(description="What a mail is, as a person sees it.")
class ReplyClassifyInput:
    """Arguments of `replyClassify`."""

    id: strawberry.ID = strawberry.field(description="The reply.")
    label: Label = strawberry.field(description="What it is; the same one confirms.")


@strawberry.type(description="The answer of replyClassify.")
class ReplyPayload(Payload):
    """A reply after a change."""

    reply: Reply | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type
class RepliesQuery:
    """Root fields about replies."""

    replies = list_of(
        Reply,
        order=(Order("received_at", descending=True),),
        description="What came back, newest first.",
    )

    reply = object_of(Reply, description="One reply; null when it is absent or another workspace's.")


@strawberry.type
class RepliesMutation:
    """Root fields that change replies."""

    reply_classify = change_by(
        ReplyClassifyInput,
        Reply,
        ReplyPayload,
        replies.classify_reply,
        description="Confirm or correct what a mail is; a correction may stop or suppress at once, never the reverse.",
    )
