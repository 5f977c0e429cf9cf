"""SMTP servers that speak out of turn, too much or nonsense; none of it may send twice or lose what is known."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from domain.errors import ProviderUnavailable
from domain.senders.ports import (
    Accepted,
    Deferred,
    Endpoint,
    Login,
    MailAccount,
    Rejected,
    Security,
    TransmissionRefused,
    Unknown,
)
from domain.senders.smtp_codes import Meaning
from integrations.smtp_imap.connecting import Dialling
from integrations.smtp_imap.mailbox import SmtpImapMailbox
from tests.integrations.smtp_imap.conftest import TIMES, Listen, a_mail, loopback
from tests.waiting import HANGS_S, until

Speak = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class OddServer:
    """Says what each command's first four letters ask for; ``after_data`` takes over once the body flows."""

    def __init__(self, **answers: bytes) -> None:
        self.answers = {
            "EHLO": b"250-odd\r\n250 AUTH PLAIN LOGIN\r\n",
            "AUTH": b"235 ok\r\n",
            "DATA": b"354 go\r\n",
        }
        self.answers.update(answers)
        self.greeting = b"220 odd\r\n"
        self.heard = b""
        self.connections = 0
        self.left = asyncio.Event()
        self.after_data: Speak | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        writer.write(self.greeting)
        try:
            while line := await reader.readline():
                self.heard += line
                command = line[:4].decode().strip()
                writer.write(self.answers.get(command, b"250 ok\r\n"))
                if command == "DATA" and self.after_data is not None:
                    await self.after_data(reader, writer)
        finally:
            self.left.set()


@pytest.fixture
def odd() -> OddServer:
    return OddServer()


@pytest.fixture
async def account(odd: OddServer, listen: Listen) -> MailAccount:
    endpoint = Endpoint("localhost", await listen(odd.serve), Security.PLAIN)
    login = Login("jo@example.com", "secret")
    return MailAccount("jo@example.com", "Jo", endpoint, login, endpoint, login)


@pytest.fixture
def mailbox() -> SmtpImapMailbox:
    return SmtpImapMailbox(Dialling(resolve=loopback, plain_loopback=True, timeouts=TIMES))


async def until_the_server_spoke(transmission: Any) -> None:
    """Wait until something lies here that the server said unasked, or the connection is gone."""
    await until(lambda: not transmission._session.is_reusable)


async def test_an_answer_before_the_end_is_the_answer_and_the_dot_stays_here(
    odd: OddServer, account: MailAccount, mailbox: SmtpImapMailbox
) -> None:
    async def refuse_early(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"552 5.3.4 too large\r\n")

    odd.after_data = refuse_early
    async with mailbox.transmission(account, a_mail()) as transmission:
        await until_the_server_spoke(transmission)
        outcome = await transmission.finish(timeout_s=HANGS_S)
    await asyncio.wait_for(odd.left.wait(), HANGS_S)

    assert isinstance(outcome, Rejected)
    assert outcome.refusal.meaning is Meaning.CONTENT
    assert b"\r\n.\r\n" not in odd.heard


async def test_a_connection_lost_before_the_dot_was_surely_not_sent(
    odd: OddServer, account: MailAccount, mailbox: SmtpImapMailbox
) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    odd.after_data = hang_up
    async with mailbox.transmission(account, a_mail()) as transmission:
        await until_the_server_spoke(transmission)
        outcome = await transmission.finish(timeout_s=HANGS_S)

    assert isinstance(outcome, Deferred)
    assert outcome.refusal.meaning is Meaning.SOFT


async def test_success_before_the_end_is_not_believed(
    odd: OddServer, account: MailAccount, mailbox: SmtpImapMailbox
) -> None:
    async def accept_early(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"250 taken\r\n")

    odd.after_data = accept_early
    async with mailbox.transmission(account, a_mail()) as transmission:
        await until_the_server_spoke(transmission)
        assert isinstance(await transmission.finish(timeout_s=HANGS_S), Deferred)


@pytest.mark.parametrize("answer", [b"354 more?\r\n", b"wat\r\n", b"250-half\r\n", b""])
async def test_nonsense_after_the_dot_leaves_it_unknown(
    answer: bytes, odd: OddServer, account: MailAccount, mailbox: SmtpImapMailbox
) -> None:
    async def answer_oddly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readline() != b".\r\n":
            pass
        writer.write(answer)

    odd.after_data = answer_oddly
    async with mailbox.transmission(account, a_mail()) as transmission:
        assert isinstance(await transmission.finish(timeout_s=0.3), Unknown)


async def test_an_idle_session_that_was_told_to_leave_is_not_used(
    odd: OddServer, account: MailAccount, mailbox: SmtpImapMailbox
) -> None:
    is_idle = asyncio.Event()

    async def accept_and_say_goodbye(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readline() != b".\r\n":
            pass
        writer.write(b"250 taken\r\n")
        await is_idle.wait()
        writer.write(b"421 4.4.2 idle for too long\r\n")

    odd.after_data = accept_and_say_goodbye
    for _ in range(2):
        is_idle.clear()
        async with mailbox.transmission(account, a_mail()) as transmission:
            assert isinstance(await transmission.finish(timeout_s=HANGS_S), Accepted)
        is_idle.set()
        await until_the_server_spoke(transmission)

    assert odd.connections == 2
    await mailbox.aclose()


async def test_a_finished_transmission_cannot_be_finished_again(
    odd: OddServer, account: MailAccount, mailbox: SmtpImapMailbox
) -> None:
    async with mailbox.transmission(account, a_mail()) as transmission:
        await transmission.finish(timeout_s=0.1)
        with pytest.raises(RuntimeError):
            await transmission.finish(timeout_s=0.1)


async def test_cancelling_while_waiting_drops_the_connection(
    odd: OddServer, account: MailAccount, mailbox: SmtpImapMailbox
) -> None:
    asked = asyncio.Event()

    async def never_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readline() != b".\r\n":
            pass
        asked.set()
        await reader.read()

    async def send() -> None:
        async with mailbox.transmission(account, a_mail()) as transmission:
            await transmission.finish(timeout_s=3_600)

    odd.after_data = never_answer
    sending = asyncio.create_task(send())
    await asyncio.wait_for(asked.wait(), HANGS_S)
    sending.cancel()

    with pytest.raises(asyncio.CancelledError):
        await sending
    await asyncio.wait_for(odd.left.wait(), HANGS_S)


@pytest.mark.parametrize(
    "greeting",
    [b"SSH-2.0-OpenSSH\r\n", b"220-" + b"x" * 70_000 + b"\r\n", b"999 odd\r\n", b"421 busy\r\n", b""],
)
async def test_strange_greetings_are_trouble(greeting: bytes, odd: OddServer, account: MailAccount) -> None:
    odd.greeting = greeting
    times = replace(TIMES, command_s=0.5)  # what silence is waited for
    mailbox = SmtpImapMailbox(Dialling(resolve=loopback, plain_loopback=True, timeouts=times))

    with pytest.raises(ProviderUnavailable):
        async with mailbox.transmission(account, a_mail()):
            pass

    assert odd.heard == b""


async def test_an_unwelcome_client_is_the_senders_fault(
    odd: OddServer, account: MailAccount, mailbox: SmtpImapMailbox
) -> None:
    odd.greeting = b"554 5.7.1 your network is listed\r\n"

    with pytest.raises(TransmissionRefused) as caught:
        async with mailbox.transmission(account, a_mail()):
            pass

    assert caught.value.refusal.meaning is Meaning.SENDER_FAULT


async def test_words_slipped_in_before_the_handshake_are_not_believed(
    odd: OddServer, account: MailAccount, mailbox: SmtpImapMailbox
) -> None:
    odd.answers |= {
        "EHLO": b"250-odd\r\n250 STARTTLS\r\n",
        "STAR": b"220 go\r\n250-odd\r\n250 AUTH PLAIN\r\n",
    }
    upgrading = replace(account, smtp=replace(account.smtp, security=Security.STARTTLS))

    with pytest.raises(ProviderUnavailable, match="before the handshake"):
        async with mailbox.transmission(upgrading, a_mail()):
            pass

    assert b"AUTH" not in odd.heard


async def test_a_server_with_login_only(
    odd: OddServer, account: MailAccount, mailbox: SmtpImapMailbox
) -> None:
    odd.answers |= {
        "EHLO": b"250-odd\r\n250 AUTH LOGIN\r\n",
        "AUTH": b"334 VXNlcm5hbWU6\r\n",
        "am9A": b"334 UGFzc3dvcmQ6\r\n",
        "c2Vj": b"235 welcome\r\n",
    }

    async with mailbox.transmission(account, a_mail()):
        pass

    assert b"AUTH LOGIN\r\nam9AZXhhbXBsZS5jb20=\r\nc2VjcmV0\r\nMAIL FROM:<jo@example.com>\r\n" in odd.heard
