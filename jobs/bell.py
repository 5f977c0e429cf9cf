"""arq as a doorbell: says at once that a task waits. A lost ring is found by the sweeper."""

import asyncio
from contextlib import suppress
from typing import Any, cast
from uuid import UUID

import orjson
import structlog
from arq import create_pool, func
from arq.connections import ArqRedis, RedisSettings
from arq.typing import WorkerCoroutine
from arq.worker import Worker
from redis.exceptions import RedisError

from domain.work import Committed
from jobs.runner import Runner

log = structlog.get_logger(__name__)

QUEUE = "plera:bell"
RECONNECT_S = 2.0


def _dumps(value: Any) -> bytes:
    """JSON instead of arq's pickle: a queue that others can write to must not run code."""
    return orjson.dumps(value, default=repr)


class Bell:
    """Rings after commits, and listens for rings in a worker."""

    def __init__(self, redis_url: str) -> None:
        self._settings = RedisSettings.from_dsn(redis_url)
        self._settings.conn_retries = 0
        self._pool: ArqRedis | None = None

    async def ring(self, committed: Committed) -> None:
        """Announce the tasks of a commit; raises when Valkey is away, which the unit of work only logs."""
        if not committed.tasks:
            return
        if self._pool is None:
            self._pool = await self._open_pool()
        for task in committed.tasks:
            await self._pool.enqueue_job(
                "ring", str(task.workspace_id), str(task.id), _job_id=str(task.id), _defer_until=task.due_at
            )

    async def listen(self, runner: Runner) -> None:
        """Hand every ring to the runner, for ever; comes back by itself when Valkey was away."""

        async def ring(_context: dict[Any, Any], workspace_id: str, task_id: str) -> None:
            runner.ring(UUID(workspace_id), UUID(task_id))

        while True:
            try:
                await self._answer(cast(WorkerCoroutine, ring))
            except (RedisError, OSError):
                log.warning("bell_lost", retry_s=RECONNECT_S)
            await asyncio.sleep(RECONNECT_S)

    async def _answer(self, ring: WorkerCoroutine) -> None:
        """Call ``ring`` at every ring until Valkey goes away."""
        pool = await self._open_pool()
        worker = Worker(
            functions=[func(ring, name="ring", keep_result=0, max_tries=1)],
            redis_pool=pool,
            queue_name=QUEUE,
            handle_signals=False,
            poll_delay=0.05,
            max_jobs=1_000,
            keep_result=0,
            job_serializer=_dumps,
            job_deserializer=orjson.loads,
        )
        try:
            await worker.async_run()
        finally:
            try:
                with suppress(RedisError, OSError, AttributeError):
                    await worker.close()
            finally:  # arq leaves it open when Valkey is away, or when one of its jobs was cancelled
                await pool.aclose(close_connection_pool=True)

    async def _open_pool(self) -> ArqRedis:
        return await create_pool(
            self._settings, default_queue_name=QUEUE, job_serializer=_dumps, job_deserializer=orjson.loads
        )

    async def close(self) -> None:
        """Let go of the connection."""
        if self._pool is not None:
            await self._pool.aclose(close_connection_pool=True)
