"""What the read engine is to reach: each target a ratio taken in the same rounds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.reads.rounds import Cell, Sample, ratio

GROWTH_MAX = 1.2
"""Q1 with 1,000,000 leads in the workspace, relative to 10,000."""


@dataclass(frozen=True, slots=True)
class Target:
    """``metric`` of Plera relative to a peer's: at most (``most``) or at least ``bound``."""

    question: str
    against: str
    metric: str
    bound: float
    most: bool = False


TARGETS = (
    Target("Q1", "floor", "total_cpu", 1.15, most=True),
    Target("Q2", "floor", "total_cpu", 1.15, most=True),
    Target("Q3", "floor", "total_cpu", 1.1, most=True),
    Target("Q4", "floor", "total_cpu", 1.2, most=True),
    Target("M1", "floor", "total_cpu", 1.2, most=True),
    Target("Q1", "tortoise", "rate", 35),
    Target("Q2", "tortoise", "rate", 20),
    Target("Q3", "tortoise", "rate", 50),
    Target("Q4", "tortoise", "rate", 20),
    Target("M1", "tortoise", "rate", 14),
    Target("Q1", "tuned", "rate", 15),
    Target("Q2", "tuned", "rate", 3.3),
    Target("Q3", "tuned", "rate", 20),
    Target("Q4", "tuned", "rate", 3.5),
    Target("M1", "tuned", "rate", 3.5),
    Target("Q1", "postgraphile", "rate", 2),
    Target("Q2", "postgraphile", "rate", 2.3),
    Target("Q3", "postgraphile", "rate", 2.5),
    Target("M1", "postgraphile", "rate", 1.8),
    Target("Q1", "mercurius", "rate", 1.7),
    Target("Q2", "mercurius", "rate", 1.1),
    Target("Q3", "mercurius", "rate", 2),
    Target("Q4", "mercurius", "rate", 1.5),
    Target("M1", "mercurius", "rate", 1),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A target, what was measured, and whether it is met."""

    target: Target
    measured: float

    @property
    def is_met(self) -> bool:
        """Whether the measured ratio is within the bound."""
        bound = self.target.bound
        return self.measured <= bound if self.target.most else self.measured >= bound


def judged(samples: Mapping[Cell, Sequence[Sample]]) -> Iterator[Verdict]:
    """Judge the targets whose variants were measured."""
    for target in TARGETS:
        ours, theirs = (target.question, "plera"), (target.question, target.against)
        if ours in samples and theirs in samples:
            yield Verdict(target, ratio(samples, target.metric, ours, theirs))
