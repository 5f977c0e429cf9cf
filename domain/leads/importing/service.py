"""The use cases of an import: upload, start, cancel."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from domain import tenancy
from domain.actor import Actor, require
from domain.errors import Conflict, Invalid, NotFound
from domain.idempotency import Idempotency
from domain.leads.columns import ColumnChoice, validate_mapping
from domain.leads.events import ImportCancelled, ImportStarted, ImportUploaded
from domain.leads.importing.inspecting import Inspection, chosen_mapping, inspect_file
from domain.leads.importing.running import ImportGivenUp
from domain.leads.models import ImportJob
from domain.leads.rules import IMPORT_STATES, DuplicatePolicy, ImportStatus, LegalBasis, RowErrorPolicy
from domain.leads.tasks import ImportLeads
from domain.leads.vocabulary import LeadField
from domain.work import unit_of_work
from domain.workspaces.rules import Permission

UPLOAD_LIFETIME: Final = timedelta(days=7)


class AttestationMissing(Invalid):
    """Nobody took responsibility for the right to write to these people."""

    code = "ATTESTATION_REQUIRED"


class ImportNotReady(Conflict):
    """The import was started, finished or cancelled already, or its file is no longer there."""

    code = "IMPORT_NOT_READY"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOrder:
    """How a file is to be imported.

    Attributes:
        mapping: per kept column ``{"index", "field"}``, where None is a custom field; None takes what the
            last try took, or the suggestions.
        confirmed: the caller attests that the legal basis holds for everybody in the file.
        default_country: ISO 3166-1 alpha-2 of phone numbers in rows that name no country.
    """

    mapping: Sequence[Mapping[str, Any]] | None
    legal_basis: LegalBasis
    confirmed: bool
    on_row_error: RowErrorPolicy
    on_duplicate: DuplicatePolicy
    default_country: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedFile:
    """A file that was kept in the data folder; ``sha256`` in hex."""

    path: Path
    name: str
    sha256: str
    byte_size: int


async def add_upload(*, actor: Actor, import_id: UUID, file: UploadedFile, now: datetime) -> UUID:
    """Say what a file is and what its columns probably hold; nothing is imported yet.

    Raises:
        FileEmpty, FileUnsupported and the others of ``tables.open_table``: it is no table.
    """
    require(actor, Permission.IMPORT_LEADS)
    found = await asyncio.to_thread(inspect_file, file.path)
    async with unit_of_work(actor, now=now) as work:
        await ImportJob.create(**_record(actor, import_id, file, found))
        work.emit(ImportUploaded(subject_id=import_id))
        work.audit("lead_import.upload", target_kind="import_job", target_id=import_id)
    return import_id


async def start_import(
    *, actor: Actor, import_id: UUID, order: ImportOrder, now: datetime, idempotency: Idempotency | None
) -> UUID:
    """Import an uploaded file in the background.

    Raises:
        NotFound, MappingInvalid.
        AttestationMissing: the legal basis isn't confirmed.
        ImportNotReady: it was started, or is over; one that was given up may be started again.
    """
    require(actor, Permission.IMPORT_LEADS)
    if not order.confirmed:
        raise AttestationMissing("confirm the legal basis", field=("input", "attestation", "confirm"))
    async with unit_of_work(actor, now=now, idempotency=idempotency) as work:
        job = await _locked(actor, import_id)
        await _require_startable(job)
        ordered = {
            "mapping": _checked_mapping(job, order.mapping),
            "status": ImportStatus.MAPPED,
            "error": None,
            "started_at": None,
            "finished_at": None,
            "on_row_error": order.on_row_error,
            "on_duplicate": order.on_duplicate,
            "default_country": order.default_country,
            "legal_basis": order.legal_basis,
            "attested_by": actor.user_id,
            "attested_at": now,
        }
        await job.update_from_dict(ordered).save(update_fields=list(ordered))
        work.emit(ImportStarted(subject_id=import_id))
        work.audit(
            "lead_import.attest",
            target_kind="import_job",
            target_id=import_id,
            purpose=order.legal_basis.value,
            file_hash=job.file_hash,
        )
        await work.enqueue(ImportLeads(import_id=import_id))
        work.answer(import_id)
    return import_id


async def cancel_import(*, actor: Actor, import_id: UUID, now: datetime) -> UUID:
    """Stop an import; nothing of it stays. Cancelling twice changes nothing.

    Raises:
        NotFound, IllegalTransition: it is over.
    """
    require(actor, Permission.IMPORT_LEADS)
    async with unit_of_work(actor, now=now) as work:
        job = await _locked(actor, import_id)
        if job.status == ImportStatus.CANCELLED:
            return import_id
        IMPORT_STATES.require(ImportStatus(job.status), ImportStatus.CANCELLED)
        job.status, job.finished_at = ImportStatus.CANCELLED, now
        await job.save(update_fields=["status", "finished_at"])
        work.emit(ImportCancelled(subject_id=import_id))
        work.audit("lead_import.cancel", target_kind="import_job", target_id=import_id)
    await asyncio.to_thread(Path(job.file_path).unlink, missing_ok=True)
    return import_id


async def forget_uploads(*, actor: Actor, now: datetime) -> None:
    """Cancel what nobody has started, or started again, for a week, and delete its files; safe to repeat."""
    old = await _list_forgotten(actor, now=now)
    for import_id in old:
        await cancel_import(actor=actor, import_id=import_id, now=now)


async def _list_forgotten(actor: Actor, *, now: datetime) -> list[UUID]:
    async with tenancy.reading(actor.workspace_id) as connection:
        rows = await connection.fetch(
            """
            SELECT id FROM import_job WHERE workspace_id = $1
              AND (status = 'UPLOADED' AND created_at < $2
                OR status = 'FAILED' AND finished_at < $2 AND starts_with(error, $3))
            """,
            actor.workspace_id,
            now - UPLOAD_LIFETIME,
            f"{ImportGivenUp.code}:",
        )
    return [row["id"] for row in rows]


async def _locked(actor: Actor, import_id: UUID) -> ImportJob:
    job = await ImportJob.filter(workspace_id=actor.workspace_id, id=import_id).select_for_update().first()
    if job is None:
        raise NotFound("no such import", field=("input", "importId"))
    return job


async def _require_startable(job: ImportJob) -> None:
    where = ("input", "importId")
    if job.status not in {ImportStatus.UPLOADED, ImportStatus.FAILED}:
        raise ImportNotReady(f"this import is {job.status} already", field=where)
    if not await asyncio.to_thread(Path(job.file_path).exists):
        raise ImportNotReady("its file is no longer there; upload it again", field=where)


def _record(actor: Actor, import_id: UUID, file: UploadedFile, found: Inspection) -> dict[str, Any]:
    return {
        "id": import_id,
        "workspace_id": actor.workspace_id,
        "requested_by": actor.user_id,
        "file_name": file.name,
        "file_path": str(file.path),
        "file_hash": file.sha256,
        "byte_size": file.byte_size,
        "format": found.format,
        "encoding": found.encoding,
        "delimiter": found.delimiter,
        "headers": found.headers,
        "suggestions": found.suggestions,
        "samples": found.samples,
        "estimated_row_count": found.estimated_row_count,
    }


def _checked_mapping(job: ImportJob, mapping: Sequence[Mapping[str, Any]] | None) -> list[dict[str, object]]:
    earlier: Sequence[Mapping[str, Any]] | None = job.mapping or None
    kept: list[dict[str, Any]] = chosen_mapping(job.suggestions, earlier if mapping is None else mapping)
    choices = [
        ColumnChoice(each["index"], LeadField(each["field"]) if each["field"] else None) for each in kept
    ]
    validate_mapping(job.headers, choices)
    return kept
