"""What an attempt came to, and what that makes of the delivery. No I/O."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from domain.senders.ports import Accepted, Deferred, Outcome, Rejected
from domain.senders.smtp_codes import Meaning, Refusal
from domain.sending.gate import Gate
from domain.sending.states import DELIVERY_STATES, RECHECK, RETRY_SPAN_MAX, DeliveryState, retry_at

TROUBLE_DELAYS: Final = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 3600))
"""Waits after a server couldn't be reached: shorter than after its refusal, because it told us nothing."""


class ResultKind(StrEnum):
    """How an attempt ended."""

    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"
    """The server said no: for now, or for good."""
    TROUBLE = "TROUBLE"
    """The server couldn't be reached; nothing left."""
    LOGIN_REFUSED = "LOGIN_REFUSED"
    SENDER_UNUSABLE = "SENDER_UNUSABLE"
    """The operator's rules keep us from this sender's server."""
    IMPOSSIBLE = "IMPOSSIBLE"
    """Nobody could send this message as it is."""
    TAKEN_BACK = "TAKEN_BACK"
    """Handed over, but the last line was never written: surely nothing left."""
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The end of one attempt, fenced by the epoch it was made under."""

    delivery_id: UUID
    epoch: int
    kind: ResultKind
    refusal: Refusal | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What becomes of the delivery.

    Attributes:
        due_at: when it is tried again; None leaves the time as it is.
        failures: 1 when this attempt counts as a failed one.
        gate, value: what it waits for, when that is more than time.
    """

    state: DeliveryState
    due_at: datetime | None = None
    failures: int = 0
    gate: Gate | None = None
    value: str | None = None


def result_of(outcome: Outcome, *, delivery_id: UUID, epoch: int) -> Result:
    """Return the result of a finished transmission."""
    match outcome:
        case Accepted(provider_ref):
            kind, refusal, detail = ResultKind.ACCEPTED, None, provider_ref
        case Deferred(refused) | Rejected(refused):
            kind, refusal, detail = ResultKind.REFUSED, refused, refused.text
        case _:
            kind, refusal, detail = ResultKind.UNKNOWN, None, outcome.reason
    return Result(delivery_id=delivery_id, epoch=epoch, kind=kind, refusal=refusal, detail=detail[:500])


def judge_result(result: Result, row: Any, *, now: datetime) -> Verdict | None:
    """Return what a result makes of a delivery; None when it came too late to change anything.

    Args:
        result: what the attempt came to.
        row: ``state, epoch, attempts, first_tried_at`` of the locked delivery.
        now: the present.
    """
    if row["epoch"] != result.epoch:
        return None
    verdict = _verdict(result, row, now)
    state, target = DeliveryState(row["state"]), verdict.state
    if target is DeliveryState.SENT:
        # A worker may be late to say it, even after a look-up that found nothing; the epoch says it's the same try.
        is_open = not DELIVERY_STATES.is_terminal(state)
        return verdict if is_open else None
    in_time = state in (DeliveryState.LEASED, DeliveryState.HANDOFF)
    return verdict if in_time and DELIVERY_STATES.allows(state, target) else None


def _verdict(result: Result, row: Any, now: datetime) -> Verdict:
    match result.kind:
        case ResultKind.ACCEPTED:
            return Verdict(state=DeliveryState.SENT)
        case ResultKind.UNKNOWN:
            return Verdict(state=DeliveryState.UNKNOWN)
        case ResultKind.IMPOSSIBLE:
            return Verdict(state=DeliveryState.FAILED)
        case ResultKind.TAKEN_BACK:
            return Verdict(state=DeliveryState.SCHEDULED, due_at=now)
        case ResultKind.LOGIN_REFUSED | ResultKind.SENDER_UNUSABLE:
            return _wait_for_sender(result, now)
        case ResultKind.TROUBLE:
            return _retry(_after_trouble(row, now))
    refusal = result.refusal
    if refusal is not None and refusal.meaning is Meaning.SENDER_FAULT:
        return _wait_for_sender(result, now)
    if refusal is None or not refusal.may_pass:
        return Verdict(state=DeliveryState.FAILED)
    since = row["first_tried_at"] or now
    return _retry(retry_at(failures=row["attempts"] + 1, first_tried_at=since, now=now))


def _wait_for_sender(result: Result, now: datetime) -> Verdict:
    return Verdict(
        state=DeliveryState.SCHEDULED, due_at=now + RECHECK, gate=Gate.SENDER, value=result.detail[:300]
    )


def _after_trouble(row: Any, now: datetime) -> datetime | None:
    at = now + TROUBLE_DELAYS[min(row["attempts"], len(TROUBLE_DELAYS) - 1)]
    return at if at - (row["first_tried_at"] or now) <= RETRY_SPAN_MAX else None


def _retry(at: datetime | None) -> Verdict:
    if at is None:
        return Verdict(state=DeliveryState.FAILED, failures=1)
    return Verdict(state=DeliveryState.SCHEDULED, due_at=at, failures=1)
