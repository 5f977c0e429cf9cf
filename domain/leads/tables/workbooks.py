"""XLSX workbooks, read as a stream.

A native reader builds the rectangle a sheet spans before it gives a row away: two cells in a file of
2 KB took it 3 GB, and a shared text used by every cell is copied for each. Here a row is forgotten as
soon as it was yielded, nothing outside the first visible sheet is unpacked, and sizes are bounded by
what the archive's directory declares, beyond which ``zipfile`` doesn't read.
"""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import IO, Final
from xml.parsers import expat

from domain.leads.tables.errors import (
    CELL_CHARS_MAX,
    COLUMNS_MAX,
    UNPACKED_BYTES_MAX,
    ColumnLimit,
    UnpackedSizeLimit,
    WorkbookUnreadable,
)

_SMALL_PART_BYTES_MAX: Final = 1 << 24
_STRINGS_BYTES_MAX: Final = 1 << 28
_CHUNK_BYTES: Final = 1 << 16
_TOKEN_BYTES_MAX: Final = 1 << 22
_BUILT_IN_DATES: Final = frozenset(
    {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
)  # ECMA-376 §18.8.30
_NOT_IN_FORMAT: Final = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_CELL_REFERENCE: Final = re.compile(r"([A-Z]{1,3})\d{1,7}")

StartHandler = Callable[[str, dict[str, str]], None]
EndHandler = Callable[[str], None]
TextHandler = Callable[[str], None]


class Workbook:
    """An opened workbook: its first visible sheet as a stream of rows."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._sheet_part, self._epoch = _first_visible_sheet(self)
        self._strings = _shared_strings(self)
        self._date_styles = _date_styles(self)

    @contextmanager
    def sheet(self) -> Iterator[tuple[IO[bytes], int]]:
        """Open the sheet; gives the stream and the number of bytes in it."""
        with self.part(self._sheet_part, bytes_max=UNPACKED_BYTES_MAX) as stream:
            yield stream, max(1, self._archive.getinfo(self._sheet_part).file_size)

    def rows(self, stream: IO[bytes]) -> Iterator[tuple[int, list[str] | None]]:
        """Yield (row number from 1, cells) of each row that holds anything.

        Raises:
            WorkbookUnreadable: the sheet is no well-formed XML or the archive is damaged.
            ColumnLimit: a cell stands to the right of the 500th column.
        """
        sheet = _SheetHandlers(self._strings, self._date_styles, self._epoch)
        for _ in _parse(stream, sheet.start, sheet.end, sheet.text):
            yield from sheet.take_rows()

    def has(self, name: str) -> bool:
        """Return whether the archive holds this part."""
        return name in self._archive.NameToInfo

    def part(self, name: str, *, bytes_max: int = _SMALL_PART_BYTES_MAX) -> IO[bytes]:
        """Open one part of the archive, unless it unpacks to more than ``bytes_max``."""
        info = self._archive.NameToInfo.get(name)
        if info is None:
            raise WorkbookUnreadable("a part is missing")
        if info.file_size > bytes_max:
            raise UnpackedSizeLimit
        if info.flag_bits & 1:
            raise WorkbookUnreadable("it is protected by a password")
        return self._archive.open(info)


@contextmanager
def open_workbook(path: Path) -> Iterator[Workbook]:
    """Open an XLSX file.

    Raises:
        WorkbookUnreadable: it is damaged, protected, or no workbook.
        UnpackedSizeLimit: it unpacks to more than a gibibyte.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            yield Workbook(archive)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        OSError,
        RuntimeError,
        UnicodeError,
        KeyError,
    ) as error:
        raise WorkbookUnreadable("it is damaged") from error


def _parse(
    stream: IO[bytes], start: StartHandler, end: EndHandler | None = None, text: TextHandler | None = None
) -> Iterator[None]:
    """Parse XML piece by piece and yield after each, so that a caller can take what has been found."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = start
    if end and text:
        parser.EndElementHandler, parser.CharacterDataHandler = end, text
    fed = 0
    try:
        while chunk := stream.read(_CHUNK_BYTES):
            parser.Parse(chunk, False)
            fed += len(chunk)
            if fed - parser.CurrentByteIndex > _TOKEN_BYTES_MAX:
                raise WorkbookUnreadable("an element is too long")
            yield
        parser.Parse(b"", True)
        yield
    except (expat.ExpatError, ValueError, zlib.error, zipfile.BadZipFile, EOFError) as error:
        raise WorkbookUnreadable("it is damaged") from error


def _refuse_doctype(*_: object) -> None:
    raise WorkbookUnreadable("it declares entities, which no spreadsheet program does")


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _elements(book: Workbook, part: str) -> list[tuple[str, dict[str, str]]]:
    found: list[tuple[str, dict[str, str]]] = []
    with book.part(part) as stream:
        for _ in _parse(stream, lambda name, attributes: found.append((_local(name), attributes))):
            if len(found) > 500_000:
                raise UnpackedSizeLimit
    return found


def _first_visible_sheet(book: Workbook) -> tuple[str, datetime]:
    elements = _elements(book, "xl/workbook.xml")
    properties = next((attributes for name, attributes in elements if name == "workbookPr"), {})
    # Serial 60 is 29 February 1900, which never was: counting from the 30th gives every later date right.
    epoch = datetime(1904, 1, 1) if properties.get("date1904") in {"1", "true"} else datetime(1899, 12, 30)  # noqa: DTZ001
    sheets = [attributes for name, attributes in elements if name == "sheet"]
    visible = [sheet for sheet in sheets if sheet.get("state", "visible") == "visible"] or sheets
    if not visible:
        raise WorkbookUnreadable("it has no sheet")
    identifier = next((value for key, value in visible[0].items() if key.endswith(":id")), None)
    for name, attributes in _elements(book, "xl/_rels/workbook.xml.rels"):
        if name == "Relationship" and attributes.get("Id") == identifier:
            target = attributes.get("Target", "")
            return (target[1:] if target.startswith("/") else str(PurePosixPath("xl") / target)), epoch
    raise WorkbookUnreadable("its sheet is missing")


def _shared_strings(book: Workbook) -> list[str]:
    part = next((name for name in ("xl/sharedStrings.xml", "xl/SharedStrings.xml") if book.has(name)), None)
    if part is None:
        return []
    handlers = _StringHandlers()
    with book.part(part, bytes_max=_STRINGS_BYTES_MAX) as stream:
        for _ in _parse(stream, handlers.start, handlers.end, handlers.text):
            pass
    return handlers.strings


def _date_styles(book: Workbook) -> frozenset[str]:
    """Return the numbers of the cell styles that show a date."""
    if not book.has("xl/styles.xml"):
        return frozenset()
    formats: dict[str, str] = {}
    styles: list[str] = []
    is_cell_style = False
    for name, attributes in _elements(book, "xl/styles.xml"):
        if name == "numFmt":
            formats[attributes.get("numFmtId", "")] = _NOT_IN_FORMAT.sub(
                "", attributes.get("formatCode", "")
            ).lower()
        elif name in {"cellXfs", "cellStyleXfs", "cellStyles", "dxfs"}:
            is_cell_style = name == "cellXfs"
        elif name == "xf" and is_cell_style:
            styles.append(attributes.get("numFmtId", "0"))
    return frozenset(
        str(number)
        for number, code in enumerate(styles)
        if (code.isdigit() and int(code) in _BUILT_IN_DATES)
        or any(letter in formats.get(code, "") for letter in "dyhms")
    )


class _StringHandlers:
    """Collects the texts that cells refer to by number."""

    def __init__(self) -> None:
        self.strings: list[str] = []
        self._pieces: list[str] = []
        self._is_text = False
        self._is_phonetic = False

    def start(self, name: str, _: dict[str, str]) -> None:
        local = _local(name)
        if local == "si":
            self._pieces = []
        elif local == "rPh":  # how to pronounce a Japanese text, not part of it
            self._is_phonetic = True
        elif local == "t":
            self._is_text = not self._is_phonetic

    def text(self, data: str) -> None:
        if self._is_text:
            self._pieces.append(data)

    def end(self, name: str) -> None:
        local = _local(name)
        if local == "t":
            self._is_text = False
        elif local == "rPh":
            self._is_phonetic = False
        elif local == "si":
            self.strings.append(_unescape("".join(self._pieces)))


class _SheetHandlers:
    """Turns the events of a sheet into rows of text."""

    def __init__(self, strings: list[str], date_styles: frozenset[str], epoch: datetime) -> None:
        self._strings, self._date_styles, self._epoch = strings, date_styles, epoch
        self._columns: dict[str, int] = {}
        self._rows: list[tuple[int, list[str] | None]] = []
        self._cells: list[str] = []
        self._number = 0
        self._column = -1
        self._kind = self._style = self._value = ""
        self._is_value = False

    def take_rows(self) -> list[tuple[int, list[str] | None]]:
        """Return the rows completed since the last call."""
        rows, self._rows = self._rows, []
        return rows

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name if ":" not in name else _local(name)
        if local == "c":
            self._value = ""
            self._kind = attributes.get("t", "n")
            self._style = attributes.get("s", "")
            reference = attributes.get("r")
            self._column = self._column + 1 if reference is None else self._column_of(reference)
        elif local in {"v", "t"}:
            self._is_value = True
        elif local == "row":
            self._cells, self._column = [], -1
            self._number = max(self._number + 1, int(attributes.get("r", 0)))

    def text(self, data: str) -> None:
        if self._is_value and len(self._value) <= CELL_CHARS_MAX:
            self._value += data

    def end(self, name: str) -> None:
        local = name if ":" not in name else _local(name)
        if local in {"v", "t"}:
            self._is_value = False
        elif local == "c":
            if self._value:
                self._place(self._cell_text())
        elif local == "row" and self._cells:
            self._rows.append((self._number, self._cells))

    def _column_of(self, reference: str) -> int:
        letters = reference.rstrip("0123456789")
        column = self._columns.get(letters)
        if column is None:
            if not _CELL_REFERENCE.fullmatch(reference):
                raise WorkbookUnreadable("a cell has no place")
            column = 0
            for letter in letters:
                column = column * 26 + ord(letter) - 64
            column -= 1
            self._columns[letters] = column
        return column

    def _place(self, text: str) -> None:
        column, cells = self._column, self._cells
        if column == len(cells):
            cells.append(text)
            return
        if column >= COLUMNS_MAX:
            raise ColumnLimit
        if column > len(cells):
            cells.extend([""] * (column - len(cells)))
            cells.append(text)
        else:
            cells[column] = text

    def _cell_text(self) -> str:
        kind, value = self._kind, self._value
        if kind == "s":
            number = int(value)
            return self._strings[number] if 0 <= number < len(self._strings) else ""
        if kind in {"inlineStr", "str", "e", "d"}:
            return _unescape(value)
        if kind == "b":
            return "TRUE" if value.strip() == "1" else "FALSE"
        if self._style in self._date_styles:
            return self._date_text(value)
        return _number_text(value)

    def _date_text(self, value: str) -> str:
        try:
            moment = self._epoch + timedelta(days=round(float(value) * 86_400) / 86_400)
        except (ValueError, OverflowError):
            return value
        is_midnight = moment.hour == moment.minute == moment.second == 0
        return moment.date().isoformat() if is_midnight else moment.replace(microsecond=0).isoformat(sep=" ")


def _number_text(value: str) -> str:
    """Return a number as a person would read it: ``4.915112345678E+12`` is a phone number."""
    if value.isdigit():
        return value
    try:
        number = float(value)
    except ValueError:
        return value
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else value


def _unescape(text: str) -> str:
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text
