"""Open SMTP sessions kept for the next message of the same account, for a short while."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from domain.errors import ProviderUnavailable
from domain.senders.ports import Accepted, MailAccount, Outcome, OutgoingMail, TransmissionRefused
from integrations.smtp_imap.connecting import Dialling
from integrations.smtp_imap.message import serialise, stuff_dots
from integrations.smtp_imap.smtp_opening import open_session
from integrations.smtp_imap.smtp_protocol import ConnectionLost
from integrations.smtp_imap.smtp_session import SmtpSession

_MESSAGES_PER_SESSION_MAX = 100  # servers commonly close a session after 100 messages or so
_IDLE_SESSIONS_MAX = 256


class SmtpTransmission:
    """A message that lies at the server's door; see ``domain.senders.ports.Transmission``."""

    def __init__(self, session: SmtpSession) -> None:
        self._session = session
        self.outcome: Outcome | None = None

    async def finish(self, *, timeout_s: float) -> Outcome:
        """Write the dot and wait for the answer."""
        if self.outcome is not None:
            raise RuntimeError("a transmission is finished once")
        self.outcome = await self._session.finish(timeout_s=timeout_s)
        return self.outcome


class SmtpPool:
    """Lends sessions; one whose last message wasn't taken is never lent again."""

    def __init__(self, dialling: Dialling, *, idle_s: float = 15) -> None:
        self._dialling = dialling
        self._idle_s = idle_s
        self._idle: defaultdict[MailAccount, list[tuple[SmtpSession, asyncio.TimerHandle]]] = defaultdict(
            list
        )
        self._idle_count = 0
        self._goodbyes: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def transmission(self, account: MailAccount, mail: OutgoingMail) -> AsyncIterator[SmtpTransmission]:
        """Bring a message to the point of no return; see the port."""
        body = stuff_dots(serialise(mail))
        session = await self._begin(account, mail, body)
        transmission = SmtpTransmission(session)
        try:
            yield transmission
        finally:
            if isinstance(transmission.outcome, Accepted):
                self._keep(account, session)
            else:
                session.abort()

    async def aclose(self) -> None:
        """Say goodbye on all idle sessions."""
        for account in list(self._idle):
            while session := self._take(account):
                self._dismiss(session)
        await asyncio.gather(*self._goodbyes)

    async def _begin(self, account: MailAccount, mail: OutgoingMail, body: bytes) -> SmtpSession:
        """Begin on an idle session; if that has died meanwhile, on a fresh one (nothing was sent by then)."""
        while idle := self._take(account):
            try:
                return await _begin_on(idle, mail, body)
            except ConnectionLost:
                continue
            except TransmissionRefused as refused:
                if refused.refusal.code != 421:  # "closing": said to idle sessions too
                    raise
        try:
            return await _begin_on(await open_session(account, self._dialling), mail, body)
        except ConnectionLost as lost:
            raise ProviderUnavailable(f"{account.smtp.host} hung up: {lost}") from lost

    def _take(self, account: MailAccount) -> SmtpSession | None:
        while sessions := self._idle.get(account):
            session, timer = sessions.pop()
            timer.cancel()
            self._forget_one(account)
            if session.is_reusable:
                return session
            session.abort()
        return None

    def _keep(self, account: MailAccount, session: SmtpSession) -> None:
        full = self._idle_count >= _IDLE_SESSIONS_MAX
        if full or session.messages >= _MESSAGES_PER_SESSION_MAX or not session.is_reusable:
            self._dismiss(session)
            return
        timer = asyncio.get_running_loop().call_later(self._idle_s, self._expire, account, session)
        self._idle[account].append((session, timer))
        self._idle_count += 1

    def _expire(self, account: MailAccount, session: SmtpSession) -> None:
        self._idle[account] = [kept for kept in self._idle[account] if kept[0] is not session]
        self._forget_one(account)
        self._dismiss(session)

    def _forget_one(self, account: MailAccount) -> None:
        self._idle_count -= 1
        if not self._idle[account]:
            del self._idle[account]

    def _dismiss(self, session: SmtpSession) -> None:
        goodbye = asyncio.get_running_loop().create_task(session.quit())
        self._goodbyes.add(goodbye)
        goodbye.add_done_callback(self._goodbyes.discard)


async def _begin_on(session: SmtpSession, mail: OutgoingMail, body: bytes) -> SmtpSession:
    try:
        await session.begin(mail, body)
    except BaseException:
        session.abort()
        raise
    return session
