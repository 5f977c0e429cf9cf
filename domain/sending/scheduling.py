"""When an approved message is due, and the delivery that waits for it, with its credits set aside."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.credits.holding import HoldOrder, hold_many
from domain.credits.prices import Operation, price_list_at, quote
from domain.credits.rules import InsufficientCredits
from domain.ids import new_id
from domain.runs.controlling import pause as pause_run
from domain.runs.rules import PauseReason
from domain.sending.events import DeliveryDeferred, DeliveryScheduled
from domain.sending.gate import Gate
from domain.sending.judging import Candidate
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


class NewDelivery(NamedTuple):
    """A delivery that was made just now."""

    id: UUID
    message_id: UUID
    run_id: UUID | None
    due_at: datetime


def operation_key(delivery_id: UUID) -> str:
    """Return the key under which a delivery's credits are held."""
    return f"delivery:{delivery_id}"


async def schedule_messages(work: Work, *, message_ids: Sequence[UUID]) -> list[UUID]:
    """Make the deliveries of approved messages whose turn it is; repeating it makes no second ones.

    The first e-mail of an enrollment is due now, a later one its steps' delays after the previous was sent,
    each moved to the next opening of the window where the lead lives. Without credits the approval stands:
    the delivery waits at the gate CREDITS until there are some.

    Returns:
        The new deliveries; messages have none while the previous one hasn't left, or when they have one already.
    """
    messages = await work.connection.fetch(_MESSAGES, work.workspace_id, list(message_ids))
    await load_calendars(messages, today=work.now.date())
    steps = await _steps_of(work, messages)
    due = [(message, _due_at(message, steps[message["id"]], now=work.now)) for message in messages]
    new = await _insert(work, [(message, due_at) for message, due_at in due if due_at is not None])
    for one in new:
        work.emit(DeliveryScheduled(subject_id=one.message_id, run_id=one.run_id, delivery_id=one.id))
    await hold_credits(work, new)
    if any(one.due_at <= work.now for one in new):
        await work.enqueue(SendDueDeliveries())
    return [one.id for one in new]


async def schedule_next(work: Work, *, enrollment_ids: Sequence[UUID]) -> list[UUID]:
    """Make the deliveries of enrollments' next approved messages, of those that are approved already."""
    rows = await work.connection.fetch(
        """
        SELECT DISTINCT ON (m.enrollment_id) m.id FROM message m
        JOIN sequence_step s ON (s.workspace_id, s.id) = (m.workspace_id, m.step_id)
        WHERE m.workspace_id = $1 AND m.enrollment_id = ANY ($2) AND m.status = 'APPROVED'
          AND NOT EXISTS (SELECT FROM delivery d WHERE (d.workspace_id, d.message_id) = (m.workspace_id, m.id)
                          AND d.state NOT IN ('CANCELLED', 'SUPPRESSED'))
        ORDER BY m.enrollment_id, s.position
        """,
        work.workspace_id,
        list(enrollment_ids),
    )
    return await schedule_messages(work, message_ids=[row["id"] for row in rows]) if rows else []


async def hold_credits(work: Work, deliveries: Sequence[NewDelivery | Candidate]) -> set[UUID]:
    """Set the price of one message aside for each delivery.

    Returns:
        Those that are paid for; the others say that credits are missing, and their runs pause.
    """
    price = quote(prices=price_list_at(work.now), units={Operation.MESSAGE_SENT: 1})
    orders = [
        HoldOrder(operation_key=operation_key(one.id), amount=price, run_id=one.run_id) for one in deliveries
    ]
    held = await hold_many(work, orders=orders, purpose=Operation.MESSAGE_SENT.value) if orders else []
    unpaid = {
        one.id: one
        for one, result in zip(deliveries, held, strict=True)
        if isinstance(result, InsufficientCredits)
    }
    if unpaid:
        await _wait_for_credits(work, unpaid)
    return {one.id for one in deliveries} - unpaid.keys()


async def _wait_for_credits(work: Work, unpaid: Mapping[UUID, NewDelivery | Candidate]) -> None:
    noted = await work.connection.fetch(
        """
        UPDATE delivery SET refused_gate = 'CREDITS', refused_value = 'not enough credits', refused_until = NULL
        WHERE workspace_id = $1 AND id = ANY ($2) AND refused_gate IS DISTINCT FROM 'CREDITS' RETURNING id
        """,
        work.workspace_id,
        list(unpaid),
    )
    for row in noted:
        one = unpaid[row["id"]]
        work.emit(
            DeliveryDeferred(
                subject_id=one.message_id, run_id=one.run_id, delivery_id=one.id, gate=Gate.CREDITS.value
            )
        )
    for run_id in {one.run_id for one in unpaid.values() if one.run_id is not None}:
        await pause_run(work, run_id=run_id, reason=PauseReason.BUDGET)


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


async def _steps_of(work: Work, messages: Sequence[Any]) -> Mapping[UUID, Sequence[Any]]:
    """Return message -> the steps up to and with its own; none for one that is no part of a sequence."""
    steps: defaultdict[UUID, list[Any]] = defaultdict(list)
    for row in await work.connection.fetch(
        _STEPS, work.workspace_id, [message["id"] for message in messages]
    ):
        steps[row["message_id"]].append(row)
    return steps


def _due_at(message: Any, steps: Sequence[Any], *, now: datetime) -> datetime | None:
    """Return when it may leave; None while the previous message hasn't left."""
    window, zone = window_of(message), zone_of(message)
    if message["position"] is None:
        return _opening(now, window=window, zone=zone)
    starts_at = after_delays(
        steps, own_position=message["position"], approved_at=now, window=window, zone=zone
    )
    return None if starts_at is None else _opening(max(starts_at, now), window=window, zone=zone)


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


async def _insert(work: Work, waiting: Sequence[tuple[Any, datetime]]) -> list[NewDelivery]:
    new = {
        (id_ := new_id()): NewDelivery(id_, message["id"], message["run_id"], due_at)
        for message, due_at in waiting
    }
    rows = await work.connection.fetch(
        _INSERT,
        work.workspace_id,
        list(new),
        [message["id"] for message, _ in waiting],
        [message["sender_domain"] for message, _ in waiting],
        [due_at for _, due_at in waiting],
    )
    inserted = {row["id"] for row in rows}
    return [one for one in new.values() if one.id in inserted]


_MESSAGES: Final = f"""
SELECT m.id, m.run_id, s.domain AS sender_domain, st.position, {PLACE_COLUMNS}
FROM unnest($2::uuid[]) WITH ORDINALITY AS asked (id, place)
JOIN message m ON m.workspace_id = $1 AND m.id = asked.id AND m.status = 'APPROVED'
JOIN workspace w ON w.id = m.workspace_id
JOIN sender s ON (s.workspace_id, s.id) = (m.workspace_id, m.sender_id)
LEFT JOIN sequence_step st ON (st.workspace_id, st.id) = (m.workspace_id, m.step_id)
LEFT JOIN lead l ON (l.workspace_id, l.id) = (m.workspace_id, m.lead_id)
LEFT JOIN company c ON (c.workspace_id, c.id) = (m.workspace_id, l.company_id)
ORDER BY asked.place
"""  # noqa: S608 - composed of our own text
_STEPS: Final = """
SELECT m.id AS message_id, st.kind, st.position, st.delay_days, st.delay_business_days, d.sent_at,
       e.current_position >= st.position AS is_behind
FROM message m
JOIN sequence_step own ON (own.workspace_id, own.id) = (m.workspace_id, m.step_id)
JOIN sequence_step st ON (st.workspace_id, st.sequence_id) = (own.workspace_id, own.sequence_id)
JOIN enrollment e ON (e.workspace_id, e.id) = (m.workspace_id, m.enrollment_id)
LEFT JOIN delivery d ON (d.workspace_id, d.enrollment_id, d.step_id) = (e.workspace_id, e.id, st.id)
                    AND d.state = 'SENT'
WHERE m.workspace_id = $1 AND m.id = ANY ($2) AND st.position <= own.position
ORDER BY m.id, st.position
"""
_INSERT: Final = """
INSERT INTO delivery (id, workspace_id, message_id, enrollment_id, step_id, sender_id, lead_id, rfc_message_id,
                      content_hash, to_address, to_domain, due_at)
SELECT new.id, $1, m.id, m.enrollment_id, m.step_id, m.sender_id, m.lead_id,
       '<' || new.id || '@' || new.sender_domain || '>', m.content_hash, m.to_address,
       split_part(m.to_address, '@', -1), new.due_at
FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[]) AS new (id, message_id, sender_domain, due_at)
JOIN message m ON m.workspace_id = $1 AND m.id = new.message_id
ON CONFLICT DO NOTHING RETURNING id
"""
