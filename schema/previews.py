"""Looking at a message before it exists, and sending one to oneself."""

import strawberry

from domain.errors import DomainError, Invalid
from domain.sequences.previewing import Preview, Wording
from domain.sequences.readiness.checks import CheckResult
from domain.sequences.rules import ThreadMode
from resolvers import messages
from schema.claims import MessageClaim, ReadinessCheck, shown_claims
from schema.errors import TOP_LEVEL, UserError, user_error
from schema.info import Info
from schema.leads import Lead
from schema.messages import Message
from schema.mutations import Payload
from schema.nodes import read_id, read_optional_id
from schema.senders import Sender
from schema.sequences import SequenceStep, StepVariant
from schema.strategy import StrategyProfile
from schema.writes import change_by


@strawberry.input(description="Templates that aren't stored yet.")
class WordingInput:
    """What an author is writing."""

    subject_template: str = strawberry.field(default="", description="Liquid; empty means the built-in one.")
    body_template: str = strawberry.field(default="", description="Liquid; empty means the built-in one.")
    language: str = strawberry.field(default="en", description="BCP 47 code.")
    thread_mode: ThreadMode = strawberry.field(default=ThreadMode.NEW, description="New, or an answer.")


@strawberry.input(description="What to preview, for whom. Name a step, a variant or a wording.")
class MessagePreviewInput:
    """Arguments of `messagePreview`."""

    lead_id: strawberry.ID = strawberry.field(description="The reader.")
    step_id: strawberry.ID | None = strawberry.field(default=None, description="A step: its first variant.")
    variant_id: strawberry.ID | None = strawberry.field(default=None, description="A variant of a step.")
    wording: WordingInput | None = strawberry.field(default=None, description="Templates.")
    profile_id: strawberry.ID | None = strawberry.field(
        default=None, description="The strategy profile; the newest active one by default."
    )
    sender_id: strawberry.ID | None = strawberry.field(
        default=None, description="Who writes; any active sender by default."
    )


@strawberry.type(description="A message that doesn't exist; nothing was stored, no credit spent.")
class MessagePreview:
    """A rendered message."""

    subject: str = strawberry.field(description="The subject line.")
    text_body: str = strawberry.field(description="The whole text with its footer.")
    html_body: str = strawberry.field(description="The same as HTML.")
    drafted_by: str = strawberry.field(description="Always the built-in drafter.")
    readiness: CheckResult = strawberry.field(description="The worst result of its checks.")
    score: int = strawberry.field(description="0 to 100.")
    readiness_checks: list[ReadinessCheck] = strawberry.field(description="Every check.")
    claims: list[MessageClaim] = strawberry.field(description="What it claims, with evidence.")


@strawberry.type(description="The answer of messagePreview.")
class MessagePreviewPayload:
    """A preview, or why there is none."""

    preview: MessagePreview | None = strawberry.field(default=None, description="Absent with errors.")
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="What the caller can mend; empty when it worked."
    )


@strawberry.input(description="Which message to send to yourself.")
class MessageTestSendInput:
    """Arguments of `messageTestSend`."""

    id: strawberry.ID = strawberry.field(description="The message.")
    idempotency_key: str | None = strawberry.field(
        default=None, description="Required here or as a header; with one key at most one copy is sent."
    )


@strawberry.type(description="The answer of messageTestSend.")
class MessageTestSendPayload(Payload):
    """The message a copy was sent of."""

    message: Message | None = strawberry.field(default=None, description="Unchanged.")


@strawberry.type
class PreviewsQuery:
    """Root fields that show what isn't there yet."""

    @strawberry.field(description="Render and check a step for a lead with the built-in drafter.")
    async def message_preview(self, info: Info, input: MessagePreviewInput) -> MessagePreviewPayload:
        """Render it."""
        try:
            preview = await _preview(info, input)
        except TOP_LEVEL:
            raise
        except DomainError as error:
            return MessagePreviewPayload(errors=[user_error(error)])
        return MessagePreviewPayload(preview=await _shown(info, preview))


@strawberry.type
class PreviewsMutation:
    """Root fields that try things out."""

    message_test_send = change_by(
        MessageTestSendInput,
        Message,
        MessageTestSendPayload,
        messages.send_test_copy,
        description="Send a message to your own verified address, from the mailbox it would leave from.",
    )


async def _preview(info: Info, input_: MessagePreviewInput) -> Preview:
    named = [input_.step_id, input_.variant_id, input_.wording]
    if sum(one is not None for one in named) != 1:
        raise Invalid("name one of stepId, variantId and wording", field=("input",))
    lead_id = read_id(input_.lead_id, Lead, field="leadId")
    wording = input_.wording
    return await messages.preview_message(
        info.context,
        lead_id=lead_id,
        step_id=read_optional_id(input_.step_id, SequenceStep, field="stepId"),
        variant_id=read_optional_id(input_.variant_id, StepVariant, field="variantId"),
        wording=None
        if wording is None
        else Wording(
            subject_template=wording.subject_template,
            body_template=wording.body_template,
            language=wording.language,
            thread_mode=wording.thread_mode,
        ),
        profile_id=read_optional_id(input_.profile_id, StrategyProfile, field="profileId"),
        sender_id=read_optional_id(input_.sender_id, Sender, field="senderId"),
    )


async def _shown(info: Info, preview: Preview) -> MessagePreview:
    content, readiness = preview.composed.content, preview.composed.readiness
    return MessagePreview(
        subject=content.subject,
        text_body=content.text_body,
        html_body=content.html_body,
        drafted_by=preview.drafted_by,
        readiness=readiness.result,
        score=readiness.score.total,
        readiness_checks=[
            ReadinessCheck(rule=check.rule, result=check.result, detail=check.detail)
            for check in readiness.checks
        ],
        claims=await shown_claims(info, preview.claims),
    )
