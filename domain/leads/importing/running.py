"""One import from its file to its leads: what the background task does."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg

from domain.actor import Actor
from domain.errors import Conflict, DomainError
from domain.leads.events import ImportCompleted, ImportFailed
from domain.leads.importing import settling, staging
from domain.leads.importing.preparing import Recipe
from domain.leads.importing.progress import ImportStopped, Progress
from domain.leads.importing.reading import FileUnreadable, read_chunks
from domain.leads.importing.settling import Counts
from domain.leads.importing.sieving import lets_all_through, make_sieve
from domain.leads.rules import DuplicatePolicy, ImportStatus, RowErrorPolicy
from domain.leads.tasks import IndexLeads
from domain.work import Work, unit_of_work

ALL_KINDS: Final = ("DOMAIN", "EMAIL", "LINKEDIN", "PHONE")
ONE_IMPORT_AT_A_TIME: Final = 7_150_415_373
"""Seed of the advisory lock that lets a workspace's imports write one after the other."""


class RowsRejected(Conflict):
    """Rows had errors, and the policy was to take all or none."""

    code = "ROWS_REJECTED"


class ImportGivenUp(Conflict):
    """The import failed for a fault of ours, again and again; its file is kept for another start."""

    code = "IMPORT_GIVEN_UP"


@dataclass(slots=True)
class _Tally:
    records: int = 0
    dropped: int = 0


async def run_import(
    *, actor: Actor, import_id: UUID, identity_key: bytes, clock: Callable[[], datetime]
) -> None:
    """Take in a file; safe to repeat and to kill: nothing but its progress is written before all of it is.

    What is wrong with the file or its rows ends the import as FAILED and isn't raised.
    """
    job = await _begin(actor, import_id, clock())
    if job is None:
        return
    path = Path(job["file_path"])
    try:
        if not await asyncio.to_thread(path.exists):
            raise FileUnreadable("the file is no longer there; upload it again", field=("file",))
        async with Progress(actor, import_id, clock) as progress:
            await _take_in(actor, job, progress, identity_key=identity_key, clock=clock)
    except ImportStopped:
        return
    except DomainError as error:
        await _fail(actor, import_id, error, now=clock())
    await asyncio.to_thread(path.unlink, missing_ok=True)  # it is people's data, and nobody needs it any more


async def give_up_import(work: Work, *, import_id: UUID) -> None:
    """End an import as FAILED because its task is parked; nothing of it is there, and its file is kept."""
    error = ImportGivenUp("nothing was imported: it failed for a fault of ours; start it again, or cancel it")
    await _mark_failed(work, import_id, error, rows=None, errors=0)


async def _take_in(
    actor: Actor,
    job: dict[str, Any],
    progress: Progress,
    *,
    identity_key: bytes,
    clock: Callable[[], datetime],
) -> None:
    async with unit_of_work(actor, now=clock()) as work:
        await _wait_for_turn(work, job["id"])
        await staging.create_staging(work.connection)
        suppressed = await staging.find_suppressed(work.connection)
        recipe = await asyncio.to_thread(_recipe, job, suppressed, identity_key=identity_key, now=work.now)
        tally = await _stage(work, job, recipe, progress)
        if await _is_outrun(work, recipe):
            await staging.clear_staging(work.connection)
            recipe = replace(recipe, suppressed_kinds=ALL_KINDS, sieve=None)
            tally = await _stage(work, job, recipe, progress)
        await progress.end()
        if tally.dropped and job["on_row_error"] == RowErrorPolicy.REJECT_ALL:
            await _reject(work, job, tally)
            return
        counts = await _settle(work, job, tally, checks_suppression=bool(recipe.suppressed_kinds))
        await settling.enter_opt_outs(work, identity_key=identity_key)
        await settling.keep_problems(work, import_id=job["id"])
        await _finish(work, job, tally, counts)


async def _begin(actor: Actor, import_id: UUID, now: datetime) -> dict[str, Any] | None:
    """Return the job, marked as importing; None when it is over or was cancelled."""
    async with unit_of_work(actor, now=now) as work:
        row = await work.connection.fetchrow(
            """
            UPDATE import_job SET status = 'IMPORTING', started_at = coalesce(started_at, $3), processed_count = 0
            WHERE workspace_id = $1 AND id = $2 AND status IN ('MAPPED', 'IMPORTING') RETURNING *
            """,
            actor.workspace_id,
            import_id,
            now,
        )
    return dict(row) if row else None


async def _wait_for_turn(work: Work, import_id: UUID) -> None:
    """Wait until no other import writes here; raises ImportStopped when it was this one, in another worker."""
    await work.connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended($1, $2))", str(work.workspace_id), ONE_IMPORT_AT_A_TIME
    )
    status = await work.connection.fetchval(
        "SELECT status FROM import_job WHERE workspace_id = $1 AND id = $2", work.workspace_id, import_id
    )
    if status != ImportStatus.IMPORTING:
        raise ImportStopped


def _recipe(
    job: dict[str, Any], suppressed: Mapping[str, bytes], *, identity_key: bytes, now: datetime
) -> Recipe:
    return Recipe(
        path=job["file_path"],
        mapping=tuple((column["index"], column["field"]) for column in job["mapping"]),
        default_country=job["default_country"],
        suppressed_kinds=tuple(sorted(suppressed)),
        sieve=make_sieve(b"".join(suppressed.values())),
        identity_key=identity_key,
        started_ms=int(now.timestamp() * 1000),
    )


async def _stage(work: Work, job: dict[str, Any], recipe: Recipe, progress: Progress) -> _Tally:
    tally = _Tally()
    async with aclosing(read_chunks(recipe, byte_size=job["byte_size"])) as chunks:
        async for chunk in chunks:
            await staging.stage(work.connection, chunk)
            tally.records += chunk.records
            tally.dropped += chunk.dropped
            progress.advance(tally.records)
    return tally


async def _is_outrun(work: Work, recipe: Recipe) -> bool:
    """Tell whether somebody was suppressed while the file was read, so that it must be read without a sieve."""
    suppressed = await staging.find_suppressed(work.connection)
    beginnings = b"".join(suppressed.values())
    return recipe.sieve is not None and not await asyncio.to_thread(
        lets_all_through, recipe.sieve, beginnings
    )


async def _settle(work: Work, job: dict[str, Any], tally: _Tally, *, checks_suppression: bool) -> Counts:
    async def settle(*, yields: bool) -> Counts:
        async with work.connection.transaction():
            await staging.decide_fates(
                work.connection,
                workspace_id=work.workspace_id,
                checks_suppression=checks_suppression,
                now=work.now,
            )
            updates = job["on_duplicate"] == DuplicatePolicy.UPDATE
            return await settling.settle(work, import_id=job["id"], updates=updates, yields=yields)

    async with staging.planned_for(work.connection, rows=tally.records):
        try:
            return await settle(yields=False)
        except asyncpg.UniqueViolationError:  # somebody has just entered one of these people: decide anew
            return await settle(yields=True)


async def _finish(work: Work, job: dict[str, Any], tally: _Tally, counts: Counts) -> None:
    found = await work.connection.fetchval(
        """
        UPDATE import_job SET status = 'DONE', row_count = $3, processed_count = $3, created_count = $4,
            updated_count = $5, duplicate_count = $6, suppressed_count = $7, error_count = $8, error = NULL,
            finished_at = $9
        WHERE workspace_id = $1 AND id = $2 AND status = 'IMPORTING' RETURNING true
        """,
        work.workspace_id,
        job["id"],
        tally.records,
        counts.created,
        counts.updated,
        counts.duplicates,
        counts.suppressed,
        tally.dropped,
        work.now,
    )
    if not found:
        raise ImportStopped
    work.emit(
        ImportCompleted(
            subject_id=job["id"],
            rows=tally.records,
            created=counts.created,
            updated=counts.updated,
            duplicates=counts.duplicates,
            suppressed=counts.suppressed,
            errors=tally.dropped,
        )
    )
    work.audit("lead.import", target_kind="import_job", target_id=job["id"], created=counts.created)
    await work.enqueue(IndexLeads(import_id=job["id"]))


async def _reject(work: Work, job: dict[str, Any], tally: _Tally) -> None:
    """End an import that was to be all or nothing; its row errors say what to mend."""
    error = RowsRejected(f"{tally.dropped} of {tally.records} rows have errors, so none was imported")
    await settling.keep_problems(work, import_id=job["id"])
    await _mark_failed(work, job["id"], error, rows=tally.records, errors=tally.dropped)


async def _fail(actor: Actor, import_id: UUID, error: DomainError, *, now: datetime) -> None:
    async with unit_of_work(actor, now=now) as work:
        await _mark_failed(work, import_id, error, rows=None, errors=0)


async def _mark_failed(
    work: Work, import_id: UUID, error: DomainError, *, rows: int | None, errors: int
) -> None:
    found = await work.connection.fetchval(
        """
        UPDATE import_job SET status = 'FAILED', error = $3, row_count = $4, error_count = $5, finished_at = $6,
            processed_count = coalesce($4, processed_count)
        WHERE workspace_id = $1 AND id = $2 AND status IN ('MAPPED', 'IMPORTING') RETURNING true
        """,
        work.workspace_id,
        import_id,
        f"{error.code}: {error.message}",
        rows,
        errors,
        work.now,
    )
    if found:
        work.emit(ImportFailed(subject_id=import_id, code=error.code))
