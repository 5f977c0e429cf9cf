"""Companies, and the facts that are known about them and their people."""

from uuid import UUID

import strawberry

from domain.leads.rules import FactState, SourceKind
from resolvers import leads
from resolvers.reading.describe import Order
from schema.connections import Connection
from schema.filters import (
    BooleanFilter,
    DateTimeFilter,
    EnumFilter,
    FloatFilter,
    IntFilter,
    StringFilter,
    conditions,
)
from schema.info import Info
from schema.lists import list_of, many
from schema.mutations import Payload, answer, fields_of
from schema.nodes import Node, column, entity, read_id
from schema.reads import object_of
from schema.scalars import URL, DateTime, TimeZone


@entity("field_value", prefix="fact")
class Fact(Node):
    """One claim about a lead or a company, with where it was read."""

    field: str = column(description="What it tells, such as TITLE or INDUSTRY.")
    about: str | None = column(
        "nullif(t.about, '')", description="Another person at the company, if it tells about one of them."
    )
    value: str = column(description="What it says.")
    source_kind: SourceKind = column(description="What kind of source it came from.")
    source: str = column(description="Which source: website, a provider's name, or user.")
    source_url: URL | None = column(description="The page it was read on.")
    snippet: str | None = column(description="The words of that page that carry it, up to 300 characters.")
    confidence: float = column(description="How likely it is true, 0 to 1.")
    pinned: bool = column(description="Entered by a person: nothing overrides it.")
    state: FactState = column(description="Whether it is the one that counts.")
    retrieved_at: DateTime = column(description="When it was read or entered.")
    expires_at: DateTime | None = column(description="When it is too old to rely on.")
    provider_call_id: strawberry.ID | None = column(
        "'call_' || t.provider_call_id", description="The call that brought it last."
    )


@conditions(Fact, sort=("retrieved_at", "confidence", "field"))
class FactWhere:
    """Which facts."""

    field: StringFilter | None = None
    about: StringFilter | None = None
    value: StringFilter | None = None
    source_kind: EnumFilter[SourceKind] | None = None
    source: StringFilter | None = None
    confidence: FloatFilter | None = None
    pinned: BooleanFilter | None = None
    state: EnumFilter[FactState] | None = None
    retrieved_at: DateTimeFilter | None = None
    expires_at: DateTimeFilter | None = None


@entity(
    "company",
    prefix="comp",
    search="(t.name ILIKE '%' || {} || '%' OR t.domain ILIKE '%' || {} || '%')",
    counted=True,
)
class Company(Node):
    """A firm that leads work for."""

    name: str = column(description="As the firm writes it.")
    domain: str | None = column(description="Its registrable domain, such as acme.co.uk.")
    website_url: URL | None = column(description="Its website.")
    linkedin_url: URL | None = column(description="Its page on LinkedIn.")
    industry: str | None = column(description="What it does.")
    employee_count: int | None = column(description="How many work there, or at least.")
    description: str | None = column(description="What it is, in a few sentences.")
    city: str | None = column(description="Where it sits.")
    region: str | None = column(description="State or province.")
    country: str | None = column(description="ISO 3166-1 alpha-2.")
    time_zone: TimeZone | None = column(description="Where its clocks stand.")
    version: int = column(description="Rises with each change; updates name the one they saw.")
    created_at: DateTime = column(description="When it was first seen.")
    updated_at: DateTime = column(description="When it last changed.")
    facts: Connection[Fact] = many(
        key="company_id", target=lambda: Fact, description="Everything that was found, and where."
    )


@conditions(
    Company,
    search="Part of the name or of the domain.",
    sort=("name", "domain", "employee_count", "country", "created_at", "updated_at"),
)
class CompanyWhere:
    """Which companies."""

    name: StringFilter | None = None
    domain: StringFilter | None = None
    industry: StringFilter | None = None
    country: StringFilter | None = None
    employee_count: IntFilter | None = None
    created_at: DateTimeFilter | None = None


@strawberry.input(description="Changes of a company; what is left out stays, null clears.")
class CompanyUpdateInput:
    """Arguments of `companyUpdate`."""

    id: strawberry.ID = strawberry.field(description="The company.")
    expected_version: int = strawberry.field(description="The version you saw.")
    name: str | None = strawberry.field(default=strawberry.UNSET, description="Its name; can't be cleared.")
    website_url: str | None = strawberry.field(default=strawberry.UNSET, description="Its website.")
    linkedin_url: str | None = strawberry.field(default=strawberry.UNSET, description="Its page on LinkedIn.")
    industry: str | None = strawberry.field(default=strawberry.UNSET, description="What it does.")
    employee_count: int | None = strawberry.field(
        default=strawberry.UNSET, description="How many work there."
    )
    description: str | None = strawberry.field(default=strawberry.UNSET, description="What it is.")
    city: str | None = strawberry.field(default=strawberry.UNSET, description="Where it sits.")
    region: str | None = strawberry.field(default=strawberry.UNSET, description="State or province.")
    country: str | None = strawberry.field(default=strawberry.UNSET, description="A country's name or code.")
    time_zone: TimeZone | None = strawberry.field(default=strawberry.UNSET, description="IANA time zone.")


@strawberry.type(description="The answer of companyUpdate.")
class CompanyPayload(Payload):
    """A company after a change."""

    company: Company | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type
class CompaniesQuery:
    """Root fields about companies."""

    company = object_of(Company, description="One company; null when it is absent.")

    companies = list_of(
        Company,
        order=(Order("name"),),
        description="The workspace's companies, by name unless ordered otherwise.",
    )


@strawberry.type
class CompaniesMutation:
    """Root fields that change companies."""

    @strawberry.mutation(description="Change a company; what you enter is never overridden by enrichment.")
    async def company_update(self, info: Info, input: CompanyUpdateInput) -> CompanyPayload:
        """Change it."""

        async def use_case() -> UUID:
            return await leads.update_company(
                info.context,
                company_id=read_id(input.id, Company),
                changes=fields_of(input, without=("id", "expected_version")),
                expected_version=input.expected_version,
            )

        return await answer(info, CompanyPayload, use_case())
