"""Judging a lead's address: asked once, remembered as long as the verdict is good, paid when there is one."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domain.credits.prices import Operation, price_list_at
from domain.enrichment.asking import Asked, Enquiry, elapsed_ms, open_when_free
from domain.enrichment.caching import Answer, Question, Turn, close_call
from domain.enrichment.rules.calls import CallStatus
from domain.enrichment.rules.emails import EmailStatus, EmailVerdict, verdict_expires_at
from domain.secrets.hashing import identity_hash
from domain.work import unit_of_work

VERIFIER: Final = "email_verdict"


async def judge_email(enquiry: Enquiry) -> Asked | None:
    """Judge the lead's address unless it has none or its verdict is still good.

    Raises:
        InsufficientCredits, ProviderUnavailable: see ``ask_source``.
    """
    lead = enquiry.lead
    if lead["email"] is None or _is_good(lead, now=enquiry.clock()):
        return None
    question = _question(enquiry)
    opened = await open_when_free(enquiry, question)
    if opened.turn is Turn.REMEMBER:
        await _write(enquiry, call_id=opened.call_id)
        return Asked(status=opened.status, cost=0)
    began = enquiry.clock()
    verdict = await enquiry.ports.email_verifier.verify(lead["email"])
    answer = _answer(verdict, latency_ms=elapsed_ms(began, enquiry), price=question.price_max)
    if not await _write(enquiry, call_id=opened.call_id, answer=answer):
        return Asked(status=CallStatus.TIMEOUT_UNKNOWN, cost=0)
    return Asked(status=answer.status, cost=answer.cost)


def _question(enquiry: Enquiry) -> Question:
    """The address goes into the fingerprint by its keyed hash: a plain one is undone by guessing."""
    lead = enquiry.lead
    prices = price_list_at(enquiry.clock())
    return Question(
        provider=VERIFIER,
        endpoint="verify",
        fingerprint=identity_hash(lead["email"], kind=VERIFIER, key=enquiry.ports.identity_key).hex(),
        operation=Operation.EMAIL_VERIFIED,
        price_max=prices.prices[Operation.EMAIL_VERIFIED],
        lead_id=lead["id"],
        company_id=lead["company_id"],
        run_id=enquiry.run_id,
    )


def _answer(verdict: EmailVerdict, *, latency_ms: int, price: int) -> Answer:
    """Return the record of a verdict; not being able to tell costs nothing."""
    is_known = verdict.status is not EmailStatus.UNKNOWN
    return Answer(
        status=CallStatus.OK if is_known else CallStatus.NO_MATCH,
        cost=price if is_known else 0,
        latency_ms=latency_ms,
        units=1,
        good_for=verdict.expires_at - verdict.checked_at,
        detail=f"{verdict.status.value} {','.join(verdict.reasons)}",
    )


async def _write(enquiry: Enquiry, *, call_id: UUID, answer: Answer | None = None) -> bool:
    """Close the call, if it is open, and show its verdict on the lead, unless that has another address by now.

    Returns:
        False when the call was given up meanwhile; then nothing was written.
    """
    async with unit_of_work(enquiry.actor, now=enquiry.clock()) as work:
        if answer is not None and not await close_call(work, call_id=call_id, answer=answer):
            return False
        await work.connection.execute(
            """
            UPDATE lead l SET email_status = split_part(c.detail, ' ', 1),
                              email_status_reason = split_part(c.detail, ' ', 2),
                              email_checked_at = c.finished_at
            FROM provider_call c
            WHERE l.workspace_id = $1 AND l.id = $2 AND l.email = $3
              AND c.workspace_id = $1 AND c.id = $4 AND l.email_checked_at IS DISTINCT FROM c.finished_at
            """,
            work.workspace_id,
            enquiry.lead["id"],
            enquiry.lead["email"],
            call_id,
        )
    return True


def _is_good(lead: dict[str, Any], *, now: datetime) -> bool:
    checked_at = lead["email_checked_at"]
    if checked_at is None or lead["email_status"] == "UNVERIFIED":
        return False
    return now < verdict_expires_at(EmailStatus(lead["email_status"]), checked_at=checked_at)
