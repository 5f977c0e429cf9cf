"""Any mailbox with an SMTP and an IMAP server, as ``domain.senders.ports.Mailbox``."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial

from domain.errors import ProviderUnavailable
from domain.senders.ports import (
    Accepted,
    Deferred,
    FetchPage,
    FolderCursor,
    Found,
    MailAccount,
    OutgoingMail,
    Presence,
    Rejected,
    Transmission,
    TransmissionRefused,
    VerifyReport,
)
from integrations.smtp_imap import idling, imap_folders, imap_reading
from integrations.smtp_imap.connecting import Dialling
from integrations.smtp_imap.headers import check_message_id
from integrations.smtp_imap.imap_session import ImapSession, ImapThreads
from integrations.smtp_imap.message import serialise
from integrations.smtp_imap.smtp_pool import SmtpPool

_PROBE_FINISH_S = 120
_PROBE_LOOKS_EVERY_S = 0.5
_PROBE_LOOKS_EVERY_S_MAX = 5


class SmtpImapMailbox:
    """Serves every account of a worker; keeps SMTP sessions for a short while, IMAP ones only while they are needed.

    Args:
        dialling: the operator's rules for connections.
        idle_s: how long an SMTP session is kept for the account's next message, in seconds.
        imap_threads: how many IMAP tasks run at once.
        waiting_max: how many mailboxes may be waited for at once; further ones are polled.
    """

    def __init__(
        self, dialling: Dialling, *, idle_s: float = 15, imap_threads: int = 16, waiting_max: int = 500
    ) -> None:
        self._dialling = dialling
        self._smtp = SmtpPool(dialling, idle_s=idle_s)
        self._executor = ThreadPoolExecutor(imap_threads, thread_name_prefix="imap")
        self._imap = ImapThreads(dialling, self._executor)
        self._may_wait = asyncio.Semaphore(waiting_max)

    def transmission(
        self, account: MailAccount, mail: OutgoingMail
    ) -> AbstractAsyncContextManager[Transmission]:
        """Bring a message to the point of no return; see the port."""
        return self._smtp.transmission(account, mail)

    async def look_up(self, account: MailAccount, *, message_id: str) -> Presence:
        """Search the sent folder and the one with all mail; see the port."""
        check_message_id(message_id, header="Message-ID")
        try:
            return await self._imap.run(account, partial(imap_folders.look_up, message_id=message_id))
        except ProviderUnavailable as trouble:
            return Presence(Found.UNAVAILABLE, detail=trouble.message)

    async def append_sent(self, account: MailAccount, mail: OutgoingMail) -> None:
        """File a copy unless it is there; see the port."""
        work = partial(
            imap_folders.append_sent, raw=serialise(mail), message_id=mail.message_id, date=mail.date
        )
        await self._imap.run(account, work)

    async def verify(self, account: MailAccount, *, probe: OutgoingMail, wait_s: float) -> VerifyReport:
        """Sign in on both sides, send the probe and watch where it turns up; see the port."""
        await self._imap.run(account, lambda session: None)
        async with self._smtp.transmission(account, probe) as transmission:
            outcome = await transmission.finish(timeout_s=_PROBE_FINISH_S)
        if isinstance(outcome, Deferred | Rejected):
            raise TransmissionRefused(outcome.refusal)
        if not isinstance(outcome, Accepted):
            raise ProviderUnavailable(f"no answer to the test message: {outcome.reason}")
        return await self._watch(account, message_id=probe.message_id, wait_s=wait_s)

    async def fetch_new(self, account: MailAccount, *, cursor: FolderCursor, limit: int) -> FetchPage:
        """Read what came after the cursor; see the port."""
        return await self._imap.run(account, partial(imap_reading.fetch_new, cursor=cursor, limit=limit))

    async def wait_for_news(self, account: MailAccount, *, cursor: FolderCursor, timeout_s: float) -> bool:
        """Wait by IDLE where that is offered; see the port."""
        if self._may_wait.locked():
            return False
        async with self._may_wait:
            return await idling.wait_for_news(account, self._dialling, cursor=cursor, timeout_s=timeout_s)

    async def aclose(self) -> None:
        """Hang up everywhere."""
        await self._smtp.aclose()
        self._executor.shutdown(wait=False, cancel_futures=True)

    async def _watch(self, account: MailAccount, *, message_id: str, wait_s: float) -> VerifyReport:
        clock = asyncio.get_running_loop().time
        ends, pause = clock() + wait_s, _PROBE_LOOKS_EVERY_S
        while True:
            sighting = await self._imap.run(account, partial(_look_for_probe, message_id=message_id))
            if sighting.is_complete or clock() + pause > ends:
                return sighting.report()
            await asyncio.sleep(pause)
            pause = min(pause * 2, _PROBE_LOOKS_EVERY_S_MAX)


@dataclass(frozen=True, slots=True)
class _Sighting:
    received: bytes | None
    filed: bytes | None
    sent_folder: str | None
    capabilities: frozenset[str]

    @property
    def is_complete(self) -> bool:
        return self.received is not None and self.filed is not None

    def report(self) -> VerifyReport:
        seen = self.received or self.filed
        return VerifyReport(
            received=self.received is not None,
            files_sent_copy=self.filed is not None,
            sent_folder=self.sent_folder,
            final_message_id=imap_folders.final_id_in(seen) if seen else None,
            received_headers=self.received or b"",
            capabilities=self.capabilities,
        )


def _look_for_probe(session: ImapSession, message_id: str) -> _Sighting:
    sent_folder = imap_folders.find_folder(session, use="\\Sent")
    received = imap_folders.find_header(session, folder="INBOX", message_id=message_id)
    filed = (
        imap_folders.find_header(session, folder=sent_folder, message_id=message_id) if sent_folder else None
    )
    return _Sighting(received, filed, sent_folder, session.capabilities)
