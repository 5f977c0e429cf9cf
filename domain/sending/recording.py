"""Step 5 of the protocol: writing down what attempts came to, and everything that follows from it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog

from domain.actor import Actor
from domain.credits.service import release
from domain.credits.settling import settle_deliveries
from domain.ports import Ports
from domain.senders.service import pause, require_reauthentication
from domain.senders.smtp_codes import Meaning
from domain.sending.events import (
    DeliveryDeferred,
    DeliveryFailed,
    DeliveryUnknown,
    MessageSent,
)
from domain.sending.journal import Step, note
from domain.sending.results import Result, ResultKind, Verdict, judge_result
from domain.sending.scheduling import operation_key
from domain.sending.states import DeliveryState
from domain.sequences.enrollments import SentStep, advance_many, stop
from domain.sequences.rules import EnrollmentStatus
from domain.suppression.rules import SuppressionKind, SuppressionReason
from domain.suppression.service import suppress
from domain.work import Work, unit_of_work

log = structlog.get_logger(__name__)

Judged = tuple[Result, Any, Verdict]


async def record_results(
    workspace_id: UUID, results: Sequence[Result], *, ports: Ports, now: datetime
) -> list[bool]:
    """Write down the results of one workspace's attempts, in one transaction.

    Returns:
        For each result, in order, whether it counted; one made under an older epoch, or about a delivery that
        has ended, changes nothing. Safe to repeat.
    """
    async with unit_of_work(Actor.job(workspace_id), now=now) as work:
        rows = await lock_deliveries(work, [result.delivery_id for result in results])
        judged = [
            (result, row, verdict)
            for result in results
            if (row := rows.get(result.delivery_id)) is not None
            and (verdict := judge_result(result, row, now=now)) is not None
        ]
        await _write(work, judged, ports=ports)
        await pay_for(work, [row["id"] for _, row, verdict in judged if verdict.state is DeliveryState.SENT])
        await go_on_after(work, [row for _, row, verdict in judged if verdict.state is DeliveryState.SENT])
        for result, row, verdict in judged:
            await _follow_up(work, result, row, verdict, ports=ports)
        counted = {result.delivery_id for result, _, _ in judged}
        await note(work, [_line(result, result.delivery_id in counted) for result in results])
    return [result.delivery_id in counted for result in results]


async def lock_deliveries(work: Work, delivery_ids: Sequence[UUID]) -> dict[UUID, Any]:
    """Lock deliveries and their enrollments, which a reply locks first; return what results are judged by."""
    await work.connection.execute(
        """
        SELECT id FROM enrollment WHERE workspace_id = $1 AND id IN (
            SELECT enrollment_id FROM delivery WHERE workspace_id = $1 AND id = ANY ($2)
        ) ORDER BY id FOR NO KEY UPDATE
        """,
        work.workspace_id,
        list(delivery_ids),
    )
    rows = await work.connection.fetch(_ROWS, work.workspace_id, list(delivery_ids))
    return {row["id"]: row for row in rows}


async def pay_for(work: Work, delivery_ids: Sequence[UUID]) -> None:
    """Pay for messages that have left, out of their holds."""
    keys = {delivery_id: operation_key(delivery_id) for delivery_id in delivery_ids}
    for delivery_id in await settle_deliveries(work, keys=keys):
        log.error("sent_without_a_hold", delivery_id=str(delivery_id))


async def go_on_after(work: Work, rows: Sequence[Any]) -> None:
    """Let enrollments go on whose messages have left."""
    for row in rows:
        work.emit(MessageSent(subject_id=row["message_id"], run_id=row["run_id"], delivery_id=row["id"]))
    await advance_many(
        work,
        [
            SentStep(row["enrollment_id"], row["position"], row["handed_off_at"] or work.now)
            for row in rows
            if row["enrollment_id"] is not None and row["position"] is not None
        ],
    )


async def _write(work: Work, judged: Sequence[Judged], *, ports: Ports) -> None:
    if not judged:
        return
    await work.connection.execute(
        _UPDATE,
        work.workspace_id,
        work.now,
        [result.delivery_id for result, _, _ in judged],
        [verdict.state.value for _, _, verdict in judged],
        [verdict.due_at for _, _, verdict in judged],
        [verdict.failures for _, _, verdict in judged],
        [verdict.gate.value if verdict.gate else None for _, _, verdict in judged],
        [verdict.value for _, _, verdict in judged],
        [result.detail if result.kind is ResultKind.ACCEPTED else None for result, _, _ in judged],
        [result.refusal.enhanced if result.refusal else None for result, _, _ in judged],
        [None if result.kind is ResultKind.ACCEPTED else result.detail for result, _, _ in judged],
        ports.sending.reconcile_delays_s[0],
    )


async def _follow_up(work: Work, result: Result, row: Any, verdict: Verdict, *, ports: Ports) -> None:
    about: dict[str, Any] = {
        "subject_id": row["message_id"],
        "run_id": row["run_id"],
        "delivery_id": row["id"],
    }
    await _blame_sender(work, result, row)
    match verdict.state:
        case DeliveryState.SENT:
            pass  # what follows from it was done for all of them at once
        case DeliveryState.UNKNOWN:
            work.emit(DeliveryUnknown(**about))
        case DeliveryState.FAILED:
            meaning = result.refusal.meaning if result.refusal else None
            await release(work, operation_key=operation_key(row["id"]))
            work.emit(DeliveryFailed(**about, meaning=(meaning or result.kind).value))
            await _end_enrollment(work, row, is_hard=meaning is Meaning.HARD, ports=ports)
        case _ if result.kind is not ResultKind.TAKEN_BACK:
            work.emit(DeliveryDeferred(**about, gate=verdict.gate.value if verdict.gate else "SERVER"))


async def _blame_sender(work: Work, result: Result, row: Any) -> None:
    if result.kind is ResultKind.LOGIN_REFUSED:
        await require_reauthentication(work, sender_id=row["sender_id"], reason=result.detail)
    elif result.refusal is not None and result.refusal.meaning is Meaning.SENDER_FAULT:
        reason = f"its server refused: {result.refusal.code} {result.refusal.text}"
        await pause(work, sender_id=row["sender_id"], reason=reason, automatic=True)


async def _end_enrollment(work: Work, row: Any, *, is_hard: bool, ports: Ports) -> None:
    if row["enrollment_id"] is not None:
        status = EnrollmentStatus.BOUNCED if is_hard else EnrollmentStatus.FAILED
        await stop(work, enrollment_id=row["enrollment_id"], status=status)
    if is_hard:
        await suppress(
            work,
            kind=SuppressionKind.EMAIL,
            value=row["to_address"],
            reason=SuppressionReason.BOUNCE,
            identity_key=ports.identity_key,
            evidence="the mail server says that this address doesn't exist",
        )


def _line(result: Result, counted: bool) -> Step:
    name = result.kind.value if counted else f"{result.kind.value} (too late)"
    return Step(result.delivery_id, result.epoch, "OUTCOME", name, result.detail or None)


_ROWS: Final = """
SELECT d.id, d.message_id, d.enrollment_id, d.sender_id, d.to_address, d.state, d.epoch, d.attempts,
       d.first_tried_at, d.handed_off_at, d.unknown_since, d.reconcile_count, d.rfc_message_id,
       (SELECT m.run_id FROM message m WHERE (m.workspace_id, m.id) = (d.workspace_id, d.message_id)) AS run_id,
       (SELECT st.position FROM sequence_step st
        WHERE (st.workspace_id, st.id) = (d.workspace_id, d.step_id)) AS position
FROM delivery d WHERE d.workspace_id = $1 AND d.id = ANY ($2) ORDER BY d.id FOR NO KEY UPDATE
"""
_UPDATE: Final = """
UPDATE delivery d
SET state = n.state, due_at = coalesce(n.due_at, d.due_at), attempts = d.attempts + n.failures,
    first_tried_at = coalesce(d.first_tried_at, $2), lease_until = NULL,
    refused_gate = n.gate, refused_value = n.value, refused_until = NULL,
    provider_ref = coalesce(n.provider_ref, d.provider_ref), enhanced_code = n.enhanced, detail = n.detail,
    sent_at = CASE WHEN n.state = 'SENT' THEN coalesce(d.handed_off_at, $2) END,
    rfc_message_id_final = CASE WHEN n.state = 'SENT' THEN coalesce(d.rfc_message_id_final, d.rfc_message_id) END,
    handed_off_at = CASE WHEN n.state IN ('SENT', 'UNKNOWN') THEN coalesce(d.handed_off_at, $2) END,
    unknown_since = CASE WHEN n.state = 'UNKNOWN' THEN $2 END,
    reconcile_at = CASE WHEN n.state = 'UNKNOWN' THEN clock_timestamp() + make_interval(secs => $12) END,
    reconcile_count = 0
FROM unnest($3::uuid[], $4::text[], $5::timestamptz[], $6::int[], $7::text[], $8::text[], $9::text[], $10::text[],
            $11::text[]) AS n (id, state, due_at, failures, gate, value, provider_ref, enhanced, detail)
WHERE d.workspace_id = $1 AND d.id = n.id
"""
