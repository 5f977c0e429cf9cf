"""Leads: the people to write to."""

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from domain.errors import Invalid
from domain.leads.rules import LeadEmailStatus, LeadStatus, SourceKind
from resolvers import leads
from resolvers.context import Context
from resolvers.reading.describe import Order
from schema.companies import Company, Fact
from schema.connections import Connection
from schema.filters import (
    DateTimeFilter,
    EnumFilter,
    IDFilter,
    StringFilter,
    conditions,
)
from schema.imports import ImportJob
from schema.info import Info
from schema.lists import list_of, many
from schema.mutations import Payload, answer, fields_of
from schema.nodes import Node, column, computed, entity, latest, one, read_id, type_of
from schema.reads import object_of
from schema.scalars import URL, DateTime, EmailAddress, TimeZone
from schema.writes import change_by

if TYPE_CHECKING:
    from schema.messages import Message

SEARCH_HITS_MAX = 10_000
CUSTOM_FIELDS_MAX = 50


@strawberry.type(description="Something a file or a person said about a lead that has no field of its own.")
class CustomField:
    """A name and a value."""

    name: str = strawberry.field(description="The column's name.")
    value: str = strawberry.field(description="What it holds.")


@entity(
    "lead",
    prefix="lead",
    search=f"t.id IN (SELECT search_leads(t.workspace_id, {{}}, {SEARCH_HITS_MAX}))",
    counted=True,
)
class Lead(Node):
    """A person to write to."""

    email: EmailAddress | None = column(description="The address to write to.")
    email_status: LeadEmailStatus = column(description="What verification said about it.")
    email_status_reason: str | None = column(description="Why.")
    email_checked_at: DateTime | None = column(description="When it was verified.")
    first_name: str | None = column(description="Given name.")
    last_name: str | None = column(description="Family name.")
    full_name: str | None = column(description="Both.")
    title: str | None = column(description="Job title.")
    seniority: str | None = column(description="How high in the company.")
    department: str | None = column(description="Where in the company.")
    phone: str | None = column(description="E.164, such as +4930123456.")
    linkedin_url: URL | None = column(description="The person's profile on LinkedIn.")
    city: str | None = column(description="Where they are.")
    region: str | None = column(description="State or province.")
    country: str | None = column(description="ISO 3166-1 alpha-2.")
    time_zone: TimeZone | None = column(description="Where their clock stands, if it is known.")
    locale: str | None = column(description="Their language, BCP 47.")
    custom_fields: list[CustomField] = column(
        "coalesce((SELECT jsonb_agg(jsonb_build_object('name', key, 'value', value) ORDER BY key)"
        " FROM jsonb_each_text(t.custom_fields)), '[]')",
        description="What else was said, by name.",
    )
    status: LeadStatus = column(description="How far they have come.")
    source_kind: SourceKind = column(description="Where they first came from.")
    restricted_at: DateTime | None = column(
        description="Since when their data may be kept but not used (GDPR Article 18)."
    )
    version: int = column(description="Rises with each change; updates name the one they saw.")
    created_at: DateTime = column(description="When they were entered.")
    updated_at: DateTime = column(description="When something last changed.")
    company: Company | None = one(key="company_id", target=lambda: Company, description="Where they work.")
    import_job: ImportJob | None = one(
        key="import_job_id", target=lambda: ImportJob, description="The file they came with."
    )
    messages: Connection[Annotated["Message", strawberry.lazy("schema.messages")]] = many(
        key="lead_id",
        target=lambda: type_of("mess"),
        description="What was written for them, newest first.",
        order=(Order("created_at", descending=True),),
    )
    last_message: Annotated["Message", strawberry.lazy("schema.messages")] | None = latest(
        key="lead_id", target=lambda: type_of("mess"), description="The newest of these."
    )
    facts: Connection[Fact] = many(
        key="lead_id", target=lambda: Fact, description="Everything that was found about them, and where."
    )

    @computed(description="Whether no message may be sent to them now.")
    async def is_suppressed(self, info: Info) -> bool:
        """Look it up with the other leads of the request."""
        row: object = self
        return await leads.is_suppressed(info.context, lead_id=row["id"])  # type: ignore[index]


@conditions(
    Lead,
    search="Part of the name, the address, the title or the company; finds at most 10,000.",
    sort=("created_at", "updated_at", "full_name", "email", "status"),
)
class LeadWhere:
    """Which leads."""

    email: StringFilter | None = None
    email_status: EnumFilter[LeadEmailStatus] | None = None
    full_name: StringFilter | None = None
    title: StringFilter | None = None
    linkedin_url: StringFilter | None = None
    phone: StringFilter | None = None
    city: StringFilter | None = None
    country: StringFilter | None = None
    status: EnumFilter[LeadStatus] | None = None
    source_kind: EnumFilter[SourceKind] | None = None
    company_id: IDFilter | None = None
    import_job_id: IDFilter | None = None
    created_at: DateTimeFilter | None = None
    updated_at: DateTimeFilter | None = None
    restricted_at: DateTimeFilter | None = None


@strawberry.input(description="A custom field.")
class CustomFieldInput:
    """A name and a value."""

    name: str = strawberry.field(description="Up to 100 characters.")
    value: str = strawberry.field(description="Up to 5,000 characters; empty leaves it out.")


@strawberry.input(description="A person to enter: an address, a LinkedIn profile, or a name and a company.")
class LeadCreateInput:
    """Arguments of `leadCreate`."""

    email: EmailAddress | None = strawberry.field(default=None, description="The address.")
    first_name: str | None = strawberry.field(default=None, description="Given name.")
    last_name: str | None = strawberry.field(default=None, description="Family name.")
    title: str | None = strawberry.field(default=None, description="Job title.")
    seniority: str | None = strawberry.field(default=None, description="How high in the company.")
    department: str | None = strawberry.field(default=None, description="Where in the company.")
    phone: str | None = strawberry.field(default=None, description="With country code, or with `country`.")
    linkedin_url: str | None = strawberry.field(default=None, description="The person's profile.")
    company_name: str | None = strawberry.field(default=None, description="Where they work.")
    company_domain: str | None = strawberry.field(default=None, description="The company's domain.")
    company_website: str | None = strawberry.field(default=None, description="The company's website.")
    city: str | None = strawberry.field(default=None, description="Where they are.")
    region: str | None = strawberry.field(default=None, description="State or province.")
    country: str | None = strawberry.field(default=None, description="A country's name or code.")
    time_zone: TimeZone | None = strawberry.field(default=None, description="Where their clock stands.")
    locale: str | None = strawberry.field(default=None, description="A language.")
    custom_fields: list[CustomFieldInput] | None = strawberry.field(
        default=None, description="Whatever else, up to 50."
    )
    idempotency_key: str | None = strawberry.field(
        default=None, description="The same key enters the person once."
    )


@strawberry.input(
    description="Changes of a lead; what is left out stays, null clears. A change of the company names it anew."
)
class LeadUpdateInput:
    """Arguments of `leadUpdate`."""

    id: strawberry.ID = strawberry.field(description="The lead.")
    expected_version: int = strawberry.field(description="The version you saw.")
    email: EmailAddress | None = strawberry.field(default=strawberry.UNSET, description="The address.")
    first_name: str | None = strawberry.field(default=strawberry.UNSET, description="Given name.")
    last_name: str | None = strawberry.field(default=strawberry.UNSET, description="Family name.")
    title: str | None = strawberry.field(default=strawberry.UNSET, description="Job title.")
    seniority: str | None = strawberry.field(default=strawberry.UNSET, description="How high in the company.")
    department: str | None = strawberry.field(default=strawberry.UNSET, description="Where in the company.")
    phone: str | None = strawberry.field(default=strawberry.UNSET, description="With country code.")
    linkedin_url: str | None = strawberry.field(default=strawberry.UNSET, description="The profile.")
    company_name: str | None = strawberry.field(default=strawberry.UNSET, description="Where they work.")
    company_domain: str | None = strawberry.field(default=strawberry.UNSET, description="Its domain.")
    company_website: str | None = strawberry.field(default=strawberry.UNSET, description="Its website.")
    city: str | None = strawberry.field(default=strawberry.UNSET, description="Where they are.")
    region: str | None = strawberry.field(default=strawberry.UNSET, description="State or province.")
    country: str | None = strawberry.field(default=strawberry.UNSET, description="A country's name or code.")
    time_zone: TimeZone | None = strawberry.field(
        default=strawberry.UNSET, description="Where their clock stands."
    )
    locale: str | None = strawberry.field(default=strawberry.UNSET, description="A language.")
    custom_fields: list[CustomFieldInput] | None = strawberry.field(
        default=strawberry.UNSET, description="All of them anew; null clears them."
    )


@strawberry.input(description="Whether a person's data may be used.")
class LeadRestrictInput:
    """Arguments of `leadRestrict`."""

    id: strawberry.ID = strawberry.field(description="The lead.")
    restricted: bool = strawberry.field(
        default=True, description="True: keep but don't use (GDPR Article 18); false: use again."
    )


@strawberry.type(description="The answer of lead mutations.")
class LeadPayload(Payload):
    """A lead after a change."""

    lead: Lead | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type
class LeadsQuery:
    """Root fields about leads."""

    lead = object_of(Lead, description="One lead; null when it is absent.")

    leads = list_of(
        Lead,
        order=(Order("created_at"),),
        description="The workspace's leads, oldest first unless ordered otherwise.",
    )


@strawberry.type
class LeadsMutation:
    """Root fields that change leads."""

    @strawberry.mutation(description="Enter a person.")
    async def lead_create(self, info: Info, input: LeadCreateInput) -> LeadPayload:
        """Enter them."""
        return await answer(info, LeadPayload, _create(info.context, input))

    @strawberry.mutation(description="Change a lead; what you enter is never overridden by enrichment.")
    async def lead_update(self, info: Info, input: LeadUpdateInput) -> LeadPayload:
        """Change them."""
        return await answer(info, LeadPayload, _update(info.context, input))

    lead_restrict = change_by(
        LeadRestrictInput,
        Lead,
        LeadPayload,
        leads.restrict_lead,
        description="Keep a person's data without using it, or allow its use again.",
    )


async def _create(context: Context, input_: LeadCreateInput) -> UUID:
    return await leads.create_lead(
        context,
        values=fields_of(input_, without=("custom_fields", "idempotency_key")),
        custom_fields=_custom(input_.custom_fields),
        key=input_.idempotency_key,
    )


async def _update(context: Context, input_: LeadUpdateInput) -> UUID:
    given = input_.custom_fields
    return await leads.update_lead(
        context,
        lead_id=read_id(input_.id, Lead),
        changes=fields_of(input_, without=("id", "expected_version", "custom_fields")),
        custom_fields=None if given is strawberry.UNSET else _custom(given),
        expected_version=input_.expected_version,
    )


def _custom(given: list[CustomFieldInput] | None) -> dict[str, str]:
    if given and len(given) > CUSTOM_FIELDS_MAX:
        raise Invalid(f"at most {CUSTOM_FIELDS_MAX}", field=("input", "customFields"))
    return {item.name: item.value for item in given or ()}
