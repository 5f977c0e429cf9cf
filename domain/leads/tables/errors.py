"""What can be wrong with a file as a whole; what is wrong with one row is a ``RowError``."""

from typing import Final

from domain.errors import Invalid, LimitReached

COLUMNS_MAX: Final = 500
ROWS_MAX: Final = 1_000_000
CELL_CHARS_MAX: Final = 32_767  # what a cell of a spreadsheet program can hold
RECORD_CHARS_MAX: Final = 4_000_000
UNPACKED_BYTES_MAX: Final = 1_073_741_824


class FileUnsupported(Invalid):
    """The file is neither a text table nor an XLSX workbook."""

    code = "FILE_UNSUPPORTED"

    def __init__(self, why: str) -> None:
        super().__init__(f"{why}; upload a CSV or XLSX file", field=("file",))


class FileEmpty(Invalid):
    """The file has no cell with anything in it."""

    code = "FILE_EMPTY"

    def __init__(self) -> None:
        super().__init__("the file is empty", field=("file",))


class HeaderMissing(Invalid):
    """No row of the file names the columns."""

    code = "HEADER_MISSING"

    def __init__(self) -> None:
        super().__init__("the file has no row with column names", field=("file",))


class EncodingUnreadable(Invalid):
    """The text doesn't fit the encoding that was asked for, or no encoding at all."""

    code = "ENCODING_UNREADABLE"

    def __init__(self, why: str) -> None:
        super().__init__(f"{why}; save the file as UTF-8", field=("file",))


class WorkbookUnreadable(Invalid):
    """The workbook is damaged, protected by a password or not what it claims to be."""

    code = "WORKBOOK_UNREADABLE"

    def __init__(self, why: str) -> None:
        super().__init__(f"the workbook can't be read: {why}", field=("file",))


class ColumnLimit(LimitReached):
    """The table is wider than any real one."""

    code = "COLUMN_LIMIT"

    def __init__(self) -> None:
        super().__init__(f"the table has more than {COLUMNS_MAX} columns", field=("file",))


class RowLimit(LimitReached):
    """The table is longer than one import may be."""

    code = "ROW_LIMIT"

    def __init__(self) -> None:
        super().__init__(f"the table has more than {ROWS_MAX} rows; split the file", field=("file",))


class RecordTooLong(LimitReached):
    """One line, or one record with its quoted lines, is longer than any real one."""

    code = "RECORD_TOO_LONG"

    def __init__(self) -> None:
        super().__init__(
            f"a row has more than {RECORD_CHARS_MAX} characters; is a quote left open?", field=("file",)
        )


class UnpackedSizeLimit(LimitReached):
    """A small file that unpacks to a huge one."""

    code = "UNPACKED_SIZE_LIMIT"

    def __init__(self) -> None:
        super().__init__(f"the workbook unpacks to more than {UNPACKED_BYTES_MAX >> 20} MiB", field=("file",))
