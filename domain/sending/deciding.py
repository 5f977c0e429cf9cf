"""What a person decides about a delivery whose fate nobody can look up."""

from datetime import datetime
from typing import Any
from uuid import UUID

from domain.actor import Actor, require
from domain.errors import Conflict, NotFound
from domain.idempotency import Idempotency
from domain.sending.reconciling import confirm_sent, send_again
from domain.sending.recording import lock_deliveries
from domain.sending.states import DeliveryState, require_move
from domain.work import Work, unit_of_work
from domain.workspaces.rules import Permission

_IN_DOUBT = frozenset({DeliveryState.UNKNOWN, DeliveryState.REVIEW})


class NotInDoubt(Conflict):
    """We know what became of this delivery, so there is nothing to decide."""

    code = "DELIVERY_NOT_IN_DOUBT"


async def resend_delivery(
    *, actor: Actor, delivery_id: UUID, now: datetime, idempotency: Idempotency | None
) -> UUID:
    """Send a message again although it may have left before; it keeps its Message-ID and its credits.

    Raises:
        NotInDoubt: it was sent, will be, or was taken back.
    """
    require(actor, Permission.APPROVE_MESSAGES)
    async with unit_of_work(actor, now=now, idempotency=idempotency) as work:
        row = await _in_doubt(work, delivery_id)
        require_move(DeliveryState(row["state"]), DeliveryState.SCHEDULED, absence_proven=True)
        await send_again(work, row, reason="a person decided to send it again")
        work.audit("delivery.resend", target_kind="delivery", target_id=delivery_id)
        work.answer(delivery_id)
    return delivery_id


async def mark_delivery_sent(*, actor: Actor, delivery_id: UUID, now: datetime) -> UUID:
    """Note that a message did leave, because a person has seen it; its enrollment goes on.

    Raises:
        NotInDoubt: it was sent, will be, or was taken back.
    """
    require(actor, Permission.APPROVE_MESSAGES)
    async with unit_of_work(actor, now=now) as work:
        await _in_doubt(work, delivery_id)
        await confirm_sent(work, delivery_id=delivery_id)
        work.audit("delivery.mark_sent", target_kind="delivery", target_id=delivery_id)
    return delivery_id


async def _in_doubt(work: Work, delivery_id: UUID) -> Any:
    row = (await lock_deliveries(work, [delivery_id])).get(delivery_id)
    if row is None:
        raise NotFound("no such delivery", field=("id",))
    if row["state"] not in _IN_DOUBT:
        raise NotInDoubt(f"this delivery is {row['state']}; only unknown ones are decided by hand")
    return row
