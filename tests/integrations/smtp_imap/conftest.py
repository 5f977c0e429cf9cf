"""A real mail server with its own authority, an account on it, and the adapter that serves it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count

import pytest

from domain.senders.ports import Endpoint, Login, MailAccount, OutgoingMail, Security
from integrations.smtp_imap.connecting import Dialling, Timeouts
from integrations.smtp_imap.mailbox import SmtpImapMailbox
from simulators.mail.certificates import Authority
from simulators.mail.server import MailServer
from simulators.mail.store import Account, Provider
from tests.waiting import HANGS_S

PASSWORD = "correct horse €"
TIMES = Timeouts(connect_s=HANGS_S, command_s=HANGS_S, body_s=HANGS_S, imap_s=HANGS_S, imap_total_s=HANGS_S)
_numbers = count(1)


async def loopback(host: str, port: int) -> str:
    """Resolve every name to this machine, as the operator's allow-list would for one host."""
    return "127.0.0.1"


def a_mail(**changes: object) -> OutgoingMail:
    mail = OutgoingMail(
        message_id=f"<m{next(_numbers)}@example.com>",
        from_name="Jo Doe",
        from_address="jo@example.com",
        to_name="Ada",
        to_address="ada@acme.example",
        subject="A question",
        text_body="Hello Ada,\n.\nhow are you?\n",
        html_body="<p>Hello Ada</p>",
        date=datetime.now(UTC).replace(microsecond=0),
    )
    return replace(mail, **changes)  # type: ignore[arg-type]


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Listen = Callable[[Serve], Awaitable[int]]


@pytest.fixture
async def listen() -> AsyncIterator[Listen]:
    """Start servers that follow a script; everything is closed at the end."""
    servers: list[asyncio.Server] = []
    sessions: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def start(serve: Serve) -> int:
        async def follow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            sessions[task] = writer
            with suppress(ConnectionError, asyncio.CancelledError):
                await serve(reader, writer)
            writer.transport.abort()

        servers.append(await asyncio.start_server(follow, "127.0.0.1", 0))
        return int(servers[-1].sockets[0].getsockname()[1])

    yield start
    for server in servers:
        server.close()
    for task in sessions:
        task.cancel()
    await asyncio.gather(*sessions, return_exceptions=True)
    await asyncio.sleep(0)


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def provider() -> Provider:
    return Provider([Account("jo@example.com", PASSWORD)])


@pytest.fixture
def jo(provider: Provider) -> Account:
    return provider.accounts["jo@example.com"]


@pytest.fixture
async def server(provider: Provider, authority: Authority) -> AsyncIterator[MailServer]:
    async with MailServer(provider, authority) as running:
        yield running


@pytest.fixture
def account(server: MailServer) -> MailAccount:
    login = Login("jo@example.com", PASSWORD)
    return MailAccount(
        address="jo@example.com",
        display_name="Jo Doe",
        smtp=Endpoint("localhost", server.ports.smtps),
        smtp_login=login,
        imap=Endpoint("localhost", server.ports.imaps),
        imap_login=login,
    )


@pytest.fixture
def starttls_account(account: MailAccount, server: MailServer) -> MailAccount:
    return replace(
        account,
        smtp=Endpoint("localhost", server.ports.submission, Security.STARTTLS),
        imap=Endpoint("localhost", server.ports.imap, Security.STARTTLS),
    )


@pytest.fixture
async def mailbox(authority: Authority) -> AsyncIterator[SmtpImapMailbox]:
    adapter = SmtpImapMailbox(Dialling(resolve=loopback, tls=authority.trusting(), timeouts=TIMES))
    yield adapter
    await adapter.aclose()
