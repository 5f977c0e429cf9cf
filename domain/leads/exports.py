"""Files of leads: asked for with the filter of a list, written in the background, kept for a day."""

import asyncio
import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Final
from uuid import UUID

from domain import tenancy
from domain.actor import Actor, require
from domain.errors import Conflict, Invalid, NotFound
from domain.idempotency import Idempotency
from domain.leads.conditions import LeadCondition
from domain.leads.events import ExportCompleted, ExportFailed, ExportRequested
from domain.leads.exporting import BOM, render_rows
from domain.leads.models import LeadExport
from domain.leads.rules import ExportStatus
from domain.leads.tasks import ExportLeads
from domain.work import Work, unit_of_work
from domain.workspaces.rules import Permission

LIFETIME: Final = timedelta(days=1)
BATCH_ROWS: Final = 2_000

COLUMNS: Final = {
    "id": "'lead_' || t.id",
    "email": "t.email",
    "emailStatus": "t.email_status",
    "firstName": "t.first_name",
    "lastName": "t.last_name",
    "fullName": "t.full_name",
    "title": "t.title",
    "seniority": "t.seniority",
    "department": "t.department",
    "phone": "t.phone",
    "linkedinUrl": "t.linkedin_url",
    "companyName": "c.name",
    "companyDomain": "c.domain",
    "companyWebsite": "c.website_url",
    "companyIndustry": "c.industry",
    "companyEmployeeCount": "c.employee_count",
    "city": "t.city",
    "region": "t.region",
    "country": "t.country",
    "timeZone": "t.time_zone",
    "locale": "t.locale",
    "status": "t.status",
    "customFields": "nullif(t.custom_fields, '{}')::text",
    "createdAt": "to_char(t.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')",
}
"""What a file can hold: header -> SQL over the lead ``t`` and its company ``c``."""


class ColumnUnknown(Invalid):
    """An export has no such column."""

    code = "EXPORT_COLUMN_UNKNOWN"


class ExportGivenUp(Conflict):
    """The export failed for a fault of ours, again and again."""

    code = "EXPORT_GIVEN_UP"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedFile:
    """A file ready to be sent."""

    path: Path
    name: str


async def request_export(
    *,
    actor: Actor,
    export_id: UUID,
    condition: LeadCondition,
    columns: Sequence[str] | None,
    now: datetime,
    idempotency: Idempotency | None = None,
) -> UUID:
    """Ask for a CSV file of the leads that meet a condition.

    Args:
        columns: keys of ``COLUMNS`` in the wanted order; None takes all.

    Raises:
        ColumnUnknown.
    """
    require(actor, Permission.EXPORT_LEADS)
    chosen = list(COLUMNS) if columns is None else list(columns)
    unknown = [column for column in chosen if column not in COLUMNS]
    if unknown or not chosen or len(set(chosen)) < len(chosen):
        raise ColumnUnknown(f"choose each once, from {', '.join(COLUMNS)}", field=("input", "columns"))
    async with unit_of_work(actor, now=now, idempotency=idempotency) as work:
        await LeadExport.create(
            id=export_id,
            workspace_id=actor.workspace_id,
            predicate=condition.as_data(),
            columns=chosen,
            requested_by=actor.user_id,
        )
        work.emit(ExportRequested(subject_id=export_id))
        work.audit("lead_export.request", target_kind="lead_export", target_id=export_id, columns=chosen)
        await work.enqueue(ExportLeads(export_id=export_id))
        work.answer(export_id)
    return export_id


async def run_export(*, actor: Actor, export_id: UUID, data_dir: Path, clock: Callable[[], datetime]) -> None:
    """Write the file of an export; safe to repeat."""
    async with unit_of_work(actor, now=clock()) as work:
        row = await work.connection.fetchrow(
            """
            UPDATE lead_export SET status = 'RUNNING', started_at = coalesce(started_at, $3)
            WHERE workspace_id = $1 AND id = $2 AND status IN ('QUEUED', 'RUNNING') RETURNING predicate, columns
            """,
            actor.workspace_id,
            export_id,
            clock(),
        )
    if row is None:
        return
    path = data_dir / "exports" / str(actor.workspace_id) / f"{export_id}.csv"
    written = await _write_file(actor, path, LeadCondition.from_data(row["predicate"]), row["columns"])
    await _finish(actor, export_id, path, written, now=clock())


async def give_up_export(work: Work, *, export_id: UUID) -> None:
    """End an export as FAILED because its task is parked; what was written of its file goes with the hourly upkeep."""
    error = ExportGivenUp("it failed again and again, for a fault of ours; ask for it anew")
    found = await work.connection.fetchval(
        """
        UPDATE lead_export SET status = 'FAILED', error = $3, finished_at = $4
        WHERE workspace_id = $1 AND id = $2 AND status IN ('QUEUED', 'RUNNING') RETURNING true
        """,
        work.workspace_id,
        export_id,
        f"{error.code}: {error.message}",
        work.now,
    )
    if found:
        work.emit(ExportFailed(subject_id=export_id, code=error.code))


async def open_export(*, actor: Actor, export_id: UUID, now: datetime) -> ExportedFile:
    """Return the file of an export for download; who took it is audited.

    Raises:
        NotFound: no such export, not ready yet, or too old.
    """
    require(actor, Permission.EXPORT_LEADS)
    async with unit_of_work(actor, now=now) as work:
        export = await LeadExport.filter(workspace_id=actor.workspace_id, id=export_id).first()
        if (
            export is None
            or export.file_path is None
            or export.status != ExportStatus.READY
            or export.expires_at is None
            or export.expires_at <= now
        ):
            raise NotFound("no such file, or it is too old", field=("id",))
        work.audit(
            "leads.export",
            target_kind="lead_export",
            target_id=export_id,
            rows=export.row_count,
            file_hash=export.file_hash,
        )
    return ExportedFile(path=Path(export.file_path), name=f"leads-{now:%Y-%m-%d}.csv")


async def expire_exports(*, actor: Actor, now: datetime) -> None:
    """Delete files whose time is over; repeating it changes nothing."""
    async with unit_of_work(actor, now=now) as work:
        rows = await work.connection.fetch(
            """
            WITH old AS (
                SELECT id, file_path FROM lead_export
                WHERE workspace_id = $1 AND status = 'READY' AND expires_at <= $2 FOR UPDATE
            )
            UPDATE lead_export e SET status = 'EXPIRED', file_path = NULL FROM old
            WHERE e.workspace_id = $1 AND e.id = old.id RETURNING old.file_path
            """,
            actor.workspace_id,
            now,
        )
    for row in rows:
        await asyncio.to_thread(Path(row["file_path"]).unlink, missing_ok=True)


@dataclass(slots=True)
class _Written:
    rows: int = 0
    size: int = 0
    digest: Any = field(default_factory=hashlib.sha256)


async def _write_file(actor: Actor, path: Path, condition: LeadCondition, columns: Sequence[str]) -> _Written:
    written = _Written()
    part = path.with_suffix(".part")
    target = await asyncio.to_thread(_create, part)
    try:
        await asyncio.to_thread(_write, target, [columns], written, prefix=BOM)
        values = condition.values
        async with tenancy.reading(actor.workspace_id) as connection:
            cursor = await connection.cursor(
                _statement(condition.sql, columns, len(values)), *values, actor.workspace_id
            )
            while rows := await cursor.fetch(BATCH_ROWS):
                await asyncio.to_thread(_write, target, rows, written)
                written.rows += len(rows)
    finally:
        target.close()
    await asyncio.to_thread(part.replace, path)
    return written


def _statement(condition: str, columns: Sequence[str], value_count: int) -> str:
    chosen = ", ".join(COLUMNS[column] for column in columns)
    return f"""
        SELECT {chosen} FROM lead t LEFT JOIN company c ON c.workspace_id = t.workspace_id AND c.id = t.company_id
        WHERE t.workspace_id = ${value_count + 1} AND t.status NOT IN ('MERGED', 'ERASED') AND ({condition})
        ORDER BY t.id
    """  # noqa: S608 - the condition is composed of our own declarations; the caller's values travel apart


def _create(path: Path) -> BinaryIO:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _write(target: BinaryIO, rows: Sequence[Any], written: _Written, *, prefix: str = "") -> None:
    content = (prefix + "".join(render_rows(rows))).encode()
    target.write(content)
    written.digest.update(content)
    written.size += len(content)


async def _finish(actor: Actor, export_id: UUID, path: Path, written: _Written, *, now: datetime) -> None:
    async with unit_of_work(actor, now=now) as work:
        running = LeadExport.filter(
            workspace_id=actor.workspace_id, id=export_id, status=ExportStatus.RUNNING
        )
        is_ours = await running.update(
            status=ExportStatus.READY,
            file_path=str(path),
            file_hash=written.digest.hexdigest(),
            byte_size=written.size,
            row_count=written.rows,
            finished_at=now,
            expires_at=now + LIFETIME,
        )
        if is_ours:
            work.emit(ExportCompleted(subject_id=export_id, rows=written.rows))
