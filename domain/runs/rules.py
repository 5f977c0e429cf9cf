"""The life of a run and of each lead in it.

A run has no stage of its own: its leads are at different stages at the same time, and the run's is the
earliest at which one still is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from domain.sequences.rules import EnrollmentStatus
from domain.states import StateMachine


class RunState(StrEnum):
    """Whether a run goes on."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    CANCELLING = "CANCELLING"
    CANCELLED = "CANCELLED"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


class PauseReason(StrEnum):
    """Why a run is paused."""

    USER = "USER"
    BUDGET = "BUDGET"
    BOUNCE = "BOUNCE"
    AUTH = "AUTH"


class LeadStage(StrEnum):
    """How far a lead has come in a run; DONE and DROPPED are closed, the others open."""

    DISCOVERED = "DISCOVERED"
    ENRICHING = "ENRICHING"
    DRAFTING = "DRAFTING"
    IN_REVIEW = "IN_REVIEW"
    SCHEDULED = "SCHEDULED"
    SENDING = "SENDING"
    DONE = "DONE"
    DROPPED = "DROPPED"


class DropReason(StrEnum):
    """Why a run has let go of a lead."""

    SUPPRESSED = "SUPPRESSED"
    RESTRICTED = "RESTRICTED"
    ERASED = "ERASED"
    DUPLICATE = "DUPLICATE"
    EXCLUSIVE_ELSEWHERE = "EXCLUSIVE_ELSEWHERE"
    DISQUALIFIED = "DISQUALIFIED"
    NO_ADDRESS = "NO_ADDRESS"
    INVALID_ADDRESS = "INVALID_ADDRESS"
    ENRICHMENT_FAILED = "ENRICHMENT_FAILED"
    DRAFT_FAILED = "DRAFT_FAILED"
    REJECTED = "REJECTED"
    SEND_FAILED = "SEND_FAILED"
    POLICY = "POLICY"
    BUDGET = "BUDGET"
    RUN_CANCELLED = "RUN_CANCELLED"
    RUN_FAILED = "RUN_FAILED"


class RunStage(StrEnum):
    """Where a run is seen to be."""

    DISCOVERING = "DISCOVERING"
    ENRICHING = "ENRICHING"
    DRAFTING = "DRAFTING"
    IN_REVIEW = "IN_REVIEW"
    SCHEDULED = "SCHEDULED"
    SENDING = "SENDING"


RUN_STATES: Final = StateMachine(
    noun="run",
    moves={
        RunState.QUEUED: (RunState.RUNNING, RunState.PAUSED, RunState.CANCELLED, RunState.FAILED),
        RunState.RUNNING: (RunState.PAUSED, RunState.COMPLETED, RunState.CANCELLING, RunState.FAILED),
        RunState.PAUSED: (RunState.RUNNING, RunState.CANCELLING, RunState.FAILED),
        RunState.CANCELLING: (RunState.CANCELLED, RunState.FAILED),
        RunState.FAILED: (RunState.RUNNING, RunState.CANCELLING),  # resumed, if it is retryable
    },
)

LEAD_STAGES: Final = StateMachine(
    noun="lead of a run",
    moves={
        LeadStage.DISCOVERED: (LeadStage.ENRICHING, LeadStage.DRAFTING, LeadStage.DROPPED),
        LeadStage.ENRICHING: (LeadStage.DRAFTING, LeadStage.DROPPED),
        LeadStage.DRAFTING: (LeadStage.IN_REVIEW, LeadStage.DROPPED),
        LeadStage.IN_REVIEW: (
            LeadStage.DRAFTING,  # drafted afresh
            LeadStage.SCHEDULED,
            LeadStage.DONE,  # replied to something else meanwhile
            LeadStage.DROPPED,
        ),
        LeadStage.SCHEDULED: (
            LeadStage.IN_REVIEW,  # edited after the approval
            LeadStage.SENDING,
            LeadStage.DONE,  # replied before the first message left
            LeadStage.DROPPED,
        ),
        LeadStage.SENDING: (LeadStage.DONE, LeadStage.DROPPED),
    },
)

OPEN_STAGES: Final[Mapping[LeadStage, RunStage]] = MappingProxyType(
    {
        LeadStage.DISCOVERED: RunStage.DISCOVERING,
        LeadStage.ENRICHING: RunStage.ENRICHING,
        LeadStage.DRAFTING: RunStage.DRAFTING,
        LeadStage.IN_REVIEW: RunStage.IN_REVIEW,
        LeadStage.SCHEDULED: RunStage.SCHEDULED,
        LeadStage.SENDING: RunStage.SENDING,
    }
)
"""The open stages in their order, and what a run whose earliest lead is there is seen to do."""


UNSENDABLE_VERDICTS: Final = frozenset({"INVALID", "DISPOSABLE"})
"""Verdicts on an address that time doesn't mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunProgress:
    """What is left to do in a run.

    Args:
        is_discovering: the search for leads hasn't come to its end.
        leads: number of leads by stage; stages without any may be left out.
        open_enrollments: leads whose sequence hasn't ended.
    """

    is_discovering: bool
    leads: Mapping[LeadStage, int]
    open_enrollments: int


def can_resume(*, paused_for: PauseReason, by_user: bool) -> bool:
    """Tell whether a paused run may go on.

    A person may resume any run (its gates ask again); by itself only one resumes whose cause can be seen to
    be gone: new credits, a reconnected sender. Bounces and a person's own pause wait for a person.
    """
    return by_user or paused_for in (PauseReason.BUDGET, PauseReason.AUTH)


def stages_before(target: LeadStage) -> tuple[LeadStage, ...]:
    """Return the stages from which a lead may move to ``target``."""
    return tuple(stage for stage in LeadStage if LEAD_STAGES.allows(stage, target))


def unfit_for(
    *,
    status: str,
    is_restricted: bool,
    is_suppressed: bool,
    email: str | None,
    verdict: str,
    address_is_final: bool,
) -> DropReason | None:
    """Return why a run lets go of a lead; None when it may go on.

    Args:
        status: the lead's.
        is_restricted: its data may only be stored (GDPR Article 18).
        is_suppressed: a suppression entry matches.
        email: its address.
        verdict: on the address.
        address_is_final: no enrichment follows that could still find a better one.
    """
    reasons = (
        (status == "ERASED", DropReason.ERASED),
        (status == "MERGED", DropReason.DUPLICATE),
        (is_restricted, DropReason.RESTRICTED),
        (is_suppressed, DropReason.SUPPRESSED),
        (address_is_final and email is None, DropReason.NO_ADDRESS),
        (address_is_final and verdict in UNSENDABLE_VERDICTS, DropReason.INVALID_ADDRESS),
    )
    return next((reason for holds, reason in reasons if holds), None)


def let_go_reason(state: RunState, *, is_retryable: bool) -> DropReason | None:
    """Return why a run in this state lets go of all of its leads; None when it doesn't."""
    if state is RunState.CANCELLING:
        return DropReason.RUN_CANCELLED
    return DropReason.RUN_FAILED if state is RunState.FAILED and not is_retryable else None


def close_lead(
    *, stage: LeadStage, ended: EnrollmentStatus, let_go: DropReason | None
) -> tuple[LeadStage, DropReason | None]:
    """Return how a lead is closed when its sequence has ended.

    A lead that was written to is DONE, whatever ended it, except by a run that lets go of all of them.

    Args:
        let_go: see ``let_go_reason``.
    """
    if let_go is not None and ended is EnrollmentStatus.REMOVED:
        return LeadStage.DROPPED, let_go
    answered = ended is EnrollmentStatus.REPLIED and LEAD_STAGES.allows(stage, LeadStage.DONE)
    if stage is LeadStage.SENDING or answered or (ended, stage) == (_FINISHED, LeadStage.SCHEDULED):
        return LeadStage.DONE, None
    if ended is EnrollmentStatus.FAILED and stage is LeadStage.DRAFTING:
        return LeadStage.DROPPED, DropReason.DRAFT_FAILED
    return LeadStage.DROPPED, _DROPPED_BY[ended]


_FINISHED: Final = EnrollmentStatus.FINISHED
_DROPPED_BY: Final[Mapping[EnrollmentStatus, DropReason]] = MappingProxyType(
    {
        EnrollmentStatus.REPLIED: DropReason.EXCLUSIVE_ELSEWHERE,
        EnrollmentStatus.FINISHED: DropReason.REJECTED,  # nothing of it was approved
        EnrollmentStatus.BOUNCED: DropReason.INVALID_ADDRESS,
        EnrollmentStatus.OPTED_OUT: DropReason.SUPPRESSED,
        EnrollmentStatus.SUPPRESSED: DropReason.SUPPRESSED,
        EnrollmentStatus.FAILED: DropReason.SEND_FAILED,
        EnrollmentStatus.REMOVED: DropReason.REJECTED,
    }
)


def derive_stage(progress: RunProgress) -> RunStage | None:
    """Return a run's stage: the earliest at which work is open; None when nothing is."""
    if progress.is_discovering:
        return RunStage.DISCOVERING
    open_stages = (run for lead, run in OPEN_STAGES.items() if progress.leads.get(lead, 0) > 0)
    return next(open_stages, RunStage.SENDING if progress.open_enrollments else None)
