"""Leads and their companies, entered and changed by hand."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from domain import tenancy
from domain.companies.service import update_company as change_company
from domain.ids import new_id
from domain.leads import queries, service
from domain.leads.details import parse_company_changes
from domain.suppression import queries as suppression
from resolvers.context import Context


async def create_lead(
    context: Context, *, values: Mapping[str, str | None], custom_fields: Mapping[str, str], key: str | None
) -> UUID:
    """Resolve ``Mutation.leadCreate``."""
    arguments = {"values": dict(values), "customFields": dict(custom_fields)}
    return await service.create_lead(
        actor=context.actor,
        values=values,
        custom_fields=custom_fields,
        lead_id=new_id(),
        identity_key=context.ports.identity_key,
        now=context.now(),
        idempotency=context.once("leadCreate", key, arguments),
    )


async def update_lead(
    context: Context,
    *,
    lead_id: UUID,
    changes: Mapping[str, str | None],
    custom_fields: Mapping[str, str] | None,
    expected_version: int,
) -> UUID:
    """Resolve ``Mutation.leadUpdate``."""
    return await service.update_lead(
        actor=context.actor,
        lead_id=lead_id,
        changes=changes,
        custom_fields=custom_fields,
        expected_version=expected_version,
        now=context.now(),
    )


async def restrict_lead(context: Context, *, lead_id: UUID, restricted: bool) -> UUID:
    """Resolve ``Mutation.leadRestrict``."""
    return await service.restrict_lead(
        actor=context.actor, lead_id=lead_id, restricted=restricted, now=context.now()
    )


async def update_company(
    context: Context, *, company_id: UUID, changes: Mapping[str, Any], expected_version: int
) -> UUID:
    """Resolve ``Mutation.companyUpdate``."""
    return await change_company(
        actor=context.actor,
        company_id=company_id,
        changes=parse_company_changes(changes),
        expected_version=expected_version,
        now=context.now(),
    )


async def is_suppressed(context: Context, *, lead_id: UUID) -> bool:
    """Resolve ``Lead.isSuppressed``: one look for all leads of a request."""
    return await context.loader(_suppressed).load(lead_id)


async def _suppressed(context: Context, lead_ids: Sequence[UUID]) -> list[bool]:
    async with tenancy.reading(context.actor.workspace_id) as connection:
        recipients = await queries.recipient_of(connection, lead_ids=lead_ids)
        found = await suppression.matching(
            connection,
            recipients=list(recipients.values()),
            identity_key=context.ports.identity_key,
            now=context.now(),
        )
    return [lead_id in found for lead_id in lead_ids]
