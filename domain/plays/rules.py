"""Plays: their states, what sets them off, and what they may spend."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from domain.credits.rules import CREDITS_MAX
from domain.errors import Conflict, Invalid
from domain.states import StateMachine

LEADS_PER_RUN_MAX: Final = 100_000


class PlayState(StrEnum):
    """Whether a play can be run."""

    DRAFT = "DRAFT"
    READY = "READY"
    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    ARCHIVED = "ARCHIVED"


class PlayNotReady(Conflict):
    """The play lacks something it needs before it can run."""

    code = "PLAY_NOT_READY"

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__(f"this play isn't ready: {'; '.join(missing)}")
        self.missing = missing


PLAY_STATES: Final = StateMachine(
    noun="play",
    moves={
        PlayState.DRAFT: (PlayState.READY, PlayState.ARCHIVED),
        PlayState.READY: (PlayState.ACTIVE, PlayState.DRAFT, PlayState.ARCHIVED),
        PlayState.ACTIVE: (PlayState.PAUSED, PlayState.ARCHIVED),
        PlayState.PAUSED: (PlayState.ACTIVE, PlayState.ARCHIVED),
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What one run may use up at most; a run that comes to its credits pauses, to its leads stops looking.

    Args:
        max_credits: 1 to 2^53.
        max_leads: 1 to 100,000.

    Raises:
        Invalid: out of these ranges.
    """

    max_credits: int
    max_leads: int

    def __post_init__(self) -> None:
        if not 1 <= self.max_credits <= CREDITS_MAX:
            raise Invalid("a budget has 1 to 2^53 credits", field=("budget", "maxCredits"))
        if not 1 <= self.max_leads <= LEADS_PER_RUN_MAX:
            raise Invalid(f"a run has 1 to {LEADS_PER_RUN_MAX} leads", field=("budget", "maxLeads"))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayReadiness:
    """What a play needs before it can run."""

    has_active_profile: bool
    has_approved_sequence: bool
    has_usable_sender: bool
    has_source: bool
    has_postal_address: bool


def missing_of(readiness: PlayReadiness) -> tuple[str, ...]:
    """Return what a play lacks, a sentence each."""
    needs = (
        (readiness.has_active_profile, "its strategy profile isn't active"),
        (readiness.has_approved_sequence, "its sequence isn't active, or has no e-mail step"),
        (readiness.has_usable_sender, "no sender of it can send"),
        (readiness.has_source, "it has no source of leads"),
        (readiness.has_postal_address, "the workspace has no postal address for the footer"),
    )
    return tuple(sentence for is_met, sentence in needs if not is_met)


def is_ready(readiness: PlayReadiness) -> bool:
    """Tell whether a play lacks nothing."""
    return not missing_of(readiness)


def require_ready(readiness: PlayReadiness) -> None:
    """Do nothing when a play can run.

    Raises:
        PlayNotReady: with everything that is missing at once.
    """
    if missing := missing_of(readiness):
        raise PlayNotReady(missing)


def can_launch(state: PlayState) -> bool:
    """Tell whether runs of a play may start; the first one makes a ready play active."""
    return state in (PlayState.READY, PlayState.ACTIVE)
