"""The unit of work: the only way to write.

One transaction, scoped to one workspace; the idempotency key is claimed first; events and audit entries are appended
to the log last; after the commit followers are woken and the queue is rung. Whatever happens in between, either all of
it is there or nothing.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import orjson
import structlog

from domain import idempotency as keys
from domain import tenancy
from domain.actor import Actor
from domain.audit.chain import AuditEntry
from domain.errors import DomainError, Forbidden, ProviderUnavailable, Unauthenticated
from domain.events import DomainEvent
from domain.idempotency import Idempotency, Replayed
from domain.ids import new_id
from domain.log import Appending, append_log
from domain.tasks import PendingTask, Task

if TYPE_CHECKING:
    from domain.tenancy import Connection

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """What a finished unit of work leaves to be announced.

    Attributes:
        last_seq: number of its last event; None when it emitted none.
        tasks: tasks it wrote.
    """

    workspace_id: UUID
    last_seq: int | None
    tasks: Sequence[PendingTask]


Reaction = Callable[["Work", Sequence[Any]], Awaitable[None]]
REACTIONS: dict[type[DomainEvent], list[Reaction]] = {}

R = TypeVar("R", bound=Callable[["Work", Any], Awaitable[None]])
RAll = TypeVar("RAll", bound=Reaction)


def reacts_to(event: type[DomainEvent]) -> Callable[[R], R]:
    """Register what a later feature does, in the same transaction, when an earlier one emits an event.

    This is how ``suppression`` cancels what ``sending`` has queued without knowing it. Reactions stand in a
    feature's ``reactions.py``, which ``domain/features.py`` imports; they are safe to repeat, and one may react
    to several events.
    """

    def register(reaction: R) -> R:
        async def react_to_each(work: "Work", events: Sequence[Any]) -> None:
            for one in events:
                await reaction(work, one)

        REACTIONS.setdefault(event, []).append(react_to_each)
        return reaction

    return register


def reacts_to_all(event: type[DomainEvent]) -> Callable[[RAll], RAll]:
    """Like ``reacts_to``, for what often happens to thousands at once: called with all events of a streak.

    A streak is what stands in the log without another type in between, so nothing is reacted to out of turn.
    """

    def register(reaction: RAll) -> RAll:
        REACTIONS.setdefault(event, []).append(reaction)
        return reaction

    return register


PASSING = (ProviderUnavailable, Forbidden, Unauthenticated)
"""Refusals that say nothing about the request itself; the same key may try again."""

Announce = Callable[[Committed], Awaitable[None]]
_announcers: list[Announce] = []
_open: ContextVar["Work | None"] = ContextVar("open_work", default=None)


def announce_to(announcer: Announce) -> Callable[[], None]:
    """Register who is told after each commit (wake-ups, queue); returns how to unregister."""
    _announcers.append(announcer)
    return lambda: _announcers.remove(announcer)


@dataclass(slots=True, kw_only=True)
class Work:
    """An open unit of work.

    Attributes:
        connection: the transaction's asyncpg connection; ORM calls in the same task join it by themselves.
        now: the moment all of it happens at, aware UTC.
    """

    actor: Actor
    now: datetime
    connection: "Connection"
    events: list[DomainEvent] = field(default_factory=list)
    audits: list[AuditEntry] = field(default_factory=list)
    tasks: list[PendingTask] = field(default_factory=list)
    result_id: UUID | None = None

    @property
    def workspace_id(self) -> UUID:
        """The workspace that row-level security is scoped to."""
        return self.actor.workspace_id

    def emit(self, event: DomainEvent) -> None:
        """Log an event when this commits."""
        self.events.append(event)

    def audit(
        self,
        action: str,
        *,
        target_kind: str,
        target_id: UUID | None,
        purpose: str | None = None,
        **detail: Any,
    ) -> None:
        """Record who did what to which object; ``detail`` holds small values without personal data."""
        self.audits.append(
            AuditEntry(
                action=action, target_kind=target_kind, target_id=target_id, purpose=purpose, detail=detail
            )
        )

    async def enqueue(self, task: Task, *, due_at: datetime | None = None) -> None:
        """Ask for background work; an open task with the same ``unique_key`` is not doubled."""
        due_at = due_at or self.now
        task_id = await self.connection.fetchval(
            """
            INSERT INTO task (id, workspace_id, kind, payload, unique_key, due_at)
            VALUES ($1, $2, $3, $4::jsonb, $5, $6)
            ON CONFLICT (workspace_id, unique_key) WHERE state IN ('READY', 'LEASED') DO NOTHING
            RETURNING id
            """,
            new_id(),
            self.workspace_id,
            type(task).__name__,
            orjson.dumps(task.as_payload()).decode(),
            task.unique_key,
            due_at,
        )
        if task_id is not None:
            self.tasks.append(PendingTask(id=task_id, workspace_id=self.workspace_id, due_at=due_at))

    def answer(self, result_id: UUID) -> None:
        """Say which object the caller gets; a repeated request answers with the same one."""
        self.result_id = result_id


@asynccontextmanager
async def unit_of_work(
    actor: Actor, *, now: datetime, idempotency: Idempotency | None = None
) -> AsyncIterator[Work]:
    """Open the transaction of one use case.

    A use case that is part of another one takes the open ``Work`` as its argument; opening a second unit inside
    the first is a programming error, because the inner scope would stay active in the outer one.

    Raises:
        Replayed: the idempotency key was used before; the block doesn't run.
        IdempotencyMismatch, IdempotencyInProgress: see ``domain.idempotency``.
    """
    if _open.get() is not None:
        raise RuntimeError("a unit of work is already open here; hand it on as `work`")
    try:
        async with tenancy.writing(actor.workspace_id) as connection:
            if idempotency is not None:
                await keys.claim(connection, workspace_id=actor.workspace_id, idempotency=idempotency)
            work = Work(actor=actor, now=now, connection=connection)
            token = _open.set(work)
            try:
                yield work
                await _react(work)
                if idempotency is not None:
                    await keys.remember(
                        connection,
                        workspace_id=actor.workspace_id,
                        idempotency=idempotency,
                        result_id=work.result_id,
                        errors=[],
                    )
                new = Appending(actor=actor, at=now, events=work.events, audits=work.audits)
                last_seq = await append_log(connection, new)
            finally:
                _open.reset(token)
    except (keys.IdempotencyMismatch, keys.IdempotencyInProgress, Replayed):
        raise
    except DomainError as error:
        if idempotency is not None and not isinstance(error, PASSING):
            await _remember_refusal(actor, idempotency, error)
        raise
    await _announce(Committed(workspace_id=actor.workspace_id, last_seq=last_seq, tasks=tuple(work.tasks)))


async def _react(work: Work) -> None:
    """Let later features act on what happened, in the same transaction; they may emit further events.

    Streaks of one type are taken in the order of the log; within one, features in the order of the pipeline.
    """
    done = 0
    while done < len(work.events):  # grows while we walk
        began, kind = done, type(work.events[done])
        while done < len(work.events) and type(work.events[done]) is kind:
            done += 1
        streak = work.events[began:done]
        for reaction in REACTIONS.get(kind, ()):
            await reaction(work, streak)


async def _remember_refusal(actor: Actor, idempotency: Idempotency, error: DomainError) -> None:
    """Keep a refusal that the caller can mend, so that the same key gets the same answer; the first answer stays."""
    with suppress(keys.IdempotencyInProgress):
        async with tenancy.writing(actor.workspace_id) as connection:
            await keys.remember(
                connection,
                workspace_id=actor.workspace_id,
                idempotency=idempotency,
                result_id=None,
                errors=[{"code": error.code, "message": error.message, "field": list(error.field)}],
            )


async def _announce(committed: Committed) -> None:
    """Ring; a bell that doesn't sound delays work until the next sweep and loses nothing."""
    if committed.last_seq is None and not committed.tasks:
        return
    for announcer in _announcers:
        try:
            await announcer(committed)
        except Exception:  # the transaction is committed: the caller must not see a failure
            log.warning("announce_failed", exc_info=True)
