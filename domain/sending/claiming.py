"""Step 2 of the protocol: take due deliveries, many at once, for the length of a lease."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from domain.actor import Actor
from domain.ports import Ports
from domain.senders.credentials import open_accounts
from domain.senders.ports import MailAccount
from domain.sending.composing import Composed, compose_mails
from domain.sending.gathering import gather
from domain.sending.judging import Candidate, judge
from domain.sending.refusing import refuse_deliveries
from domain.sending.scheduling import hold_credits
from domain.work import Work, unit_of_work


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A delivery that this worker alone may prepare until its lease ends.

    Attributes:
        epoch: rises with every claim; whoever holds an older one can change nothing any more.
    """

    workspace_id: UUID
    delivery_id: UUID
    epoch: int
    sender_id: UUID
    account: MailAccount
    composed: Composed


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedBatch:
    """What a look for due deliveries found.

    Attributes:
        found: how many were due; fewer than asked for means that nothing else is.
        claims: of them, those the gate lets go on.
    """

    found: int
    claims: Sequence[Claim]


async def claim_due(*, ports: Ports, workspace_id: UUID, limit: int, now: datetime) -> ClaimedBatch:
    """Take up to ``limit`` due deliveries of a workspace, and put back at once what may not leave now.

    The gate is asked here to spare the mail server, and asked again at the hand-off, which decides.
    """
    async with unit_of_work(Actor.job(workspace_id), now=now) as work:
        rows = await work.connection.fetch(_CLAIM, workspace_id, limit, ports.sending.lease_s)
        ids = [row["id"] for row in rows]
        if not ids:
            return ClaimedBatch(found=0, claims=())
        candidates, usage = await gather(work.connection, delivery_ids=ids, ports=ports, now=now)
        composed = await compose_mails(work.connection, delivery_ids=ids, ports=ports, now=now)
        candidates = await _with_credits(
            work, [with_content(candidate, composed[candidate.id]) for candidate in candidates]
        )
        judged = judge(candidates, usage, now=now)
        await refuse_deliveries(work, [pair for pair in judged if not pair[1].allowed])
        leaving = [candidate for candidate, decision in judged if decision.allowed]
        accounts = await open_accounts(
            work.connection, sender_ids=[one.sender_id for one in leaving], keyring=ports.keyring
        )
    claims = [
        Claim(
            workspace_id=workspace_id,
            delivery_id=one.id,
            epoch=one.epoch,
            sender_id=one.sender_id,
            account=accounts[one.sender_id],
            composed=composed[one.id],
        )
        for one in leaving
    ]
    return ClaimedBatch(found=len(ids), claims=claims)


async def renew_lease(claim: Claim, *, ports: Ports, now: datetime) -> bool:
    """Keep a delivery for another lease; False when somebody else has it or it was handed over."""
    async with unit_of_work(Actor.job(claim.workspace_id), now=now) as work:
        renewed = await work.connection.fetchval(
            """
            UPDATE delivery SET lease_until = clock_timestamp() + make_interval(secs => $4)
            WHERE workspace_id = $1 AND id = $2 AND epoch = $3 AND state = 'LEASED' RETURNING true
            """,
            claim.workspace_id,
            claim.delivery_id,
            claim.epoch,
            ports.sending.lease_s,
        )
    return bool(renewed)


def with_content(candidate: Candidate, composed: Composed) -> Candidate:
    """Return the candidate with the hash of what would really leave."""
    return replace(candidate, facts=replace(candidate.facts, content_hash=composed.content_hash))


async def _with_credits(work: Work, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Try again to set the credits aside for deliveries that were approved without enough of them."""
    unpaid = [candidate for candidate in candidates if not candidate.facts.are_credits_held]
    held = await hold_credits(work, unpaid) if unpaid else set()
    return [
        replace(candidate, facts=replace(candidate.facts, are_credits_held=True))
        if candidate.id in held
        else candidate
        for candidate in candidates
    ]


_CLAIM = """
UPDATE delivery d SET state = 'LEASED', epoch = d.epoch + 1,
                      lease_until = clock_timestamp() + make_interval(secs => $3)
WHERE d.workspace_id = $1 AND d.id IN (
    SELECT id FROM delivery
    WHERE workspace_id = $1 AND due_at <= clock_timestamp()
      AND (state = 'SCHEDULED' OR (state = 'LEASED' AND lease_until < clock_timestamp()))
    ORDER BY due_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
)
RETURNING d.id
"""
