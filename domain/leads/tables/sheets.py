"""The XML of a sheet, event by event: rows of text come out, nothing else is kept."""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import IO, Final
from xml.parsers import expat

from domain.leads.tables.errors import CELL_CHARS_MAX, COLUMNS_MAX, ColumnLimit, WorkbookUnreadable

_CHUNK_BYTES: Final = 1 << 16
_TOKEN_BYTES_MAX: Final = 1 << 22
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_CELL_REFERENCE: Final = re.compile(r"([A-Z]{1,3})\d{1,7}")

StartHandler = Callable[[str, dict[str, str]], None]
EndHandler = Callable[[str], None]
TextHandler = Callable[[str], None]


def parse_xml(
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


def local_name(name: str) -> str:
    """Return an element's name without its namespace prefix."""
    return name.rpartition(":")[2]


class SharedStrings:
    """Collects the texts that cells refer to by number."""

    def __init__(self) -> None:
        self.strings: list[str] = []
        self._pieces: list[str] = []
        self._is_text = False
        self._is_phonetic = False

    def start(self, name: str, _: dict[str, str]) -> None:
        """Begin an element."""
        local = local_name(name)
        if local == "si":
            self._pieces = []
        elif local == "rPh":  # how to pronounce a Japanese text, not part of it
            self._is_phonetic = True
        elif local == "t":
            self._is_text = not self._is_phonetic

    def text(self, data: str) -> None:
        """Take a piece of text."""
        if self._is_text:
            self._pieces.append(data)

    def end(self, name: str) -> None:
        """End an element."""
        local = local_name(name)
        if local == "t":
            self._is_text = False
        elif local == "rPh":
            self._is_phonetic = False
        elif local == "si":
            self.strings.append(_unescape("".join(self._pieces)))


class SheetRows:
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
        """Begin an element."""
        local = name if ":" not in name else local_name(name)
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
        """Take a piece of text."""
        if self._is_value and len(self._value) <= CELL_CHARS_MAX:
            self._value += data

    def end(self, name: str) -> None:
        """End an element."""
        local = name if ":" not in name else local_name(name)
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
