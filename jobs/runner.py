"""Runs due work, a bounded number at a time.

Two things feed it: the bell (arq, at once) and the sweeper (Postgres, every second or so). What the bell misses
the sweeper finds, so losing Valkey costs seconds and nothing else.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from time import perf_counter
from typing import Any
from uuid import UUID

import asyncpg
import structlog
from tortoise.exceptions import DBConnectionError

from domain.errors import DomainError, ProviderUnavailable
from domain.ports import Ports
from domain.sql_time import count_sql
from domain.work import Work
from jobs import queue
from jobs.observing import TaskOutcome, TaskRun, WorkObserver
from jobs.registry import JOBS, Again, Job, JobContext

log = structlog.get_logger(__name__)

TELLINGS_MAX = 10
"""So often it is tried to tell that a task is parked; then it is parked in silence."""


class Runner:
    """Runs tasks, and other due work that keeps its own record (``every``).

    Args:
        concurrency: how many tasks run at once in this process.
        sweep_interval_s: how often Postgres is asked for due work.
        observe: told about every try and every round of a loop.
    """

    def __init__(
        self,
        *,
        ports: Ports,
        clock: Callable[[], datetime],
        concurrency: int,
        sweep_interval_s: float,
        observe: WorkObserver | None = None,
    ) -> None:
        self._ports = ports
        self._clock = clock
        self._slots = asyncio.Semaphore(concurrency)
        self._sweep_interval_s = sweep_interval_s
        self._observe = observe
        self._running: dict[UUID, asyncio.Task[None]] = {}
        self._loops: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin sweeping."""
        self.every(self._sweep_interval_s, self._sweep, name="sweep_tasks")

    def every(self, interval_s: float, work: Callable[[], Awaitable[object]], *, name: str) -> None:
        """Repeat something for ever; a failure is logged and tried again after the interval."""
        self._loops.append(asyncio.create_task(self._repeat(interval_s, work, name), name=name))

    def ring(self, workspace_id: UUID, task_id: UUID) -> None:
        """Run a task now if it is due and nobody else has it."""
        if task_id not in self._running:
            self._begin(task_id, self._run(workspace_id, task_id))

    async def drain(self, *, timeout_s: float) -> None:
        """Stop sweeping and wait for what runs; what doesn't end in time is left to its lease."""
        for loop in self._loops:
            loop.cancel()
        running = list(self._running.values())
        if running:
            _, late = await asyncio.wait(running, timeout=timeout_s)
            for task in late:
                task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*self._loops, *running, return_exceptions=True)

    def _begin(self, key: UUID, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._running[key] = task
        task.add_done_callback(lambda _: self._running.pop(key, None))

    async def _repeat(self, interval_s: float, work: Callable[[], Awaitable[object]], name: str) -> None:
        while True:
            try:
                await work()
                if self._observe is not None:
                    self._observe.beat(name)
            except Exception:  # the loop must survive a lost database
                log.warning("loop_failed", loop=name, exc_info=True)
            await asyncio.sleep(interval_s)

    async def _sweep(self) -> None:
        for workspace_id, task_id in await queue.find_due(limit=500):
            self.ring(workspace_id, task_id)

    async def _run(self, workspace_id: UUID, task_id: UUID) -> None:
        async with self._slots:
            try:
                await self._run_claimed(workspace_id, task_id)
            except Exception:  # the record says what is left to do; a lost database mends itself
                log.warning("task_not_settled", task_id=str(task_id), exc_info=True)

    async def _run_claimed(self, workspace_id: UUID, task_id: UUID) -> None:
        claim = await queue.claim(workspace_id=workspace_id, task_id=task_id, now=self._clock())
        if claim is None:
            return
        started, sql = perf_counter(), count_sql()
        outcome = await self._try(claim)
        if self._observe is not None:
            seconds = perf_counter() - started
            self._observe.observe_task(TaskRun(kind=claim.kind, outcome=outcome, seconds=seconds, sql=sql))

    async def _try(self, claim: queue.Claim) -> TaskOutcome:
        job = JOBS.get(claim.kind)
        if job is None:
            await queue.park(claim, now=self._clock(), error="nobody handles this kind of task")
            return TaskOutcome.DEAD
        if claim.attempts > job.max_tries:
            return await self._park(claim, job, reason=f"gave up after {job.max_tries} tries")
        return await self._handle(claim, job)

    async def _handle(self, claim: queue.Claim, job: Job) -> TaskOutcome:
        context = JobContext(ports=self._ports, workspace_id=claim.workspace_id, clock=self._clock)
        try:
            async with asyncio.timeout(job.timeout_s), self._kept(claim):
                await job.handler(context, job.task.from_payload(claim.payload))
        except Again as again:
            await queue.put_back(claim, due_at=again.at, now=self._clock(), error=None, counts=False)
            return TaskOutcome.AGAIN
        except (ProviderUnavailable, TimeoutError) as error:
            return await self._retry(claim, job, error)
        except DomainError as error:  # the caller's to mend: trying again wouldn't change it
            await queue.finish(claim, now=self._clock(), error=f"{error.code}: {error.message}")
            return TaskOutcome.REFUSED
        except Exception as error:  # a fault of ours: bounded tries, then a dead letter
            log.error("task_failed", kind=claim.kind, task_id=str(claim.id), exc_info=True)
            return await self._retry(claim, job, error)
        await queue.finish(claim, now=self._clock())
        return TaskOutcome.DONE

    @asynccontextmanager
    async def _kept(self, claim: queue.Claim) -> AsyncIterator[None]:
        """Renew the lease while the handler runs."""

        async def renew() -> None:
            while True:
                await asyncio.sleep(queue.LEASE_S / 3)
                with suppress(OSError, asyncpg.PostgresError, DBConnectionError):
                    await queue.renew(claim, now=self._clock())

        renewing = asyncio.create_task(renew())
        try:
            yield
        finally:
            renewing.cancel()

    async def _retry(self, claim: queue.Claim, job: Job, error: Exception) -> TaskOutcome:
        reason = f"{type(error).__name__}: {error}"[:500]
        if claim.attempts >= job.max_tries:
            return await self._park(claim, job, reason=reason)
        due_at = self._clock() + queue.back_off(claim.attempts)
        await queue.put_back(claim, due_at=due_at, now=self._clock(), error=reason, counts=True)
        return TaskOutcome.RETRY

    async def _park(self, claim: queue.Claim, job: Job, *, reason: str) -> TaskOutcome:
        """Give up on a task; when telling it fails, the task is left to its lease and parked by another try."""
        log.error("task_parked", kind=claim.kind, task_id=str(claim.id), reason=reason)

        async def tell(work: Work) -> None:
            if job.when_parked is not None and claim.attempts < job.max_tries + TELLINGS_MAX:
                await job.when_parked(work, job.task.from_payload(claim.payload), reason)

        await queue.park(claim, now=self._clock(), error=reason, tell=tell)
        return TaskOutcome.DEAD
