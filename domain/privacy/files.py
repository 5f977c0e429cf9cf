"""Files that mention a person: uploads and exports of the workspace. They go as a whole; exports can be made again.

The answers to earlier requests lie in a folder of their own and are deleted by name.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator
from io import BufferedIOBase
from pathlib import Path
from typing import IO, Final
from uuid import UUID

from domain.privacy.results import FOLDER
from domain.privacy.subjects import Subject

_PIECE_BYTES: Final = 1 << 20
_OVERLAP: Final = 600
"""Characters kept from the piece before, more than an address can be long."""


def find_files(*, data_dir: Path, workspace_id: UUID, subject: Subject) -> list[Path]:
    """Return the files below ``<kind>/<workspace>/`` that mention the person, sorted."""
    pattern = re.compile(subject.mention, re.IGNORECASE)
    candidates = sorted(
        path
        for path in data_dir.glob(f"*/{workspace_id}/**/*")
        if path.is_file() and path.relative_to(data_dir).parts[0] != FOLDER
    )
    return [path for path in candidates if any(pattern.search(text) for text in _texts(path))]


def delete_files(paths: Iterable[str]) -> None:
    """Delete files; those that are gone already are no trouble."""
    for path in paths:
        Path(path).unlink(missing_ok=True)


def _texts(path: Path) -> Iterator[str]:
    """Yield a file's text in overlapping pieces; a workbook is a zip of texts."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                with archive.open(name) as member:
                    yield from _pieces(member)
    else:
        with path.open("rb") as file:
            yield from _pieces(file)


def _pieces(file: IO[bytes] | BufferedIOBase) -> Iterator[str]:
    kept = ""
    while piece := file.read(_PIECE_BYTES):
        # addresses are ASCII or UTF-8; without its NULs, UTF-16 reads like ASCII, too
        text = kept + piece.replace(b"\0", b"").decode(errors="ignore")
        yield text
        kept = text[-_OVERLAP:]
