"""The words by which leads are found; imported leads get theirs here, others by a trigger."""

from datetime import datetime
from typing import Final
from uuid import UUID

from domain.actor import Actor
from domain.work import unit_of_work

ANALYZED_ROWS_MIN: Final = 1_000
"""From so many new leads on the planner is told of them; for fewer a bad plan is no harm."""


async def index_import(*, actor: Actor, import_id: UUID, now: datetime) -> None:
    """Make the leads of an import findable, and known to the planner; repeating it changes nothing."""
    async with unit_of_work(actor, now=now) as work:
        brought = await work.connection.fetchval(
            "SELECT created_count FROM import_job WHERE workspace_id = $1 AND id = $2",
            actor.workspace_id,
            import_id,
        )
        if brought >= ANALYZED_ROWS_MIN:
            await work.connection.execute("SELECT analyze_leads()")
    async with unit_of_work(actor, now=now) as work:
        # With or without statistics: a loop over leads and companies is never right for a whole file.
        await work.connection.execute("SET LOCAL enable_nestloop = off")
        await work.connection.execute(INDEX, actor.workspace_id, import_id)


INDEX: Final = """
INSERT INTO lead_search (workspace_id, lead_id, words)
SELECT l.workspace_id, l.id, lead_words(l.full_name, l.email, l.title, c.name, c.domain)
FROM lead l LEFT JOIN company c ON c.workspace_id = l.workspace_id AND c.id = l.company_id
WHERE l.workspace_id = $1 AND l.import_job_id = $2
ON CONFLICT (workspace_id, lead_id) DO UPDATE SET words = excluded.words
WHERE lead_search.words <> excluded.words
"""
