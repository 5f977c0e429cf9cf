"""Text tables: comma, semicolon, tab or bar between the cells, any line end, quoted line ends inside."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final, TextIO

from domain.leads.tables.errors import RECORD_CHARS_MAX, RecordTooLong
from domain.leads.vocabulary import recognise_header

DELIMITERS: Final = (",", ";", "\t", "|")
_SNIFFED_ROWS: Final = 60


class _Budget:
    """Characters the present record may still take: a quote left open mustn't swallow a whole file."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = RECORD_CHARS_MAX

    def spend(self, lines: Iterable[str]) -> Iterator[str]:
        for line in lines:
            self.left -= len(line)
            if self.left < 0:
                raise RecordTooLong
            yield line


def iter_delimited(text: TextIO, *, delimiter: str) -> Iterator[tuple[int, list[str] | None]]:
    """Yield (record number from 1, cells) of every record; ``None`` for one that can't be read.

    Blank lines count, as they do in a spreadsheet program. ``text`` must be opened with ``newline=""``.

    Raises:
        RecordTooLong: a record has more than four million characters.
    """
    budget, index = _Budget(), 0
    reader = csv.reader(budget.spend(text), delimiter=delimiter)
    while True:
        index += 1
        budget.left = RECORD_CHARS_MAX
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield index, None
        else:
            yield index, cells


def sniff_delimiter(sample: str) -> str:
    """Return the delimiter under which the sample makes the best table.

    Known column names count most, then equal width of many rows. ``sep=;`` on the first line, with
    which Excel is told, decides at once.
    """
    first = sample[:200].lstrip("\ufeff").lower()
    if first.startswith("sep=") and first[4:5] in DELIMITERS:
        return first[4]
    return max(DELIMITERS, key=lambda delimiter: _table_score(sample, delimiter))


def is_delimiter_hint(cells: list[str]) -> bool:
    """Return whether a row is Excel's ``sep=`` line."""
    return bool(cells) and cells[0].lstrip("\ufeff").lower().startswith("sep=") and not any(cells[1:])


def _table_score(sample: str, delimiter: str) -> tuple[int, int, int]:
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
            rows.append(row)
            if len(rows) > _SNIFFED_ROWS:
                break
    except csv.Error:
        return (0, 0, 0)
    names = max((sum(1 for cell in row[:500] if recognise_header(cell)) for row in rows), default=0)
    widths = Counter(len(row) for row in rows if len(row) > 1)
    width, count = widths.most_common(1)[0] if widths else (0, 0)
    return (names, count, width)
