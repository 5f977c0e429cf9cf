"""Whether what a play refers to is there, in this workspace."""

from uuid import UUID

from domain.errors import Invalid
from domain.plays.specs import PlaySpec
from domain.work import Work


async def require_present(work: Work, spec: PlaySpec) -> None:
    """Do nothing when everything a play refers to exists.

    Raises:
        Invalid: with the field that refers to nothing; another workspace's object answers the same.
    """
    source = spec.source
    await _require(work, "strategy_profile", (spec.profile_id,), "profileId")
    await _require(work, "sequence", (spec.sequence_id,), "sequenceId")
    await _require(work, "sender", spec.sender_ids, "senderIds")
    await _require(work, "lead", source.lead_ids, "source", "leads")
    if source.import_job_id is not None:
        await _require(work, "import_job", (source.import_job_id,), "source", "import")


async def _require(work: Work, table: str, ids: tuple[UUID, ...], *field: str) -> None:
    if not ids:
        return
    found = await work.connection.fetchval(_COUNTS[table], work.workspace_id, list(ids))
    if found != len(set(ids)):
        raise Invalid(f"no such {table.replace('_', ' ')}", field=field)


_COUNTS = {
    "strategy_profile": "SELECT count(*) FROM strategy_profile WHERE workspace_id = $1 AND id = ANY ($2)",
    "sequence": "SELECT count(*) FROM sequence WHERE workspace_id = $1 AND id = ANY ($2)",
    "sender": "SELECT count(*) FROM sender WHERE workspace_id = $1 AND id = ANY ($2)",
    "lead": "SELECT count(*) FROM lead WHERE workspace_id = $1 AND id = ANY ($2)",
    "import_job": "SELECT count(*) FROM import_job WHERE workspace_id = $1 AND id = ANY ($2)",
}
