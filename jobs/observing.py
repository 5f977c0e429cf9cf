"""What is told about background work to those who run the installation: kinds and times, nobody's data."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from domain.sql_time import SqlTime


class TaskOutcome(StrEnum):
    """What came of one try of a task."""

    DONE = "done"
    REFUSED = "refused"
    AGAIN = "again"
    RETRY = "retry"
    DEAD = "dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRun:
    """One try of a task.

    Attributes:
        kind: the task's class, or what stands in the table when nobody knows it.
    """

    kind: str
    outcome: TaskOutcome
    seconds: float
    sql: SqlTime


class WorkObserver(Protocol):
    """Told about background work; takes microseconds and raises nothing."""

    def observe_task(self, run: TaskRun) -> None:
        """One try of a task has ended."""

    def beat(self, loop: str) -> None:
        """A loop of the worker has done its work."""
