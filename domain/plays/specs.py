"""What somebody writes down about a play, and whether it makes sense."""

from collections.abc import Set
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from domain.errors import Invalid
from domain.plays.rules import Budget
from domain.plays.sources import Source

NAME_MAX: Final = 200
GOAL_MAX: Final = 2_000
SENDERS_MAX: Final = 100
PLAN_MAX: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaySpec:
    """A play as it is written down.

    Args:
        profile_id: any version of the strategy profile; a run takes the one that is active when it is launched.
        sequence_id: any version of the sequence, likewise.
        enrichment_plan: names of enrichment sources in the order they are asked; empty for none.
        sender_ids: senders the messages may leave from.
    """

    name: str
    goal: str | None = None
    profile_id: UUID
    sequence_id: UUID
    source: Source
    enrichment_plan: tuple[str, ...] = ()
    sender_ids: tuple[UUID, ...] = ()
    budget: Budget


def check_spec(spec: PlaySpec, *, known_sources: Set[str]) -> None:
    """Do nothing when a play makes sense by itself; what it refers to isn't looked at.

    Args:
        known_sources: names of the enrichment sources this installation has.

    Raises:
        Invalid: the first field that doesn't.
    """
    if not 1 <= len(spec.name.strip()) <= NAME_MAX or not spec.name.isprintable():
        raise Invalid(f"a name has 1 to {NAME_MAX} printable characters", field=("name",))
    if spec.goal is not None and len(spec.goal) > GOAL_MAX:
        raise Invalid(f"at most {GOAL_MAX} characters", field=("goal",))
    if len(spec.sender_ids) > SENDERS_MAX:
        raise Invalid(f"at most {SENDERS_MAX} senders", field=("senderIds",))
    if len(spec.enrichment_plan) > PLAN_MAX or len(set(spec.enrichment_plan)) < len(spec.enrichment_plan):
        raise Invalid(f"at most {PLAN_MAX} sources, each once", field=("enrichmentPlan",))
    for index, name in enumerate(spec.enrichment_plan):
        if name not in known_sources:
            raise Invalid("no enrichment source has this name", field=("enrichmentPlan", str(index)))
