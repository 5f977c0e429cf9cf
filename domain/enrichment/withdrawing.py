"""Taking back everything one provider has given, and nothing else."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from domain.actor import Actor, require
from domain.enrichment.events import ProviderDataWithdrawn
from domain.enrichment.rules.merging import FOUND_KINDS
from domain.enrichment.storing import Owner, choose_facts, lock_facts
from domain.enrichment.tasks import WithdrawProviderData
from domain.errors import NotFound
from domain.idempotency import Idempotency
from domain.leads.rules import FactState
from domain.work import Work, unit_of_work
from domain.workspaces.rules import Permission

_OWNERS_PER_UNIT: Final = 100
_KINDS: Final = [kind.value for kind in FOUND_KINDS]


async def request_withdrawal(
    *, actor: Actor, provider: str, now: datetime, idempotency: Idempotency | None = None
) -> str:
    """Ask for a provider's data to be erased in the background.

    Raises:
        NotFound: it has never given anything here.
    """
    require(actor, Permission.MANAGE_WORKSPACE)
    async with unit_of_work(actor, now=now, idempotency=idempotency) as work:
        is_known = await work.connection.fetchval(
            "SELECT EXISTS (SELECT FROM provider_call WHERE workspace_id = $1 AND provider = $2)",
            work.workspace_id,
            provider,
        )
        if not is_known:
            raise NotFound("this provider has given nothing here", field=("input", "provider"))
        await work.enqueue(WithdrawProviderData(provider=provider))
        work.audit(
            "provider.withdraw", target_kind="workspace", target_id=work.workspace_id, provider=provider
        )
    return provider


async def withdraw_provider(*, actor: Actor, provider: str, clock: Callable[[], datetime]) -> int:
    """Erase a provider's facts, forget its answers, and let the next best facts count; safe to repeat.

    Columns that show a withdrawn value show the next best one, or nothing. The records of its calls stay: they
    are what its credits were spent on.

    Returns:
        How many facts were erased.
    """
    async with unit_of_work(actor, now=clock()) as work:
        await work.connection.execute(
            "UPDATE provider_call SET expires_at = NULL WHERE workspace_id = $1 AND provider = $2",
            work.workspace_id,
            provider,
        )
    erased = 0
    while True:
        async with unit_of_work(actor, now=clock()) as work:
            owners = await _owners(work, provider)
            for owner in owners:
                erased += await _erase(work, owner, provider)
            if not owners:
                work.emit(
                    ProviderDataWithdrawn(subject_id=work.workspace_id, provider=provider, facts=erased)
                )
                return erased


async def _owners(work: Work, provider: str) -> list[Owner]:
    """Return some of whom the provider has said something, companies first, as everywhere."""
    rows = await work.connection.fetch(
        """
        SELECT DISTINCT lead_id, company_id FROM field_value
        WHERE workspace_id = $1 AND source = $2 AND source_kind = ANY ($3) AND state <> 'ERASED'
        ORDER BY company_id, lead_id LIMIT $4
        """,
        work.workspace_id,
        provider,
        _KINDS,
        _OWNERS_PER_UNIT,
    )
    return [Owner(lead_id=row["lead_id"], company_id=row["company_id"]) for row in rows]


async def _erase(work: Work, owner: Owner, provider: str) -> int:
    values = await lock_facts(work, owner=owner)
    gone = {
        value.id: FactState.ERASED
        for value in values
        if value.source == provider
        and value.source_kind in FOUND_KINDS
        and value.state is not FactState.ERASED
    }
    await choose_facts(work, owner=owner, changes=gone)
    await work.connection.execute(
        """
        UPDATE field_value SET value = '', about = '', snippet = NULL, source_url = NULL, pinned = false
        WHERE workspace_id = $1 AND id = ANY ($2)
        """,
        work.workspace_id,
        list(gone),
    )
    return len(gone)
