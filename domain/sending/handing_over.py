"""Steps 3 and 4 of the protocol: the gate inside the transaction that is the point of no return."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from domain.actor import Actor
from domain.ports import Ports
from domain.sending.claiming import Claim, with_content
from domain.sending.gathering import gather
from domain.sending.journal import Step, note
from domain.sending.judging import judge
from domain.sending.refusing import refuse_deliveries
from domain.work import Work, unit_of_work


async def hand_over(claims: Sequence[Claim], *, ports: Ports, now: datetime) -> list[bool]:
    """Commit that deliveries of one workspace are about to leave.

    Whatever speaks against it and commits first (a reply, a suppression, an edit, another worker) wins; what
    comes later finds a message that has left.

    Returns:
        For each claim, in order: True to write the last line now; False to hang up, because nothing may leave.
    """
    async with unit_of_work(Actor.job(claims[0].workspace_id), now=now) as work:
        locked = await _lock(work, claims)
        held = {one.delivery_id: one for one in claims if (one.delivery_id, one.epoch) in locked}
        mine = {id_: claim for id_, claim in held.items() if locked[id_, claim.epoch] == "LEASED"}
        # Ours, and handed over already: the answer to the first commit was lost on its way to us.
        left = held.keys() - mine.keys()
        candidates, usage = await gather(work.connection, delivery_ids=list(mine), ports=ports, now=now)
        candidates = [with_content(one, mine[one.id].composed) for one in candidates]
        judged = judge(candidates, usage, now=now)
        await refuse_deliveries(work, [pair for pair in judged if not pair[1].allowed])
        leaving = [mine[candidate.id] for candidate, decision in judged if decision.allowed]
        left |= await _mark(work, leaving, ports=ports)
    return [claim.delivery_id in left for claim in claims]


async def _lock(work: Work, claims: Sequence[Claim]) -> dict[tuple[UUID, int], str]:
    """Lock what the gate's verdict rests on; return the states of the deliveries by id and epoch.

    The order (enrollments, senders, recipients' domains, deliveries) is everybody's who takes several of these.
    """
    ids = [claim.delivery_id for claim in claims]
    for statement in _LOCKS:
        await work.connection.execute(statement, work.workspace_id, ids)
    rows = await work.connection.fetch(
        """
        SELECT id, epoch, state FROM delivery
        WHERE workspace_id = $1 AND id = ANY ($2) AND state IN ('LEASED', 'HANDOFF')
        ORDER BY id FOR NO KEY UPDATE
        """,
        work.workspace_id,
        ids,
    )
    return {(row["id"], row["epoch"]): row["state"] for row in rows}


async def _mark(work: Work, claims: Sequence[Claim], *, ports: Ports) -> set[UUID]:
    """Mark deliveries as handed over, if their leases last long enough; nobody else touches them until then."""
    if not claims:
        return set()
    rows = await work.connection.fetch(
        """
        UPDATE delivery d
        SET state = 'HANDOFF', handed_off_at = $4, first_tried_at = coalesce(d.first_tried_at, $4),
            lease_until = clock_timestamp() + make_interval(secs => $5),
            reconcile_at = clock_timestamp() + make_interval(secs => $5), reconcile_count = 0,
            refused_gate = NULL, refused_value = NULL, refused_until = NULL
        FROM unnest($2::uuid[], $3::int[]) AS mine (id, epoch)
        WHERE d.workspace_id = $1 AND d.id = mine.id AND d.epoch = mine.epoch AND d.state = 'LEASED'
          AND d.lease_until > clock_timestamp() + interval '1 s'
        RETURNING d.id, d.epoch
        """,
        work.workspace_id,
        [claim.delivery_id for claim in claims],
        [claim.epoch for claim in claims],
        work.now,
        ports.sending.final_timeout_s + _MARGIN_S,
    )
    await note(work, [Step(row["id"], row["epoch"], "HANDOFF", "LEFT") for row in rows])
    return {row["id"] for row in rows}


_MARGIN_S: Final = 2.0
"""What the worker needs to write down an answer that came in the last moment."""

_LOCKS: Final = (
    """
    SELECT id FROM enrollment WHERE workspace_id = $1 AND id IN (
        SELECT enrollment_id FROM delivery WHERE workspace_id = $1 AND id = ANY ($2)
    ) ORDER BY id FOR NO KEY UPDATE
    """,
    """
    SELECT id FROM sender WHERE workspace_id = $1 AND id IN (
        SELECT sender_id FROM delivery WHERE workspace_id = $1 AND id = ANY ($2)
    ) ORDER BY id FOR NO KEY UPDATE
    """,
    """
    SELECT pg_advisory_xact_lock(key) FROM (
        SELECT DISTINCT hashtextextended(workspace_id::text || to_domain, 7) AS key FROM delivery
        WHERE workspace_id = $1 AND id = ANY ($2) ORDER BY key
    ) AS recipients
    """,
)
