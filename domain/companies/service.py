"""Companies: change what is known about one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.actor import Actor, require
from domain.companies.events import CompanyUpdated
from domain.companies.facts import pin_facts
from domain.companies.models import Company
from domain.errors import NotFound, StaleVersion
from domain.work import unit_of_work
from domain.workspaces.rules import Permission


async def update_company(
    *,
    actor: Actor,
    company_id: UUID,
    changes: Mapping[str, Any],
    expected_version: int,
    now: datetime,
) -> UUID:
    """Change a company; what a person said stays, whatever enrichment finds later.

    Args:
        changes: by column, in their normal form (``domain.leads.details``); None clears.

    Raises:
        NotFound, StaleVersion.
    """
    require(actor, Permission.WRITE_LEADS)
    async with unit_of_work(actor, now=now) as work:
        company = (
            await Company.filter(workspace_id=actor.workspace_id, id=company_id).select_for_update().first()
        )
        if company is None:
            raise NotFound("no such company", field=("input", "id"))
        if company.version != expected_version:
            raise StaleVersion(expected=expected_version, current=company.version)
        changed = {column: value for column, value in changes.items() if getattr(company, column) != value}
        if changed:
            await Company.filter(workspace_id=actor.workspace_id, id=company_id).update(**changed)
            stated = {column: value for column, value in changed.items() if column != "name_key"}
            await pin_facts(work, company_id=company_id, values=stated)
            work.emit(CompanyUpdated(subject_id=company_id, fields=tuple(sorted(stated))))
            work.audit("company.update", target_kind="company", target_id=company_id, fields=sorted(stated))
    return company_id
