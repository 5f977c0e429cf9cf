"""From an uploaded file to rows of cells: what it is, where its header stands, and the rows below."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, Literal

from domain.errors import Invalid
from domain.leads.normalising.text import clean_text
from domain.leads.tables.delimited import DELIMITERS, is_delimiter_hint, iter_delimited, sniff_delimiter
from domain.leads.tables.encodings import Encoding, check_encoding, detect_encoding
from domain.leads.tables.errors import ROWS_MAX, FileEmpty, FileUnsupported, RowLimit
from domain.leads.tables.layout import HEADER_SEARCH_ROWS, find_header, is_footer
from domain.leads.tables.workbooks import open_workbook

Record = tuple[int, list[str] | None, str]
"""A row: its number in the file from 1, its cells (at least one per column; ``None`` when unreadable),
and the cells joined, which the next stage needs again."""

SAMPLE_ROWS: Final = 20
BLOCK_ROWS: Final = 1_000
_SAMPLE_CHARS: Final = 1 << 18
_FOOTER_EXTRA_CHARS: Final = 40
_SIGNATURES: Final = (
    (b"%PDF", "this is a PDF"),
    (b"\xd0\xcf\x11\xe0", "this is an old Excel file or a workbook protected by a password"),
    (b"\x1f\x8b", "this is a compressed file"),
    (b"{\\rtf", "this is a text document"),
    (b"\x89PNG", "this is an image"),
    (b"\xff\xd8\xff", "this is an image"),
)


@dataclass(frozen=True, slots=True)
class TableFormat:
    """What a file turned out to be. ``encoding`` and ``delimiter`` are unset for a workbook."""

    kind: Literal["CSV", "XLSX"]
    encoding: Encoding | None = None
    delimiter: str | None = None


class Table:
    """A table in a file. Its file is open only while ``records`` is read.

    Attributes:
        format: how to read it.
        headers: the column names, cleaned, without empty ones at the end.
        header_index: the number of the header's row.
        samples: up to 20 rows below it, for a preview and for guessing what a column holds.
        footer_rows: totals and notices that the last ``records`` has passed over.
    """

    def __init__(self, path: Path, format: TableFormat) -> None:  # noqa: A002 - the word for it
        self._path = path
        self.format = format
        self.footer_rows = 0
        self._source: tuple[Callable[[], int], int] | None = None
        self._fraction = 0.0
        with self._raw_records() as raw:
            head = [(index, cells or []) for index, cells in islice(raw, HEADER_SEARCH_ROWS)]
        head = [(index, [] if is_delimiter_hint(cells) else cells) for index, cells in head]
        if not head:
            raise FileEmpty
        self.header_index, self._header = head[find_header(head)]
        names = [clean_text(cell) for cell in self._header]
        while names and not names[-1]:
            names.pop()
        self.headers = tuple(names)
        self.samples = tuple(
            tuple(cells) for _, cells, _ in islice(self.records(), SAMPLE_ROWS) if cells is not None
        )

    @property
    def fraction_read(self) -> float:
        """How much of the file ``records`` has read, 0..1: the progress of an import."""
        if self._source is not None:
            position, size = self._source
            self._fraction = min(1.0, position() / size)
        return self._fraction

    def records(self, *, part: int = 0, parts: int = 1) -> Iterator[Record]:
        """Yield the rows below the header from the beginning; blank rows and footers are left out.

        Args:
            part, parts: which of so many readers this is; the rows are dealt out to them in blocks.

        Raises:
            RowLimit, RecordTooLong, ColumnLimit, WorkbookUnreadable: when the reader comes to it.
        """
        width, header, self.footer_rows = len(self.headers), self._header, 0
        with self._raw_records() as raw:
            for index, cells in raw:
                if index <= self.header_index:
                    continue
                if index - self.header_index > ROWS_MAX:
                    raise RowLimit
                if parts > 1 and index // BLOCK_ROWS % parts != part:
                    continue
                if cells is None:
                    yield index, None, ""
                    continue
                joined = "".join(cells)
                if not joined or joined.isspace() or cells == header:
                    continue
                if len(joined) - len(cells[0]) < _FOOTER_EXTRA_CHARS and is_footer(cells):
                    self.footer_rows += 1
                    continue
                if len(cells) < width:
                    cells.extend([""] * (width - len(cells)))
                yield index, cells, joined

    @contextmanager
    def _raw_records(self) -> Iterator[Iterator[tuple[int, list[str] | None]]]:
        encoding, delimiter = self.format.encoding, self.format.delimiter
        try:
            if encoding is None or delimiter is None:
                with open_workbook(self._path) as book, book.sheet() as (sheet, size):
                    self._source = (sheet.tell, size)
                    yield book.rows(sheet)
            else:
                with (
                    self._path.open("rb") as binary,
                    io.TextIOWrapper(binary, encoding.name, encoding.errors, newline="") as text,
                ):
                    self._source = (binary.tell, max(1, self._path.stat().st_size))
                    yield iter_delimited(text, delimiter=delimiter)
            self._fraction = 1.0
        finally:
            self._source = None


def open_table(path: Path, *, encoding: str | None = None, delimiter: str | None = None) -> Table:
    """Find out what a file is by its content, whatever its name says, and where its header stands.

    Args:
        path: the uploaded file.
        encoding: Python's name of the encoding, when the caller knows better.
        delimiter: one character, when the caller knows better.

    Raises:
        FileEmpty, FileUnsupported, HeaderMissing, EncodingUnreadable, ColumnLimit, RowLimit,
        RecordTooLong, WorkbookUnreadable, UnpackedSizeLimit.
    """
    if delimiter is not None and delimiter not in DELIMITERS:
        raise Invalid("the delimiter must be a comma, semicolon, tab or bar", field=("delimiter",))
    with path.open("rb") as file:
        beginning = file.read(8)
    if not beginning:
        raise FileEmpty
    if beginning.startswith(b"PK\x03\x04"):
        return Table(path, TableFormat("XLSX"))
    for signature, what in _SIGNATURES:
        if beginning.startswith(signature):
            raise FileUnsupported(what)
    found = check_encoding(path, encoding) if encoding else detect_encoding(path)
    with path.open(encoding=found.name, errors=found.errors, newline="") as text:
        sample = text.read(_SAMPLE_CHARS)
    if sample.count("\0") > len(sample) // 10:
        raise FileUnsupported("this isn't a text file")
    return Table(path, TableFormat("CSV", found, delimiter or sniff_delimiter(sample)))
