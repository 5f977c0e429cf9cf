"""Step 6 of the protocol: what became of a message whose fate a crash or a lost answer left open.

Presence proves that it left. Absence proves that it didn't only where the server files what it sends by itself
and has had time to; without proof nothing is ever sent again by us.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from domain.actor import Actor
from domain.errors import Conflict, ProviderUnavailable
from domain.ports import Ports
from domain.senders.credentials import SenderWithoutSecret, open_account
from domain.senders.ports import AuthenticationFailed, Found, MailAccount, Presence
from domain.senders.service import require_reauthentication
from domain.sending.events import DeliveryReviewNeeded, DeliveryUnknown
from domain.sending.journal import Step, note
from domain.sending.recording import go_on_after, lock_deliveries, pay_for
from domain.sending.states import DeliveryState
from domain.sending.tasks import SendDueDeliveries
from domain.work import Work, unit_of_work

LOOK_LEASES: Final = 3
"""For how many leases a look-up keeps others from looking too; two at once would cost time and nothing else."""


class Conclusion(StrEnum):
    """What a look-up concludes."""

    SENT = "SENT"
    NOT_SENT = "NOT_SENT"
    LOOK_AGAIN = "LOOK_AGAIN"
    STAYS_UNKNOWN = "STAYS_UNKNOWN"
    REVIEW = "REVIEW"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A delivery whose fate is being looked up."""

    delivery_id: UUID
    epoch: int
    rfc_message_id: str
    account: MailAccount | None
    files_sent_copy: bool


def conclude(
    *, found: Found, files_sent_copy: bool, since_handed_off: timedelta, settle: timedelta, looks_left: int
) -> Conclusion:
    """Return what a look-up tells.

    Args:
        found: what it saw.
        files_sent_copy: the server was seen to file our test message by itself.
        since_handed_off: how long ago the last line may have been written.
        settle: how long a server may take to file a copy.
        looks_left: further look-ups that are planned.
    """
    if found is Found.FOUND:
        return Conclusion.SENT
    if found is Found.ABSENT and files_sent_copy and since_handed_off >= settle:
        return Conclusion.NOT_SENT
    if looks_left > 0:
        return Conclusion.LOOK_AGAIN
    return Conclusion.REVIEW if files_sent_copy else Conclusion.STAYS_UNKNOWN


async def reconcile_delivery(
    *, ports: Ports, workspace_id: UUID, delivery_id: UUID, clock: Callable[[], datetime]
) -> Conclusion | None:
    """Look for one delivery's message and act on what that proves; None when it isn't in doubt any more.

    Safe to repeat and to race.
    """
    actor = Actor.job(workspace_id)
    doubt = await _take(actor, delivery_id, ports=ports, now=clock())
    if doubt is None:
        return None
    presence = await _look(actor, doubt, ports=ports, clock=clock)
    return await _act(actor, doubt, presence, ports=ports, now=clock())


async def confirm_sent(work: Work, *, delivery_id: UUID, final_message_id: str | None = None) -> bool:
    """Note that a message surely left: a bounce or a reply quotes it, or a person says so.

    Returns:
        False when the delivery isn't in doubt.
    """
    row = (await lock_deliveries(work, [delivery_id])).get(delivery_id)
    if row is None or row["state"] not in {
        DeliveryState.HANDOFF,
        DeliveryState.UNKNOWN,
        DeliveryState.REVIEW,
    }:
        return False
    await work.connection.execute(
        """
        UPDATE delivery SET state = 'SENT', sent_at = coalesce(handed_off_at, $3), lease_until = NULL,
            reconcile_at = NULL, rfc_message_id_final = coalesce($4, rfc_message_id_final, rfc_message_id)
        WHERE workspace_id = $1 AND id = $2
        """,
        work.workspace_id,
        delivery_id,
        work.now,
        final_message_id,
    )
    await pay_for(work, [delivery_id])
    await go_on_after(work, [row])
    return True


async def send_again(work: Work, row: Any, *, reason: str) -> None:
    """Queue a delivery in doubt anew; the caller has proof that nothing left, or is a person who decides so."""
    await work.connection.execute(
        """
        UPDATE delivery SET state = 'SCHEDULED', due_at = $3, lease_until = NULL, handed_off_at = NULL,
            unknown_since = NULL, reconcile_at = NULL, detail = $4
        WHERE workspace_id = $1 AND id = $2
        """,
        work.workspace_id,
        row["id"],
        work.now,
        reason,
    )
    await work.enqueue(SendDueDeliveries())


async def _take(actor: Actor, delivery_id: UUID, *, ports: Ports, now: datetime) -> Doubt | None:
    """Mark a delivery as unknown and as being looked up; a hand-off nobody finished becomes unknown here."""
    async with unit_of_work(actor, now=now) as work:
        row = await work.connection.fetchrow(
            _TAKE, actor.workspace_id, delivery_id, now, ports.sending.lease_s * LOOK_LEASES
        )
        if row is None:
            return None
        if row["reconcile_count"] == 1:
            work.emit(
                DeliveryUnknown(subject_id=row["message_id"], run_id=row["run_id"], delivery_id=delivery_id)
            )
        try:
            account = await open_account(work.connection, sender_id=row["sender_id"], keyring=ports.keyring)
        except SenderWithoutSecret:
            account = None
    return Doubt(
        delivery_id=delivery_id,
        epoch=row["epoch"],
        rfc_message_id=row["rfc_message_id"],
        account=account,
        files_sent_copy=bool(row["files_sent_copy"]),
    )


async def _look(actor: Actor, doubt: Doubt, *, ports: Ports, clock: Callable[[], datetime]) -> Presence:
    if doubt.account is None:
        return Presence(Found.UNAVAILABLE, detail="the sender is disconnected")
    try:
        return await ports.mailbox.look_up(doubt.account, message_id=doubt.rfc_message_id)
    except AuthenticationFailed as error:
        async with unit_of_work(actor, now=clock()) as work:
            rows = await lock_deliveries(work, [doubt.delivery_id])
            sender_id = rows[doubt.delivery_id]["sender_id"]
            await require_reauthentication(work, sender_id=sender_id, reason=error.message)
        return Presence(Found.UNAVAILABLE, detail=error.message)
    except (Conflict, ProviderUnavailable) as error:
        return Presence(Found.UNAVAILABLE, detail=error.message)


async def _act(
    actor: Actor, doubt: Doubt, presence: Presence, *, ports: Ports, now: datetime
) -> Conclusion | None:
    delays = ports.sending.reconcile_delays_s
    async with unit_of_work(actor, now=now) as work:
        row = (await lock_deliveries(work, [doubt.delivery_id])).get(doubt.delivery_id)
        if row is None or row["state"] != DeliveryState.UNKNOWN or row["epoch"] != doubt.epoch:
            return None  # its worker has come back and told
        conclusion = conclude(
            found=presence.found,
            files_sent_copy=doubt.files_sent_copy,
            since_handed_off=now - (row["handed_off_at"] or now),
            settle=timedelta(seconds=ports.sending.settle_delay_s),
            looks_left=len(delays) - row["reconcile_count"],
        )
        await _apply(work, row, conclusion, presence, delays_s=delays)
        detail = presence.detail or None
        await note(work, [Step(doubt.delivery_id, doubt.epoch, "RECONCILE", conclusion.value, detail)])
    return conclusion


async def _apply(
    work: Work, row: Any, conclusion: Conclusion, presence: Presence, *, delays_s: tuple[float, ...]
) -> None:
    match conclusion:
        case Conclusion.SENT:
            await confirm_sent(work, delivery_id=row["id"], final_message_id=presence.final_message_id)
        case Conclusion.NOT_SENT:
            await send_again(work, row, reason="looked up: the server has not sent it")
        case Conclusion.LOOK_AGAIN:
            at = row["unknown_since"] + timedelta(seconds=delays_s[row["reconcile_count"]])
            await _plan(work, row, state=DeliveryState.UNKNOWN, at=max(at, work.now), presence=presence)
        case Conclusion.STAYS_UNKNOWN:
            await _plan(work, row, state=DeliveryState.UNKNOWN, at=None, presence=presence)
        case Conclusion.REVIEW:
            await _plan(work, row, state=DeliveryState.REVIEW, at=None, presence=presence)
            work.emit(
                DeliveryReviewNeeded(
                    subject_id=row["message_id"], run_id=row["run_id"], delivery_id=row["id"]
                )
            )


async def _plan(
    work: Work, row: Any, *, state: DeliveryState, at: datetime | None, presence: Presence
) -> None:
    await work.connection.execute(
        "UPDATE delivery SET state = $3, reconcile_at = $4, detail = $5 WHERE workspace_id = $1 AND id = $2",
        work.workspace_id,
        row["id"],
        state.value,
        at,
        presence.detail or f"looked up: {presence.found.value.lower()}",
    )


_TAKE: Final = """
UPDATE delivery d
SET state = 'UNKNOWN', unknown_since = coalesce(d.unknown_since, $3), reconcile_count = d.reconcile_count + 1,
    reconcile_at = clock_timestamp() + make_interval(secs => $4)
FROM sender s, message m
WHERE d.workspace_id = $1 AND d.id = $2 AND d.state IN ('HANDOFF', 'UNKNOWN') AND d.reconcile_at < clock_timestamp()
  AND (s.workspace_id, s.id) = (d.workspace_id, d.sender_id)
  AND (m.workspace_id, m.id) = (d.workspace_id, d.message_id)
RETURNING d.epoch, d.rfc_message_id, d.reconcile_count, d.message_id, d.sender_id, m.run_id, s.files_sent_copy
"""
