"""Imports of leads: upload a file, look at what its columns were taken for, start, follow."""

from typing import Any
from uuid import UUID

import strawberry
from strawberry.file_uploads import Upload

from domain.errors import Invalid
from domain.leads.importing.service import ImportOrder
from domain.leads.rules import DuplicatePolicy, ImportStatus, LegalBasis, RowErrorPolicy
from domain.leads.vocabulary import LeadField
from domain.workspaces.rules import Permission
from resolvers import imports
from resolvers.context import Context
from resolvers.imports import ImportRequest
from resolvers.reading.describe import Order
from schema.connections import Connection
from schema.filters import BooleanFilter, DateTimeFilter, EnumFilter, IntFilter, StringFilter, conditions
from schema.info import Info
from schema.jobs import Job, JobStatus, job_status
from schema.lists import list_of, many
from schema.mutations import Payload, answer
from schema.nodes import Node, column, entity, read_id
from schema.reads import object_of
from schema.scalars import DateTime
from schema.writes import change_of

MAPPED_COLUMNS_MAX = 500


@strawberry.type(description="What a column of a file was taken for.")
class ColumnSuggestion:
    """A suggestion."""

    index: int = strawberry.field(description="The column's place, from 0.")
    header: str = strawberry.field(description="Its name in the file.")
    confidence: float = strawberry.field(description="How sure it is, 0 to 1; look at those below 0.8.")
    is_ignored: bool = strawberry.field(description="It would be left out.")

    @strawberry.field(description="What it is mapped to; null keeps it as a custom field.")
    def field(self) -> LeadField | None:
        """Read it from the stored suggestion."""
        stored: Any = self
        return LeadField(stored["field"]) if stored["field"] else None


@entity("import_row_error", prefix="rowerr", permission=Permission.IMPORT_LEADS)
class ImportRowError(Node):
    """What is wrong with a row of a file."""

    index: int = column("t.row_index", description="The row's number in the file, as a spreadsheet shows it.")
    code: str = column(description="Stable, for programs: EMAIL_INVALID, ROW_MISALIGNED and the like.")
    field: str | None = column(description="The lead's field it is about.")
    message: str = column(description="One sentence for a person; never holds the value.")
    dropped: bool = column(description="Whether the whole row was left out, or only this value.")


@conditions(ImportRowError, sort=("index", "code"))
class ImportRowErrorWhere:
    """Which row errors."""

    index: IntFilter | None = None
    code: StringFilter | None = None
    field: StringFilter | None = None
    dropped: BooleanFilter | None = None


@entity("import_job", prefix="import", permission=Permission.IMPORT_LEADS)
class ImportJob(Job):
    """An uploaded file and what became of it. Nothing is visible of it before it is DONE."""

    status: ImportStatus = column(description="Where it stands.")
    job_status: JobStatus = job_status(
        ImportStatus,
        queued="UPLOADED MAPPED",
        running="VALIDATED IMPORTING",
        done="DONE",
        failed="FAILED",
        cancelled="CANCELLED ROLLED_BACK",
    )
    file_name: str = column(description="What the file was called.")
    file_hash: str = column(description="SHA-256 of the file, in hex.")
    byte_size: int = column(description="Its size in bytes.")
    format: str = column(description="CSV or XLSX.")
    encoding: str | None = column(description="The text's encoding, as detected.")
    delimiter: str | None = column(description="What separates its cells, as detected.")
    headers: list[str] = column(description="The names of its columns.")
    suggestions: list[ColumnSuggestion] = column(description="What the columns were taken for.")
    samples: list[list[str]] = column(description="Its first rows.")
    estimated_row_count: int = column(description="How many rows it probably has.")
    row_count: int | None = column(description="How many rows it has; known at the end.")
    progress: float = column(
        "CASE WHEN t.status = 'DONE' THEN 1 ELSE least(0.99, t.processed_count::float8"
        " / greatest(t.estimated_row_count, 1)) END",
        description="How much of the file was read, 0 to 1.",
    )
    processed_count: int = column(description="Rows read so far.")
    created_count: int = column(description="Leads that are new.")
    updated_count: int = column(description="Leads that were changed.")
    duplicate_count: int = column(description="Rows about somebody known, which changed nothing.")
    suppressed_count: int = column(description="Rows left out because the person is suppressed.")
    error_count: int = column(description="Rows left out because of an error.")
    on_row_error: RowErrorPolicy = column(description="What a bad row means for the others.")
    on_duplicate: DuplicatePolicy = column(description="What a row about a known person does.")
    legal_basis: LegalBasis | None = column(description="What was attested.")
    attested_at: DateTime | None = column(description="When it was attested.")
    started_at: DateTime | None = column(description="When reading began.")
    finished_at: DateTime | None = column(description="When it ended, however it did.")
    error: str | None = column(description="Why it failed: a code, a colon, and a sentence.")
    created_at: DateTime = column(description="When it was uploaded.")
    row_errors: Connection[ImportRowError] = many(
        key="import_job_id",
        target=lambda: ImportRowError,
        order=(Order("index"),),
        description="The first 10,000 row errors, by row.",
    )


@conditions(ImportJob, sort=("created_at", "finished_at", "file_name", "row_count"))
class ImportWhere:
    """Which imports."""

    status: EnumFilter[ImportStatus] | None = None
    file_name: StringFilter | None = None
    file_hash: StringFilter | None = None
    legal_basis: EnumFilter[LegalBasis] | None = None
    created_at: DateTimeFilter | None = None
    finished_at: DateTimeFilter | None = None


@strawberry.input(description="A file to import.")
class LeadImportUploadInput:
    """Arguments of `leadImportUpload`."""

    file: Upload = strawberry.field(description="CSV or XLSX, up to 50 MB, by the multipart request spec.")


@strawberry.input(description="What one column of the file is.")
class ColumnMappingInput:
    """One column."""

    index: int = strawberry.field(description="The column's place, from 0.")
    field: LeadField | None = strawberry.field(
        default=None,
        description="What it is; null keeps it as a custom field. Columns not named are left out.",
    )


@strawberry.input(description="Who takes responsibility for the right to write to these people.")
class AttestationInput:
    """An attestation."""

    legal_basis: LegalBasis = strawberry.field(description="What allows writing to them.")
    confirm: bool = strawberry.field(description="Must be true: it holds for everybody in the file.")


@strawberry.input(description="How to import a file: one uploaded before, or one that comes along.")
class LeadImportInput:
    """Arguments of `leadImport`."""

    attestation: AttestationInput = strawberry.field(description="The legal basis.")
    import_id: strawberry.ID | None = strawberry.field(default=None, description="From `leadImportUpload`.")
    file: Upload | None = strawberry.field(default=None, description="Or the file itself.")
    mapping: list[ColumnMappingInput] | None = strawberry.field(
        default=None, description="What the columns are; by default as suggested."
    )
    on_row_error: RowErrorPolicy = strawberry.field(
        default=RowErrorPolicy.REJECT_ROWS, description="What a bad row means for the others."
    )
    on_duplicate: DuplicatePolicy = strawberry.field(
        default=DuplicatePolicy.UPDATE, description="What a row about a known person does."
    )
    default_country: str | None = strawberry.field(
        default=None, description="ISO 3166-1 alpha-2 for phone numbers of rows that name no country."
    )
    idempotency_key: str | None = strawberry.field(
        default=None, description="Required, here or as a header: the same key imports once."
    )


@strawberry.type(description="The answer of import mutations.")
class ImportJobPayload(Payload):
    """An import after a change."""

    import_job: ImportJob | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type
class ImportsQuery:
    """Root fields about imports."""

    import_job = object_of(
        ImportJob, description="One import; null when it is absent.", permission=Permission.IMPORT_LEADS
    )

    import_jobs = list_of(
        ImportJob,
        order=(Order("created_at", descending=True),),
        description="Imports, newest first.",
        permission=Permission.IMPORT_LEADS,
    )


@strawberry.type
class ImportsMutation:
    """Root fields that import leads."""

    @strawberry.mutation(description="Upload a file and see what its columns were taken for.")
    async def lead_import_upload(self, info: Info, input: LeadImportUploadInput) -> ImportJobPayload:
        """Take it in."""
        file: Any = input.file
        return await answer(info, ImportJobPayload, imports.upload_import(info.context, file=file))

    @strawberry.mutation(description="Import a file in the background; follow its status or its events.")
    async def lead_import(self, info: Info, input: LeadImportInput) -> ImportJobPayload:
        """Start it."""
        return await answer(info, ImportJobPayload, _start(info.context, input))

    lead_import_cancel = change_of(
        ImportJob, ImportJobPayload, imports.cancel_import, description="Stop an import; nothing of it stays."
    )


async def _start(context: Context, input_: LeadImportInput) -> UUID:
    if (input_.import_id is None) is (input_.file is None):
        raise Invalid("give importId or file", field=("input", "importId"))
    if input_.mapping is not None and len(input_.mapping) > MAPPED_COLUMNS_MAX:
        raise Invalid(f"at most {MAPPED_COLUMNS_MAX} columns", field=("input", "mapping"))
    mapping = [
        {"index": column_.index, "field": column_.field.value if column_.field else None}
        for column_ in input_.mapping or ()
    ]
    file: Any = input_.file
    import_id = None
    if input_.import_id is not None:
        import_id = read_id(input_.import_id, ImportJob, field="importId")
    request = ImportRequest(
        import_id=import_id,
        file=file,
        order=ImportOrder(
            mapping=None if input_.mapping is None else mapping,
            legal_basis=input_.attestation.legal_basis,
            confirmed=input_.attestation.confirm,
            on_row_error=input_.on_row_error,
            on_duplicate=input_.on_duplicate,
            default_country=_country(input_.default_country),
        ),
        key=input_.idempotency_key,
    )
    return await imports.start_import(context, request)


def _country(code: str | None) -> str | None:
    if code is None:
        return None
    if len(code) != 2 or not code.isascii() or not code.isalpha():
        raise Invalid("two letters, such as DE", field=("input", "defaultCountry"))
    return code.upper()
