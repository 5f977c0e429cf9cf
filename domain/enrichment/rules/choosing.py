"""Which of several candidate values is the current one, and how sure agreement makes it.

Nothing is thrown away: the losers stay candidates with their own provenance.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import prod

# Agreement never makes certain: only a person's edit is 1.
MERGED_MAX = 0.99


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One value of one field, as one source gave it.

    Args:
        origin: the upstream source (a site's registrable domain, a provider's name); two candidates of
            one origin are one opinion.
        pinned: a person wrote or confirmed it.
        observed_at: when the source saw it, aware UTC.
    """

    value: str
    origin: str
    confidence: float
    observed_at: datetime
    pinned: bool = False


def merge_confidence(confidences: Iterable[float]) -> float:
    """Return ``1 - prod(1 - c)``, the confidence independent sources give together (0..0.99).

    No source at all gives 0. Callers pass one number per *upstream* source.
    """
    return min(1 - prod(1 - each for each in confidences), MERGED_MAX)


def agreed_confidence(candidates: Sequence[Candidate]) -> float:
    """Return how sure candidates of one value are together; each origin counts once, at its best."""
    best: dict[str, float] = {}
    for candidate in candidates:
        best[candidate.origin] = max(best.get(candidate.origin, 0.0), candidate.confidence)
    return merge_confidence(best.values())


def choose_current(candidates: Sequence[Candidate]) -> Candidate | None:
    """Return the value to show: a person's edit, else the surest, else the freshest.

    Candidates whose values agree (ignoring case and white space) support each other first. Among pinned
    ones the latest edit wins. The order of the input makes no difference.
    """
    if not candidates:
        return None
    support: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        support.setdefault(_same(candidate.value), []).append(candidate)
    agreed = {value: agreed_confidence(group) for value, group in support.items()}

    def rank(candidate: Candidate) -> tuple[bool, float, datetime, float, str, str]:
        together = 0.0 if candidate.pinned else agreed[_same(candidate.value)]
        own = candidate.confidence
        return candidate.pinned, together, candidate.observed_at, own, candidate.value, candidate.origin

    return max(candidates, key=rank)


def _same(value: str) -> str:
    return " ".join(value.casefold().split())
