"""Credits: grant, hold, settle, release, refund. Each is part of a caller's unit of work and safe to repeat.

An operation sets aside the most it can cost (``hold``), pays what it did cost, in one or several parts
(``settle``), and gives the rest back (``release``). Its key names it for ever: a new attempt takes a new key.
"""

from datetime import datetime
from uuid import UUID

from domain.credits import queries, rules
from domain.credits.events import CreditsGranted
from domain.credits.holding import hold
from domain.credits.ledger import EntryKind
from domain.credits.posting import Movement, Paid, post
from domain.credits.queries import Hold
from domain.credits.refunding import refund
from domain.credits.releasing import release, release_many, unpaid
from domain.credits.rules import Allocation, GrantSource, HoldClosed, HoldStatus
from domain.errors import Invalid, NotFound
from domain.ids import new_id
from domain.work import Work

__all__ = ["grant", "hold", "refund", "release", "release_many", "settle"]


async def grant(
    work: Work,
    *,
    source: GrantSource,
    amount: int,
    reference: str,
    expires_at: datetime | None = None,
    priority: int = 100,
) -> UUID:
    """Add credits; the same reference is granted once.

    Args:
        amount: credits, 1 to 2^53.
        reference: what the grant is for, unique in the workspace: ``trial``, an invoice line, an operator's note.
        priority: 0 pays first, 100 last.

    Raises:
        Invalid: no such amount, no reference, or an end in the past.
    """
    rules.parse_amount(amount)
    if not 1 <= len(reference) <= 255:
        raise Invalid("a reference has 1 to 255 characters", field=("reference",))
    if expires_at is not None and expires_at <= work.now:
        raise Invalid("the end lies in the past", field=("expiresAt",))
    balance = await queries.lock_balance(work.connection, workspace_id=work.workspace_id)
    grant_id = await work.connection.fetchval(
        """
        INSERT INTO credit_grant (id, workspace_id, source, amount, remaining, priority, effective_at, expires_at,
                                  reference)
        VALUES ($1, $2, $3, $4, 0, $5, $6, $7, $8) ON CONFLICT (workspace_id, reference) DO NOTHING RETURNING id
        """,
        new_id(),
        work.workspace_id,
        source.value,
        amount,
        priority,
        work.now,
        expires_at,
        reference,
    )
    if grant_id is None:
        return await _granted(work, reference)
    lot = Allocation(grant_id, amount)
    await post(work, Movement(kind=EntryKind.GRANT, allocations=(lot,), operation_key=f"grant:{reference}"))
    await _top_up(work, balance.available + amount)
    work.emit(CreditsGranted(subject_id=grant_id, source=source.value, amount=amount))
    work.audit("credits.grant", target_kind="credit_grant", target_id=grant_id, source=source, amount=amount)
    return lot.grant_id


async def settle(
    work: Work,
    *,
    operation_key: str,
    amount: int,
    provider_call_id: UUID | None = None,
    ai_call_id: UUID | None = None,
    delivery_id: UUID | None = None,
) -> None:
    """Pay for one call out of the operation's hold; what isn't paid stays held until ``release``.

    A call is paid once, however often this runs; an amount of 0 pays nothing.

    Args:
        amount: what the call cost.
        provider_call_id, ai_call_id, delivery_id: exactly one: what was paid for.

    Raises:
        NotFound: no hold has this key.
        HoldClosed: it was released, fully settled, or has expired.
        SettleExceedsHold: less is held than that.
    """
    paid = Paid(provider_call_id=provider_call_id, ai_call_id=ai_call_id, delivery_id=delivery_id)
    part = str(paid.id)
    if amount == 0:
        return
    await queries.lock_balance(work.connection, workspace_id=work.workspace_id)
    found = await _find_hold(work, operation_key)
    if found is None:
        raise NotFound("no credits are held for this operation")
    if await _is_settled(work, operation_key, part):
        return
    if found.status is not HoldStatus.HELD:
        raise HoldClosed(f"the hold is {found.status.value}")
    settlement = rules.settle(held=unpaid(found), amount=amount)
    await work.connection.execute(
        """
        UPDATE credit_hold SET settled = settled + $3, status = CASE WHEN $4 THEN 'SETTLED' ELSE status END
        WHERE workspace_id = $1 AND id = $2
        """,
        work.workspace_id,
        found.id,
        amount,
        not settlement.released,
    )
    payment = Movement(
        kind=EntryKind.SETTLE,
        allocations=settlement.settled,
        operation_key=operation_key,
        part=part,
        hold_id=found.id,
        run_id=found.run_id,
        paid=paid,
    )
    await post(work, payment)


async def _find_hold(work: Work, operation_key: str) -> Hold | None:
    return await queries.find_hold(
        work.connection, workspace_id=work.workspace_id, operation_key=operation_key
    )


async def _is_settled(work: Work, operation_key: str, part: str) -> bool:
    found: bool = await work.connection.fetchval(
        """
        SELECT EXISTS (SELECT FROM ledger_entry
                       WHERE (workspace_id, operation_key, kind, part) = ($1, $2, 'SETTLE', $3))
        """,
        work.workspace_id,
        operation_key,
        part,
    )
    return found


async def _granted(work: Work, reference: str) -> UUID:
    grant_id: UUID = await work.connection.fetchval(
        "SELECT id FROM credit_grant WHERE workspace_id = $1 AND reference = $2", work.workspace_id, reference
    )
    return grant_id


async def _top_up(work: Work, available: int) -> None:
    await work.connection.execute(
        "UPDATE credit_account SET topped_up_to = $2 WHERE workspace_id = $1", work.workspace_id, available
    )
