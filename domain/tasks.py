"""Background work the domain asks for.

A task is a frozen dataclass that holds ids. ``work.enqueue(task)`` writes it into the ``task`` table in the
same transaction as the change that wants it: Postgres is the record, the queue only rings. Handlers live in
``jobs/``; each is written so that running it twice is the same as once.
"""

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Base of all tasks; subclasses hold ids, tuples of ids, and small plain values."""

    kinds: ClassVar[dict[str, type["Task"]]] = {}

    def __init_subclass__(cls) -> None:
        cls.kinds[cls.__name__] = cls

    @property
    def unique_key(self) -> str | None:
        """While a task with this key is open, a second one isn't added; None never merges."""
        return None

    def as_payload(self) -> dict[str, Any]:
        """Return the fields as JSON values."""
        return {field.name: _plain(getattr(self, field.name)) for field in dataclasses.fields(self)}

    @classmethod
    def from_payload(cls, payload: dict[str, Any]) -> Self:
        """Rebuild a task from ``as_payload``'s result."""
        return cls(
            **{field.name: _typed(field.type, payload[field.name]) for field in dataclasses.fields(cls)}
        )


@dataclass(frozen=True, slots=True)
class PendingTask:
    """A task that was written and waits to be run."""

    id: UUID
    workspace_id: UUID
    due_at: datetime


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _typed(annotation: Any, value: Any) -> Any:
    """Turn a JSON value back into what the annotation says: UUID, tuple[UUID, ...], or the plain value."""
    if value is None:
        return None
    if annotation in {UUID, UUID | None}:
        return UUID(value)
    if annotation == tuple[UUID, ...]:
        return tuple(UUID(item) for item in value)
    return tuple(value) if isinstance(value, list) else value
