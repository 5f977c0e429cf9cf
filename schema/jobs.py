"""Long work: what all of it shows of how far it is, and a stream of what happens in it."""

from collections.abc import AsyncIterator
from enum import Enum
from typing import Annotated, Any

import strawberry

from domain.actor import require
from domain.errors import Invalid, NotFound
from domain.events import EventFilter
from schema.events import AfterEvent, Event, stream
from schema.info import Info
from schema.nodes import ENTITIES, RIGHTS, Node, column, read_any_id
from schema.rights import require_rights
from schema.scalars import DateTime


@strawberry.enum(description="Where long work stands, whatever kind it is; its own `status` says more.")
class JobStatus(Enum):
    """Where long work stands."""

    QUEUED = strawberry.enum_value("QUEUED", description="It hasn't begun.")
    RUNNING = strawberry.enum_value("RUNNING", description="It goes on.")
    PAUSED = strawberry.enum_value("PAUSED", description="It is held, and can go on.")
    DONE = strawberry.enum_value("DONE", description="It came to its end.")
    FAILED = strawberry.enum_value("FAILED", description="It couldn't be done; `error` says why.")
    CANCELLED = strawberry.enum_value("CANCELLED", description="Somebody stopped it.")


@strawberry.interface(description="Work that takes longer than a request. Follow it with `jobEvents`.")
class Job(Node):
    """What all long work shows."""

    job_status: JobStatus = strawberry.field(description="Where it stands.")
    progress: float | None = strawberry.field(
        description="How much of it is done, 0 to 1; null while nobody can tell."
    )
    started_at: DateTime | None = strawberry.field(description="When it began.")
    finished_at: DateTime | None = strawberry.field(description="When it ended, however it did.")
    error: str | None = strawberry.field(description="Why it failed.")


def job_status(of: type[Enum], **statuses: str) -> Any:
    """Declare the field ``job_status`` of a type whose column ``status`` holds values of an enum.

    Args:
        statuses: each `JobStatus` in lower case -> the values it stands for, separated by blanks.

    Raises:
        ValueError: a value is missing or unknown.
    """
    mapped = [value for values in statuses.values() for value in values.split()]
    if sorted(mapped) != sorted(member.value for member in of):
        raise ValueError(f"{of.__name__}: {sorted(set(mapped) ^ {member.value for member in of})}")
    cases = " ".join(
        f"WHEN t.status IN ({', '.join(repr(value) for value in values.split())}) THEN '{name.upper()}'"
        for name, values in statuses.items()
    )
    return column(f"CASE {cases} END", description="Where it stands, in the words of all long work.")


@strawberry.type
class JobsSubscription:
    """Streams about long work."""

    @strawberry.subscription(
        description="What happens in an import, an export, a run or other long work; ends with its last event. Of "
        "work that is over that event is heard without `after`, too."
    )
    async def job_events(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The work, by its id.")],
        after: AfterEvent = None,
    ) -> AsyncIterator[Event]:
        """Stream them."""
        require_rights(info)
        wanted = read_any_id(id)
        if wanted is None or not issubclass(ENTITIES[wanted.entity.prefix], Job):
            raise Invalid("not the id of long work", field=("id",))
        require(info.context.actor, RIGHTS[wanted.entity.prefix])
        if await info.context.reader.one(wanted) is None:
            raise NotFound("no such work", field=("id",))
        where = EventFilter(subject_id=wanted.id, subject_kinds=(wanted.entity.table,))
        return stream(info, where=where, after=after, job_id=wanted.id)
