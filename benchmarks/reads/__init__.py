"""Reads: Plera over its real API beside a hand-written floor and four peers, on one set of data.

``make bench ARGS=reads`` measures all of it, in about ten minutes on two cores, and writes ``results.json`` and
``results.svg`` into ``benchmarks/``. Options: ``--quick`` for a smoke run, ``--only=floor,plera`` for some of the
variants, ``--questions=Q1,Q2``, ``--no-growth``; with any of them, or on a busy machine, nothing is written.
Before anything is measured all variants must give the same answers.
"""

import argparse
import asyncio
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg

from benchmarks.reads import growth
from benchmarks.reads.comparing import difference
from benchmarks.reads.cpu import postmaster_of
from benchmarks.reads.dataset import FULL, SMALL, Extent, load
from benchmarks.reads.questions import Question, questions
from benchmarks.reads.report import Results, show, write
from benchmarks.reads.rounds import Meter
from benchmarks.reads.variants import Running, Variant, available, started
from benchmarks.stage import servers
from operations.embedded.servers import Servers
from operations.migrating import migrate

HERE = Path(__file__).resolve().parents[1]
FUNCTIONS = HERE / "peers" / "functions.sql"
WITH_GROWTH = ("floor", "plera")
QUIET_LOAD = 0.7
"""Runnable processes, on average of a minute, beside which results may still be kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is measured."""

    extent: Extent
    sizes: tuple[int, ...]
    rounds: int
    seconds: float


THOROUGH = Plan(extent=FULL, sizes=growth.SIZES, rounds=5, seconds=1.5)
QUICK = Plan(extent=SMALL, sizes=growth.SMALL_SIZES, rounds=1, seconds=0.3)


def main() -> None:
    """Measure, print and, unless it was a smoke run or a part of it, write the results."""
    options, load_before = _options(), os.getloadavg()[0]
    plan = QUICK if options.quick else THOROUGH
    variants = [each for each in available() if options.only is None or each.name in options.only]
    with servers() as running_servers:
        meter, postgres = asyncio.run(_prepare(running_servers, plan.extent))
        asked = [
            each
            for each in questions(plan.extent)
            if options.questions is None or each.name in options.questions
        ]
        with _running(variants, running_servers, plan.extent) as running:
            require_equal_answers(running, asked)
            meter.rounds(running, asked, rounds=1, seconds=plan.seconds / 3)  # caches and compilers warm up
            samples = meter.rounds(running, asked, rounds=plan.rounds, seconds=plan.seconds)
            grown: Any = {}
            if not options.no_growth:
                grown = _measure_growth(meter, running, plan)
    results = Results(
        questions=asked,
        variants=variants,
        samples=samples,
        growth=grown,
        data=f"{plan.extent.leads:,} leads, {plan.extent.companies:,} companies, {plan.extent.workspaces} workspaces",
        postgres=postgres,
    )
    show(results)
    if load_before > QUIET_LOAD:
        print(f"\nOthers were at work when this began (load {load_before:.1f}), so nothing is written.")
    elif not (options.quick or options.only or options.questions or options.no_growth):
        write(results, folder=HERE)


def require_equal_answers(running: Sequence[Running], asked: Sequence[Question]) -> None:
    """Raise unless all variants say the same as the first, for the first and the last turn of each question."""
    for question in asked:
        for turn in (question.turns[0], question.turns[-1]):
            answers = {
                each.variant.name: each.ask(question, turn)
                for each in running
                if each.variant.answers(question)
            }
            (first, expected), *others = answers.items()
            for name, answer in others:
                if told := difference(expected, answer):
                    raise SystemExit(f"{question.name}: {name} answers unlike {first}: {told}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks reads", description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--no-growth", action="store_true")
    parser.add_argument("--only", type=lambda text: text.split(","))
    parser.add_argument("--questions", type=lambda text: text.split(","))
    return parser.parse_known_args()[0]


async def _prepare(running_servers: Servers, extent: Extent) -> tuple[Meter, str]:
    """Migrate and load; returns PostgreSQL's version, too."""
    await migrate(owner_url=running_servers.database_url)
    connection = await asyncpg.connect(running_servers.database_url)
    try:
        # What is measured is CPU: no commit waits for a disk, and nobody tidies up in between.
        await connection.execute("ALTER SYSTEM SET synchronous_commit = off")
        await connection.execute("ALTER SYSTEM SET autovacuum = off")
        await connection.execute("SELECT pg_reload_conf()")
        await load(connection, extent)
        await connection.execute(FUNCTIONS.read_text(encoding="utf-8"))
        version = await connection.fetchval("SELECT split_part(version(), ' on ', 1)")
        meter = Meter(postmaster=await postmaster_of(connection), database_url=running_servers.database_url)
        return meter, version
    finally:
        await connection.close()


def _measure_growth(meter: Meter, running: Sequence[Running], plan: Plan) -> Any:
    loaded = growth.extents(plan.sizes)

    async def load_all() -> None:
        connection = await asyncpg.connect(meter.database_url)
        await load(connection, *loaded)
        await connection.close()

    asyncio.run(load_all())
    chosen = [each for each in running if each.variant.name in WITH_GROWTH]
    return growth.measure_growth(meter, chosen, loaded, rounds=min(plan.rounds, 3), seconds=plan.seconds)


@contextmanager
def _running(
    variants: Sequence[Variant], running_servers: Servers, extent: Extent
) -> Iterator[list[Running]]:
    with TemporaryDirectory() as folder, ExitStack() as stack:
        yield [
            stack.enter_context(
                started(each, servers=running_servers, data_dir=Path(folder), token=extent.token.text)
            )
            for each in variants
        ]
