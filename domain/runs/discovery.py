"""Take up a run's leads from its source, page by page; each page is one transaction and counts once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domain.actor import Actor
from domain.ids import new_id
from domain.leads.queries import recipient_of
from domain.plays.sources import Source
from domain.runs import queries
from domain.runs.events import RunDiscovered, RunProgressed
from domain.runs.models import Run
from domain.runs.progress import ask_for_end
from domain.runs.queries import RunInputs
from domain.runs.rules import DropReason, LeadStage
from domain.runs.tasks import EnrichRunLeads
from domain.suppression.queries import matching
from domain.work import Work, unit_of_work

PAGE: Final = 500
BATCH: Final = 25


async def discover_page(*, actor: Actor, run_id: UUID, identity_key: bytes, now: datetime) -> bool:
    """Take up the next leads of a run; True while there may be more.

    Erased, merged and restricted leads are passed over; suppressed ones are taken up and dropped at once, so
    that the run can say so. Safe to repeat: the run's row knows how far it has come.

    Args:
        identity_key: key of the suppression list's hashes.
    """
    async with unit_of_work(actor, now=now) as work:
        run = await queries.lock_inputs(work.connection, run_id=run_id)
        if run.is_discovered or not run.goes_on:
            return False
        limit = min(PAGE, run.max_leads - run.taken_leads)
        found = await _find(work, run, limit=limit)
        suppressed = await _suppressed(work, run, found, identity_key=identity_key)
        taken = [lead_id for lead_id in found if lead_id not in suppressed]
        await _insert(work, run, sorted(suppressed), batches=[0] * len(suppressed), dropped=True)
        await _take_up(work, run, taken)
        is_last = len(found) < limit or run.taken_leads + len(taken) >= run.max_leads
        await _note(work, run, taken=len(taken), cursor=found[-1] if found else None, is_last=is_last)
    return not is_last


async def _find(work: Work, run: RunInputs, *, limit: int) -> list[UUID]:
    """Return the next leads of the source, oldest first."""
    source = Source.from_json(run.source)
    rows = await work.connection.fetch(
        f"""
        SELECT l.id FROM lead l LEFT JOIN company c ON (c.workspace_id, c.id) = (l.workspace_id, l.company_id)
        WHERE l.workspace_id = $9 AND ($1::uuid IS NULL OR l.id > $1)
          AND l.status NOT IN ('MERGED', 'ERASED') AND l.restricted_at IS NULL
          AND {_OF_IMPORT if source.import_job_id else "$2::uuid IS NULL"}
          AND ($3::uuid[] IS NULL OR l.id = ANY ($3))
          AND ($4::text[] IS NULL OR l.status = ANY ($4))
          AND ($5::text IS NULL OR c.domain = $5)
          AND ($6::text IS NULL OR strpos(lower(l.title), lower($6)) > 0)
          AND ($7::text IS NULL OR l.country = $7)
        ORDER BY l.id LIMIT $8
        """,  # noqa: S608 - our own words
        run.discovery_cursor,
        source.import_job_id,
        list(source.lead_ids) or None,
        list(source.statuses) or None,
        source.company_domain,
        source.title_contains,
        source.country,
        limit,
        work.workspace_id,
    )
    return [row["id"] for row in rows]


_OF_IMPORT: Final = """
l.id IN (SELECT id FROM lead WHERE workspace_id = $9 AND import_job_id = $2
         UNION ALL SELECT lead_id FROM import_known_lead WHERE workspace_id = $9 AND import_job_id = $2)
"""


async def _suppressed(
    work: Work, run: RunInputs, lead_ids: Sequence[UUID], *, identity_key: bytes
) -> set[UUID]:
    recipients = await recipient_of(work.connection, lead_ids=lead_ids)
    found = await matching(
        work.connection,
        recipients=list(recipients.values()),
        identity_key=identity_key,
        now=work.now,
        play_id=run.play_id,
    )
    return set(found)


async def _take_up(work: Work, run: RunInputs, lead_ids: Sequence[UUID]) -> None:
    """Cut a page into batches of its own, so that a batch never grows once it is enqueued."""
    batches = [run.batches + index // BATCH for index in range(len(lead_ids))]
    await _insert(work, run, lead_ids, batches=batches, dropped=False)
    for batch in sorted(set(batches)):
        await work.enqueue(EnrichRunLeads(run_id=run.id, batch=batch))


async def _insert(
    work: Work, run: RunInputs, lead_ids: Sequence[UUID], *, batches: Sequence[int], dropped: bool
) -> None:
    stage, reason = (LeadStage.DROPPED, DropReason.SUPPRESSED) if dropped else (LeadStage.DISCOVERED, None)
    await work.connection.execute(
        """
        INSERT INTO run_lead (id, workspace_id, run_id, lead_id, batch, stage, dropped_reason)
        SELECT new.id, $1, $2, new.lead_id, new.batch, $6, $7
        FROM unnest($3::uuid[], $4::uuid[], $5::int[]) AS new (id, lead_id, batch)
        """,
        work.workspace_id,
        run.id,
        [new_id() for _ in lead_ids],
        list(lead_ids),
        list(batches),
        stage,
        reason,
    )
    for start in range(0, len(lead_ids), BATCH):
        some = tuple(lead_ids[start : start + BATCH])
        work.emit(RunProgressed(subject_id=run.id, run_id=run.id, stage=stage, lead_ids=some, reason=reason))


async def _note(work: Work, run: RunInputs, *, taken: int, cursor: UUID | None, is_last: bool) -> None:
    """Write down how far the search has come."""
    columns: dict[str, Any] = {
        "taken_leads": run.taken_leads + taken,
        "batches": run.batches - (-taken // BATCH),  # rounded up
        "discovery_cursor": cursor or run.discovery_cursor,
        "discovered_at": work.now if is_last else None,
    }
    await Run.filter(workspace_id=work.workspace_id, id=run.id).update(**columns)
    if is_last:
        work.emit(RunDiscovered(subject_id=run.id, run_id=run.id, taken=columns["taken_leads"]))
        await ask_for_end(work, run_id=run.id, closed=0)
