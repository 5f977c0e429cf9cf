"""Changing a message by hand: it is composed and checked anew, and waits for a decision again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from domain.actor import Actor, require
from domain.errors import Conflict, Invalid, StaleVersion
from domain.hidden_characters import JOINERS, has_hidden
from domain.sequences.assignments import Assignment, Plan, load_plan
from domain.sequences.briefing import Composed, read_claims, stored_claims
from domain.sequences.content import reply_subject, split_footer
from domain.sequences.draft_records import stored_checks
from domain.sequences.events import MessageEdited
from domain.sequences.evidence import normalize_text
from domain.sequences.locking import lock_message, require_not_left, void_approval
from domain.sequences.models import Message
from domain.sequences.ports import Claim
from domain.sequences.queries import has_left
from domain.sequences.rules import MESSAGE_STATES, MessageStatus, ThreadMode
from domain.work import Work, unit_of_work
from domain.workspaces.rules import Permission

SUBJECT_CHARS_MAX: Final = 300
BODY_CHARS_MAX: Final = 20_000


class MessageNotEditable(Conflict):
    """Only messages of an open enrollment can be edited."""

    code = "MESSAGE_NOT_EDITABLE"


async def edit_message(
    *, actor: Actor, message_id: UUID, subject: str, body: str, expected_version: int, now: datetime
) -> UUID:
    """Change subject and body; the footer stays ours, and an approval is void.

    Claims whose words are gone go with them. When the subject of a thread changes, the answers in it that
    haven't left follow. Writing what is there already changes nothing.

    Args:
        body: without the footer; one that ends with the footer as shown is fine too.
        expected_version: the message's version that the person saw.

    Raises:
        StaleVersion, NotFound, Invalid.
        MessageLeft: it was sent.
        IllegalTransition: it was rejected or cancelled.
    """
    require(actor, Permission.EDIT_MESSAGES)
    async with unit_of_work(actor, now=now) as work:
        message = await lock_message(work, message_id)
        if message.version != expected_version:
            raise StaleVersion(expected=expected_version, current=message.version)
        plan, assignment = await _open_plan(work, message)
        subject, body = parse_wording(subject, body, footer=split_footer(message.text_body)[1])
        check_thread_subject(plan, assignment, subject=subject)
        composed = _recompose(plan, assignment, message, subject=subject, body=body, edited={})
        if composed.content_hash != message.content_hash:
            is_new_subject = subject != message.subject
            await _apply(work, message, composed, plan=plan, edited_by=actor.user_id or actor.id)
            work.audit("message.edit", target_kind="message", target_id=message_id)
            if is_new_subject and assignment.step.thread_mode is ThreadMode.NEW:
                await _rename_thread(work, plan, assignment, subject=subject)
    return message_id


def parse_wording(subject: str, body: str, *, footer: str = "") -> tuple[str, str]:
    """Return subject and body as they are kept; raises Invalid for what no mail may contain."""
    subject = subject.strip()
    if not 1 <= len(subject) <= SUBJECT_CHARS_MAX or has_hidden(subject, allowed=JOINERS):
        raise Invalid(
            f"a subject is one line of 1 to {SUBJECT_CHARS_MAX} characters", field=("input", "subject")
        )
    body = body.replace("\r\n", "\n").strip()
    head, tail = split_footer(body)
    if footer and tail == footer.strip():
        body = head.rstrip()
    if not 1 <= len(body) <= BODY_CHARS_MAX or "\0" in subject + body:
        raise Invalid(f"a body has 1 to {BODY_CHARS_MAX} characters", field=("input", "body"))
    return subject, body


def check_thread_subject(plan: Plan, assignment: Assignment, *, subject: str) -> None:
    """Refuse another subject for an answer than its thread's; mail programs would tear it off."""
    thread = plan.previous_subjects(assignment.position, drafted={})
    if assignment.step.thread_mode is ThreadMode.REPLY and thread and subject != reply_subject(thread[0]):
        raise Invalid(
            f"an answer keeps its thread's subject: {reply_subject(thread[0])}", field=("input", "subject")
        )


async def _open_plan(work: Work, message: Message) -> tuple[Plan, Assignment]:
    MESSAGE_STATES.require(
        MessageStatus(message.status),
        MessageStatus.IN_REVIEW if message.status == MessageStatus.APPROVED else MessageStatus.EDITED,
    )
    await require_not_left(work, message.id)
    plan = None
    if message.enrollment_id is not None:
        plan = await load_plan(
            work.connection,
            workspace_id=work.workspace_id,
            enrollment_id=message.enrollment_id,
            now=work.now,
        )
    if plan is None:
        raise MessageNotEditable("only messages of an open enrollment can be edited")
    return plan, plan.assignment_of(message.step_id)


def _recompose(
    plan: Plan,
    assignment: Assignment,
    message: Message,
    *,
    subject: str,
    body: str,
    edited: dict[int, str],
    is_edited_by_person: bool = True,
) -> Composed:
    previous = plan.previous_subjects(assignment.position, drafted=edited)
    return plan.setting.compose(
        plan.setting.brief(assignment.step, previous_subjects=previous),
        subject=subject,
        body=body,
        claims=_still_made(read_claims(message.claims), text=f"{subject}\n{body}"),
        is_first_contact=plan.is_first(assignment),
        is_edited_by_person=is_edited_by_person,
    )


def _still_made(claims: Sequence[Claim], *, text: str) -> list[Claim]:
    plain = normalize_text(text)
    return [claim for claim in claims if normalize_text(claim.span) in plain]


async def _apply(
    work: Work, message: Message, composed: Composed, *, plan: Plan, edited_by: UUID | None
) -> None:
    was_approved = message.status == MessageStatus.APPROVED
    content, readiness = composed.content, composed.readiness
    await void_approval(work, message.id)
    changed = {
        "subject": content.subject,
        "text_body": content.text_body,
        "html_body": content.html_body,
        "claims": stored_claims(content.claims, strategy=plan.setting.strategy),
        "content_hash": composed.content_hash,
        "edited_by": edited_by,
        "status": MessageStatus.IN_REVIEW,
        "readiness": readiness.result,
        "readiness_checks": stored_checks(readiness),
        "score": readiness.score.total,
    }
    await message.update_from_dict(changed).save(update_fields=list(changed))
    work.emit(
        MessageEdited(
            subject_id=message.id,
            run_id=message.run_id,
            enrollment_id=message.enrollment_id,
            was_approved=was_approved,
        )
    )


async def _rename_thread(work: Work, plan: Plan, opener: Assignment, *, subject: str) -> None:
    """Let the answers in a thread follow its new subject."""
    edited = {opener.position: subject}
    for assignment in plan.answers_to(opener):
        message = (
            await Message.filter(
                workspace_id=work.workspace_id,
                enrollment_id=plan.enrollment_id,
                step_id=assignment.step_id,
                status__in=[MessageStatus.IN_REVIEW, MessageStatus.APPROVED],
            )
            .select_for_update()
            .first()
        )
        if message is None or await has_left(work.connection, message_id=message.id):
            continue
        edited[assignment.position] = reply_subject(subject)
        composed = _recompose(
            plan,
            assignment,
            message,
            subject=reply_subject(subject),
            body=split_footer(message.text_body)[0],
            edited=edited,
            is_edited_by_person=message.edited_by is not None,
        )
        await _apply(work, message, composed, plan=plan, edited_by=message.edited_by)
