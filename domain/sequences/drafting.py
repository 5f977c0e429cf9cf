"""Drafting: evidence in, messages for review out. Nothing is locked while a drafter thinks.

What an AI is asked costs credits: they are held before each question and settled with the message it gave; a
question that gave none is booked with its cost and paid by nobody.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from domain import tenancy
from domain.actor import Actor
from domain.credits.prices import Operation, price_list_at
from domain.credits.service import hold
from domain.errors import DomainError, NotConfigured
from domain.ports import Ports
from domain.sequences.assignments import Plan, load_plan
from domain.sequences.briefing import Composed
from domain.sequences.definition import DrafterName
from domain.sequences.draft_writing import Attempt, emit_failure, write_attempts
from domain.sequences.gathering import NoAddress
from domain.sequences.ports import AiInterrupted, Drafter, DraftFailed
from domain.work import unit_of_work

HOLD_LIFETIME: Final = timedelta(hours=1)
"""After a crash between question and answer the credits come back by themselves."""


def choose_drafter(ports: Ports, *, wanted: str | None) -> Drafter:
    """Return the drafter a sequence names, or the default: an AI when one is configured, else the built-in.

    Raises:
        NotConfigured: the named one has no credentials here.
    """
    name = wanted or next(
        name for name in (DrafterName.ANTHROPIC, DrafterName.LIQUID_TEMPLATE) if name in ports.drafters
    )
    if name not in ports.drafters:
        raise NotConfigured(f"the drafter {name} has no credentials in this installation")
    return ports.drafters[name]


async def draft_enrollment(
    *,
    ports: Ports,
    actor: Actor,
    enrollment_id: UUID,
    clock: Callable[[], datetime],
    again: bool = False,
) -> list[UUID]:
    """Draft every e-mail step of an enrollment that has no message; the messages wait for review.

    Safe to repeat: a step has one living message. A step that can't be drafted stays without, ``DraftingFailed``
    says so, and the steps after it wait.

    Args:
        again: also draft steps whose message was rejected.

    Returns:
        The new messages.

    Raises:
        NotFound: no such enrollment.
        NoAddress, InsufficientCredits, NotConfigured, LimitReached: after ``DraftingFailed`` was logged.
        ProviderUnavailable: trying again later is right; what was drafted before is kept.
    """
    try:
        async with tenancy.reading(actor.workspace_id) as connection:
            plan = await load_plan(
                connection,
                workspace_id=actor.workspace_id,
                enrollment_id=enrollment_id,
                now=clock(),
                again=again,
            )
    except NoAddress as error:
        async with unit_of_work(actor, now=clock()) as work:
            await emit_failure(work, enrollment_id=enrollment_id, position=1, failure=error)
        raise
    if plan is None:
        return []
    attempts: list[Attempt] = []
    failure = await _draft_all(ports, actor, plan, attempts, clock=clock)
    written = await write_attempts(actor, plan, attempts, failure, now=clock())
    if failure is not None and not isinstance(failure, DraftFailed):
        raise failure
    return written


async def _draft_all(
    ports: Ports, actor: Actor, plan: Plan, attempts: list[Attempt], *, clock: Callable[[], datetime]
) -> DomainError | None:
    """Fill ``attempts`` until a step fails; return why it did."""
    subjects: dict[int, str] = {}
    for assignment in plan.assignments:
        if not assignment.is_wanted:
            continue
        attempt = Attempt(assignment=assignment)
        attempts.append(attempt)
        try:
            drafter = choose_drafter(ports, wanted=plan.drafter)
            if drafter.name != DrafterName.LIQUID_TEMPLATE:
                await _hold(actor, plan, attempt, now=clock())
            attempt.composed = await _draft(drafter, plan, attempt, subjects=subjects)
        except (DraftFailed, AiInterrupted) as error:
            attempt.usage = error.usage
            return error
        except DomainError as error:
            return error
        subjects[assignment.position] = attempt.composed.content.subject
    return None


async def _draft(drafter: Drafter, plan: Plan, attempt: Attempt, *, subjects: dict[int, str]) -> Composed:
    assignment = attempt.assignment
    previous = plan.previous_subjects(assignment.position, drafted=subjects)
    brief = plan.setting.brief(assignment.step, previous_subjects=previous)
    draft = attempt.draft = await drafter.draft(brief)
    attempt.usage = draft.usage
    return plan.setting.compose(
        brief,
        subject=draft.subject,
        body=draft.text_body,
        claims=draft.claims,
        is_first_contact=plan.is_first(assignment),
    )


async def _hold(actor: Actor, plan: Plan, attempt: Attempt, *, now: datetime) -> None:
    async with unit_of_work(actor, now=now) as work:
        await hold(
            work,
            operation_key=attempt.operation_key,
            purpose=Operation.MESSAGE_DRAFTED,
            amount=price_list_at(now).prices[Operation.MESSAGE_DRAFTED],
            run_id=plan.run_id,
            expires_at=now + HOLD_LIFETIME,
        )
    attempt.is_held = True
