"""The reading half of the mailbox port, against a real server over TLS."""

import asyncio
import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import Invalid, ProviderUnavailable
from domain.senders.ports import (
    AuthenticationFailed,
    Credential,
    FolderCursor,
    Found,
    Login,
    MailAccount,
    Presence,
    Security,
    TransmissionRefused,
)
from integrations.smtp_imap import imap_reading
from integrations.smtp_imap.connecting import Dialling, Timeouts
from integrations.smtp_imap.mailbox import SmtpImapMailbox
from integrations.smtp_imap.message import serialise
from simulators.mail.server import MailServer
from simulators.mail.store import Account, Folder
from tests.integrations.smtp_imap.conftest import PASSWORD, TIMES, Listen, a_mail, loopback
from tests.waiting import HANGS_S, until

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
START = FolderCursor(since=NOW)


def deliver(account: Account, number: int, *, at: datetime = NOW) -> bytes:
    raw = f"Message-ID: <r{number}@acme.example>\r\nSubject: {number}\r\n\r\nHello\r\n".encode()
    account.inbox.add(raw, received_at=at)
    return raw


async def send(mailbox: SmtpImapMailbox, account: MailAccount, message_id: str) -> None:
    async with mailbox.transmission(account, a_mail(message_id=message_id)) as transmission:
        await transmission.finish(timeout_s=HANGS_S)


async def until_somebody_waits(account: Account) -> None:
    await until(lambda: account.inbox.watchers)


async def test_what_was_sent_is_found_again(mailbox: SmtpImapMailbox, account: MailAccount) -> None:
    await send(mailbox, account, "<sent@example.com>")

    assert await mailbox.look_up(account, message_id="<sent@example.com>") == Presence(
        Found.FOUND, "<sent@example.com>"
    )
    assert await mailbox.look_up(account, message_id="<other@example.com>") == Presence(Found.ABSENT)


async def test_the_search_finds_whole_ids_only(
    mailbox: SmtpImapMailbox, account: MailAccount, jo: Account
) -> None:
    jo.sent.add(b"Message-ID: <a@b>\r\nX-Note: <c@d>\r\n\r\nx\r\n", received_at=NOW)
    jo.sent.add(b"Message-ID: <x1>, also <e@f>\r\n\r\nx\r\n", received_at=NOW)

    for message_id, found in (("<a@b>", Found.FOUND), ("<c@d>", Found.ABSENT), ("<e@f>", Found.ABSENT)):
        assert (await mailbox.look_up(account, message_id=message_id)).found is found


async def test_a_replaced_message_id_is_read_back(
    mailbox: SmtpImapMailbox, account: MailAccount, jo: Account
) -> None:
    jo.rewrites_message_id = True
    await send(mailbox, account, "<mine@example.com>")

    presence = await mailbox.look_up(account, message_id="<mine@example.com>")

    assert presence.found is Found.FOUND
    assert presence.final_message_id is not None
    assert presence.final_message_id.endswith("@prod.example.com>")


async def test_all_mail_is_searched_after_the_sent_folder(
    mailbox: SmtpImapMailbox, account: MailAccount, jo: Account
) -> None:
    jo.folders["[Gmail]/All Mail"] = everything = Folder("[Gmail]/All Mail", special_use="\\All")
    everything.add(b"Message-ID: <archived@example.com>\r\n\r\nx\r\n", received_at=NOW)

    assert (await mailbox.look_up(account, message_id="<archived@example.com>")).found is Found.FOUND


@pytest.mark.parametrize("name", ["Éléments envoyés", "INBOX.Sent", "Sent Items", 'Mine & "yours"'])
@pytest.mark.parametrize("special_use", [True, False])
async def test_the_sent_folder_is_found_by_use_or_by_name(
    name: str, special_use: bool, mailbox: SmtpImapMailbox, account: MailAccount, jo: Account
) -> None:
    jo.folders = {"INBOX": Folder("INBOX"), name: Folder(name, special_use="\\Sent")}
    jo.sent_folder, jo.offers_special_use = name, special_use
    await send(mailbox, account, "<sent@example.com>")

    presence = await mailbox.look_up(account, message_id="<sent@example.com>")

    known = special_use or name in {"Éléments envoyés", "Sent Items"}
    assert presence.found is (Found.FOUND if known else Found.UNAVAILABLE)


async def test_without_a_sent_folder_nothing_can_be_told(
    mailbox: SmtpImapMailbox, account: MailAccount, jo: Account
) -> None:
    del jo.folders[jo.sent_folder]

    presence = await mailbox.look_up(account, message_id="<sent@example.com>")

    assert presence == Presence(Found.UNAVAILABLE, detail="the mailbox has no sent folder")


async def test_an_unreachable_server_can_tell_nothing(
    mailbox: SmtpImapMailbox, account: MailAccount, server: MailServer
) -> None:
    gone = replace(account, imap=replace(account.imap, port=1))

    assert (await mailbox.look_up(gone, message_id="<sent@example.com>")).found is Found.UNAVAILABLE


@pytest.mark.parametrize("message_id", ['<a@b>" DELETED', "<a@b>\r\nx LOGOUT", "a@b"])
async def test_no_search_can_be_injected(
    message_id: str, mailbox: SmtpImapMailbox, account: MailAccount
) -> None:
    with pytest.raises(Invalid):
        await mailbox.look_up(account, message_id=message_id)


async def test_a_copy_is_filed_once(mailbox: SmtpImapMailbox, account: MailAccount, jo: Account) -> None:
    jo.files_sent_copies = False
    mail = a_mail()

    await mailbox.append_sent(account, mail)
    await mailbox.append_sent(account, mail)

    [filed] = jo.sent.messages
    assert filed.raw == serialise(mail)
    assert filed.flags == {"\\Seen"}
    assert filed.received_at == mail.date
    assert (await mailbox.look_up(account, message_id=mail.message_id)).found is Found.FOUND


async def test_a_copy_the_server_filed_is_not_doubled(
    mailbox: SmtpImapMailbox, account: MailAccount, jo: Account
) -> None:
    jo.rewrites_message_id = True
    mail = a_mail()
    async with mailbox.transmission(account, mail) as transmission:
        await transmission.finish(timeout_s=HANGS_S)

    await mailbox.append_sent(account, mail)

    assert len(jo.sent.messages) == 1


async def test_verifying_learns_that_copies_are_filed(mailbox: SmtpImapMailbox, account: MailAccount) -> None:
    probe = a_mail(to_address="jo@example.com", list_unsubscribe_url="https://u.example/x")

    report = await mailbox.verify(account, probe=probe, wait_s=HANGS_S)

    assert report.received
    assert report.files_sent_copy
    assert report.sent_folder == "Sent"
    assert report.final_message_id == probe.message_id
    assert {"IDLE", "SPECIAL-USE"} <= report.capabilities
    assert b"List-Unsubscribe: <https://u.example/x>" in report.received_headers


async def test_verifying_learns_that_copies_are_not_filed(
    mailbox: SmtpImapMailbox, account: MailAccount, jo: Account
) -> None:
    jo.files_sent_copies = False
    jo.offers_idle = False

    report = await mailbox.verify(account, probe=a_mail(to_address="jo@example.com"), wait_s=0.6)

    assert report.received
    assert not report.files_sent_copy
    assert "IDLE" not in report.capabilities
    assert jo.sent.messages == []


async def test_verifying_an_account_that_may_not_send(
    mailbox: SmtpImapMailbox, account: MailAccount, jo: Account
) -> None:
    jo.faults.refusal = "550 5.7.1 not you"
    with pytest.raises(TransmissionRefused):
        await mailbox.verify(account, probe=a_mail(to_address="jo@example.com"), wait_s=0)

    wrong = replace(account, imap_login=Login("jo@example.com", "wrong"))
    with pytest.raises(AuthenticationFailed):
        await mailbox.verify(wrong, probe=a_mail(to_address="jo@example.com"), wait_s=0)

    assert jo.inbox.messages == []


async def test_new_mail_is_read_page_by_page_and_stays_unread(
    mailbox: SmtpImapMailbox, account: MailAccount, jo: Account
) -> None:
    raws = [deliver(jo, number, at=NOW + timedelta(minutes=number)) for number in range(5)]

    first = await mailbox.fetch_new(account, cursor=START, limit=3)
    second = await mailbox.fetch_new(account, cursor=first.cursor, limit=3)
    third = await mailbox.fetch_new(account, cursor=second.cursor, limit=3)

    assert [mail.raw for mail in first.messages + second.messages] == raws
    assert [(mail.folder, mail.uidvalidity, mail.uid) for mail in second.messages] == [
        ("INBOX", 1, 4),
        ("INBOX", 1, 5),
    ]
    assert second.messages[0].received_at == NOW + timedelta(minutes=3)
    assert (first.has_more, second.has_more, third.has_more) == (True, False, False)
    assert third.messages == ()
    assert third.cursor == second.cursor
    assert (first.reset, second.reset) == (False, False)
    assert all(message.flags == set() for message in jo.inbox.messages)


async def test_the_first_read_begins_at_its_date(
    mailbox: SmtpImapMailbox, account: MailAccount, jo: Account
) -> None:
    deliver(jo, 1, at=NOW - timedelta(days=30))
    page = await mailbox.fetch_new(account, cursor=START, limit=10)
    assert page.messages == ()

    raw = deliver(jo, 2)
    page = await mailbox.fetch_new(account, cursor=page.cursor, limit=10)
    assert [mail.raw for mail in page.messages] == [raw]


async def test_an_empty_inbox_is_read(mailbox: SmtpImapMailbox, account: MailAccount) -> None:
    page = await mailbox.fetch_new(account, cursor=START, limit=10)

    assert page.messages == ()
    assert page.cursor == FolderCursor(since=NOW, uidvalidity=1, uid=0)


async def test_new_numbering_reads_again_by_date(
    mailbox: SmtpImapMailbox, account: MailAccount, jo: Account
) -> None:
    deliver(jo, 1, at=NOW - timedelta(days=30))
    seen = deliver(jo, 2)
    before = await mailbox.fetch_new(account, cursor=START, limit=10)
    jo.inbox.renumber()
    new = deliver(jo, 3, at=NOW + timedelta(hours=1))

    after = await mailbox.fetch_new(account, cursor=before.cursor, limit=10)

    assert after.reset
    assert [mail.raw for mail in after.messages] == [seen, new]
    assert (after.cursor.uidvalidity, after.cursor.uid) == (2, 3)
    assert (await mailbox.fetch_new(account, cursor=after.cursor, limit=10)).messages == ()


async def test_huge_mail_is_cut(
    mailbox: SmtpImapMailbox, account: MailAccount, jo: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap_reading, "MESSAGE_OCTETS_MAX", 60)
    raw = deliver(jo, 1) + b"x" * 1000
    jo.inbox.messages[0].raw = raw
    deliver(jo, 2)

    page = await mailbox.fetch_new(account, cursor=START, limit=10)

    assert page.messages[0].raw == raw[:60]
    assert [mail.truncated for mail in page.messages] == [True, False]


async def test_a_missing_folder_is_trouble(mailbox: SmtpImapMailbox, account: MailAccount) -> None:
    with pytest.raises(ProviderUnavailable):
        await mailbox.fetch_new(account, cursor=FolderCursor(since=NOW, folder="Nowhere"), limit=1)


async def test_starttls_reads_as_well(
    mailbox: SmtpImapMailbox, starttls_account: MailAccount, jo: Account
) -> None:
    raw = deliver(jo, 1)

    page = await mailbox.fetch_new(starttls_account, cursor=START, limit=10)
    assert [mail.raw for mail in page.messages] == [raw]
    assert await mailbox.wait_for_news(starttls_account, cursor=START, timeout_s=HANGS_S)


@pytest.mark.parametrize("credential", list(Credential))
async def test_wrong_logins_ask_to_reconnect(
    credential: Credential, mailbox: SmtpImapMailbox, account: MailAccount
) -> None:
    right = replace(account, imap_login=Login("jo@example.com", PASSWORD, credential))
    wrong = replace(account, imap_login=Login("jo@example.com", "wrong", credential))
    await mailbox.fetch_new(right, cursor=START, limit=1)
    await mailbox.wait_for_news(right, cursor=START, timeout_s=1)

    with pytest.raises(AuthenticationFailed):
        await mailbox.fetch_new(wrong, cursor=START, limit=1)
    with pytest.raises(AuthenticationFailed):
        await mailbox.look_up(wrong, message_id="<a@b>")
    with pytest.raises(AuthenticationFailed):
        await mailbox.wait_for_news(wrong, cursor=START, timeout_s=1)


async def test_another_authority_is_not_believed(account: MailAccount, starttls_account: MailAccount) -> None:
    mailbox = SmtpImapMailbox(Dialling(resolve=loopback, tls=ssl.create_default_context(), timeouts=TIMES))

    for untrusted in (account, starttls_account):
        with pytest.raises(ProviderUnavailable, match="not trusted"):
            await mailbox.fetch_new(untrusted, cursor=START, limit=1)
        with pytest.raises(ProviderUnavailable, match="not trusted"):
            await mailbox.wait_for_news(untrusted, cursor=START, timeout_s=1)
    await mailbox.aclose()


async def test_starttls_without_tls_says_nothing(
    account: MailAccount, mailbox: SmtpImapMailbox, listen: Listen
) -> None:
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK hello\r\n")
        while line := await reader.readline():
            heard.append(line)
            tag, name = line.split()[:2]
            if name.upper() == b"CAPABILITY":
                writer.write(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n" + tag + b" OK done\r\n")
            else:
                writer.write(tag + b" BAD no\r\n")

    port = await listen(serve)
    bare = replace(account, imap=replace(account.imap, port=port, security=Security.STARTTLS))

    with pytest.raises(ProviderUnavailable):
        await mailbox.fetch_new(bare, cursor=START, limit=1)
    with pytest.raises(ProviderUnavailable):
        await mailbox.wait_for_news(bare, cursor=START, timeout_s=1)

    assert heard
    assert not [line for line in heard if b"LOGIN" in line.upper() or b"AUTHENTICATE" in line.upper()]


async def test_waiting_ends_when_something_comes(
    mailbox: SmtpImapMailbox, account: MailAccount, jo: Account
) -> None:
    page = await mailbox.fetch_new(account, cursor=START, limit=10)
    waiting = asyncio.create_task(mailbox.wait_for_news(account, cursor=page.cursor, timeout_s=3_600))
    await until_somebody_waits(jo)
    assert not waiting.done()

    deliver(jo, 1)

    assert await asyncio.wait_for(waiting, HANGS_S)


async def test_waiting_does_not_miss_what_came_before(
    mailbox: SmtpImapMailbox, account: MailAccount, jo: Account
) -> None:
    page = await mailbox.fetch_new(account, cursor=START, limit=10)
    deliver(jo, 1)

    assert await asyncio.wait_for(
        mailbox.wait_for_news(account, cursor=page.cursor, timeout_s=3_600), HANGS_S
    )


async def test_waiting_ends_with_its_time_or_where_nobody_can_wait(
    mailbox: SmtpImapMailbox, account: MailAccount, jo: Account
) -> None:
    page = await mailbox.fetch_new(account, cursor=START, limit=10)
    assert not await mailbox.wait_for_news(account, cursor=page.cursor, timeout_s=0.1)

    jo.offers_idle = False
    assert not await mailbox.wait_for_news(account, cursor=page.cursor, timeout_s=3_600)


async def test_waiting_for_a_server_that_goes_away_is_trouble(
    mailbox: SmtpImapMailbox, account: MailAccount, jo: Account, server: MailServer
) -> None:
    page = await mailbox.fetch_new(account, cursor=START, limit=10)
    waiting = asyncio.create_task(mailbox.wait_for_news(account, cursor=page.cursor, timeout_s=3_600))
    await until_somebody_waits(jo)

    server.hang_up()

    with pytest.raises(ProviderUnavailable):
        await asyncio.wait_for(waiting, HANGS_S)


async def test_a_server_that_trickles_is_left(account: MailAccount, listen: Listen) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"*")
            await writer.drain()
            await asyncio.sleep(0.02)

    port = await listen(serve)
    plain = replace(account, imap=replace(account.imap, port=port, security=Security.PLAIN))
    dialling = Dialling(resolve=loopback, plain_loopback=True, timeouts=Timeouts(imap_s=1, imap_total_s=0.3))
    mailbox = SmtpImapMailbox(dialling, imap_threads=1)

    for _ in range(2):  # the second needs the only thread, which must have been freed
        with pytest.raises(ProviderUnavailable, match="too long"):
            await mailbox.fetch_new(plain, cursor=START, limit=1)
    with pytest.raises(ProviderUnavailable, match="too slow"):
        await mailbox.wait_for_news(plain, cursor=START, timeout_s=3_600)
    await mailbox.aclose()


async def test_an_absurdly_long_answer_is_refused(account: MailAccount, listen: Listen) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK hello\r\n")
        await reader.readline()
        writer.write(b"* CAPABILITY {999999999}\r\n")
        await reader.read()

    port = await listen(serve)
    plain = replace(account, imap=replace(account.imap, port=port, security=Security.PLAIN))
    loose = SmtpImapMailbox(Dialling(resolve=loopback, plain_loopback=True, timeouts=TIMES))

    with pytest.raises(ProviderUnavailable, match="too long"):
        await loose.fetch_new(plain, cursor=START, limit=1)
    await loose.aclose()
