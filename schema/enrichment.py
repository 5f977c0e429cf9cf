"""Enrichment: asking for it, what was asked of whom at which price, and correcting what was found."""

from enum import Enum
from uuid import UUID

import strawberry

from domain.enrichment.rules.calls import CallStatus, EnrichmentOutcome
from domain.workspaces.rules import Permission
from resolvers import enrichment
from resolvers.reading.describe import Order
from schema.companies import Company, Fact
from schema.connections import Connection
from schema.filters import (
    BooleanFilter,
    DateTimeFilter,
    EnumFilter,
    IDFilter,
    IntFilter,
    StringFilter,
    conditions,
)
from schema.info import Info
from schema.jobs import Job, JobStatus, job_status
from schema.leads import Lead
from schema.lists import list_of, many
from schema.mutations import Payload, answer
from schema.nodes import Node, column, entity, one, read_id, reference
from schema.reads import object_of
from schema.scalars import BigInt, DateTime
from schema.writes import change_by


@strawberry.enum(description="Where a request to enrich stands.")
class EnrichmentRequestStatus(Enum):
    """Where a request stands."""

    QUEUED = strawberry.enum_value("QUEUED", description="It waits for its turn.")
    RUNNING = strawberry.enum_value("RUNNING", description="Its leads are being enriched.")
    DONE = strawberry.enum_value("DONE", description="Every lead was dealt with.")
    STOPPED = strawberry.enum_value(
        "STOPPED", description="Credits ran out; `error` says how many are missing."
    )


@entity("provider_call", prefix="call", permission=Permission.VIEW_CREDITS, counted=True)
class ProviderCall(Node):
    """One question to a provider, or the memory of its answer, with what it cost."""

    provider: str = column(description="Whom: website, email_verdict, or a provider's name.")
    endpoint: str = column(description="Which of its services.")
    status: CallStatus = column(description="How it ended.")
    cache_hit: bool = column(description="Nobody was asked: the answer was remembered, and cost nothing.")
    cost_credits: BigInt = column(description="What it cost; nothing when it found nothing.")
    units: int = column(description="What it used in the provider's own unit; of a website, pages.")
    latency_ms: int | None = column(description="How long the answer took.")
    refused_count: int = column(
        description="Facts that weren't kept: about a person's private life, or about somebody who had theirs erased."
    )
    detail: str | None = column(description="More about the answer; never personal data.")
    started_at: DateTime = column(description="When it was asked.")
    finished_at: DateTime | None = column(description="When it was answered.")
    expires_at: DateTime | None = column(description="Until when the answer is remembered.")
    lead: Lead | None = one(key="lead_id", target=lambda: Lead, description="For whom it was asked first.")
    company: Company | None = one(
        key="company_id", target=lambda: Company, description="About which company."
    )
    facts: Connection[Fact] = many(
        key="provider_call_id", target=lambda: Fact, description="What it brought and still stands for."
    )
    run_id: strawberry.ID | None = reference("run", description="The run it was made in.")


@strawberry.type(description="What became of one lead of a request.")
class LeadOutcome:
    """A lead and its outcome."""

    lead_id: strawberry.ID = strawberry.field(description="The lead.")
    outcome: EnrichmentOutcome = strawberry.field(description="What enriching it came to.")


@entity("enrichment_request", prefix="enri")
class EnrichmentRequest(Job):
    """Somebody's wish to have leads enriched, and how far it has come."""

    status: EnrichmentRequestStatus = column(description="Where it stands.")
    job_status: JobStatus = job_status(
        EnrichmentRequestStatus, queued="QUEUED", running="RUNNING", done="DONE", failed="STOPPED"
    )
    progress: float | None = column(
        "(SELECT count(*) FROM jsonb_object_keys(t.outcomes))::float8 / greatest(cardinality(t.lead_ids), 1)",
        description="How many of its leads are done, 0 to 1.",
    )
    plan: list[str] = column(description="The sources, in the order they are asked.")
    lead_count: int = column("cardinality(t.lead_ids)", description="How many leads it is about.")
    done_count: int = column(
        "(SELECT count(*) FROM jsonb_object_keys(t.outcomes))", description="Of them, done."
    )
    outcomes: list[LeadOutcome] = column(
        "coalesce((SELECT jsonb_agg(jsonb_build_object('lead_id', 'lead_' || key, 'outcome', value) ORDER BY key)"
        " FROM jsonb_each_text(t.outcomes)), '[]')",
        description="What became of those that are done.",
    )
    error: str | None = column(description="Why it stopped, or what couldn't be done.")
    created_at: DateTime = column(description="When it was asked for.")
    started_at: DateTime | None = column(description="When its first lead was done.")
    finished_at: DateTime | None = column(description="When its last lead was done, or it stopped.")


@conditions(ProviderCall, sort=("started_at", "cost_credits", "latency_ms"))
class ProviderCallWhere:
    """Which provider calls."""

    provider: StringFilter | None = None
    status: EnumFilter[CallStatus] | None = None
    cache_hit: BooleanFilter | None = None
    cost_credits: IntFilter | None = None
    run_id: IDFilter | None = None
    lead_id: IDFilter | None = None
    company_id: IDFilter | None = None
    started_at: DateTimeFilter | None = None


@strawberry.input(description="Whom to enrich.")
class EnrichmentRequestInput:
    """Arguments of `enrichmentRequest`."""

    lead_ids: list[strawberry.ID] = strawberry.field(description="1 to 250 leads.")
    idempotency_key: str | None = strawberry.field(
        default=None, description="The same key asks once; required here or in the header Idempotency-Key."
    )
    plan: list[str] | None = strawberry.field(
        default=None,
        description="Names of sources in the order they are asked; all the installation has when absent, none"
        " when empty: then only the addresses are judged.",
    )


@strawberry.input(description="Which fact is wrong.")
class FactRejectInput:
    """Arguments of `factReject`."""

    id: strawberry.ID = strawberry.field(description="The fact.")


@strawberry.input(description="Which fact counts, whatever is found later.")
class FactPinInput:
    """Arguments of `factPin`."""

    id: strawberry.ID = strawberry.field(description="The fact.")
    pinned: bool = strawberry.field(default=True, description="False lets it go again.")


@strawberry.input(description="Whose data to erase.")
class ProviderDataWithdrawInput:
    """Arguments of `providerDataWithdraw`."""

    provider: str = strawberry.field(description="The provider's name in its calls, such as website.")
    idempotency_key: str | None = strawberry.field(
        default=None, description="The same key asks once; required here or in the header Idempotency-Key."
    )


@strawberry.type(description="The answer of enrichmentRequest.")
class EnrichmentRequestPayload(Payload):
    """A request."""

    enrichment_request: EnrichmentRequest | None = strawberry.field(
        default=None, description="As it is now; ask for it again, or follow workspaceEvents."
    )


@strawberry.type(description="The answer of factReject and factPin.")
class FactPayload(Payload):
    """A fact after a correction."""

    fact: Fact | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type(
    description="The answer of providerDataWithdraw; the event ProviderDataWithdrawn tells the end."
)
class ProviderDataWithdrawPayload(Payload):
    """Whether the request was taken."""


@strawberry.type
class EnrichmentQuery:
    """Root fields about enrichment."""

    provider_calls = list_of(
        ProviderCall,
        order=(Order("started_at", descending=True),),
        description="What was asked of providers and what it cost, newest first unless ordered otherwise.",
        permission=Permission.VIEW_CREDITS,
    )

    enrichment_request = object_of(
        EnrichmentRequest, description="A request to enrich; null when it is absent."
    )


@strawberry.type
class EnrichmentMutation:
    """Root fields that enrich, and correct what was found."""

    @strawberry.mutation(description="Find out more about leads and their companies, in the background.")
    async def enrichment_request(self, info: Info, input: EnrichmentRequestInput) -> EnrichmentRequestPayload:
        """Ask for it."""

        async def use_case() -> UUID:
            return await enrichment.request_enrichment(
                info.context,
                lead_ids=[read_id(id_, Lead, field="leadIds") for id_ in input.lead_ids],
                plan=input.plan,
                idempotency_key=input.idempotency_key,
            )

        return await answer(info, EnrichmentRequestPayload, use_case())

    fact_reject = change_by(
        FactRejectInput,
        Fact,
        FactPayload,
        enrichment.reject_fact,
        description="Say that a fact is wrong: the next best counts, and it doesn't come back.",
    )

    fact_pin = change_by(
        FactPinInput,
        Fact,
        FactPayload,
        enrichment.pin_fact,
        description="Make a fact the one that counts, whatever is found later.",
    )

    @strawberry.mutation(
        description="Erase every fact a provider has given, and nothing else; its calls stay as the record of"
        " what its credits were spent on."
    )
    async def provider_data_withdraw(
        self, info: Info, input: ProviderDataWithdrawInput
    ) -> ProviderDataWithdrawPayload:
        """Ask for it."""
        use_case = enrichment.withdraw_provider(
            info.context, provider=input.provider, idempotency_key=input.idempotency_key
        )
        return await answer(info, ProviderDataWithdrawPayload, use_case)
