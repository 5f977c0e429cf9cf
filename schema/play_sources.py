"""Where a play's leads come from."""

from typing import Any

import strawberry

from domain.plays import sources
from domain.plays.sources import Source, SourceKind
from schema.imports import ImportJob
from schema.leads import Lead, LeadStatus
from schema.nodes import entity_of, global_id, read_id


@strawberry.type(description="Where a play's leads come from; everything that is given must hold.")
class PlaySource:
    """A choice of leads, as it is stored."""

    kind: SourceKind = strawberry.field(description="One import, a filter, or named leads.")

    @strawberry.field(description="Everybody this import's file is about, new or known.")
    def import_job_id(self) -> strawberry.ID | None:
        """Read it."""
        row: Any = self
        id_ = row.get("import_job_id")
        return strawberry.ID(global_id(entity_of(ImportJob).prefix, id_)) if id_ else None

    @strawberry.field(description="These leads.")
    def lead_ids(self) -> list[strawberry.ID]:
        """Read them."""
        row: Any = self
        return [strawberry.ID(global_id(entity_of(Lead).prefix, id_)) for id_ in row.get("lead_ids", ())]

    @strawberry.field(description="Leads with one of these statuses.")
    def statuses(self) -> list[LeadStatus]:
        """Read them."""
        row: Any = self
        return [LeadStatus(status) for status in row.get("statuses", ())]

    @strawberry.field(description="Leads of the company with this domain.")
    def company_domain(self) -> str | None:
        """Read it."""
        row: Any = self
        return row.get("company_domain")

    @strawberry.field(description="Leads whose title contains this.")
    def title_contains(self) -> str | None:
        """Read it."""
        row: Any = self
        return row.get("title_contains")

    @strawberry.field(description="Leads in this country, ISO 3166-1.")
    def country(self) -> str | None:
        """Read it."""
        row: Any = self
        return row.get("country")


@strawberry.input(description="Conditions on leads; all that are given must hold.")
class PlayFilterInput:
    """A filter that is asked when a run looks for leads."""

    statuses: list[LeadStatus] = strawberry.field(
        default_factory=list, description="Any but MERGED and ERASED; empty for all."
    )
    import_job_id: strawberry.ID | None = strawberry.field(
        default=None, description="Everybody this import's file is about, new or known."
    )
    company_domain: str | None = strawberry.field(default=None, description="Such as example.com.")
    title_contains: str | None = strawberry.field(default=None, description="Whatever the case.")
    country: str | None = strawberry.field(default=None, description="ISO 3166-1, such as DE.")


@strawberry.input(one_of=True, description="Where a play's leads come from; give exactly one.")
class PlaySourceInput:
    """A source."""

    import_job: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET,
        description="Everybody this import's file is about, new or known; it must be done.",
    )
    filter: PlayFilterInput | None = strawberry.field(
        default=strawberry.UNSET, description="All leads that match when the run looks for them."
    )
    leads: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET, description="These leads, up to 1,000."
    )


_SOURCE = ("input", "source")


def read_source(source: PlaySourceInput) -> Source:
    """Return the source that an input chooses; raises Invalid for ids of other kinds."""
    if source.import_job:
        return sources.from_import(read_id(source.import_job, ImportJob, field="importJob", within=_SOURCE))
    if source.leads:
        return sources.from_leads(
            tuple(read_id(id_, Lead, field="leads", within=_SOURCE) for id_ in source.leads)
        )
    given = vars(source.filter or PlayFilterInput())
    import_job_id = given["import_job_id"]
    return sources.from_filter(
        **{
            **given,
            "statuses": tuple(given["statuses"]),
            "import_job_id": read_id(
                import_job_id, ImportJob, field="importJobId", within=(*_SOURCE, "filter")
            )
            if import_job_id
            else None,
        }
    )
