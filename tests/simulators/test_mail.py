"""The mail provider, seen by the standard library's own clients and parser."""

import asyncio
import email
import email.policy
import imaplib
import json
import signal
import smtplib
import ssl
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import pytest

from simulators.mail.certificates import Authority
from simulators.mail.null_smtp import start_null_smtp
from simulators.mail.people import OUT_OF_OFFICE, UNSUBSCRIBE_REQUEST, Person, Reaction
from simulators.mail.server import MailServer
from simulators.mail.store import Account, Folder, Provider
from tests.waiting import HANGS_S, until

T = TypeVar("T")
MESSAGE = """\
Message-ID: <first@example.com>
References: <root@example.com>
From: Jo <jo@example.com>
To: {}
Date: Mon, 23 Nov 2026 09:30:00 +0000
Subject: A question
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Hello Ada,
how are you?
"""


@pytest.fixture
def authority() -> Authority:
    return Authority()


@pytest.fixture
def jo() -> Account:
    return Account("jo@example.com", "secret")


@pytest.fixture
async def server(authority: Authority, jo: Account, tmp_path: Path) -> AsyncIterator[MailServer]:
    provider = Provider([jo], journal=tmp_path / "accepted.jsonl")
    async with MailServer(provider, authority) as running:
        yield running


def send_blocking(port: int, tls: ssl.SSLContext, to: str) -> None:
    with smtplib.SMTP_SSL("localhost", port, context=tls, timeout=HANGS_S) as client:
        client.login("jo@example.com", "secret")
        client.sendmail("jo@example.com", [to], MESSAGE.format(to).encode())


async def send(server: MailServer, *, to: str) -> None:
    await asyncio.to_thread(send_blocking, server.ports.smtps, server.authority.trusting(), to)


async def answer_to(server: MailServer, person: Person) -> Any:
    """Send one message to the person; return what comes back, parsed."""
    server.people.append(person)
    await send(server, to="ada@acme.example")
    inbox = server.provider.accounts["jo@example.com"].inbox
    await until(lambda: inbox.messages)
    [message] = inbox.messages
    assert b"\n" not in message.raw.replace(b"\r\n", b"")
    return email.message_from_bytes(message.raw, policy=email.policy.default)


async def reading(server: MailServer, work: Callable[[imaplib.IMAP4_SSL], T]) -> T:
    """Run blocking work on a signed-in IMAP client."""

    def run() -> T:
        tls = server.authority.trusting()
        with imaplib.IMAP4_SSL("localhost", server.ports.imaps, ssl_context=tls, timeout=HANGS_S) as client:
            client.login("jo@example.com", "secret")
            return work(client)

    return await asyncio.to_thread(run)


async def test_a_reply_is_in_the_thread_and_quotes(server: MailServer) -> None:
    reply = await answer_to(server, Person("ada@*", Reaction.REPLY, text="Yes, gladly."))

    assert reply["From"] == "ada@acme.example"
    assert reply["To"] == "jo@example.com"
    assert reply["Subject"] == "Re: A question"
    assert reply["In-Reply-To"] == "<first@example.com>"
    assert reply["References"] == "<root@example.com> <first@example.com>"
    assert reply["Auto-Submitted"] is None
    body = reply.get_content()
    assert body.startswith("Yes, gladly.")
    assert "> Hello Ada,\n> how are you?\n" in body.replace("\r\n", "\n")


@pytest.mark.parametrize("language", OUT_OF_OFFICE)
async def test_an_absence_notice_says_what_it_is(language: str, server: MailServer) -> None:
    notice = await answer_to(server, Person("*", Reaction.OUT_OF_OFFICE, language=language))

    subject, words = OUT_OF_OFFICE[language]
    assert notice["Auto-Submitted"] == "auto-replied"
    assert notice["Subject"] == subject.format("A question")
    assert notice.get_content().strip() == words
    assert notice["In-Reply-To"] == "<first@example.com>"


async def test_a_bounce_is_a_delivery_report(server: MailServer) -> None:
    bounce = await answer_to(server, Person("*", Reaction.BOUNCE, status="5.1.1"))

    assert bounce["Return-Path"] == "<>"
    assert bounce.get_content_type() == "multipart/report"
    assert bounce.get_param("report-type") == "delivery-status"
    _, report, original = bounce.iter_parts()
    assert report.get_content_type() == "message/delivery-status"
    per_message, per_recipient = report.get_payload()
    assert per_message["Reporting-MTA"] == "dns; mx.acme.example"
    assert per_recipient["Final-Recipient"] == "rfc822; ada@acme.example"
    assert (per_recipient["Action"], per_recipient["Status"]) == ("failed", "5.1.1")
    assert original.get_content_type() == "text/rfc822-headers"
    assert "Message-ID: <first@example.com>" in original.get_content()


async def test_a_complaint_is_an_abuse_report(server: MailServer) -> None:
    complaint = await answer_to(server, Person("*", Reaction.COMPLAINT))

    assert complaint.get_param("report-type") == "feedback-report"
    _, report, original = complaint.iter_parts()
    [fields] = report.get_payload()
    assert fields["Feedback-Type"] == "abuse"
    assert fields["Original-Rcpt-To"] == "<ada@acme.example>"
    assert "<first@example.com>" in original.get_content()


async def test_an_unsubscribe_request_is_a_plain_reply(server: MailServer) -> None:
    request = await answer_to(server, Person("*", Reaction.UNSUBSCRIBE))

    assert UNSUBSCRIBE_REQUEST in request.get_content()
    assert request["Auto-Submitted"] is None


async def test_the_first_fitting_person_reacts_as_often_as_told(server: MailServer, jo: Account) -> None:
    server.people += [
        Person("bob@*", Reaction.SILENCE),
        Person("*@acme.example", Reaction.REPLY, times=1),
        Person("late@*", Reaction.REPLY, delay_s=3_600),
    ]
    for to in (
        "bob@acme.example",
        "ada@acme.example",
        "ada@acme.example",
        "late@other.example",
        "x@other.example",
    ):
        await send(server, to=to)
    await until(lambda: len(server._reactions) == 1)  # only the late one's is left to come

    assert len(jo.inbox.messages) == 1
    assert b"From: ada@acme.example" in jo.inbox.messages[0].raw
    assert len(server.provider.accepted) == 5
    assert len(jo.sent.messages) == 5


async def test_a_recipient_with_an_account_gets_the_message(server: MailServer) -> None:
    eve = server.provider.add(Account("eve@example.com", "x"))
    server.people.append(Person("*", Reaction.REPLY))

    await send(server, to="eve@example.com")

    assert [b"Hello Ada" in message.raw for message in eve.inbox.messages] == [True]


async def test_the_journal_counts_each_acceptance(server: MailServer, tmp_path: Path) -> None:
    await send(server, to="ada@acme.example")
    await send(server, to="ada@acme.example")

    lines = [json.loads(line) for line in (tmp_path / "accepted.jsonl").read_text().splitlines()]
    assert [(line["message_id"], line["recipient"]) for line in lines] == [
        ("<first@example.com>", "ada@acme.example")
    ] * 2
    assert server.provider.count_by_message_id() == {"<first@example.com>": 2}


async def test_nobody_sends_without_signing_in(server: MailServer) -> None:
    def attempt() -> None:
        tls = server.authority.trusting()
        with smtplib.SMTP_SSL("localhost", server.ports.smtps, context=tls, timeout=HANGS_S) as client:
            client.sendmail("jo@example.com", ["ada@acme.example"], b"x")

    with pytest.raises(smtplib.SMTPSenderRefused, match="Authentication required"):
        await asyncio.to_thread(attempt)
    assert server.provider.accepted == []


async def test_folders_carry_their_use_and_modified_utf7(server: MailServer, jo: Account) -> None:
    jo.folders["Éléments envoyés"] = Folder("Éléments envoyés", special_use="\\Sent")

    _, lines = await reading(server, lambda client: client.list())

    assert b'(\\HasNoChildren \\Sent) "/" "&AMk-l&AOk-ments envoy&AOk-s"' in lines
    assert b'(\\HasNoChildren) "/" "INBOX"' in lines


async def test_flags_searches_and_peeking(server: MailServer, jo: Account) -> None:
    await send(server, to="jo@example.com")
    await send(server, to="jo@example.com")

    def work(client: imaplib.IMAP4_SSL) -> list[Any]:
        client.select("INBOX")
        client.fetch("1", "(BODY.PEEK[TEXT])")
        before = client.search(None, "UNSEEN")[1]
        client.fetch("1", "(BODY[TEXT])")
        after = client.uid("SEARCH", "NOT", "SEEN", "SINCE", "1-Jan-2020")[1]
        client.store("2", "+FLAGS", "(\\Deleted)")
        none = client.search(None, "OR", "HEADER", "Subject", "nothing", "BEFORE", "1-Jan-2020")[1]
        return [
            before,
            after,
            client.search(None, "DELETED")[1],
            none,
            client.status("INBOX", "(MESSAGES UIDNEXT)")[1],
        ]

    assert await reading(server, work) == [
        [b"1 2"],
        [b"2"],
        [b"2"],
        [b""],
        [b'"INBOX" (MESSAGES 2 UIDNEXT 3)'],
    ]


async def test_a_range_beyond_the_last_message_gives_the_last(server: MailServer, jo: Account) -> None:
    await send(server, to="jo@example.com")

    def work(client: imaplib.IMAP4_SSL) -> Any:
        client.select("INBOX")
        return client.uid("SEARCH", "UID", "7:*")[1]

    assert await reading(server, work) == [b"1"]


@pytest.mark.parametrize(
    "command", ["BOGUS", "FETCH 1 NONSENSE", "SEARCH NONSENSE 1", "SELECT", "APPEND INBOX"]
)
async def test_nonsense_is_answered_not_obeyed(command: str, server: MailServer, jo: Account) -> None:
    await send(server, to="jo@example.com")
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", server.ports.imaps, ssl=server.authority.trusting(), server_hostname="localhost"
    )
    writer.write(f'a LOGIN jo@example.com "secret"\r\nb SELECT INBOX\r\nc {command}\r\nd LOGOUT\r\n'.encode())

    answers = (await reader.read()).decode().splitlines()

    assert [line.split()[:2] for line in answers if line.startswith(("c ", "d "))] == [
        ["c", "BAD"],
        ["d", "OK"],
    ]
    assert len(jo.inbox.messages) == 1
    writer.close()


async def test_the_null_server_counts(authority: Authority) -> None:
    server, tally = await start_null_smtp(tls=authority.serving())
    port = server.sockets[0].getsockname()[1]

    for _ in range(3):
        await asyncio.to_thread(send_blocking, port, authority.trusting(), "ada@acme.example")

    assert (tally.messages, tally.connections) == (3, 3)
    assert tally.octets > 3 * len(MESSAGE)
    server.close()


async def test_as_a_process_it_is_steered_over_http(tmp_path: Path) -> None:
    config = tmp_path / "mail.json"
    config.write_text(
        json.dumps(
            {
                "folder": str(tmp_path / "state"),
                "control_port": 0,
                "people": [{"pattern": "*@acme.example", "reaction": "REPLY"}],
            }
        )
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulators.mail", "--config", str(config), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        told = json.loads(await asyncio.wait_for(process.stdout.readline(), HANGS_S))
        tls = ssl.create_default_context(cafile=told["ca_file"])
        async with httpx2.AsyncClient(
            base_url=f"http://127.0.0.1:{told['control']}", timeout=HANGS_S
        ) as control:
            account = {"address": "jo@example.com", "password": "secret", "files_sent_copies": False}
            assert (await control.post("/accounts", json=account)).status_code == 201
            await asyncio.to_thread(send_blocking, told["smtps"], tls, "ada@acme.example")
            await control.post("/accounts/jo@example.com/inbox", content=b"Subject: x\r\n\r\nx\r\n")
            await control.post("/people", json={"pattern": "*", "reaction": "SILENCE"})
            faults = {"unknown_recipients": ["bob@acme.example"], "drop": None}
            assert (await control.patch("/accounts/jo@example.com/faults", json=faults)).status_code == 204
            with pytest.raises(smtplib.SMTPRecipientsRefused):
                await asyncio.to_thread(send_blocking, told["smtps"], tls, "bob@acme.example")

            [accepted] = (await control.get("/accepted")).json()
            assert accepted["message_id"] == "<first@example.com>"
            assert (await control.get("/accounts/jo@example.com")).json() == {"INBOX": 2, "Sent": 0}
        assert len(Path(told["journal"]).read_text().splitlines()) == 1
    finally:
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), HANGS_S)
    assert (tmp_path / "state" / "ca.key").stat().st_mode & 0o077 == 0


def test_the_authority_is_kept(tmp_path: Path) -> None:
    first = Authority(folder=tmp_path / "ca")
    second = Authority(folder=tmp_path / "ca")

    assert first.ca_file is not None
    assert first.ca_file.read_bytes() == (tmp_path / "ca" / "ca.pem").read_bytes()
    assert (
        second.trusting().get_ca_certs()
        == first.trusting().get_ca_certs()
        != Authority().trusting().get_ca_certs()
    )
