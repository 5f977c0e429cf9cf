"""The event log: one gapless, ordered log per workspace.

An event is a frozen dataclass in a feature's ``events.py``: what has happened, in the past tense, with ids and
small plain values, never personal data (so that an erasure needn't rewrite the log). ``work.emit`` collects
events; the unit of work writes them last. A run's or the replies' stream is a filter over the log, a cursor a
position in it.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from domain import tenancy


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainEvent:
    """Base of all events.

    Attributes:
        subject_kind: the table of the object it is about.
        subject_id: that object.
        run_id: the run whose stream it belongs to, if any.
    """

    subject_kind: ClassVar[str]
    kinds: ClassVar[dict[str, type["DomainEvent"]]] = {}

    subject_id: UUID
    run_id: UUID | None = None

    def __init_subclass__(cls) -> None:
        cls.kinds[cls.__name__] = cls

    def as_payload(self) -> dict[str, Any]:
        """Return the fields beside subject and run, as JSON values."""
        return {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)
            if field.name not in {"subject_id", "run_id"}
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEvent:
    """An event at its place in the log.

    Attributes:
        seq: 1, 2, 3 … within the workspace, without gaps, in the order of commits.
        type: the event class's name.
        payload: what ``DomainEvent.as_payload`` gave, as JSON values.
    """

    workspace_id: UUID
    seq: int
    type: str
    subject_kind: str
    subject_id: UUID
    run_id: UUID | None
    payload: dict[str, Any]
    occurred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Which part of a workspace's log a stream shows; None means no restriction."""

    run_id: UUID | None = None
    subject_id: UUID | None = None
    types: Sequence[str] | None = None
    subject_kinds: Sequence[str] | None = None

    def includes(self, event: LoggedEvent) -> bool:
        """Tell whether the stream shows an event; ``list_events`` says the same in SQL."""
        return (
            self.run_id in (None, event.run_id)
            and self.subject_id in (None, event.subject_id)
            and (self.types is None or event.type in self.types)
            and (self.subject_kinds is None or event.subject_kind in self.subject_kinds)
        )


async def list_events(
    *, workspace_id: UUID, after: int, where: EventFilter, limit: int = 500
) -> list[LoggedEvent]:
    """Return up to ``limit`` events with ``seq > after``, oldest first."""
    async with tenancy.reading(workspace_id) as connection:
        rows = await connection.fetch(
            """
            SELECT seq, type, subject_kind, subject_id, run_id, payload, occurred_at
            FROM event
            WHERE workspace_id = $1 AND seq > $2
              AND ($3::uuid IS NULL OR run_id = $3)
              AND ($4::uuid IS NULL OR subject_id = $4)
              AND ($5::text[] IS NULL OR type = ANY ($5))
              AND ($6::text[] IS NULL OR subject_kind = ANY ($6))
            ORDER BY seq LIMIT $7
            """,
            workspace_id,
            after,
            where.run_id,
            where.subject_id,
            list(where.types) if where.types is not None else None,
            list(where.subject_kinds) if where.subject_kinds is not None else None,
            limit,
        )
    return [LoggedEvent(workspace_id=workspace_id, **row) for row in rows]


async def find_last_seq(*, workspace_id: UUID) -> int:
    """Return the number of the newest event; 0 when nothing has happened yet."""
    async with tenancy.reading(workspace_id) as connection:
        return (
            await connection.fetchval("SELECT seq FROM log_head WHERE workspace_id = $1", workspace_id) or 0
        )
