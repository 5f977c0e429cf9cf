"""The event that ends long work: nothing more happens in it by itself, and its streams are over."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from domain.enrichment.events import EnrichmentProgressed
from domain.events import DomainEvent, EventFilter, LoggedEvent, list_events
from domain.leads.events import (
    ExportCompleted,
    ExportFailed,
    ImportCancelled,
    ImportCompleted,
    ImportFailed,
)
from domain.privacy.events import PrivacyRequestMoved
from domain.privacy.rules import REQUEST_STATES, RequestState
from domain.runs.events import RunCancelled, RunCancelling, RunCompleted, RunFailed, RunResumed
from domain.suppression.events import SuppressionsImported


def _names(*events: type[DomainEvent]) -> Sequence[str]:
    return [event.__name__ for event in events]


_ALWAYS: Final = _names(
    *(ImportCompleted, ImportFailed, ImportCancelled, ExportCompleted, ExportFailed),
    *(SuppressionsImported, RunCompleted, RunCancelled),
)
_SOMETIMES: Final = _names(RunFailed, EnrichmentProgressed, PrivacyRequestMoved)
_NEVER: Final = _names(RunResumed, RunCancelling)
"""A person takes up what has failed."""


def ends(job_id: UUID, event: LoggedEvent) -> bool:
    """Tell whether an event is the last of this work, or fails it in a way that nobody can resume."""
    if event.subject_id != job_id:
        return False
    match event.type:
        case RunFailed.__name__:
            return not event.payload["is_retryable"]
        case EnrichmentProgressed.__name__:
            return event.payload["status"] in {"DONE", "STOPPED"}
        case PrivacyRequestMoved.__name__:
            return REQUEST_STATES.is_terminal(RequestState(event.payload["status"]))
        case _:
            return event.type in _ALWAYS


async def find_end(*, workspace_id: UUID, job_id: UUID) -> int | None:
    """Return the ``seq`` of the event that has ended this work; None while it goes on, perhaps again."""
    where = EventFilter(subject_id=job_id, types=[*_ALWAYS, *_SOMETIMES, *_NEVER])
    events = await list_events(workspace_id=workspace_id, after=0, where=where)
    return events[-1].seq if events and ends(job_id, events[-1]) else None
