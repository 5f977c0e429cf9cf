"""Files that nobody refers to any more, left by a worker that died between its last commit and their deletion."""

import asyncio
from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from domain import tenancy
from domain.actor import Actor

FOLDERS: Final = ("uploads", "suppressions", "exports")
SPARED: Final = timedelta(hours=1)
"""A file is there before its record is; so long nobody asks whose it is."""


async def delete_stray_files(*, actor: Actor, data_dir: Path, now: datetime) -> int:
    """Delete uploads, lists and exports that no record needs any more; returns how many. Safe to repeat."""
    candidates = await asyncio.to_thread(_find_old, data_dir, actor.workspace_id, before=now - SPARED)
    if not candidates:
        return 0
    async with tenancy.reading(actor.workspace_id) as connection:
        rows = await connection.fetch(_NEEDED, actor.workspace_id)
        unfinished = await connection.fetch(_BEING_WRITTEN, actor.workspace_id)
    needed = {row["file_path"] for row in rows}
    strays = _strays(candidates, needed=needed, being_written={str(row["id"]) for row in unfinished})
    await asyncio.to_thread(_delete, strays)
    return len(strays)


def _find_old(data_dir: Path, workspace_id: UUID, *, before: datetime) -> list[Path]:
    found = (path for folder in FOLDERS for path in (data_dir / folder / str(workspace_id)).glob("*"))
    return [path for path in found if path.is_file() and path.stat().st_mtime < before.timestamp()]


def _strays(
    candidates: Collection[Path], *, needed: Collection[str], being_written: Collection[str]
) -> list[Path]:
    """Return the files that stand in no record; an export names its file only when it is whole."""
    return [path for path in candidates if str(path) not in needed and path.stem not in being_written]


def _delete(paths: Collection[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


_NEEDED: Final = """
SELECT file_path FROM import_job WHERE workspace_id = $1
   AND (status IN ('UPLOADED', 'MAPPED', 'VALIDATED', 'IMPORTING')
        OR status = 'FAILED' AND starts_with(error, 'IMPORT_GIVEN_UP:'))
UNION ALL
SELECT file_path FROM suppression_import WHERE workspace_id = $1 AND status IN ('UPLOADED', 'IMPORTING')
UNION ALL
SELECT file_path FROM lead_export WHERE workspace_id = $1 AND status = 'READY'
"""
_BEING_WRITTEN: Final = (
    "SELECT id FROM lead_export WHERE workspace_id = $1 AND status IN ('QUEUED', 'RUNNING')"
)
