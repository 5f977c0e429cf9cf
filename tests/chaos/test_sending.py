"""Five hundred messages under kill -9, SIGSTOP, a database that dies and a provider that hangs up.

Where the provider files what it sends, every message arrives exactly once. Where it doesn't, the fate of some
can't be known: they are counted, and none of them is ever sent again.
"""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import asyncpg
import pytest

from operations.migrating import migrate
from settings import load_settings
from tests.chaos.servers import ADDRESSES, Chaos
from tests.steps.sending import Campaign, Post, connected_sender, granted, running_campaign, waiting_delivery
from tests.world import new_world
from wiring import application

MESSAGES = 500
CHAOS_S = 75.0
CALM_S = 90.0
OPEN = ("SCHEDULED", "LEASED", "HANDOFF")


@dataclass
class Report:
    """What a run came to."""

    states: Counter[str]
    duplicates: int
    losses: int
    in_doubt: int
    seconds: float
    happened: list[str]

    def __str__(self) -> str:
        states = ", ".join(f"{count} {state}" for state, count in sorted(self.states.items()))
        return (
            f"{states}; {self.duplicates} duplicates, {self.losses} losses; {self.in_doubt} were in doubt; "
            f"{len(self.happened)} mishaps, {self.seconds:.0f} s"
        )


@pytest.mark.chaos
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_message_arrives_exactly_once(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    report = run_chaos(seed=seed, files_sent_copies=True, monkeypatch=monkeypatch)

    assert (report.duplicates, report.losses) == (0, 0), report
    assert report.states == {"SENT": MESSAGES}, report


@pytest.mark.chaos
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", [4, 5, 6])
def test_what_cannot_be_looked_up_stays_unknown_and_is_not_sent_again(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = run_chaos(seed=seed, files_sent_copies=False, monkeypatch=monkeypatch)

    assert (report.duplicates, report.losses) == (0, 0), report
    assert set(report.states) <= {"SENT", "UNKNOWN"}, report


def run_chaos(*, seed: int, files_sent_copies: bool, monkeypatch: pytest.MonkeyPatch) -> Report:
    """Prepare, break things for a minute, let everything work again, and count."""
    with Chaos(seed=seed, files_sent_copies=files_sent_copies) as chaos:
        for name, value in chaos.environment.items():
            monkeypatch.setenv(name, value)
        asyncio.run(prepare(chaos, files_sent_copies=files_sent_copies))
        began = time.monotonic()
        chaos.start_workers()
        while time.monotonic() - began < CHAOS_S and count_open(chaos):
            time.sleep(0.3 + chaos.random.random())
            chaos.do_something()
        chaos.calm()
        calm_since = time.monotonic()
        while count_open(chaos) and time.monotonic() - calm_since < CALM_S:
            time.sleep(0.5)
        report = asyncio.run(count(chaos, seconds=time.monotonic() - began))
    print("", *report.happened, sep="\n")
    print(f"seed {seed}, {'files' if files_sent_copies else 'no'} sent copies: {report}")
    return report


async def prepare(chaos: Chaos, *, files_sent_copies: bool) -> None:
    """Migrate, connect five senders, and approve all messages."""
    await migrate(owner_url=chaos.postgres.url)
    async with application(load_settings()) as app:
        world = await new_world(app)
        mail = SimpleNamespace(ports=SimpleNamespace(smtps=chaos.mail["smtps"], imaps=chaos.mail["imaps"]))
        post = cast(Post, SimpleNamespace(server=mail, ports=app.services.ports))
        await world.fetch(
            "UPDATE workspace SET sending_limits = '{\"conversations_per_day\": 150}' RETURNING true"
        )
        await granted(world, MESSAGES)
        campaigns: list[Campaign] = []
        for address in ADDRESSES:
            sender_id = await connected_sender(
                world, post, address=address, files_sent_copy=files_sent_copies, daily_limit=150
            )
            campaigns.append(await running_campaign(world, sender_id, credits=0))
        for number in range(MESSAGES):
            campaign = campaigns[number % len(campaigns)]
            await waiting_delivery(world, campaign, to=f"ada@company{number}.example")


def count_open(chaos: Chaos) -> int:
    """Let time pass for what waits for a retry, and return how many aren't settled."""
    try:
        return asyncio.run(_count_open(chaos))
    except (OSError, asyncpg.PostgresError):
        return MESSAGES


async def _count_open(chaos: Chaos) -> int:
    connection = await asyncpg.connect(chaos.postgres.url, timeout=5)
    try:
        await connection.execute("UPDATE sender SET status = 'ACTIVE' WHERE status <> 'ACTIVE'")
        await connection.execute(
            # hours pass in a moment, so the five refusals that a delivery may meet in three days aren't counted
            "UPDATE delivery SET due_at = now(), attempts = 0"
            " WHERE state = 'SCHEDULED' AND due_at > now() + interval '1 s'"
        )
        row: Any = await connection.fetchval(
            "SELECT count(*) FROM delivery WHERE state = ANY ($1) OR reconcile_at IS NOT NULL", list(OPEN)
        )
        return int(row)
    finally:
        await connection.close()


async def count(chaos: Chaos, *, seconds: float) -> Report:
    """Compare what our database says with what the provider took."""
    connection = await asyncpg.connect(chaos.postgres.url)
    rows = await connection.fetch("SELECT state, rfc_message_id FROM delivery")
    in_doubt = await connection.fetchval(
        "SELECT count(DISTINCT delivery_id) FROM delivery_attempt WHERE kind = 'RECONCILE' OR result LIKE 'UNKNOWN%'"
    )
    [balance] = await connection.fetch("SELECT held, consumed FROM credit_account")
    await connection.close()
    taken = Counter(chaos.accepted())
    states = Counter(row["state"] for row in rows)
    assert balance["consumed"] == states["SENT"], f"what was sent was paid for, once: {states}"
    assert balance["held"] == MESSAGES - states["SENT"], f"what is in doubt keeps its hold: {states}"
    return Report(
        states=states,
        duplicates=sum(times - 1 for times in taken.values()),
        losses=sum(row["state"] == "SENT" and row["rfc_message_id"] not in taken for row in rows),
        in_doubt=in_doubt,
        seconds=seconds,
        happened=chaos.happened,
    )
