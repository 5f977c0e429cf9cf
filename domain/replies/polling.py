"""Reading a mailbox: page after page from its cursor, one unit of work per mail.

Only the inbox is read: a reply or bounce that the provider sorts into Junk is seen when somebody moves it back.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog

from domain import tenancy
from domain.actor import Actor
from domain.errors import DomainError, ProviderUnavailable
from domain.ports import Ports
from domain.replies import cursors
from domain.replies.cursors import Claim, LeaseLost
from domain.replies.receiving import receive_mail
from domain.replies.tasks import ReceiveMail
from domain.senders import health
from domain.senders.credentials import open_account
from domain.senders.ports import AuthenticationFailed, FetchedMail, FolderCursor, MailAccount
from domain.senders.service import require_reauthentication
from domain.work import unit_of_work

log = structlog.get_logger(__name__)

PAGE: Final = 20
FAILURES_UNTIL_DEGRADED: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Poller:
    """Reads mailboxes.

    Attributes:
        interval_s: how long a mailbox rests after it was read.
    """

    ports: Ports
    clock: Callable[[], datetime]
    interval_s: float

    async def poll(self, *, workspace_id: UUID, sender_id: UUID) -> int | None:
        """Take in what is new in a mailbox; safe to repeat and to run in several workers.

        Returns:
            How many mails were looked at; None when another worker has it or the server couldn't be read.
        """
        actor = Actor.job(workspace_id)
        claim = await cursors.claim(actor=actor, sender_id=sender_id, now=self.clock())
        if claim is None:
            return None
        try:
            count = await self._read(actor, claim)
        except LeaseLost:
            return None  # whoever has it goes on from the cursor
        except AuthenticationFailed as error:
            await self._give_up(actor, claim, error)
            return None
        except DomainError as error:
            await self._note_trouble(actor, claim, error)
            return None
        except asyncio.CancelledError:  # a shutdown: let another worker go on at once
            await cursors.let_go(claim, actor=actor, now=self.clock())
            raise
        except Exception:
            await self._release(actor, claim, failure="a fault of ours; see the log")
            raise
        await self._release(actor, claim, failure=None)
        return count

    async def listen(self, *, workspace_id: UUID, sender_id: UUID, timeout_s: float) -> None:
        """Wait for news of a mailbox and read it then; ends after the first news, or when none came in time.

        A server that can't tell, or tells of news that aren't there, isn't asked again before the next interval.
        """
        actor, began_at = Actor.job(workspace_id), self.clock()
        cursor = await cursors.claim_watch(
            actor=actor, sender_id=sender_id, lease_s=timeout_s + self.interval_s, now=began_at
        )
        if cursor is None:
            return
        pause_s = self.interval_s
        try:
            account = await self._account(workspace_id, sender_id)
            if await self.ports.mailbox.wait_for_news(account, cursor=cursor, timeout_s=timeout_s):
                was_true = await self.poll(workspace_id=workspace_id, sender_id=sender_id)
            else:
                was_true = (self.clock() - began_at).total_seconds() >= timeout_s
            pause_s = 0 if was_true else self.interval_s
        except DomainError as error:  # the next poll notes what is wrong with it
            log.info("mailbox_not_watched", sender_id=str(sender_id), reason=error.message)
        finally:
            await cursors.release_watch(actor=actor, sender_id=sender_id, pause_s=pause_s, now=self.clock())

    async def receive_again(self, *, workspace_id: UUID, task: ReceiveMail) -> None:
        """Fetch and take in one mail that failed before; a mail that is gone from the mailbox is let go."""
        account = await self._account(workspace_id, task.sender_id)
        cursor = FolderCursor(
            since=datetime.fromisoformat(task.since),
            folder=task.folder,
            uidvalidity=task.uid_validity,
            uid=task.uid - 1,
        )
        page = await self.ports.mailbox.fetch_new(account, cursor=cursor, limit=1)
        if page.reset:  # renumbered: it is among those of its day
            page = await self.ports.mailbox.fetch_new(account, cursor=cursor, limit=PAGE)
        for fetched in page.messages:
            await self._receive(Actor.job(workspace_id), task.sender_id, fetched, claim=None)

    async def _read(self, actor: Actor, claim: Claim) -> int:
        account = await self._account(actor.workspace_id, claim.sender_id)
        cursor, count, has_more = claim.cursor, 0, True
        while has_more:
            page = await self.ports.mailbox.fetch_new(account, cursor=cursor, limit=PAGE)
            for fetched in page.messages:
                await self._receive_or_defer(actor, claim, fetched)
            cursor, count, has_more = page.cursor, count + len(page.messages), page.has_more
            async with unit_of_work(actor, now=self.clock()) as work:
                await cursors.advance(work, claim, cursor=cursor)
        return count

    async def _receive_or_defer(self, actor: Actor, claim: Claim, fetched: FetchedMail) -> None:
        """Take in a mail; one that can't be is put aside as a task, so that those behind it don't wait."""
        try:
            await self._receive(actor, claim.sender_id, fetched, claim=claim)
        except (LeaseLost, ProviderUnavailable):
            raise
        except Exception:  # a fault of ours with one mail: it is retried apart and parked with its reason
            log.error("mail_not_received", sender_id=str(claim.sender_id), uid=fetched.uid, exc_info=True)
            task = ReceiveMail(
                sender_id=claim.sender_id,
                folder=fetched.folder,
                uid_validity=fetched.uidvalidity,
                uid=fetched.uid,
                since=fetched.received_at.isoformat(),
            )
            async with unit_of_work(actor, now=self.clock()) as work:
                await work.enqueue(task)

    async def _receive(
        self, actor: Actor, sender_id: UUID, fetched: FetchedMail, *, claim: Claim | None
    ) -> None:
        await receive_mail(
            actor=actor,
            sender_id=sender_id,
            fetched=fetched,
            claim=claim,
            identity_key=self.ports.identity_key,
            now=self.clock(),
        )

    async def _account(self, workspace_id: UUID, sender_id: UUID) -> MailAccount:
        async with tenancy.reading(workspace_id) as connection:
            return await open_account(connection, sender_id=sender_id, keyring=self.ports.keyring)

    async def _release(self, actor: Actor, claim: Claim, *, failure: str | None) -> None:
        async with unit_of_work(actor, now=self.clock()) as work:
            await cursors.release(work, claim, failure=failure, interval_s=self.interval_s)
            if failure is None and claim.failures >= FAILURES_UNTIL_DEGRADED:
                await health.recover(work, sender_id=claim.sender_id)

    async def _note_trouble(self, actor: Actor, claim: Claim, error: DomainError) -> None:
        log.warning("mailbox_not_read", sender_id=str(claim.sender_id), reason=error.message)
        async with unit_of_work(actor, now=self.clock()) as work:
            await cursors.release(work, claim, failure=error.message[:500], interval_s=self.interval_s)
            if claim.failures + 1 >= FAILURES_UNTIL_DEGRADED:
                await health.degrade(work, sender_id=claim.sender_id, reason=error.message)

    async def _give_up(self, actor: Actor, claim: Claim, error: AuthenticationFailed) -> None:
        async with unit_of_work(actor, now=self.clock()) as work:
            await cursors.release(work, claim, failure=error.message[:500], interval_s=self.interval_s)
            await require_reauthentication(work, sender_id=claim.sender_id, reason=error.message)
