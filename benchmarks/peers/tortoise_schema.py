"""The API as an ordinary Strawberry application has it: a type per model, a resolver per relation."""

import base64
import hashlib
from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import Any, cast

import strawberry
from tortoise.functions import Count

from benchmarks.peers import tortoise_models as models
from domain.leads.rules import LeadEmailStatus, LeadStatus
from domain.runs.rules import LeadStage, RunState
from domain.sequences.rules import MessageStatus

for _enum in (LeadStatus, LeadEmailStatus, LeadStage, RunState, MessageStatus):
    strawberry.enum(_enum)

Info = strawberry.Info[dict[str, str], None]


@strawberry.type
class Company:
    id: strawberry.ID
    name: str
    domain: str | None
    industry: str | None


@strawberry.type
class Message:
    id: strawberry.ID
    subject: str
    status: MessageStatus
    created_at: datetime

    @classmethod
    def from_model(cls, message: models.Message) -> "Message":
        return cls(
            id=strawberry.ID(str(message.id)),
            subject=message.subject,
            status=MessageStatus(message.status),
            created_at=message.created_at,
        )


@strawberry.type
class MessageConnection:
    nodes: list[Message]


@strawberry.type
class Lead:
    record: strawberry.Private[models.Lead]
    id: strawberry.ID
    email: str | None
    email_status: LeadEmailStatus
    first_name: str | None
    last_name: str | None
    full_name: str | None
    title: str | None
    phone: str | None
    city: str | None
    country: str | None
    status: LeadStatus
    restricted_at: datetime | None
    created_at: datetime

    @strawberry.field
    async def company(self) -> Company | None:
        company = await cast("Awaitable[models.Company | None]", self.record.company)
        if company is None:
            return None
        return Company(
            id=strawberry.ID(str(company.id)),
            name=company.name,
            domain=company.domain,
            industry=company.industry,
        )

    @strawberry.field
    async def last_message(self) -> Message | None:
        message = await self.record.messages.order_by("-created_at", "-id").first()
        return Message.from_model(message) if message else None

    @strawberry.field
    async def messages(self, first: int) -> MessageConnection:
        messages = await self.record.messages.order_by("-created_at", "-id").limit(first)
        return MessageConnection(nodes=[Message.from_model(message) for message in messages])

    @classmethod
    def from_model(cls, lead: models.Lead) -> "Lead":
        return cls(
            record=lead,
            id=strawberry.ID(str(lead.id)),
            email=lead.email,
            email_status=LeadEmailStatus(lead.email_status),
            first_name=lead.first_name,
            last_name=lead.last_name,
            full_name=lead.full_name,
            title=lead.title,
            phone=lead.phone,
            city=lead.city,
            country=lead.country,
            status=LeadStatus(lead.status),
            restricted_at=lead.restricted_at,
            created_at=lead.created_at,
        )


@strawberry.type
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type
class LeadEdge:
    cursor: str
    node: Lead


@strawberry.type
class LeadConnection:
    nodes: list[Lead]
    edges: list[LeadEdge]
    page_info: PageInfo

    @strawberry.field
    async def total_count(self, info: Info) -> int:
        return await models.Lead.filter(workspace_id=info.context["workspace_id"]).count()


@strawberry.type
class StageCount:
    stage: LeadStage
    count: int


@strawberry.type
class RunStatistics:
    discovered: int
    stages: list[StageCount]


@strawberry.type
class Run:
    record: strawberry.Private[models.Run]
    id: strawberry.ID
    status: RunState

    @strawberry.field
    async def statistics(self) -> RunStatistics:
        rows = (
            await self.record.run_leads.all()
            .annotate(count=Count("id"))
            .group_by("stage")
            .values("stage", "count")
        )
        counts = {row["stage"]: row["count"] for row in rows}
        stages = [StageCount(stage=stage, count=counts[stage]) for stage in LeadStage if stage in counts]
        return RunStatistics(discovered=sum(counts.values()), stages=stages)


@strawberry.type
class Query:
    @strawberry.field
    async def leads(self, info: Info, first: int) -> LeadConnection:
        wanted = models.Lead.filter(workspace_id=info.context["workspace_id"]).select_related("company")
        found = await wanted.order_by("created_at", "id").limit(first + 1)
        nodes = [Lead.from_model(lead) for lead in found[:first]]
        edges = [LeadEdge(cursor=_cursor(node), node=node) for node in nodes]
        page_info = PageInfo(
            has_next_page=len(found) > first,
            has_previous_page=False,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        )
        return LeadConnection(nodes=nodes, edges=edges, page_info=page_info)

    @strawberry.field
    async def lead(self, info: Info, id: strawberry.ID) -> Lead | None:
        lead = await models.Lead.get_or_none(id=id, workspace_id=info.context["workspace_id"])
        return Lead.from_model(lead) if lead else None

    @strawberry.field
    async def run(self, info: Info, id: strawberry.ID) -> Run | None:
        run = await models.Run.get_or_none(id=id, workspace_id=info.context["workspace_id"])
        return Run(record=run, id=strawberry.ID(str(run.id)), status=RunState(run.status)) if run else None


def _cursor(lead: Lead) -> str:
    return base64.urlsafe_b64encode(f"{lead.created_at.isoformat()} {lead.id}".encode()).decode()


@strawberry.input
class LeadRestrictInput:
    id: strawberry.ID
    restricted: bool


@strawberry.type
class Error:
    message: str


@strawberry.type
class LeadPayload:
    lead: Lead | None
    errors: list[Error]


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def lead_restrict(self, info: Info, input: LeadRestrictInput) -> LeadPayload:
        workspace_id = info.context["workspace_id"]
        lead = await models.Lead.filter(id=input.id, workspace_id=workspace_id).select_for_update().first()
        if lead is None:
            return LeadPayload(lead=None, errors=[Error(message="no such lead")])
        if (lead.restricted_at is not None) != input.restricted:
            now = datetime.now(UTC)
            lead.restricted_at = now if input.restricted else None
            await lead.save(update_fields=["restricted_at"])
            await _write_log(lead, now, token_id=info.context["token_id"])
        return LeadPayload(lead=Lead.from_model(lead), errors=[])


async def _write_log(lead: models.Lead, now: datetime, *, token_id: str) -> None:
    head = await models.LogHead.filter(workspace_id=lead.workspace_id).select_for_update().get()
    head.seq, head.audit_seq = head.seq + 1, head.audit_seq + 1
    previous = head.audit_hash
    head.audit_hash = hashlib.sha256(previous + f"{head.audit_seq} {lead.id} {now}".encode()).digest()
    await head.save()
    common: dict[str, Any] = {"workspace_id": lead.workspace_id, "occurred_at": now}
    detail = {"restricted": lead.restricted_at is not None}
    await models.Event.create(
        seq=head.seq, type="LeadRestricted", subject_kind="lead", subject_id=lead.id, payload=detail, **common
    )
    await models.AuditEvent.create(
        seq=head.audit_seq,
        actor_kind="API_TOKEN",
        actor_id=token_id,
        action="lead.restrict",
        target_kind="lead",
        target_id=lead.id,
        detail=detail,
        prev_hash=previous,
        hash=head.audit_hash,
        **common,
    )
