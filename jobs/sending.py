"""The worker's side of sending: takes due deliveries while there is room, and looks up those in doubt."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import structlog

from domain.ports import Ports
from domain.sending import queries
from domain.sending.claiming import Claim, claim_due
from domain.sending.dispatching import Dispatcher
from domain.sending.reconciling import reconcile_delivery
from domain.sending.tasks import SendDueDeliveries
from jobs.registry import JobContext, job

log = structlog.get_logger(__name__)

CLAIM_MAX = 64
"""Most deliveries that are claimed in one transaction."""
LOOKS_AT_ONCE = 8


class DeliveryPump:
    """Keeps a bounded number of deliveries on their way in this process.

    Args:
        ports: the outside world; ``ports.sending.concurrency`` is the bound.
        clock: gives the present.
    """

    def __init__(self, ports: Ports, clock: Callable[[], datetime]) -> None:
        self._ports = ports
        self._clock = clock
        self._room = ports.sending.concurrency
        self._room_made = asyncio.Event()
        self._dispatchers: dict[UUID, Dispatcher] = {}
        self._draining: dict[UUID, asyncio.Task[None]] = {}
        self._on_their_way: set[asyncio.Task[None]] = set()

    async def sweep(self) -> None:
        """Begin to send in every workspace where something is due; found by time, without any bell."""
        for workspace_id in await queries.list_workspaces_with_due_deliveries():
            if workspace_id not in self._draining:
                draining = asyncio.create_task(self._drain_quietly(workspace_id))
                self._draining[workspace_id] = draining

    async def drain(self, workspace_id: UUID) -> None:
        """Send what is due in a workspace until nothing is, and wait for what it began."""
        begun: list[asyncio.Task[None]] = []
        while True:
            wanted = await self._take_room()
            batch_size = 0
            try:
                batch = await claim_due(
                    ports=self._ports, workspace_id=workspace_id, limit=wanted, now=self._clock()
                )
                batch_size = len(batch.claims)
            finally:
                self._give_room(wanted - batch_size)
            begun = [task for task in begun if not task.done()]
            begun += [self._begin(claim) for claim in batch.claims]
            if batch.found < wanted:
                break
        if begun:  # not gather: whoever gives up on waiting must not stop what may have been handed over
            await asyncio.wait(begun)

    async def finish(self, *, timeout_s: float) -> None:
        """Wait for what is on its way; what doesn't end in time is left to its lease and the reconciler."""
        waiting = {*self._draining.values(), *self._on_their_way}
        if waiting:
            await asyncio.wait(waiting, timeout=timeout_s)

    async def reconcile(self) -> None:
        """Look up every delivery in doubt whose time has come."""
        looks = asyncio.Semaphore(LOOKS_AT_ONCE)
        in_doubt = await queries.list_deliveries_in_doubt()
        await asyncio.gather(*(self._look_up(*delivery, looks) for delivery in in_doubt))

    async def _look_up(self, workspace_id: UUID, delivery_id: UUID, looks: asyncio.Semaphore) -> None:
        async with looks:
            try:
                await reconcile_delivery(
                    ports=self._ports, workspace_id=workspace_id, delivery_id=delivery_id, clock=self._clock
                )
            except Exception:  # one that can't be looked up must not keep us from the others
                log.warning("reconcile_failed", delivery_id=str(delivery_id), exc_info=True)

    def _begin(self, claim: Claim) -> asyncio.Task[None]:
        task = asyncio.create_task(self._dispatch(claim))
        self._on_their_way.add(task)
        task.add_done_callback(self._on_their_way.discard)
        return task

    async def _drain_quietly(self, workspace_id: UUID) -> None:
        try:
            await self.drain(workspace_id)
        except Exception:  # a lost database; the next sweep goes on
            log.warning("drain_failed", workspace_id=str(workspace_id), exc_info=True)
        finally:
            self._draining.pop(workspace_id, None)

    async def _dispatch(self, claim: Claim) -> None:
        dispatcher = self._dispatchers.get(claim.workspace_id)
        if dispatcher is None:
            dispatcher = Dispatcher(ports=self._ports, workspace_id=claim.workspace_id, clock=self._clock)
            self._dispatchers[claim.workspace_id] = dispatcher
        try:
            await dispatcher.dispatch(claim)
        except Exception:  # its lease or the reconciler brings it back
            log.error("dispatch_failed", delivery_id=str(claim.delivery_id), exc_info=True)
        finally:
            self._give_room(1)

    async def _take_room(self) -> int:
        """Wait until a good part is free, so that claims come in batches; return how much was taken."""
        enough = min(CLAIM_MAX, max(1, self._ports.sending.concurrency // 4))
        while self._room < enough:
            self._room_made.clear()
            await self._room_made.wait()
        taken = min(self._room, CLAIM_MAX)
        self._room -= taken
        return taken

    def _give_room(self, count: int) -> None:
        self._room += count
        self._room_made.set()


_PUMPS: dict[int, DeliveryPump] = {}


def pump_of(ports: Ports, clock: Callable[[], datetime]) -> DeliveryPump:
    """Return this process's pump for these ports, so that bell and sweep share one bound."""
    return _PUMPS.setdefault(id(ports), DeliveryPump(ports, clock))


@job(SendDueDeliveries, max_tries=3, timeout_s=900)
async def send_due_deliveries(context: JobContext, task: SendDueDeliveries) -> None:
    """Send what is due now; whatever this misses, the sweep finds."""
    await pump_of(context.ports, context.clock).drain(context.workspace_id)
