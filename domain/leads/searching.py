"""The words by which leads are found; imported leads get theirs here, others by a trigger."""

from datetime import datetime
from uuid import UUID

from domain.actor import Actor
from domain.work import unit_of_work


async def index_import(*, actor: Actor, import_id: UUID, now: datetime) -> None:
    """Make the leads of an import findable; repeating it changes nothing."""
    async with unit_of_work(actor, now=now) as work:
        await work.connection.execute(
            """
            INSERT INTO lead_search (workspace_id, lead_id, words)
            SELECT l.workspace_id, l.id, lead_words(l.full_name, l.email, l.title, c.name, c.domain)
            FROM lead l LEFT JOIN company c ON c.workspace_id = l.workspace_id AND c.id = l.company_id
            WHERE l.workspace_id = $1 AND l.import_job_id = $2
            ON CONFLICT (workspace_id, lead_id) DO UPDATE SET words = excluded.words
            WHERE lead_search.words <> excluded.words
            """,
            actor.workspace_id,
            import_id,
        )
