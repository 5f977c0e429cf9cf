"""When an approved message is due, and the delivery that waits for it, with its credits set aside."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.credits.prices import Operation, price_list_at, quote
from domain.credits.rules import InsufficientCredits
from domain.credits.service import hold
from domain.ids import new_id
from domain.runs.controlling import pause as pause_run
from domain.runs.rules import PauseReason
from domain.sending.events import DeliveryDeferred, DeliveryScheduled
from domain.sending.gate import Gate
from domain.sending.places import PLACE_COLUMNS, load_calendars, window_of, zone_of
from domain.sending.tasks import SendDueDeliveries
from domain.sending.windows import (
    SendingWindow,
    WindowNeverOpens,
    add_business_days,
    add_calendar_days,
    next_send_at,
)
from domain.work import Work


def operation_key(delivery_id: UUID) -> str:
    """Return the key under which a delivery's credits are held."""
    return f"delivery:{delivery_id}"


async def schedule_message(work: Work, *, message_id: UUID) -> UUID | None:
    """Make the delivery of an approved message, if it is its turn; repeating it makes no second one.

    The first e-mail of an enrollment is due now, a later one its steps' delays after the previous was sent,
    each moved to the next opening of the window where the lead lives. Without credits the approval stands:
    the delivery waits at the gate CREDITS until there are some.

    Returns:
        The delivery; None when the previous message hasn't left yet, or there is a delivery already.
    """
    message = await work.connection.fetchrow(_MESSAGE, work.workspace_id, message_id)
    if message is None:
        return None
    await load_calendars([message], today=work.now.date())
    window, zone = window_of(message), zone_of(message)
    starts_at = await _starts_at(work, message, window=window, zone=zone)
    if starts_at is None:
        return None
    due_at = _opening(max(starts_at, work.now), window=window, zone=zone)
    delivery_id = await _insert(work, message, due_at=due_at)
    if delivery_id is None:
        return None
    work.emit(DeliveryScheduled(subject_id=message_id, run_id=message["run_id"], delivery_id=delivery_id))
    await hold_credits(work, delivery_id=delivery_id, message_id=message_id, run_id=message["run_id"])
    if due_at <= work.now:
        await work.enqueue(SendDueDeliveries())
    return delivery_id


async def schedule_next(work: Work, *, enrollment_id: UUID) -> UUID | None:
    """Make the delivery of an enrollment's next approved message, if it is approved already."""
    message_id = await work.connection.fetchval(
        """
        SELECT m.id FROM message m JOIN sequence_step s ON (s.workspace_id, s.id) = (m.workspace_id, m.step_id)
        WHERE m.workspace_id = $1 AND m.enrollment_id = $2 AND m.status = 'APPROVED'
          AND NOT EXISTS (SELECT FROM delivery d WHERE (d.workspace_id, d.message_id) = (m.workspace_id, m.id)
                          AND d.state NOT IN ('CANCELLED', 'SUPPRESSED'))
        ORDER BY s.position LIMIT 1
        """,
        work.workspace_id,
        enrollment_id,
    )
    return None if message_id is None else await schedule_message(work, message_id=message_id)


async def hold_credits(work: Work, *, delivery_id: UUID, message_id: UUID, run_id: UUID | None) -> bool:
    """Set the price of one message aside.

    Returns:
        False when there aren't enough credits; the delivery says so then, and its run pauses.
    """
    price = quote(prices=price_list_at(work.now), units={Operation.MESSAGE_SENT: 1})
    try:
        await hold(
            work,
            operation_key=operation_key(delivery_id),
            purpose=Operation.MESSAGE_SENT.value,
            amount=price,
            run_id=run_id,
        )
    except InsufficientCredits:
        noted = await work.connection.fetchval(
            """
            UPDATE delivery SET refused_gate = 'CREDITS', refused_value = 'not enough credits', refused_until = NULL
            WHERE workspace_id = $1 AND id = $2 AND refused_gate IS DISTINCT FROM 'CREDITS' RETURNING true
            """,
            work.workspace_id,
            delivery_id,
        )
        if noted:
            work.emit(
                DeliveryDeferred(
                    subject_id=message_id, run_id=run_id, delivery_id=delivery_id, gate=Gate.CREDITS.value
                )
            )
        if run_id is not None:
            await pause_run(work, run_id=run_id, reason=PauseReason.BUDGET)
        return False
    return True


async def wake(work: Work, *, gate: Gate, sender_id: UUID | None = None, run_id: UUID | None = None) -> None:
    """Have the deliveries that wait at a gate for a person ask again now, because the person has acted."""
    woken = await work.connection.fetch(
        """
        UPDATE delivery d SET due_at = $5 FROM message m
        WHERE d.workspace_id = $1 AND d.state = 'SCHEDULED' AND d.refused_gate = $2
          AND (m.workspace_id, m.id) = (d.workspace_id, d.message_id)
          AND ($3::uuid IS NULL OR d.sender_id = $3) AND ($4::uuid IS NULL OR m.run_id = $4)
        RETURNING d.id
        """,
        work.workspace_id,
        gate.value,
        sender_id,
        run_id,
        work.now,
    )
    if woken:
        await work.enqueue(SendDueDeliveries())


async def _starts_at(work: Work, message: Any, *, window: SendingWindow, zone: ZoneInfo) -> datetime | None:
    """Return when the steps' delays are over; None while the previous message hasn't left."""
    if message["position"] is None:
        return work.now
    steps = await work.connection.fetch(
        _STEPS, work.workspace_id, message["enrollment_id"], message["step_id"]
    )
    return after_delays(
        steps, own_position=message["position"], approved_at=work.now, window=window, zone=zone
    )


def after_delays(
    steps: Sequence[Any], *, own_position: int, approved_at: datetime, window: SendingWindow, zone: ZoneInfo
) -> datetime | None:
    """Return when a step may begin: the delays since the e-mail before it, counted one after the other.

    Args:
        steps: up to and with the step, by position: ``kind, position, delay_days, delay_business_days, sent_at,
            is_behind`` (the enrollment has passed it without a message).
        own_position: the step's.
        approved_at: what a first e-mail's delay counts from.
        window: days on which it opens are business days.
        zone: the lead's.
    """
    at, since = approved_at, 0
    emails = [step for step in steps if step["kind"] == "EMAIL" and step["position"] < own_position]
    if emails:
        last = emails[-1]
        if last["sent_at"] is None and not last["is_behind"]:
            return None
        at, since = last["sent_at"] or approved_at, last["position"]
    for step in steps:
        if since < step["position"] <= own_position and step["delay_days"]:
            days = step["delay_days"]
            if step["delay_business_days"]:
                at = add_business_days(start_at=at, days=days, window=window, zone=zone)
            else:
                at = add_calendar_days(start_at=at, days=days, zone=zone)
    return at


def _opening(at: datetime, *, window: SendingWindow, zone: ZoneInfo) -> datetime:
    try:
        return next_send_at(due_at=at, window=window, zone=zone)
    except WindowNeverOpens:
        return at  # the gate will say so, and somebody can change the window


async def _insert(work: Work, message: Any, *, due_at: datetime) -> UUID | None:
    delivery_id = new_id()
    inserted: UUID | None = await work.connection.fetchval(
        """
        INSERT INTO delivery (id, workspace_id, message_id, enrollment_id, step_id, sender_id, lead_id,
                              rfc_message_id, content_hash, to_address, to_domain, due_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, split_part($10, '@', -1), $11)
        ON CONFLICT DO NOTHING RETURNING id
        """,
        delivery_id,
        work.workspace_id,
        message["id"],
        message["enrollment_id"],
        message["step_id"],
        message["sender_id"],
        message["lead_id"],
        f"<{delivery_id}@{message['sender_domain']}>",
        message["content_hash"],
        message["to_address"],
        due_at,
    )
    return inserted


_MESSAGE: Final = f"""
SELECT m.id, m.run_id, m.enrollment_id, m.step_id, m.lead_id, m.sender_id, m.to_address, m.content_hash,
       s.domain AS sender_domain, st.position, {PLACE_COLUMNS}
FROM message m
JOIN workspace w ON w.id = m.workspace_id
JOIN sender s ON (s.workspace_id, s.id) = (m.workspace_id, m.sender_id)
LEFT JOIN sequence_step st ON (st.workspace_id, st.id) = (m.workspace_id, m.step_id)
LEFT JOIN lead l ON (l.workspace_id, l.id) = (m.workspace_id, m.lead_id)
LEFT JOIN company c ON (c.workspace_id, c.id) = (m.workspace_id, l.company_id)
WHERE m.workspace_id = $1 AND m.id = $2 AND m.status = 'APPROVED'
"""  # noqa: S608 - composed of our own text
_STEPS: Final = """
SELECT st.kind, st.position, st.delay_days, st.delay_business_days, d.sent_at,
       e.current_position >= st.position AS is_behind
FROM sequence_step own
JOIN sequence_step st ON (st.workspace_id, st.sequence_id) = (own.workspace_id, own.sequence_id)
JOIN enrollment e ON e.workspace_id = own.workspace_id AND e.id = $2
LEFT JOIN delivery d ON (d.workspace_id, d.enrollment_id, d.step_id) = (e.workspace_id, e.id, st.id)
                    AND d.state = 'SENT'
WHERE own.workspace_id = $1 AND own.id = $3 AND st.position <= own.position
ORDER BY st.position
"""
