"""Which handler runs which task, and within which limits."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from domain.actor import Actor
from domain.ports import Ports
from domain.tasks import Task

T = TypeVar("T", bound=Task)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobContext:
    """What a handler gets beside its task.

    Attributes:
        is_last_try: when this try fails the task is parked.
    """

    ports: Ports
    workspace_id: UUID
    clock: Callable[[], datetime]
    is_last_try: bool = False

    @property
    def actor(self) -> Actor:
        """The worker, acting in the task's workspace."""
        return Actor.job(self.workspace_id)

    def now(self) -> datetime:
        """Return the present moment, aware UTC."""
        return self.clock()


class Again(Exception):
    """Raised by a handler that isn't done: run the same task again at ``at``; this try doesn't count."""

    def __init__(self, at: datetime) -> None:
        super().__init__(f"again at {at.isoformat()}")
        self.at = at


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A handler with its limits.

    Attributes:
        max_tries: after so many failures the task is parked as DEAD with its reason.
        timeout_s: also the lease: a worker that dies leaves the task to others after this time.
    """

    task: type[Task]
    handler: Callable[[JobContext, Any], Awaitable[None]]
    max_tries: int
    timeout_s: float


JOBS: dict[str, Job] = {}


def job(
    task: type[T], *, max_tries: int = 6, timeout_s: float = 60
) -> Callable[[Callable[[JobContext, T], Awaitable[None]]], Callable[[JobContext, T], Awaitable[None]]]:
    """Register the handler of a task."""

    def register(
        handler: Callable[[JobContext, T], Awaitable[None]],
    ) -> Callable[[JobContext, T], Awaitable[None]]:
        JOBS[task.__name__] = Job(task=task, handler=handler, max_tries=max_tries, timeout_s=timeout_s)
        return handler

    return register
