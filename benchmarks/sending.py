"""How many messages one worker process sends per second, to an SMTP server that takes everything.

Everything is as in production but the server: the gate is asked twice, credits are paid, the journal and the log are
written, PostgreSQL flushes to disk. There are so many senders that no pace, window or allowance is the limit. Two
floors stand beside it, measured in the same run:

- *adapter*: the same messages through the same adapter, with no database;
- *commits*: three small transactions per delivery (claim, hand-off, outcome), with nothing in them.

Worker, PostgreSQL and SMTP server share the machine's cores, so the worker's own CPU time per message stands beside.
"""

import asyncio
import dataclasses
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg

from benchmarks.campaigns import approve, outreach
from benchmarks.stage import Figure, running, servers, show
from domain.ports import Ports
from domain.senders.ports import Accepted, Endpoint, Login, MailAccount, OutgoingMail, Security
from domain.senders.rules import ServerAccess
from integrations.smtp_imap.connecting import Dialling
from integrations.smtp_imap.mailbox import SmtpImapMailbox
from jobs.sending import DeliveryPump
from operations.serving import run
from simulators.mail.certificates import Authority
from tests.world import new_world
from wiring import Application

MESSAGES = 3_000
WARM_UP = 1_000
"""Sent before, so that connections and plans of statements are those of a process that has been running."""
COMMITS_PER_DELIVERY = 3


@contextmanager
def null_smtp(folder: Path, *, tls: bool) -> Iterator[int]:
    """Run the server as a process of its own; yields its port."""
    arguments = ["--port", "0", *(["--tls", str(folder)] if tls else [])]
    process = subprocess.Popen(
        [sys.executable, "-m", "simulators.mail.null_smtp", *arguments], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline().rsplit(" ", 1)[1])
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@asynccontextmanager
async def mailbox(folder: Path) -> AsyncIterator[SmtpImapMailbox]:
    """The adapter, allowed to speak to this machine."""

    async def loopback(_host: str, _port: int) -> str:
        return "127.0.0.1"

    tls = Authority(folder=folder).trusting()
    opened = SmtpImapMailbox(Dialling(resolve=loopback, tls=tls, plain_loopback=True))
    try:
        yield opened
    finally:
        await opened.aclose()


async def send_all(
    app: Application, *, ports: Ports, port: int, security: Security, url: str
) -> tuple[float, float]:
    """Return messages per second, and the worker's CPU time per message in ms, after a warm-up."""
    world = await new_world(app)
    access = ServerAccess(host="localhost", port=port, security=security, username="jo").as_data()
    server = {"smtp": access, "imap": access}
    pump = DeliveryPump(ports, world.now)
    for messages in (WARM_UP, MESSAGES):
        wanted = await outreach(world, messages=messages, ports=ports, server=server)
        await approve(world, wanted)
        await analyze(url)
        took, used = await _timed(pump.drain(world.workspace_id))
    [account] = await world.fetch("SELECT consumed, held FROM credit_account")
    states = await world.fetch("SELECT state, count(*) FROM delivery GROUP BY state")
    assert states == [{"state": "SENT", "count": WARM_UP + MESSAGES}], states
    assert (account["held"], account["consumed"]) == (0, WARM_UP + MESSAGES), account
    return MESSAGES / took, used / MESSAGES * 1_000


async def _timed(work: Awaitable[None]) -> tuple[float, float]:
    """Return the seconds that passed, and those of this process's CPU."""
    began, used = time.perf_counter(), time.process_time()
    await work
    return time.perf_counter() - began, time.process_time() - used


async def analyze(url: str) -> None:
    """Let the planner know the tables, as autovacuum does within minutes."""
    connection = await asyncpg.connect(url)
    await connection.execute("ANALYZE")
    await connection.close()


async def transmit_all(
    through: SmtpImapMailbox, *, at_once: int, port: int, security: Security
) -> tuple[float, float]:
    """The floor of the adapter: messages per second, and its CPU time per message in ms."""
    endpoint, login = Endpoint("localhost", port, security), Login("jo", "-")
    left = iter(range(MESSAGES))

    async def transmit() -> None:
        for number in left:
            address = f"jo{number % (MESSAGES // 100)}@example.com"
            account = MailAccount(address, "Jo", endpoint, login, endpoint, login)
            async with through.transmission(account, _mail(number, address)) as transmission:
                assert isinstance(await transmission.finish(timeout_s=10), Accepted)

    async def transmit_many() -> None:
        await asyncio.gather(*(transmit() for _ in range(at_once)))

    took, used = await _timed(transmit_many())
    return MESSAGES / took, used / MESSAGES * 1_000


def _mail(number: int, address: str) -> OutgoingMail:
    return OutgoingMail(
        message_id=f"<{number}@example.com>",
        from_name="Jo Doe",
        from_address=address,
        to_name="Ada Lovelace",
        to_address="ada@acme.example",
        subject="A question",
        text_body="Hello Ada,\n\nhow are your robots?\n" * 8,
        html_body="<p>Hello Ada,</p><p>how are your robots?</p>" * 8,
        date=datetime.now(UTC),
    )


async def commit_all(url: str, *, at_once: int) -> float:
    """The floor of the database: deliveries per second of three bare commits each."""
    left = iter(range(MESSAGES * COMMITS_PER_DELIVERY))

    async def commit(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        for number in left:
            await pool.execute("INSERT INTO bare_commit VALUES ($1)", number)

    async with asyncpg.create_pool(url, min_size=10, max_size=10) as pool:
        await pool.execute("CREATE TABLE IF NOT EXISTS bare_commit (number integer)")
        began = time.perf_counter()
        await asyncio.gather(*(commit(pool) for _ in range(at_once)))
        return MESSAGES / (time.perf_counter() - began)


async def measure(app: Application, *, url: str, folder: Path, security: Security) -> list[Figure]:
    """Return the worker's figures beside both floors."""
    at_once = app.services.ports.sending.concurrency
    with null_smtp(folder, tls=security is Security.IMPLICIT_TLS) as port:
        async with mailbox(folder) as adapter:
            ports = dataclasses.replace(app.services.ports, mailbox=adapter)
            ours, our_cpu = await send_all(app, ports=ports, port=port, security=security, url=url)
        async with mailbox(folder) as adapter:
            bare, bare_cpu = await transmit_all(adapter, at_once=at_once, port=port, security=security)
    commits = await commit_all(url, at_once=at_once)
    return [
        Figure("sent", ours, "messages/s", ours / bare, "adapter"),
        Figure("", ours, "messages/s", ours / commits, "commits"),
        Figure("adapter alone", bare, "messages/s"),
        Figure("commits alone", commits, "deliveries/s"),
        Figure("the worker's CPU", our_cpu, "ms/message", our_cpu / bare_cpu, "adapter"),
        Figure("the adapter's CPU", bare_cpu, "ms/message"),
    ]


async def _main(started: Any) -> None:
    async with running(started) as app:
        for name, security in (("TLS", Security.IMPLICIT_TLS), ("plain", Security.PLAIN)):
            with TemporaryDirectory() as folder:
                figures = await measure(app, url=started.database_url, folder=Path(folder), security=security)
            show(f"Sending {MESSAGES:,} messages, one worker, {name}", figures)


def main() -> None:
    """Measure and print."""
    with servers() as started:
        run(_main(started))


if __name__ == "__main__":
    main()
