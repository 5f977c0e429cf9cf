"""Which source is asked next, and when to stop asking."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .facts import Field, Subject

WANTED: Final[Mapping[Field, Subject]] = {
    Field.DESCRIPTION: Subject.COMPANY,
    Field.INDUSTRY: Subject.COMPANY,
    Field.TITLE: Subject.LEAD,
    Field.EMAIL: Subject.LEAD,
}
"""What the waterfall looks for, about whom: once it is known, no further source is asked."""

TARGET_CONFIDENCE: Final = 0.7
"""From when on a field counts as known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceOffer:
    """What a source costs and can bring.

    Args:
        cost: credits it takes when it finds something.
        provides: fields it can bring at all.
    """

    name: str
    cost: int
    provides: frozenset[Field]


def missing_fields(
    *, want: frozenset[Field], confidence: Mapping[Field, float], target: float
) -> frozenset[Field]:
    """Return the wanted fields that aren't known with at least the target confidence (0..1)."""
    return frozenset(field for field in want if confidence.get(field, 0.0) < target)


def next_source(
    ordered: Sequence[SourceOffer], *, asked: frozenset[str], missing: frozenset[Field], budget: int
) -> SourceOffer | None:
    """Return whom to ask next, or None: everything is known, nobody is left, or the budget is too small.

    A source above the remaining budget (credits) is passed over; a cheaper one behind it may still fit.
    """
    for offer in ordered:
        if offer.name not in asked and offer.provides & missing and offer.cost <= budget:
            return offer
    return None
