"""How the first page's cost grows with the workspace: 10,000, 100,000 and 1,000,000 leads, each in one of its own."""

import dataclasses
from collections.abc import Sequence

from benchmarks.reads.dataset import Extent
from benchmarks.reads.questions import PAGE, Q1, Q1_UNCOUNTED, Question
from benchmarks.reads.rounds import Cell, Meter, Sample
from benchmarks.reads.variants import Running
from benchmarks.stage import median

SIZES, SMALL_SIZES = (10_000, 100_000, 1_000_000), (1_000, 5_000, 20_000)
BOUND = 1.2
"""What Q1 may cost at most in the largest workspace, relative to the smallest."""

QUESTIONS = (
    Question("Q1", "with the total count", Q1, ({"first": PAGE},)),
    Question("Q1-uncounted", "without it", Q1_UNCOUNTED, ({"first": PAGE},)),
)


def extents(sizes: Sequence[int]) -> list[Extent]:
    """Return a workspace of each size; one message per lead, so that a million is loaded in a minute."""
    return [
        Extent(
            workspaces=1,
            leads=size,
            companies=size // 10,
            first_workspace=1_000 + number,
            first_row=(1 + number) << 24,
            parts=1,
        )
        for number, size in enumerate(sizes)
    ]


def measure_growth(
    meter: Meter, running: Sequence[Running], loaded: Sequence[Extent], *, rounds: int, seconds: float
) -> dict[int, dict[Cell, list[Sample]]]:
    """Return the samples by the workspace's size."""
    samples: dict[int, dict[Cell, list[Sample]]] = {}
    for extent in loaded:
        inside = [dataclasses.replace(each, token=extent.token.text) for each in running]
        meter.rounds(inside, QUESTIONS, rounds=1, seconds=0.3)  # caches fill
        samples[extent.leads] = meter.rounds(inside, QUESTIONS, rounds=rounds, seconds=seconds)
    return samples


def growth_of(samples: dict[int, dict[Cell, list[Sample]]], cell: Cell) -> float:
    """Return how much more CPU a cell takes in the largest workspace than in the smallest."""
    smallest, largest = (
        median([sample.total_cpu for sample in samples[size][cell]]) for size in (min(samples), max(samples))
    )
    return largest / smallest
