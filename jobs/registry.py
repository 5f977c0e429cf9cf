"""Which handler runs which task, and within which limits."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from domain.actor import Actor
from domain.ports import Ports
from domain.tasks import Task
from domain.work import Work

T = TypeVar("T", bound=Task)
Handler = Callable[["JobContext", T], Awaitable[None]]
WhenParked = Callable[[Work, T, str], Awaitable[None]]
"""What is done in the transaction that parks a task, with the reason for people who run the installation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobContext:
    """What a handler gets beside its task."""

    ports: Ports
    workspace_id: UUID
    clock: Callable[[], datetime]

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
        timeout_s: how long one try may take.
        when_parked: tells whoever waits for the task that it won't be done, also when it killed every worker.
    """

    task: type[Task]
    handler: Handler[Any]
    max_tries: int
    timeout_s: float
    when_parked: WhenParked[Any] | None


JOBS: dict[str, Job] = {}


def job(
    task: type[T], *, max_tries: int = 6, timeout_s: float = 60, when_parked: WhenParked[T] | None = None
) -> Callable[[Handler[T]], Handler[T]]:
    """Register the handler of a task."""

    def register(handler: Handler[T]) -> Handler[T]:
        JOBS[task.__name__] = Job(
            task=task, handler=handler, max_tries=max_tries, timeout_s=timeout_s, when_parked=when_parked
        )
        return handler

    return register
