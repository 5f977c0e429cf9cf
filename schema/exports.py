"""Exports of leads: a CSV file of any list."""

from uuid import UUID

import strawberry

from domain.leads.rules import ExportStatus
from domain.workspaces.rules import Permission
from resolvers import imports
from resolvers.reading.describe import Order
from schema.filters import DateTimeFilter, EnumFilter, conditions, predicate_of, search_of
from schema.info import Info
from schema.jobs import Job, JobStatus, job_status
from schema.leads import Lead, LeadWhere
from schema.lists import list_of
from schema.mutations import Payload, answer
from schema.nodes import column, computed, entity, entity_of
from schema.reads import object_of
from schema.scalars import URL, DateTime


@entity("lead_export", prefix="export", permission=Permission.EXPORT_LEADS)
class LeadExport(Job):
    """A CSV file of leads, kept for a day. Cells that a spreadsheet program might run are escaped."""

    status: ExportStatus = column(description="Where it stands.")
    job_status: JobStatus = job_status(
        ExportStatus, queued="QUEUED", running="RUNNING", done="READY EXPIRED", failed="FAILED"
    )
    progress: float | None = column(
        "CASE WHEN t.status IN ('READY', 'EXPIRED') THEN 1::float8 WHEN t.status = 'QUEUED' THEN 0 END",
        description="0 before it begins, 1 when it is done; null meanwhile.",
    )
    columns: list[str] = column(description="What it holds.")
    row_count: int | None = column(description="How many leads it holds.")
    byte_size: int | None = column(description="Its size in bytes.")
    file_hash: str | None = column(description="SHA-256 of the file, in hex.")
    error: str | None = column(description="Why it failed.")
    started_at: DateTime | None = column(description="When writing began.")
    finished_at: DateTime | None = column(description="When it was ready.")
    expires_at: DateTime | None = column(description="When the file is deleted.")
    created_at: DateTime = column(description="When it was asked for.")

    @computed(
        needs=("id", "status"), description="Where to download it, for five minutes; null until it is READY."
    )
    def url(self, info: Info) -> URL | None:
        """Sign a link."""
        row: object = self
        if row["status"] != ExportStatus.READY:  # type: ignore[index]
            return None
        url = imports.export_url(info.context, export_id=row["id"])  # type: ignore[index]
        return URL(url) if url else None


@strawberry.input(description="Which leads to write into a file.")
class LeadsExportInput:
    """Arguments of `leadsExport`."""

    where: LeadWhere | None = strawberry.field(default=None, description="The filter of `leads`.")
    search: str | None = strawberry.field(default=None, description="The search of `leads`.")
    columns: list[str] | None = strawberry.field(
        default=None, description="Which columns in which order, by field name; all by default."
    )
    idempotency_key: str | None = strawberry.field(default=None, description="The same key makes one file.")


@conditions(LeadExport, sort=("created_at", "finished_at"))
class LeadExportWhere:
    """Which exports."""

    status: EnumFilter[ExportStatus] | None = None
    created_at: DateTimeFilter | None = None
    finished_at: DateTimeFilter | None = None


@strawberry.type(description="The answer of leadsExport.")
class LeadExportPayload(Payload):
    """An export."""

    lead_export: LeadExport | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type
class ExportsQuery:
    """Root fields about exports."""

    lead_export = object_of(
        LeadExport, description="One export; null when it is absent.", permission=Permission.EXPORT_LEADS
    )

    lead_exports = list_of(
        LeadExport,
        order=(Order("created_at", descending=True),),
        description="Exports, newest first.",
        permission=Permission.EXPORT_LEADS,
    )


@strawberry.type
class ExportsMutation:
    """Root fields that export leads."""

    @strawberry.mutation(description="Write leads into a CSV file in the background.")
    async def leads_export(self, info: Info, input: LeadsExportInput) -> LeadExportPayload:
        """Ask for it."""

        async def use_case() -> UUID:
            entity_ = entity_of(Lead)
            return await imports.request_export(
                info.context,
                where=predicate_of(input.where, entity_) & search_of(input.search, entity_),
                columns=input.columns,
                key=input.idempotency_key,
            )

        return await answer(info, LeadExportPayload, use_case())
