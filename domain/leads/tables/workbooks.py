"""XLSX workbooks, read as a stream.

A native reader builds the rectangle a sheet spans before it gives a row away: two cells in a file of
2 KB took it 3 GB, and a shared text used by every cell is copied for each. Here a row is forgotten as
soon as it was yielded, nothing outside the first visible sheet is unpacked, and sizes are bounded by
what the archive's directory declares, beyond which ``zipfile`` doesn't read.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Final

from domain.leads.tables.errors import UNPACKED_BYTES_MAX, UnpackedSizeLimit, WorkbookUnreadable
from domain.leads.tables.sheets import SharedStrings, SheetRows, local_name, parse_xml

_SMALL_PART_BYTES_MAX: Final = 1 << 24
_STRINGS_BYTES_MAX: Final = 1 << 28
_BUILT_IN_DATES: Final = frozenset(
    {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
)  # ECMA-376 §18.8.30
_NOT_IN_FORMAT: Final = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')


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
        sheet = SheetRows(self._strings, self._date_styles, self._epoch)
        for _ in parse_xml(stream, sheet.start, sheet.end, sheet.text):
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


def _elements(book: Workbook, part: str) -> list[tuple[str, dict[str, str]]]:
    found: list[tuple[str, dict[str, str]]] = []
    with book.part(part) as stream:
        for _ in parse_xml(stream, lambda name, attributes: found.append((local_name(name), attributes))):
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
    handlers = SharedStrings()
    with book.part(part, bytes_max=_STRINGS_BYTES_MAX) as stream:
        for _ in parse_xml(stream, handlers.start, handlers.end, handlers.text):
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
