"""What came out: tables for people, a file for programs."""

import json
import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.reads.growth import BOUND, growth_of
from benchmarks.reads.questions import Question
from benchmarks.reads.rounds import METRICS, Cell, Sample, medians, ratio
from benchmarks.reads.targets import judged
from benchmarks.reads.variants import Variant


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """All samples of a run, and what they are of."""

    questions: Sequence[Question]
    variants: Sequence[Variant]
    samples: dict[Cell, list[Sample]]
    growth: dict[int, dict[Cell, list[Sample]]]
    data: str
    postgres: str

    def cells(self, question: Question) -> Iterator[tuple[Variant, dict[str, float], dict[str, float]]]:
        """Yield variants with their medians, and these relative to the floor."""
        for variant in self.variants:
            cell, floor = (question.name, variant.name), (question.name, "floor")
            if cell in self.samples:
                relative = {metric: ratio(self.samples, metric, cell, floor) for metric in METRICS}
                yield variant, medians(self.samples[cell]), relative


def show(results: Results) -> None:
    """Print Markdown."""
    print(f"\n## Reads: {results.data}\n\n{_surroundings(results)}")
    for question in results.questions:
        print(f"\n### {question.name}: {question.title}\n")
        print(
            "| variant | server CPU | Postgres CPU | total CPU | × floor | requests/s | × floor | p50 | p99 |"
        )
        print("|---|---|---|---|---|---|---|---|---|")
        for variant, middle, relative in results.cells(question):
            print(
                f"| {variant.title} | {middle['server_cpu']:.2f} ms | {middle['postgres_cpu']:.2f} ms "
                f"| {middle['total_cpu']:.2f} ms | {relative['total_cpu']:.2f} | {middle['rate']:,.0f} "
                f"| {relative['rate']:.2f} | {middle['p50']:.1f} ms | {middle['p99']:.1f} ms |"
            )
    _show_targets(results)
    _show_growth(results)


def _show_targets(results: Results) -> None:
    titles = {variant.name: variant.title for variant in results.variants}
    print(
        "\n### Targets\n\n| question | against | ratio of | target | measured | |\n|---|---|---|---|---|---|"
    )
    for verdict in judged(results.samples):
        target = verdict.target
        of = "total CPU" if target.metric == "total_cpu" else "requests/s"
        print(
            f"| {target.question} | {titles[target.against]} | {of} | {'≤' if target.most else '≥'} {target.bound:g} "
            f"| {verdict.measured:.2f} | {'met' if verdict.is_met else '**missed**'} |"
        )


def _show_growth(results: Results) -> None:
    if not results.growth:
        return
    sizes = sorted(results.growth)
    print("\n### Growth: total CPU of Q1 by leads in the workspace\n")
    print("| | " + " | ".join(f"{size:,}" for size in sizes) + " | largest ÷ smallest | |")
    print("|---|" + "---|" * (len(sizes) + 2))
    for cell in results.growth[sizes[0]]:
        costs = " | ".join(f"{medians(results.growth[size][cell])['total_cpu']:.2f} ms" for size in sizes)
        grown = growth_of(results.growth, cell)
        is_judged = cell == ("Q1", "plera")
        verdict = f"target ≤ {BOUND}: {'met' if grown <= BOUND else '**missed**'}" if is_judged else ""
        print(f"| {cell[1]}, {cell[0]} | {costs} | {grown:.2f} | {verdict} |")


def as_json(results: Results) -> str:
    """Return medians and ratios, by question and variant."""
    questions = {
        question.name: {
            "title": question.title,
            "variants": {
                variant.name: {"medians": _rounded(middle), "to_floor": _rounded(relative)}
                for variant, middle, relative in results.cells(question)
            },
        }
        for question in results.questions
    }
    targets = [
        {
            "question": verdict.target.question,
            "against": verdict.target.against,
            "metric": verdict.target.metric,
            "at_most" if verdict.target.most else "at_least": verdict.target.bound,
            "measured": round(verdict.measured, 2),
            "met": verdict.is_met,
        }
        for verdict in judged(results.samples)
    ]
    content: dict[str, Any] = {
        "data": results.data,
        "surroundings": _surroundings(results),
        "units": {
            "server_cpu, postgres_cpu, total_cpu": "ms per request",
            "rate": "requests/s",
            "p50, p99": "ms",
        },
        "questions": questions,
        "targets": targets,
        "growth": _growth_as_json(results),
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _growth_as_json(results: Results) -> dict[str, Any]:
    cells = next(iter(results.growth.values())) if results.growth else ()
    return {
        f"{cell[1]}, {cell[0]}": {
            "total_cpu": {
                size: round(medians(samples[cell])["total_cpu"], 3)
                for size, samples in results.growth.items()
            },
            "largest_to_smallest": round(growth_of(results.growth, cell), 2),
        }
        for cell in cells
    }


def write(results: Results, *, folder: Path) -> None:
    """Write ``results.json`` and ``results.svg``."""
    from benchmarks.reads.plot import as_svg

    (folder / "results.json").write_text(as_json(results), encoding="utf-8")
    (folder / "results.svg").write_text(as_svg(results), encoding="utf-8")


def _surroundings(results: Results) -> str:
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, {results.postgres}, one process per variant"


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {name: float(f"{value:.4g}") for name, value in values.items()}
