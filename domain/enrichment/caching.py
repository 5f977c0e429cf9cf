"""Provider calls: ask once, remember the answer, hold and pay its credits.

A call is opened in one unit of work, made outside of any, and closed in a second one. Whoever asks the same
while it is open waits; whoever asks while its answer is good gets a record of the memory, which costs nothing.
A call whose worker died is given up after its lease and gives its credits back.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

from domain import tenancy
from domain.actor import Actor
from domain.credits.prices import Operation
from domain.credits.service import hold, release, settle
from domain.enrichment.events import ProviderCallFinished
from domain.enrichment.rules.calls import LEASE, CallStatus
from domain.ids import new_id
from domain.work import Work, unit_of_work


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is about to be asked, of whom, for which lead.

    Attributes:
        fingerprint: equal for equal questions to the same provider.
        price_max: credits, the most the answer can cost; held while the call is open.
    """

    provider: str
    endpoint: str
    fingerprint: str
    operation: Operation
    price_max: int
    lead_id: UUID
    company_id: UUID | None
    run_id: UUID | None


class Turn(Enum):
    """What whoever has a question does next."""

    ASK = "ASK"
    REMEMBER = "REMEMBER"
    WAIT = "WAIT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A question's turn, and the call that answers it: one's own, a remembered one, or another worker's."""

    turn: Turn
    call_id: UUID
    status: CallStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How a call ended.

    Attributes:
        cost: credits, at most what was held.
        good_for: how long the same question needn't be asked again; None when it may be at once.
        refused_count: facts that aren't kept (see ``screening``).
        detail: one sentence without personal data.
    """

    status: CallStatus
    cost: int
    latency_ms: int
    units: int = 0
    good_for: timedelta | None = None
    refused_count: int = 0
    detail: str = ""


def operation_key(call_id: UUID) -> str:
    """Return the key under which a call's credits are held."""
    return f"provider_call:{call_id}"


async def open_call(work: Work, question: Question) -> Opened:
    """Begin a call, unless somebody is making it or its answer is remembered.

    Raises:
        InsufficientCredits: nothing was written.
    """
    await work.connection.fetchval(
        "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))",
        f"{work.workspace_id}:{question.provider}:{question.fingerprint}",
    )
    known = await _find_known(work, question)
    if known is not None and known["status"] == CallStatus.STARTED:
        if known["started_at"] > work.now - LEASE:
            return Opened(turn=Turn.WAIT, call_id=known["id"], status=CallStatus.STARTED)
        await _give_up(work, known["id"])
        known = None
    if known is not None:
        await _record_memory(work, question, known)
        return Opened(turn=Turn.REMEMBER, call_id=known["id"], status=CallStatus(known["status"]))
    call_id = await _start(work, question)
    return Opened(turn=Turn.ASK, call_id=call_id, status=CallStatus.STARTED)


async def close_call(work: Work, *, call_id: UUID, answer: Answer) -> bool:
    """Record an answer and pay for it; False when the call was given up meanwhile, and then nothing is paid.

    The credits move before the caller locks anything else, as everywhere.
    """
    row = await work.connection.fetchrow(
        """
        UPDATE provider_call SET status = $3, cost_credits = $4, latency_ms = $5, units = $6, refused_count = $7,
                                 detail = nullif($8, ''), finished_at = $9::timestamptz,
                                 expires_at = $9::timestamptz + $10::interval
        WHERE workspace_id = $1 AND id = $2 AND status = 'STARTED' RETURNING provider, run_id
        """,
        work.workspace_id,
        call_id,
        answer.status.value,
        answer.cost,
        answer.latency_ms,
        answer.units,
        answer.refused_count,
        answer.detail,
        work.now,
        answer.good_for,
    )
    if row is None:
        return False
    if answer.cost:
        await settle(work, operation_key=operation_key(call_id), amount=answer.cost, provider_call_id=call_id)
    await release(work, operation_key=operation_key(call_id))
    _announce(work, call_id, row, status=answer.status, cost=answer.cost)
    return True


async def give_up_lost_calls(*, now: datetime) -> int:
    """Close the calls of workers that died and give their credits back; returns how many there were."""
    async with tenancy.across_workspaces() as connection:
        rows = await connection.fetch(
            "SELECT workspace_id, id FROM provider_call WHERE status = 'STARTED' AND started_at <= $1 LIMIT 500",
            now - LEASE,
        )
    for row in rows:
        async with unit_of_work(Actor.job(row["workspace_id"]), now=now) as work:
            await _give_up(work, row["id"])
    return len(rows)


async def _find_known(work: Work, question: Question) -> Any:
    """Return the open call of this question, else the newest whose answer is still good."""
    return await work.connection.fetchrow(
        """
        SELECT id, status, started_at FROM provider_call
        WHERE workspace_id = $1 AND provider = $2 AND request_fingerprint = $3 AND NOT cache_hit
          AND (status = 'STARTED' OR expires_at > $4)
        ORDER BY status = 'STARTED' DESC, started_at DESC LIMIT 1
        """,
        work.workspace_id,
        question.provider,
        question.fingerprint,
        work.now,
    )


async def _start(work: Work, question: Question) -> UUID:
    call_id = new_id()
    if question.price_max:
        await hold(
            work,
            operation_key=operation_key(call_id),
            purpose=question.operation.value,
            amount=question.price_max,
            run_id=question.run_id,
        )
    await work.connection.execute(_START, *_columns(work, call_id, question), work.now)
    return call_id


async def _record_memory(work: Work, question: Question, known: Any) -> None:
    """Record once per lead and run that an answer was remembered; whoever asked first needs no such record."""
    await work.connection.execute(
        _REMEMBER, *_columns(work, new_id(), question), known["status"], work.now, known["started_at"]
    )


async def _give_up(work: Work, call_id: UUID) -> None:
    """Say that nobody knows how a call ended, and give its credits back; a finished one is left alone."""
    row = await work.connection.fetchrow(
        """
        UPDATE provider_call SET status = 'TIMEOUT_UNKNOWN', finished_at = $3, detail = 'the worker was lost'
        WHERE workspace_id = $1 AND id = $2 AND status = 'STARTED' RETURNING provider, run_id
        """,
        work.workspace_id,
        call_id,
        work.now,
    )
    if row is not None:
        await release(work, operation_key=operation_key(call_id))
        _announce(work, call_id, row, status=CallStatus.TIMEOUT_UNKNOWN, cost=0)


def _announce(work: Work, call_id: UUID, row: Any, *, status: CallStatus, cost: int) -> None:
    work.emit(
        ProviderCallFinished(
            subject_id=call_id,
            run_id=row["run_id"],
            provider=row["provider"],
            status=status.value,
            credits=cost,
        )
    )


def _columns(work: Work, call_id: UUID, question: Question) -> tuple[Any, ...]:
    return (
        call_id,
        work.workspace_id,
        question.run_id,
        question.lead_id,
        question.company_id,
        question.provider,
        question.endpoint,
        question.fingerprint,
    )


_START = """
INSERT INTO provider_call (id, workspace_id, run_id, lead_id, company_id, provider, endpoint, request_fingerprint,
                           status, started_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'STARTED', $9)
"""
_REMEMBER = """
INSERT INTO provider_call (id, workspace_id, run_id, lead_id, company_id, provider, endpoint, request_fingerprint,
                           cache_hit, status, started_at, finished_at)
SELECT $1, $2, $3::uuid, $4::uuid, $5, $6, $7, $8, true, $9, $10::timestamptz, $10
WHERE NOT EXISTS (
    SELECT FROM provider_call
    WHERE workspace_id = $2 AND provider = $6 AND request_fingerprint = $8 AND lead_id = $4
      AND run_id IS NOT DISTINCT FROM $3 AND started_at >= $11)
"""
