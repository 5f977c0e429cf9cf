"""The outside world of the demo: a mail provider, company websites, a name server, and the product as a process."""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2

from operations.demo.audience import Audience, invent_audience
from operations.demo.client import DemoFailed
from operations.embedded.child import plain_environment
from operations.embedded.ports import free_port
from operations.embedded.servers import Servers
from simulators.company_sites.companies import dns_zone, invent_companies
from simulators.company_sites.server import CompanySites, serve_sites
from simulators.dns import DnsSimulator
from simulators.mail.certificates import Authority
from simulators.mail.server import MailServer
from simulators.mail.store import Account, Provider

HERE = Path(__file__).parents[2]
SENDERS = tuple(
    f"{name}@plera-demo.example"
    for name in ("ada", "grace", "edsger", "barbara", "donald", "frances", "tony")
)
PASSWORD = "demo-mailbox-password"  # noqa: S105 - of mailboxes that exist for a minute


@dataclass(frozen=True, slots=True)
class Stage:
    """What the journey needs to know.

    Attributes:
        base_url: where the product answers.
        set_up_token: from the link it printed.
    """

    base_url: str
    set_up_token: str
    mail: MailServer
    audience: Audience


@asynccontextmanager
async def set_stage(servers: Servers, *, folder: Path) -> AsyncIterator[Stage]:
    """Start everything; stop it in the opposite order."""
    companies = invent_companies(seed=7, count=80)
    audience = invent_audience(companies)
    authority = Authority(folder=folder / "mail")
    provider = Provider([Account(address, PASSWORD) for address in SENDERS])
    async with AsyncExitStack() as stack:
        mail = await stack.enter_async_context(MailServer(provider, authority, people=audience.people))
        sites = await stack.enter_async_context(serve_sites(CompanySites(companies, slow_s=1)))
        names = await stack.enter_async_context(DnsSimulator(dns_zone(companies)))
        port = free_port()
        environment = {
            "DATABASE_URL": servers.database_url,
            "REDIS_URL": servers.redis_url,
            "PORT": str(port),
            "PLERA_DATA_DIR": str(folder / "data"),
            "PLERA_OUTBOUND_ALLOW": "127.0.0.0/8",
            "PLERA_OUTBOUND_HOSTS": json.dumps({"*.example": f"127.0.0.1:{sites}"}),
            "PLERA_OUTBOUND_CA_FILE": str(authority.ca_file),
            "PLERA_DNS_SERVERS": f"127.0.0.1:{names.port}",
            "PLERA_POLL_INTERVAL_S": "1",
            "PLERA_SWEEP_INTERVAL_S": "0.5",
            "PLERA_TRIAL_CREDITS": "5000",
        }
        token = await stack.enter_async_context(_product(environment, log=folder / "product.log"))
        base_url = f"http://127.0.0.1:{port}"
        await _until_alive(base_url)
        yield Stage(base_url, token, mail, audience)


@asynccontextmanager
async def _product(environment: dict[str, str], *, log: Path) -> AsyncIterator[str]:
    """Run ``main.py dev`` and yield the set-up token it printed."""
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(HERE / "main.py"),
            "dev",
            env={**plain_environment(), **environment},
            stdout=output,
            stderr=output,
        )
    try:
        yield await _set_up_token(process, log)
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def _set_up_token(process: asyncio.subprocess.Process, log: Path) -> str:
    for _ in range(300):
        found = re.search(r"setup=(\S+)", read_log(log))
        if found:
            return found[1]
        if process.returncode is not None:
            break
        await asyncio.sleep(0.1)
    raise DemoFailed(f"the product didn't start:\n{read_log(log)[-3_000:]}")


def read_log(log: Path) -> str:
    """Return what the product has said so far."""
    return log.read_text(errors="replace") if log.exists() else ""


async def _until_alive(base_url: str) -> None:
    async with httpx2.AsyncClient(base_url=base_url) as client:
        for _ in range(300):
            with suppress(httpx2.TransportError):
                if (await client.get("/livez")).status_code == 200:
                    return
            await asyncio.sleep(0.1)
    raise DemoFailed("the product doesn't answer")
