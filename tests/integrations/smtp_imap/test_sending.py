"""The sending half of the mailbox port, against a real server over TLS."""

import asyncio
import ssl
from dataclasses import replace

import pytest

from domain.errors import Invalid, NotConfigured, ProviderUnavailable
from domain.senders.ports import (
    Accepted,
    AuthenticationFailed,
    Credential,
    Deferred,
    Endpoint,
    Login,
    MailAccount,
    Outcome,
    OutgoingMail,
    Rejected,
    Security,
    TransmissionRefused,
    Unknown,
)
from domain.senders.smtp_codes import Meaning
from integrations.smtp_imap.connecting import Dialling
from integrations.smtp_imap.mailbox import SmtpImapMailbox
from integrations.smtp_imap.message import serialise
from simulators.mail.certificates import Authority
from simulators.mail.null_smtp import start_null_smtp
from simulators.mail.server import MailServer
from simulators.mail.store import Account, Drop, Provider
from tests.integrations.smtp_imap.conftest import PASSWORD, TIMES, Listen, a_mail, loopback
from tests.waiting import HANGS_S, until


async def send(
    mailbox: SmtpImapMailbox, account: MailAccount, mail: OutgoingMail, *, timeout_s: float = HANGS_S
) -> Outcome:
    async with mailbox.transmission(account, mail) as transmission:
        return await transmission.finish(timeout_s=timeout_s)


async def test_what_arrives_is_what_was_written(
    mailbox: SmtpImapMailbox, account: MailAccount, provider: Provider
) -> None:
    mail = a_mail(text_body="Hello\n.\n..\n.dots\n")

    outcome = await send(mailbox, account, mail)

    assert outcome == Accepted("2.0.0 OK queued as 00000001")
    [accepted] = provider.accepted
    assert (accepted.message_id, accepted.recipient) == (mail.message_id, "ada@acme.example")
    assert accepted.raw == serialise(mail)


async def test_starttls_sends_as_well(
    mailbox: SmtpImapMailbox, starttls_account: MailAccount, provider: Provider
) -> None:
    assert isinstance(await send(mailbox, starttls_account, a_mail()), Accepted)
    assert len(provider.accepted) == 1


async def test_leaving_without_the_dot_sends_nothing(
    mailbox: SmtpImapMailbox, account: MailAccount, provider: Provider, jo: Account
) -> None:
    async with mailbox.transmission(account, a_mail()):
        pass
    with pytest.raises(RuntimeError, match="lease lost"):
        async with mailbox.transmission(account, a_mail()):
            raise RuntimeError("lease lost")
    mail = a_mail()
    await send(mailbox, account, mail)

    assert [accepted.message_id for accepted in provider.accepted] == [mail.message_id]
    assert len(jo.sent.messages) == 1


async def test_before_the_dot_the_server_has_the_whole_body_and_no_end_of_it(listen: Listen) -> None:
    received = bytearray()
    body_came, hung_up = asyncio.Event(), asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers = {b"EHLO": b"250-x\r\n250 AUTH PLAIN\r\n", b"AUTH": b"235 ok\r\n", b"DATA": b"354 go\r\n"}
        writer.write(b"220 x\r\n")
        while not (line := await reader.readline()).startswith(b"DATA"):
            writer.write(answers.get(line[:4], b"250 ok\r\n"))
        writer.write(answers[b"DATA"])
        while chunk := await reader.read(65536):
            received.extend(chunk)
            if received.endswith(b"the end\r\n"):
                body_came.set()
        hung_up.set()

    endpoint = Endpoint("localhost", await listen(serve), Security.PLAIN)
    login = Login("jo", "secret")
    account = MailAccount("jo@example.com", "Jo", endpoint, login, endpoint, login)
    mailbox = SmtpImapMailbox(Dialling(resolve=loopback, timeouts=TIMES, plain_loopback=True))
    mail = a_mail(html_body=None, text_body=("x" * 70 + "\n") * 20_000 + "the end")

    async with mailbox.transmission(account, mail):
        await asyncio.wait_for(body_came.wait(), HANGS_S)
        assert bytes(received) == serialise(mail)

    await mailbox.aclose()
    await asyncio.wait_for(hung_up.wait(), HANGS_S)
    assert bytes(received) == serialise(mail)


async def test_a_connection_serves_many_messages(
    mailbox: SmtpImapMailbox, account: MailAccount, server: MailServer, provider: Provider
) -> None:
    for _ in range(5):
        assert isinstance(await send(mailbox, account, a_mail()), Accepted)

    assert len(provider.accepted) == 5
    assert server.smtp_connections == 1


async def test_a_failed_transmission_drops_its_connection(
    mailbox: SmtpImapMailbox, account: MailAccount, server: MailServer, provider: Provider, jo: Account
) -> None:
    jo.faults.unknown_recipients = {"nobody@acme.example"}

    with pytest.raises(TransmissionRefused):
        await send(mailbox, account, a_mail(to_address="nobody@acme.example"))
    assert isinstance(await send(mailbox, account, a_mail()), Accepted)

    assert server.smtp_connections == 2
    assert [accepted.recipient for accepted in provider.accepted] == ["ada@acme.example"]


async def test_an_idle_connection_that_died_is_replaced(
    mailbox: SmtpImapMailbox, account: MailAccount, server: MailServer, provider: Provider
) -> None:
    await send(mailbox, account, a_mail())
    server.hang_up()

    assert isinstance(await send(mailbox, account, a_mail()), Accepted)
    assert len(provider.accepted) == 2
    assert server.smtp_connections == 2


async def test_idle_connections_are_closed_after_a_while(
    account: MailAccount, authority: Authority, server: MailServer
) -> None:
    mailbox = SmtpImapMailbox(Dialling(resolve=loopback, tls=authority.trusting()), idle_s=0.05)
    await send(mailbox, account, a_mail())
    [dialogue] = server._dialogues
    await until(lambda: dialogue.transport is None)

    await send(mailbox, account, a_mail())

    assert server.smtp_connections == 2
    await mailbox.aclose()


async def test_accounts_never_share_a_connection(
    mailbox: SmtpImapMailbox, account: MailAccount, server: MailServer, provider: Provider
) -> None:
    provider.add(Account("eve@example.com", "other"))
    eve = replace(account, address="eve@example.com", smtp_login=Login("eve@example.com", "other"))
    await send(mailbox, account, a_mail())

    await send(mailbox, eve, a_mail(from_address="eve@example.com"))

    assert server.smtp_connections == 2
    assert [accepted.sender for accepted in provider.accepted] == ["jo@example.com", "eve@example.com"]


async def test_a_drop_before_the_answer_leaves_it_unknown(
    mailbox: SmtpImapMailbox, account: MailAccount, provider: Provider, jo: Account
) -> None:
    jo.faults.drop = Drop.BEFORE_ACCEPTING
    assert isinstance(await send(mailbox, account, a_mail()), Unknown)
    assert provider.accepted == []

    jo.faults.drop = Drop.AFTER_ACCEPTING
    assert isinstance(await send(mailbox, account, a_mail()), Unknown)
    assert len(provider.accepted) == 1


async def test_a_drop_before_the_body_is_trouble_that_passes(
    mailbox: SmtpImapMailbox, account: MailAccount, provider: Provider, jo: Account
) -> None:
    jo.faults.drop = Drop.BEFORE_DATA

    with pytest.raises(ProviderUnavailable):
        await send(mailbox, account, a_mail())

    assert provider.accepted == []


async def test_no_answer_in_time_leaves_it_unknown(
    mailbox: SmtpImapMailbox, account: MailAccount, provider: Provider, jo: Account
) -> None:
    jo.faults.delay_s = 3_600

    async with mailbox.transmission(account, a_mail()) as transmission:
        finishing = asyncio.create_task(transmission.finish(timeout_s=1))
        await until(lambda: provider.accepted)
        outcome = await finishing

    assert outcome == Unknown("the server took too long to answer")
    assert len(provider.accepted) == 1


async def test_an_unknown_recipient_is_hard(
    mailbox: SmtpImapMailbox, account: MailAccount, provider: Provider, jo: Account
) -> None:
    jo.faults.unknown_recipients = {"ada@acme.example"}

    with pytest.raises(TransmissionRefused) as caught:
        await send(mailbox, account, a_mail())

    assert isinstance(caught.value.outcome, Rejected)
    assert caught.value.refusal.meaning is Meaning.HARD
    assert caught.value.refusal.enhanced == "5.1.1"
    assert provider.accepted == []


async def test_greylisting_passes_the_second_time(
    mailbox: SmtpImapMailbox, account: MailAccount, provider: Provider, jo: Account
) -> None:
    jo.faults.greylists = True
    mail = a_mail()

    with pytest.raises(TransmissionRefused) as caught:
        await send(mailbox, account, mail)

    assert isinstance(caught.value.outcome, Deferred)
    assert caught.value.refusal.meaning is Meaning.THROTTLED
    assert isinstance(await send(mailbox, account, mail), Accepted)
    assert len(provider.accepted) == 1


@pytest.mark.parametrize(
    ("refusal", "kind", "meaning"),
    [
        ("451 4.3.0 try later", Deferred, Meaning.SOFT),
        ("550 5.7.26 unauthenticated", Rejected, Meaning.SENDER_FAULT),
        ("552 5.3.4 too large", Rejected, Meaning.CONTENT),
    ],
)
async def test_a_refusal_of_the_dot_is_an_outcome(
    refusal: str,
    kind: type,
    meaning: Meaning,
    mailbox: SmtpImapMailbox,
    account: MailAccount,
    provider: Provider,
    jo: Account,
) -> None:
    jo.faults.refusal = refusal

    outcome = await send(mailbox, account, a_mail())

    assert isinstance(outcome, Deferred | Rejected)
    assert isinstance(outcome, kind)
    assert outcome.refusal.meaning is meaning
    assert provider.accepted == []


async def test_sending_as_somebody_else_is_the_senders_fault(
    mailbox: SmtpImapMailbox, account: MailAccount, provider: Provider
) -> None:
    with pytest.raises(TransmissionRefused) as caught:
        await send(mailbox, account, a_mail(from_address="boss@example.com"))

    assert caught.value.refusal.meaning is Meaning.SENDER_FAULT
    assert provider.accepted == []


async def test_a_wrong_password_asks_to_reconnect(
    mailbox: SmtpImapMailbox, account: MailAccount, provider: Provider
) -> None:
    wrong = replace(account, smtp_login=Login("jo@example.com", "wrong"))

    with pytest.raises(AuthenticationFailed) as caught:
        await send(mailbox, wrong, a_mail())

    assert caught.value.reason == "CREDENTIALS"
    assert "wrong" not in str(caught.value)
    assert provider.accepted == []


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (
            "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled",
            "SMTP_AUTH_DISABLED",
        ),
        ("534 5.7.9 Application-specific password required", "APP_PASSWORD_REQUIRED"),
    ],
)
async def test_the_switch_that_forbids_signing_in_is_named(
    answer: str, reason: str, mailbox: SmtpImapMailbox, account: MailAccount, jo: Account
) -> None:
    jo.faults.login_refusal = answer

    with pytest.raises(AuthenticationFailed) as caught:
        await send(mailbox, account, a_mail())

    assert caught.value.reason == reason


async def test_a_login_that_cannot_be_checked_now_is_no_reason_to_reconnect(
    mailbox: SmtpImapMailbox, account: MailAccount, jo: Account
) -> None:
    jo.faults.login_refusal = "454 4.7.0 Temporary authentication failure"

    with pytest.raises(ProviderUnavailable):
        await send(mailbox, account, a_mail())


async def test_an_oauth_token_signs_in_or_asks_to_reconnect(
    mailbox: SmtpImapMailbox, account: MailAccount, provider: Provider
) -> None:
    token = replace(account, smtp_login=Login("jo@example.com", PASSWORD, Credential.OAUTH_TOKEN))
    assert isinstance(await send(mailbox, token, a_mail()), Accepted)

    expired = replace(account, smtp_login=Login("jo@example.com", "expired", Credential.OAUTH_TOKEN))
    with pytest.raises(AuthenticationFailed):
        await send(mailbox, expired, a_mail())

    assert len(provider.accepted) == 1


@pytest.mark.parametrize("starttls", [False, True])
async def test_another_authority_is_not_believed(
    starttls: bool, account: MailAccount, starttls_account: MailAccount, provider: Provider
) -> None:
    mailbox = SmtpImapMailbox(Dialling(resolve=loopback, tls=ssl.create_default_context(), timeouts=TIMES))

    with pytest.raises(ProviderUnavailable, match="not trusted"):
        await send(mailbox, starttls_account if starttls else account, a_mail())

    assert provider.accepted == []
    await mailbox.aclose()


async def test_another_name_is_not_believed(mailbox: SmtpImapMailbox, account: MailAccount) -> None:
    renamed = replace(account, smtp=replace(account.smtp, host="mail.bank.example"))

    with pytest.raises(ProviderUnavailable, match="not trusted"):
        await send(mailbox, renamed, a_mail())


async def test_a_server_without_tls_hears_no_password(account: MailAccount, authority: Authority) -> None:
    server, tally = await start_null_smtp()
    port = server.sockets[0].getsockname()[1]
    mailbox = SmtpImapMailbox(Dialling(resolve=loopback, tls=authority.trusting(), timeouts=TIMES))
    for security, error in ((Security.STARTTLS, ProviderUnavailable), (Security.PLAIN, NotConfigured)):
        with pytest.raises(error):
            await send(mailbox, replace(account, smtp=Endpoint("localhost", port, security)), a_mail())

    assert tally.commands[b"AUTH"] == 0
    assert tally.messages == 0
    server.close()
    await mailbox.aclose()


async def test_plain_connections_go_to_loopback_only() -> None:
    async def outside(host: str, port: int) -> str:
        return "192.0.2.1"

    endpoint = Endpoint("mail.example", 25, Security.PLAIN)
    account = MailAccount("jo@example.com", "Jo", endpoint, Login("a", "b"), endpoint, Login("a", "b"))
    mailbox = SmtpImapMailbox(Dialling(resolve=outside, plain_loopback=True))

    with pytest.raises(NotConfigured):
        await send(mailbox, account, a_mail())
    await mailbox.aclose()


async def test_a_forbidden_address_is_never_dialled(account: MailAccount, server: MailServer) -> None:
    async def guard(host: str, port: int) -> str:
        raise Invalid("this host may not be reached")

    mailbox = SmtpImapMailbox(Dialling(resolve=guard))
    with pytest.raises(Invalid):
        await send(mailbox, account, a_mail())

    assert server.smtp_connections == 0
    await mailbox.aclose()


async def test_nobody_listening_is_trouble_that_passes(
    mailbox: SmtpImapMailbox, account: MailAccount
) -> None:
    server, _ = await start_null_smtp()
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()

    with pytest.raises(ProviderUnavailable):
        await send(mailbox, replace(account, smtp=Endpoint("localhost", port)), a_mail())


async def test_many_at_once_each_arrive_once(
    mailbox: SmtpImapMailbox, account: MailAccount, provider: Provider
) -> None:
    mails = [a_mail() for _ in range(20)]

    outcomes = await asyncio.gather(*(send(mailbox, account, mail) for mail in mails))

    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert provider.count_by_message_id() == {mail.message_id: 1 for mail in mails}
