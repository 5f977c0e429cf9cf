"""What a person says about a fact: that it is wrong, or that it is the one that counts."""

from datetime import datetime
from uuid import UUID

from domain.actor import Actor, require
from domain.enrichment.events import FactPinned, FactRejected
from domain.enrichment.models import FieldValue
from domain.enrichment.rules.merging import GONE, StoredValue, same_value
from domain.enrichment.storing import Owner, choose_facts, lock_facts
from domain.errors import Conflict, NotFound
from domain.leads.rules import FactState
from domain.work import Work, unit_of_work
from domain.workspaces.rules import Permission


class FactGone(Conflict):
    """The fact was rejected or erased before."""

    code = "FACT_GONE"


async def reject_fact(*, actor: Actor, fact_id: UUID, now: datetime) -> UUID:
    """Say that a value is wrong, whoever gave it; the next best becomes current.

    It doesn't come back when a source says it again. Rejecting it twice changes nothing.

    Raises:
        NotFound: no such fact.
        FactGone: it was erased.
    """
    require(actor, Permission.WRITE_LEADS)
    async with unit_of_work(actor, now=now) as work:
        owner, values, fact = await _find(work, fact_id)
        if fact.state is FactState.ERASED:
            raise FactGone("this fact was erased", field=("input", "id"))
        if fact.state is not FactState.REJECTED:
            wrong = {value.id: FactState.REJECTED for value in same_value(values, as_=fact)}
            await FieldValue.filter(workspace_id=actor.workspace_id, id__in=list(wrong)).update(pinned=False)
            await choose_facts(work, owner=owner, changes=wrong)
            work.emit(FactRejected(subject_id=fact_id, field=fact.field))
            work.audit("fact.reject", target_kind="field_value", target_id=fact_id, field=fact.field)
    return fact_id


async def pin_fact(*, actor: Actor, fact_id: UUID, pinned: bool, now: datetime) -> UUID:
    """Fix a value as the one that counts, in the place of another pinned one, or let it go.

    Raises:
        NotFound: no such fact.
        FactGone: it was rejected or erased; enter it by hand.
    """
    require(actor, Permission.WRITE_LEADS)
    async with unit_of_work(actor, now=now) as work:
        owner, values, fact = await _find(work, fact_id)
        if fact.state in GONE:
            raise FactGone("this fact was rejected or erased", field=("input", "id"))
        if fact.pinned is not pinned:
            rivals = [value.id for value in values if value.slot == fact.slot and value.pinned]
            await FieldValue.filter(workspace_id=actor.workspace_id, id__in=rivals).update(pinned=False)
            await FieldValue.filter(workspace_id=actor.workspace_id, id=fact_id).update(pinned=pinned)
            await choose_facts(work, owner=owner)
            work.emit(FactPinned(subject_id=fact_id, field=fact.field, pinned=pinned))
            work.audit(
                "fact.pin", target_kind="field_value", target_id=fact_id, field=fact.field, pinned=pinned
            )
    return fact_id


async def _find(work: Work, fact_id: UUID) -> tuple[Owner, tuple[StoredValue, ...], StoredValue]:
    """Return whose fact it is, all facts of theirs, locked, and the fact itself."""
    row = await FieldValue.filter(workspace_id=work.workspace_id, id=fact_id).first()
    if row is None:
        raise NotFound("no such fact", field=("input", "id"))
    owner = Owner(lead_id=row.lead_id, company_id=row.company_id)
    values = await lock_facts(work, owner=owner)
    return owner, values, next(value for value in values if value.id == fact_id)
