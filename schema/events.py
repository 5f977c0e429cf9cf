"""The event log as the API shows it, and the subscription over all of it."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, cast
from uuid import UUID

import strawberry

from domain.errors import NotFound
from domain.events import DomainEvent, EventFilter
from resolvers.following import cursor_of, follow
from schema.info import Info
from schema.nodes import TABLES, global_id, read_any_id
from schema.rights import require_rights
from schema.scalars import JSON, BigInt, Cursor, DateTime

AfterEvent = Annotated[
    Cursor | None,
    strawberry.argument(
        description="Replay from this event's cursor on; without it only what happens from now on."
    ),
]


@strawberry.type
class Logged:
    """What every entry of the log shows; resolvers get a ``LoggedEvent``."""

    seq: BigInt = strawberry.field(
        description="1, 2, 3 … in the workspace's log; rises strictly in every stream."
    )

    @strawberry.field(description="Pass it as `after` to go on from here.")
    def cursor(self, info: Info) -> Cursor:
        """Write it."""
        return Cursor(cursor_of(info.context, self.seq))


@strawberry.type(description="Something that has happened, at its place in the workspace's log.")
class Event(Logged):
    """An entry of the log, as it is."""

    type: str = strawberry.field(description="What happened, such as `MessageSent`; see the list of events.")

    @strawberry.field(description="The object it is about.")
    def subject_id(self) -> strawberry.ID | None:
        """Build the id from the row's."""
        event: Any = self
        prefix = TABLES.get(event.subject_kind)
        return strawberry.ID(global_id(prefix, event.subject_id)) if prefix else None

    @strawberry.field(description="The run it belongs to, if any.")
    def run_id(self) -> strawberry.ID | None:
        """Build the id from the row's."""
        event: Any = self
        return strawberry.ID(global_id("run", event.run_id)) if event.run_id else None

    payload: JSON = strawberry.field(description="Small facts beside the ids; never personal data.")
    occurred_at: DateTime = strawberry.field(description="When it happened.")


def stream(
    info: Info, *, where: EventFilter, after: str | None, job_id: UUID | None = None
) -> AsyncIterator[Event]:
    """Show a stretch of the log; see ``follow``."""
    return cast("AsyncIterator[Event]", follow(info.context, where=where, after=after, job_id=job_id))


async def subject(info: Info, id_: strawberry.ID, *, table: str) -> UUID:
    """Return the row id of an object the caller may see, before its stream is opened; raises NotFound."""
    wanted = read_any_id(id_)
    if wanted is None or wanted.entity.table != table or await info.context.reader.one(wanted) is None:
        raise NotFound(f"no such {table}")
    return wanted.id


@strawberry.type
class EventsQuery:
    """Root fields about the log."""

    @strawberry.field(description="Names of all event types, sorted.")
    def event_types(self) -> list[str]:
        """List them."""
        return sorted(DomainEvent.kinds)


@strawberry.type
class EventsSubscription:
    """Streams over the whole log."""

    @strawberry.subscription(description="Everything that happens in the workspace, or some kinds of it.")
    async def workspace_events(
        self,
        info: Info,
        types: Annotated[
            list[str] | None, strawberry.argument(description="Only these event types; all when absent.")
        ] = None,
        after: AfterEvent = None,
    ) -> AsyncIterator[Event]:
        """Stream them."""
        return stream(info, where=EventFilter(types=types), after=after)

    @strawberry.subscription(description="What happens to the credit account: grants, holds, settlements.")
    async def credit_events(self, info: Info, after: AfterEvent = None) -> AsyncIterator[Event]:
        """Stream them."""
        where = EventFilter(subject_kinds=("credit_account", "credit_grant", "credit_hold"))
        return stream(info, where=where, after=after)

    @strawberry.subscription(description="What happens to senders: verified, paused, out of order.")
    async def sender_events(self, info: Info, after: AfterEvent = None) -> AsyncIterator[Event]:
        """Stream them."""
        return stream(info, where=EventFilter(subject_kinds=("sender",)), after=after)

    @strawberry.subscription(
        description="What happens in a run; ends with `RunCompleted`, `RunCancelled` or a `RunFailed` that isn't "
        "retryable. Of a run that is over that event is heard without `after`, too."
    )
    async def run_events(
        self,
        info: Info,
        run_id: Annotated[strawberry.ID, strawberry.argument(description="The run.")],
        after: AfterEvent = None,
    ) -> AsyncIterator[Event]:
        """Stream them."""
        require_rights(info)
        run = await subject(info, run_id, table="run")
        return stream(info, where=EventFilter(run_id=run), after=after, job_id=run)
