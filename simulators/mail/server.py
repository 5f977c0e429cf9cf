"""The whole provider, running: four listeners over one store, and people who react to what they get."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self, cast
from weakref import WeakSet

from aiosmtpd.smtp import SMTP

from simulators.mail.answers import compose
from simulators.mail.certificates import Authority
from simulators.mail.imap import ImapSession
from simulators.mail.people import Person, Reaction
from simulators.mail.smtp import Handler, smtp_protocol
from simulators.mail.store import Account, Provider

SpeakImap = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Ports:
    """Where to listen; 0 takes a free port, which stands here once the server has started."""

    smtps: int = 0
    submission: int = 0
    imaps: int = 0
    imap: int = 0


class MailServer:
    """``async with MailServer(provider, authority) as server`` listens until the end of the block.

    The first of ``people`` whose pattern fits a recipient reacts; recipients with an account here get the message in
    their inbox instead.
    """

    def __init__(
        self,
        provider: Provider,
        authority: Authority,
        *,
        people: list[Person] | None = None,
        host: str = "127.0.0.1",
        ports: Ports | None = None,
    ) -> None:
        self.provider = provider
        self.authority = authority
        self.people = people if people is not None else []
        self.host = host
        self.ports = ports or Ports()
        self._servers: list[asyncio.Server] = []
        self.smtp_connections = 0
        self._dialogues: WeakSet[SMTP] = WeakSet()
        self._sessions: set[asyncio.Task[None]] = set()
        self._reactions: set[asyncio.TimerHandle] = set()

    async def __aenter__(self) -> Self:
        loop, tls = asyncio.get_running_loop(), self.authority.serving()
        handler = Handler(self.provider, delivered=self._deliver)
        host, ports = self.host, self.ports
        self._servers = [
            await loop.create_server(self._speak_smtp(handler, None), host, ports.smtps, ssl=tls),
            await loop.create_server(self._speak_smtp(handler, tls), host, ports.submission),
            await asyncio.start_server(self._speak_imap(None), host, ports.imaps, ssl=tls),
            await asyncio.start_server(self._speak_imap(tls), host, ports.imap),
        ]
        self.ports = Ports(*(server.sockets[0].getsockname()[1] for server in self._servers))
        return self

    async def __aexit__(self, *_: object) -> None:
        for server in self._servers:
            server.close()
        self.hang_up()
        for timer in self._reactions:
            timer.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)

    def hang_up(self) -> None:
        """Drop every connection, as a restart would."""
        for protocol in self._dialogues:
            if protocol.transport is not None:
                with suppress(AttributeError):  # Python < 3.11.4, when TLS was closed before
                    cast(asyncio.Transport, protocol.transport).abort()
        for session in self._sessions:
            session.cancel()

    def _speak_smtp(self, handler: Handler, starttls: ssl.SSLContext | None) -> Callable[[], SMTP]:
        def connect() -> SMTP:
            protocol = smtp_protocol(handler, starttls=starttls)
            self._dialogues.add(protocol)
            self.smtp_connections += 1
            return protocol

        return connect

    def _speak_imap(self, starttls: ssl.SSLContext | None) -> SpeakImap:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._sessions.add(task)
            try:
                with suppress(asyncio.CancelledError):
                    await ImapSession(self.provider, reader, writer, starttls=starttls).serve()
            finally:
                self._sessions.discard(task)
                writer.transport.abort() if task.cancelling() else writer.close()

        return serve

    def _deliver(self, sender: Account, raw: bytes, recipient: str) -> None:
        now = datetime.now(UTC)
        if sender.files_sent_copies:
            sender.sent.add(raw, received_at=now, flags={"\\Seen"})
        local = self.provider.find(recipient)
        if local is not None:
            local.inbox.add(raw, received_at=now)
            return
        person = next((person for person in self.people if person.matches(recipient)), None)
        if person and person.reaction is not Reaction.SILENCE and person.takes_note():
            self._react_later(person, sender, raw, recipient)

    def _react_later(self, person: Person, sender: Account, raw: bytes, recipient: str) -> None:
        def react() -> None:
            self._reactions.discard(timer)
            now = datetime.now(UTC)
            answer = compose(person, original=raw, sender=sender.address, recipient=recipient, now=now)
            sender.inbox.add(answer, received_at=now)

        timer = asyncio.get_running_loop().call_later(person.delay_s, react)
        self._reactions.add(timer)
