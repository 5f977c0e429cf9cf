"""Refunds: what was paid for a call comes back, because the fault was ours or the provider's."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from domain.credits import queries, rules
from domain.credits.events import CreditsRefunded
from domain.credits.ledger import EntryKind
from domain.credits.posting import Movement, Paid, post
from domain.credits.rules import Allocation, GrantSource
from domain.errors import NotFound
from domain.ids import new_id
from domain.work import Work


async def refund(
    work: Work,
    *,
    operation_key: str,
    amount: int,
    reference: str,
    provider_call_id: UUID | None = None,
    ai_call_id: UUID | None = None,
    delivery_id: UUID | None = None,
) -> None:
    """Reverse (part of) what was paid for one call; the same reference refunds once.

    Credits go back to the grants that paid, the last first. What came from a grant that has ended meanwhile
    comes back as a new grant without an end, because the customer lost it through no doing of theirs.

    Args:
        reference: why, unique within the operation.
        provider_call_id, ai_call_id, delivery_id: exactly one: the call whose settlement is reversed.

    Raises:
        NotFound: nothing was paid for this call under this key.
        RefundExceedsSettlement: less was paid than that.
        Invalid: the amount is none.
    """
    paid = Paid(provider_call_id=provider_call_id, ai_call_id=ai_call_id, delivery_id=delivery_id)
    await queries.lock_balance(work.connection, workspace_id=work.workspace_id)
    entries = await _consumption(work, operation_key, paid.id)
    payments = [entry for entry in entries if entry["kind"] == EntryKind.SETTLE]
    refunds = [entry for entry in entries if entry["kind"] == EntryKind.REFUND]
    if not payments:
        raise NotFound("nothing was paid for this call")
    if any(entry["part"] == reference for entry in refunds):
        return
    allocations = rules.refund(
        settled=[Allocation(entry["grant_id"], entry["amount"]) for entry in payments],
        already_refunded=-sum(entry["amount"] for entry in refunds),
        amount=amount,
    )
    whole = Movement(
        kind=EntryKind.REFUND,
        allocations=allocations,
        operation_key=operation_key,
        part=reference,
        hold_id=payments[0]["hold_id"],
        run_id=payments[0]["run_id"],
        paid=paid,
        reverses={entry["grant_id"]: entry["id"] for entry in payments},
    )
    await post(work, *await _destinations(work, whole))
    work.emit(CreditsRefunded(subject_id=payments[0]["hold_id"], run_id=whole.run_id, amount=amount))


async def _consumption(work: Work, operation_key: str, paid_id: UUID) -> Sequence[Any]:
    """Return what was paid for a call and refunded of it, in the order the grants paid."""
    return await work.connection.fetch(
        """
        SELECT e.id, e.kind, e.part, e.grant_id, e.amount, e.hold_id, e.run_id
        FROM ledger_entry e
        JOIN credit_hold h ON (h.workspace_id, h.id) = (e.workspace_id, e.hold_id)
        CROSS JOIN LATERAL jsonb_array_elements(h.allocations) WITH ORDINALITY AS lot (pair, place)
        WHERE e.workspace_id = $1 AND e.operation_key = $2 AND e.account = 'CONSUMED'
          AND $3 IN (e.provider_call_id, e.ai_call_id, e.delivery_id)
          AND lot.pair ->> 0 = e.grant_id::text
        ORDER BY lot.place
        """,
        work.workspace_id,
        operation_key,
        paid_id,
    )


async def _destinations(work: Work, whole: Movement) -> list[Movement]:
    """Split a refund: to the grants that still pay, and into a new grant for each that has ended."""
    grants = await queries.grants_by_id(
        work.connection, workspace_id=work.workspace_id, ids=[part.grant_id for part in whole.allocations]
    )
    back = rules.give_back(allocations=whole.allocations, grants=grants, now=work.now)
    renewed = [replace(whole, allocations=(lot,), into=await _replacement(work, lot)) for lot in back.expired]
    return [replace(whole, allocations=back.returned), *renewed]


async def _replacement(work: Work, lot: Allocation) -> UUID:
    """Return a new, still empty grant for credits whose own grant has ended."""
    grant_id = new_id()
    await work.connection.execute(
        """
        INSERT INTO credit_grant (id, workspace_id, source, amount, remaining, priority, effective_at, reference)
        VALUES ($1, $2, $3, $4, 0, 100, $5, $6)
        """,
        grant_id,
        work.workspace_id,
        GrantSource.REFUND.value,
        lot.amount,
        work.now,
        f"refund:{grant_id}",
    )
    return grant_id
