"""What was done, written down: a row per store, the erasure itself, and the list that outlives a restore."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from uuid import UUID

import orjson

from domain.ids import new_id
from domain.privacy.events import PrivacyTaskFinished
from domain.privacy.results import FOLDER
from domain.work import Work

LIST_NAME: Final = "erasures.jsonl"


async def record_task(
    work: Work,
    request_id: UUID,
    *,
    store: str,
    action: str,
    found: int,
    changed: int,
    retained: str | None = None,
) -> None:
    """Keep what was done in one store; a step that runs again keeps the larger counts of the first."""
    await work.connection.execute(
        """
        INSERT INTO privacy_task (id, workspace_id, request_id, store, action, status, found_count, changed_count,
                                  retained_reason)
        VALUES ($1, $2, $3, $4, $5, 'DONE', $6, $7, $8)
        ON CONFLICT (workspace_id, request_id, store) DO UPDATE
        SET found_count = greatest(privacy_task.found_count, excluded.found_count),
            changed_count = greatest(privacy_task.changed_count, excluded.changed_count)
        """,
        new_id(),
        work.workspace_id,
        request_id,
        store,
        action,
        found,
        changed,
        retained,
    )
    if found:
        work.emit(
            PrivacyTaskFinished(
                subject_id=request_id, store=store, action=action, found=found, changed=changed
            )
        )


async def note_erasure(work: Work, *, request_id: UUID | None, identity_hash: bytes) -> None:
    """Remember by the keyed hash that a person was erased."""
    await work.connection.execute(
        """
        INSERT INTO erasure (id, workspace_id, request_id, identity_hash, erased_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (workspace_id, identity_hash) DO NOTHING
        """,
        new_id(),
        work.workspace_id,
        request_id,
        identity_hash,
        work.now,
    )


def append_to_list(*, data_dir: Path, workspace_id: UUID, identity_hash: bytes) -> None:
    """Add a person to the list beside the database, which a restored backup can't take back."""
    path = data_dir / FOLDER / LIST_NAME
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    line = orjson.dumps({"workspace": str(workspace_id), "identity": identity_hash.hex()}) + b"\n"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def read_list(path: Path) -> Iterator[tuple[UUID, bytes]]:
    """Yield workspace and identity hash of each line; a line that was cut by a crash is passed over."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                entry = orjson.loads(line)
                yield UUID(entry["workspace"]), bytes.fromhex(entry["identity"])
