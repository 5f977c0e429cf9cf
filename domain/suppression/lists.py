"""Lists that customers bring along: taken in batch by batch, so that an interrupted import goes on where it was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domain.actor import Actor, require
from domain.errors import Invalid
from domain.idempotency import Idempotency
from domain.suppression.entering import Entered, NewEntry, enter
from domain.suppression.events import AddressSuppressed, SuppressionsImported
from domain.suppression.importing import parse_import_row
from domain.suppression.models import SuppressionImport
from domain.suppression.rules import SuppressionImportStatus, require_lasting
from domain.suppression.tasks import ImportSuppressions
from domain.work import Work, unit_of_work
from domain.workspaces.rules import Permission

ROW_ERRORS_MAX = 250
OVER: Final = frozenset({SuppressionImportStatus.DONE, SuppressionImportStatus.FAILED})
GIVEN_UP: Final = (
    "reading it failed again and again, for a fault of ours; what was read holds, upload the list again"
)

NumberedRow = tuple[int, Mapping[str, str | None]]
"""A row's number in the file from 1, and its cells by column name."""


@dataclass(slots=True)
class _Batch:
    entries: list[NewEntry] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)


async def start_import(
    *,
    actor: Actor,
    import_id: UUID,
    file_name: str,
    file_path: str,
    byte_size: int,
    now: datetime,
    idempotency: Idempotency | None,
) -> UUID:
    """Take on a list that lies in ``file_path``; it is read in the background."""
    require(actor, Permission.ADD_SUPPRESSIONS)
    async with unit_of_work(actor, now=now, idempotency=idempotency) as work:
        await SuppressionImport.create(
            id=import_id,
            workspace_id=actor.workspace_id,
            file_name=file_name,
            file_path=file_path,
            byte_size=byte_size,
            imported_by=actor.id,
        )
        work.audit("suppression.import", target_kind="suppression_import", target_id=import_id)
        await work.enqueue(ImportSuppressions(import_id=import_id))
        work.answer(import_id)
    return import_id


async def begin_import(*, actor: Actor, import_id: UUID, now: datetime) -> tuple[str, int] | None:
    """Return the list's path and how many of its rows were taken in already; None when it is finished."""
    async with unit_of_work(actor, now=now):
        record = await SuppressionImport.get(workspace_id=actor.workspace_id, id=import_id)
        if record.status in OVER:
            return None
        record.status = SuppressionImportStatus.IMPORTING.value
        await record.save(update_fields=["status"])
    return record.file_path, record.read_count


async def import_rows(
    *,
    actor: Actor,
    import_id: UUID,
    rows: Sequence[NumberedRow],
    after: int,
    identity_key: bytes,
    now: datetime,
) -> None:
    """Take in the next rows of a list; entries and progress are written together.

    Args:
        after: how many rows come before them; nothing happens when these were taken in already.
    """
    batch = _understand(rows)
    async with unit_of_work(actor, now=now) as work:
        record = (
            await SuppressionImport.filter(workspace_id=actor.workspace_id, id=import_id)
            .select_for_update()
            .get()
        )
        if record.read_count != after:
            return
        entered = await _enter_all(work, batch.entries, identity_key=identity_key)
        added = sum(one.is_news for one in entered)
        record.read_count += len(rows)
        record.added_count += added
        record.known_count += len(batch.entries) - added
        record.error_count += len(batch.errors)
        record.row_errors = [*record.row_errors, *batch.errors][:ROW_ERRORS_MAX]
        await record.save(
            update_fields=["read_count", "added_count", "known_count", "error_count", "row_errors"]
        )


async def finish_import(*, actor: Actor, import_id: UUID, failure: str | None, now: datetime) -> None:
    """Close a list that was read to its end, or that can't be read; its file may be deleted then."""
    async with unit_of_work(actor, now=now) as work:
        await _close(work, import_id, failure=failure)


async def give_up_import(work: Work, *, import_id: UUID) -> None:
    """Close a list as FAILED because its task is parked; the rows that were taken in stay suppressed."""
    await _close(work, import_id, failure=GIVEN_UP)


async def _close(work: Work, import_id: UUID, *, failure: str | None) -> None:
    record = await (
        SuppressionImport.filter(workspace_id=work.workspace_id, id=import_id).select_for_update().get()
    )
    if record.status in OVER:
        return
    status = SuppressionImportStatus.FAILED if failure else SuppressionImportStatus.DONE
    record.update_from_dict({"status": status.value, "failure": failure, "finished_at": work.now})
    await record.save(update_fields=["status", "failure", "finished_at"])
    work.emit(
        SuppressionsImported(
            subject_id=import_id,
            added=record.added_count,
            known=record.known_count,
            errors=record.error_count,
        )
    )


def _understand(rows: Sequence[NumberedRow]) -> _Batch:
    batch = _Batch()
    for number, row in rows:
        try:
            read = parse_import_row(row)
            require_lasting(reason=read.reason, expires_at=read.expires_at)
        except Invalid as error:
            field_name = error.field[-1] if error.field else None
            batch.errors.append({"row": number, "field": field_name, "message": error.message})
            continue
        batch.entries.append(
            NewEntry(
                kind=read.kind,
                value=read.value,
                reason=read.reason,
                channels=read.channels,
                expires_at=read.expires_at,
            )
        )
    return batch


async def _enter_all(work: Work, entries: Sequence[NewEntry], *, identity_key: bytes) -> list[Entered]:
    """Make the entries in rounds, because one statement can't touch an entry twice."""
    entered: list[Entered] = []
    left = list(entries)
    while left:
        round_: dict[tuple[str, str, str], NewEntry] = {}
        later: list[NewEntry] = []
        for entry in left:
            identity = (entry.kind.value, entry.value, entry.reason.value)
            if identity in round_:
                later.append(entry)
            else:
                round_[identity] = entry
        made = await enter(work, list(round_.values()), identity_key=identity_key)
        for entry, one in zip(round_.values(), made, strict=True):
            if one.is_news and one.concerns_leads:
                work.emit(
                    AddressSuppressed(subject_id=one.id, reason=entry.reason.value, kind=entry.kind.value)
                )
        entered += made
        left = later
    return entered
