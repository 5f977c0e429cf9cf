"""What a classified reply does to the enrollment, and how replies and threads move.

A classifier may only stop, pause, snooze or suppress. Nothing here resumes sending or lifts a suppression.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from domain.replies.bounce_policy import BounceRemedy, is_hard_by_repetition
from domain.replies.bounces import Bounce
from domain.replies.labels import Classification, Label, Nuance
from domain.replies.matching import Participant
from domain.sequences.reply_rules import OnColleagueReply, OnOoo, OnReply, ReplyRules
from domain.sequences.rules import EnrollmentStatus, PauseReason
from domain.states import StateMachine
from domain.suppression.rules import SuppressionReason, SuppressionScope


class ReplyStatus(StrEnum):
    """How far we got with a reply."""

    RECEIVED = "RECEIVED"
    MATCHED = "MATCHED"
    UNMATCHED = "UNMATCHED"
    CLASSIFIED = "CLASSIFIED"
    HANDLED = "HANDLED"


class ThreadStatus(StrEnum):
    """Whether a conversation wants attention."""

    OPEN = "OPEN"
    SNOOZED = "SNOOZED"
    CLOSED = "CLOSED"


REPLY_STATES: Final = StateMachine(
    noun="reply",
    moves={
        ReplyStatus.RECEIVED: (ReplyStatus.MATCHED, ReplyStatus.UNMATCHED),
        ReplyStatus.UNMATCHED: (ReplyStatus.MATCHED, ReplyStatus.CLASSIFIED),
        ReplyStatus.MATCHED: (ReplyStatus.CLASSIFIED,),
        ReplyStatus.CLASSIFIED: (ReplyStatus.HANDLED,),
    },
)
# A closed thread is opened by a person, or by a new mail (``status_after_reply``), before it can be snoozed.
THREAD_STATES: Final = StateMachine(
    noun="thread",
    moves={
        ThreadStatus.OPEN: (ThreadStatus.SNOOZED, ThreadStatus.CLOSED),
        ThreadStatus.SNOOZED: (ThreadStatus.OPEN, ThreadStatus.CLOSED),
        ThreadStatus.CLOSED: (ThreadStatus.OPEN,),
    },
)


class Subject(StrEnum):
    """Whose address an effect names."""

    LEAD = "LEAD"
    WRITER = "WRITER"


@dataclass(frozen=True, slots=True)
class Suppression:
    """An entry to add; ``subjects`` are e-mail addresses, both may be the same one."""

    reason: SuppressionReason
    scope: SuppressionScope
    subjects: frozenset[Subject]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What to do; several may apply together. Applying an effect twice changes nothing.

    Args:
        stop: the status that ends the enrollment (REPLIED, OPTED_OUT, BOUNCED or FAILED).
        pause: pause the enrollment until a person resumes it.
        snooze_until: pause the enrollment (reason OOO) until the start of this day in the lead's zone.
        suppress: an entry to add, in the same transaction.
        remedy: what a bounce asks for beyond the enrollment (retry, slow lane, pause sender).
        needs_review: a person should look at it soon.
    """

    stop: EnrollmentStatus | None = None
    pause: PauseReason | None = None
    snooze_until: date | None = None
    suppress: Suppression | None = None
    remedy: BounceRemedy | None = None
    needs_review: bool = False


NOTHING: Final = Effect()

_IGNORED = frozenset({Label.AUTO, Label.CALENDAR, Label.READ_RECEIPT, Label.LIST_MAIL})
_OPT_OUT_REASONS = {
    Label.UNSUBSCRIBE: SuppressionReason.UNSUBSCRIBE,
    Label.COMPLAINT: SuppressionReason.COMPLAINT,
    Label.LEGAL: SuppressionReason.LEGAL,
    Label.DSR: SuppressionReason.OBJECTION,
}


def decide_effect(
    classification: Classification,
    *,
    participant: Participant,
    rules: ReplyRules,
    received_on: date,
    bounce: Bounce | None = None,
    soft_bounced_on: Iterable[date] = (),
    holidays: Collection[date] = frozenset(),
) -> Effect:
    """Decide what a mail does to the lead's enrollment and to suppression.

    Binding labels act whoever wrote and whatever the confidence: wrongly not writing costs less than wrongly writing.

    Args:
        participant: who wrote; LEAD for bounces and complaints about the lead's address.
        received_on: the day it came, in the lead's zone.
        bounce: the parsed bounce for the lead's address, with label BOUNCE.
        soft_bounced_on: days of the lead's earlier soft bounces; three different days with today's count as hard.
        holidays: days in the lead's country on which nobody returns to work.
    """
    label = classification.label
    if label is Label.BOUNCE:
        return _after_bounce(bounce, soft_bounced_on=(*soft_bounced_on, received_on))
    if label in _OPT_OUT_REASONS:
        return _after_opt_out(label, participant=participant)
    if label in _IGNORED:
        return Effect(needs_review=True) if classification.nuance is Nuance.CHALLENGE else NOTHING
    if label is Label.OOO:
        return _after_ooo(
            classification, participant=participant, rules=rules, received_on=received_on, holidays=holidays
        )
    if classification.nuance is Nuance.LEFT_COMPANY and participant is not Participant.STRANGER:
        return _after_leaving()
    return _after_human_reply(participant, rules=rules)


def next_business_day(day: date, *, holidays: Collection[date] = frozenset()) -> date:
    """Return the first Monday to Friday after ``day`` that is no holiday."""
    following = day + timedelta(days=1)
    while following.weekday() >= 5 or following in holidays:
        following += timedelta(days=1)
    return following


def snooze_until(
    *, return_on: date | None, received_on: date, rules: ReplyRules, holidays: Collection[date] = frozenset()
) -> date:
    """Return the day to go on after an out-of-office note: a business day after the return, within bounds."""
    uses_named = return_on is not None and return_on >= received_on and rules.on_ooo is OnOoo.RESUME_ON_RETURN
    back = return_on if uses_named and return_on else received_on + timedelta(days=rules.ooo_default_days)
    latest = received_on + timedelta(days=rules.ooo_days_max)
    return next_business_day(min(back, latest), holidays=holidays)


def status_after_reply(status: ThreadStatus, *, label: Label) -> ThreadStatus:
    """Return a thread's status after a mail: a person's words reopen even a closed one, a machine's don't."""
    return ThreadStatus.OPEN if label.is_human else status


def _after_bounce(bounce: Bounce | None, *, soft_bounced_on: tuple[date, ...]) -> Effect:
    if bounce is None:
        return Effect(needs_review=True)
    remedy = bounce.remedy
    if remedy is BounceRemedy.RETRY_LATER and is_hard_by_repetition(soft_bounced_on):
        remedy = BounceRemedy.INVALIDATE_ADDRESS
    if remedy is BounceRemedy.INVALIDATE_ADDRESS:
        return Effect(
            stop=EnrollmentStatus.BOUNCED,
            suppress=_suppress(SuppressionReason.BOUNCE, Subject.LEAD),
            remedy=remedy,
        )
    if remedy is BounceRemedy.FAIL_MESSAGE:
        return Effect(stop=EnrollmentStatus.FAILED, remedy=remedy, needs_review=True)
    return Effect(remedy=remedy, needs_review=remedy in {BounceRemedy.PAUSE_SENDER, BounceRemedy.REVIEW})


def _after_opt_out(label: Label, *, participant: Participant) -> Effect:
    """Stop and suppress. A stranger's words bind for the stranger, and stop nobody else's sequence."""
    subjects = {
        Participant.LEAD: (Subject.LEAD, Subject.WRITER),
        Participant.COLLEAGUE: (Subject.LEAD, Subject.WRITER),
        Participant.STRANGER: (Subject.WRITER,),
    }[participant]
    if label is Label.COMPLAINT and participant is Participant.LEAD:
        subjects = (Subject.LEAD,)  # an ARF report is written by the provider, not by the lead
    return Effect(
        stop=None if participant is Participant.STRANGER else EnrollmentStatus.OPTED_OUT,
        suppress=_suppress(_OPT_OUT_REASONS[label], *subjects),
        needs_review=label in {Label.LEGAL, Label.DSR},
    )


def _after_ooo(
    classification: Classification,
    *,
    participant: Participant,
    rules: ReplyRules,
    received_on: date,
    holidays: Collection[date],
) -> Effect:
    if participant is not Participant.LEAD or rules.on_ooo is OnOoo.CONTINUE:
        return NOTHING
    until = snooze_until(
        return_on=classification.return_on, received_on=received_on, rules=rules, holidays=holidays
    )
    return Effect(snooze_until=until)


def _after_leaving() -> Effect:
    return Effect(
        stop=EnrollmentStatus.BOUNCED,
        suppress=_suppress(SuppressionReason.BOUNCE, Subject.LEAD),
        needs_review=True,
    )


def _after_human_reply(participant: Participant, *, rules: ReplyRules) -> Effect:
    if participant is Participant.LEAD:
        if rules.on_reply is OnReply.PAUSE:
            return Effect(pause=PauseReason.MANUAL, needs_review=True)
        return Effect(stop=EnrollmentStatus.REPLIED, needs_review=True)
    if participant is Participant.COLLEAGUE and rules.on_colleague_reply is OnColleagueReply.PAUSE:
        return Effect(pause=PauseReason.COLLEAGUE_REPLY, needs_review=True)
    if participant is Participant.COLLEAGUE and rules.on_colleague_reply is OnColleagueReply.STOP:
        return Effect(stop=EnrollmentStatus.REPLIED, needs_review=True)
    return Effect(needs_review=True)


def _suppress(reason: SuppressionReason, *subjects: Subject) -> Suppression:
    return Suppression(reason=reason, scope=SuppressionScope.WORKSPACE, subjects=frozenset(subjects))
