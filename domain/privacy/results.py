"""Bundles and receipts as files: readable by the server alone, named by their request, gone after a week."""

import hashlib
import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import orjson

RESULT_LIFETIME: Final = timedelta(days=7)
FOLDER: Final = "privacy"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenResult:
    """A file; ``path`` is relative to the data folder, ``hash`` the hex SHA-256 of its bytes."""

    path: str
    hash: str


def write_result(
    *, data_dir: Path, workspace_id: UUID, request_id: UUID, document: dict[str, Any]
) -> WrittenResult:
    """Write a request's answer as JSON with mode 0600; writing again replaces it as a whole."""
    content = orjson.dumps(document, option=orjson.OPT_INDENT_2, default=_plain)
    path = Path(FOLDER) / str(workspace_id) / f"{request_id}.json"
    target = data_dir / path
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = target.with_suffix(".part")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(target)
    return WrittenResult(path=str(path), hash=hashlib.sha256(content).hexdigest())


def read_result(*, data_dir: Path, path: str) -> bytes | None:
    """Return a file's bytes; None when it is gone."""
    try:
        return (data_dir / path).read_bytes()
    except FileNotFoundError:
        return None


def delete_result(*, data_dir: Path, path: str) -> bool:
    """Delete a file; tells whether it was there."""
    try:
        (data_dir / path).unlink()
    except FileNotFoundError:
        return False
    return True


def _plain(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
