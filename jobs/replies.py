"""Reads mailboxes by the clock and at once when they tell of news, and wakes snoozed threads."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

import structlog

from domain.ports import Ports
from domain.replies import cursors, threads
from domain.replies.polling import Poller
from domain.replies.tasks import ReceiveMail, WakeThread
from jobs.registry import JobContext, job

log = structlog.get_logger(__name__)

POLLED_AT_ONCE = 16
"""As many mailboxes as the adapter has threads for."""

LISTEN_S = 600.0
LOOKS_PER_INTERVAL = 12
LOOK_S_MAX = 5.0

Find = Callable[..., Awaitable[list[tuple[UUID, UUID]]]]


class Mailboxes:
    """Keeps all mailboxes read; both methods run for ever and end by being cancelled, with all they began.

    Safe to run in several workers: who reads or listens to a mailbox has claimed it.

    Args:
        interval_s: how often each mailbox is read, whether it tells of news or not.
    """

    def __init__(self, *, ports: Ports, clock: Callable[[], datetime], interval_s: float) -> None:
        self._poller = Poller(ports=ports, clock=clock, interval_s=interval_s)
        self._watched_max = ports.watched_mailboxes_max
        self._look_s = min(interval_s / LOOKS_PER_INTERVAL, LOOK_S_MAX)

    async def poll(self) -> None:
        """Read each mailbox whenever it is due."""
        await self._keep_up(cursors.find_due, self._poll_one, at_once_max=POLLED_AT_ONCE)

    async def listen(self) -> None:
        """Listen to those whose servers tell of news (IDLE), and read them at once."""
        await self._keep_up(cursors.find_watchable, self._listen_to_one, at_once_max=self._watched_max)

    async def _keep_up(
        self, find: Find, work: Callable[[UUID, UUID], Awaitable[object]], *, at_once_max: int
    ) -> None:
        running: set[UUID] = set()

        async def run(workspace_id: UUID, sender_id: UUID) -> None:
            try:
                await work(workspace_id, sender_id)
            except Exception:  # one mailbox's trouble must not end the others' service
                log.error("mailbox_failed", sender_id=str(sender_id), exc_info=True)
            finally:
                running.discard(sender_id)

        async with asyncio.TaskGroup() as group:
            while True:
                free = at_once_max - len(running)
                found = await find(limit=free + len(running)) if free > 0 else []
                for workspace_id, sender_id in [one for one in found if one[1] not in running][:free]:
                    running.add(sender_id)
                    group.create_task(run(workspace_id, sender_id))
                await asyncio.sleep(self._look_s)

    async def _poll_one(self, workspace_id: UUID, sender_id: UUID) -> None:
        await self._poller.poll(workspace_id=workspace_id, sender_id=sender_id)

    async def _listen_to_one(self, workspace_id: UUID, sender_id: UUID) -> None:
        await self._poller.listen(workspace_id=workspace_id, sender_id=sender_id, timeout_s=LISTEN_S)


@job(ReceiveMail, max_tries=8, timeout_s=120)
async def receive_mail(context: JobContext, task: ReceiveMail) -> None:
    """Take in a mail that failed while its mailbox was read."""
    poller = Poller(ports=context.ports, clock=context.clock, interval_s=0)
    await poller.receive_again(workspace_id=context.workspace_id, task=task)


@job(WakeThread, max_tries=6, timeout_s=30)
async def wake_thread(context: JobContext, task: WakeThread) -> None:
    """Open a snoozed thread whose time has come."""
    await threads.wake_thread(actor=context.actor, thread_id=task.thread_id, now=context.now())
