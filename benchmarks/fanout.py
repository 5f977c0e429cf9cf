"""One run, many listeners: what it costs to deliver each event to each socket, and how long the last ones wait.

Two ways of delivering take turns, each in a process of its own and in a workspace of its own: Plera over its real
``/graphql``, and Strawberry's handler as it comes (``peers/stock_sockets.py``). Events come one at a time, when all
sockets have the one before, and then many in one commit. ``--sockets=5000`` asks for more than 1,000.
"""

import argparse
import asyncio
import json
import secrets
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg

from auth.tokens import TokenKind, issue_token
from benchmarks.reads.cpu import postgres_cpu_s, postmaster_of, process_cpu_s, resident_kb
from benchmarks.reads.dataset import Extent, load
from benchmarks.reads.variants import PLERA, STOCK, Running, Variant, started
from benchmarks.stage import Figure, median, percentile, running, servers, show
from domain.actor import Actor
from domain.ids import new_id
from domain.runs.events import RunProgressed
from domain.work import unit_of_work
from operations.embedded.servers import Servers

SINGLE_ROUNDS, BURST_ROUNDS, BURST = 10, 3, 20
PER_TOKEN = 25
"""Sockets of one caller; a caller may have 50."""
SETTLE_S = 3.0
"""After the last ``subscribe``, which nobody confirms."""

QUERY = """
subscription Run($runId: ID!) {
  runEvents(runId: $runId) { seq cursor type subjectId runId payload occurredAt }
}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What one emission came to: per delivery, CPU in microseconds; latencies in milliseconds."""

    server_us: float
    postgres_us: float
    rate: float
    p50: float
    p99: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What both ways of delivering share."""

    servers: Servers
    data_dir: Path
    postmaster: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """A server, and the process that holds its listeners."""

    server: Running
    extent: Extent
    ears: "subprocess.Popen[str]"
    kb_per_socket: float
    postmaster: int

    async def deliver(self, events: int) -> Delivered:
        """Emit events in one commit and wait until every socket has all of them."""
        server, postgres = process_cpu_s(self.server.pid), postgres_cpu_s(self.postmaster)
        _tell(self.ears, events)
        await _emit(self.extent, events)
        latencies = (await asyncio.to_thread(_report, self.ears))["latencies"]
        server = process_cpu_s(self.server.pid) - server
        postgres = postgres_cpu_s(self.postmaster) - postgres
        count = len(latencies)
        return Delivered(
            server_us=server / count * 1e6,
            postgres_us=postgres / count * 1e6,
            rate=count / max(latencies),
            p50=percentile(latencies, 0.5) * 1e3,
            p99=percentile(latencies, 0.99) * 1e3,
        )


async def _emit(extent: Extent, events: int) -> None:
    async with unit_of_work(Actor.job(extent.workspace_id), now=datetime.now(UTC)) as work:
        for _ in range(events):
            work.emit(
                RunProgressed(
                    subject_id=extent.run_id,
                    run_id=extent.run_id,
                    stage="DRAFTING",
                    lead_ids=(new_id(), new_id()),
                )
            )


def _tell(ears: "subprocess.Popen[str]", order: Any) -> None:
    assert ears.stdin is not None
    ears.stdin.write(json.dumps(order) + "\n")
    ears.stdin.flush()


def _report(ears: "subprocess.Popen[str]") -> Any:
    assert ears.stdout is not None
    line = ears.stdout.readline()
    if not line:
        raise SystemExit("the listeners gave up; their word stands above")
    return json.loads(line)


@contextmanager
def _audience(
    variant: Variant, extent: Extent, *, place: Place, tokens: Sequence[str], sockets: int
) -> Iterator[Audience]:
    script = Path(__file__).with_name("listening.py")
    serving = started(variant, servers=place.servers, data_dir=place.data_dir, token=tokens[0])
    with (
        serving as server,
        subprocess.Popen(
            [sys.executable, "-I", str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as ears,
    ):
        before = resident_kb(server.pid)
        variables = {"runId": f"run_{extent.run_id}"}
        order = {"port": server.port, "listeners": sockets, "tokens": tokens, "query": QUERY}
        _tell(ears, order | {"variables": variables})
        _report(ears)
        kb = (resident_kb(server.pid) - before) / sockets
        yield Audience(server=server, extent=extent, ears=ears, kb_per_socket=kb, postmaster=place.postmaster)
        ears.kill()


async def measure(audiences: Sequence[Audience]) -> dict[tuple[str, int], list[Delivered]]:
    """Return what each audience's emissions came to, by variant and number of events."""
    await asyncio.sleep(SETTLE_S)
    for audience in audiences:
        await audience.deliver(1)
    delivered: dict[tuple[str, int], list[Delivered]] = {}
    for events, rounds in ((1, SINGLE_ROUNDS), (BURST, BURST_ROUNDS)):
        for _ in range(rounds):
            for audience in audiences:
                key = (audience.server.variant.name, events)
                delivered.setdefault(key, []).append(await audience.deliver(events))
    return delivered


def figures(delivered: dict[tuple[str, int], list[Delivered]], *, events: int) -> list[Figure]:
    """Return medians, Plera's with their ratio to the stock handler's."""
    shown = []
    for metric, unit in (
        ("server_us", "µs"),
        ("postgres_us", "µs"),
        ("p50", "ms"),
        ("p99", "ms"),
        ("rate", "/s"),
    ):
        ours, stock = (
            median([getattr(one, metric) for one in delivered[name, events]]) for name in ("plera", "stock")
        )
        names = {"server_us": "server CPU per delivery", "postgres_us": "Postgres CPU per delivery"}
        name = names.get(metric, "deliveries" if metric == "rate" else f"latency {metric}")
        shown.append(Figure(name, ours, unit, ours / stock, f"stock: {stock:,.1f}"))
    return shown


async def _main(started_servers: Servers, sockets: int) -> None:
    async with running(started_servers) as app:
        connection = await asyncpg.connect(started_servers.database_url)
        extents = [
            Extent(
                workspaces=1, leads=100, companies=10, first_workspace=number, first_row=number << 24, parts=1
            )
            for number in range(2)
        ]
        await load(connection, *extents)
        tokens = {extent: await _issue(connection, extent, -(-sockets // PER_TOKEN)) for extent in extents}
        place = Place(
            servers=started_servers,
            data_dir=app.services.ports.data_dir,
            postmaster=await postmaster_of(connection),
        )
        await connection.close()
        with ExitStack() as stack:
            audiences = [
                stack.enter_context(
                    _audience(variant, extent, place=place, tokens=tokens[extent], sockets=sockets)
                )
                for variant, extent in zip((STOCK, PLERA), extents, strict=True)
            ]
            delivered = await measure(audiences)
            memory = {one.server.variant.name: one.kb_per_socket for one in audiences}
    for events in (1, BURST):
        title = "one event at a time" if events == 1 else f"{events} events in one commit"
        show(f"Fan-out to {sockets:,} sockets, {title}", figures(delivered, events=events))
    against = f"stock: {memory['stock']:,.1f}"
    show(
        "Memory",
        [Figure("per subscribed socket", memory["plera"], "KB", memory["plera"] / memory["stock"], against)],
    )


async def _issue(connection: "asyncpg.Connection[Any]", extent: Extent, count: int) -> list[str]:
    """Enter API tokens of an extent's workspace and return them."""
    tokens = [issue_token(TokenKind.API, entropy=secrets.token_bytes) for _ in range(count)]
    await connection.execute(
        """
        INSERT INTO api_token (id, workspace_id, name, token_hash, role, created_by)
        SELECT gen_random_uuid(), workspace_id, name, new_hash, role, created_by
        FROM api_token, unnest($2::bytea[]) AS new_hash WHERE workspace_id = $1
        """,
        extent.workspace_id,
        [token.hash for token in tokens],
    )
    return [token.text for token in tokens]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks fanout")
    parser.add_argument("--sockets", type=int, default=1_000)
    sockets = parser.parse_known_args()[0].sockets
    with servers() as started_servers:
        asyncio.run(_main(started_servers, sockets))


if __name__ == "__main__":
    main()
