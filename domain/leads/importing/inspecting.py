"""Looking into an uploaded file: what it is, and what its columns probably hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from domain.leads.columns import suggest_columns
from domain.leads.normalising import clean_text
from domain.leads.tables import Table, open_table

SAMPLES_SHOWN: Final = 5
_ROWS_COUNTED: Final = 2_000
_CELL_SHOWN_CHARS: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What a file turned out to be.

    Attributes:
        suggestions: per column ``index, header, field, confidence, is_ignored``.
        samples: the first rows as they are, cells cut to 200 characters.
    """

    format: str
    encoding: str | None
    delimiter: str | None
    headers: list[str]
    suggestions: list[dict[str, Any]]
    samples: list[list[str]]
    estimated_row_count: int


def inspect_file(path: Path) -> Inspection:
    """Return what a file is and what its columns probably hold; blocks, so call it in a thread.

    Raises:
        FileEmpty, FileUnsupported, HeaderMissing and the others of ``tables.open_table``.
    """
    table = open_table(path)
    encoding = table.format.encoding
    return Inspection(
        format=table.format.kind,
        encoding=encoding.name if encoding else None,
        delimiter=table.format.delimiter,
        headers=list(table.headers),
        suggestions=[
            {
                "index": each.index,
                "header": each.header,
                "field": each.field.value if each.field else None,
                "confidence": each.confidence,
                "is_ignored": each.is_ignored,
            }
            for each in suggest_columns(table.headers, table.samples)
        ],
        samples=[
            [clean_text(cell)[:_CELL_SHOWN_CHARS] for cell in row[: len(table.headers)]]
            for row in table.samples[:SAMPLES_SHOWN]
        ],
        estimated_row_count=_estimate_rows(table),
    )


def _estimate_rows(table: Table) -> int:
    """Count a short file, and judge a long one by how much of it the first rows take."""
    records = table.records()
    counted = sum(1 for _ in islice(records, _ROWS_COUNTED))
    if counted < _ROWS_COUNTED:
        return counted
    return max(counted, round(counted / max(table.fraction_read, 1e-6)))


def chosen_mapping(
    suggestions: Sequence[Mapping[str, Any]], columns: Sequence[Mapping[str, Any]] | None
) -> list[dict[str, Any]]:
    """Return the mapping as it is kept: what a person chose, or the suggestions as they are."""
    if columns is None:
        return [
            {"index": each["index"], "field": each["field"]} for each in suggestions if not each["is_ignored"]
        ]
    return [{"index": column["index"], "field": column["field"]} for column in columns]
