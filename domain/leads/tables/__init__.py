"""Reading uploaded tables row by row, whatever program and country they come from."""

from domain.leads.tables.errors import (
    ColumnLimit,
    EncodingUnreadable,
    FileEmpty,
    FileUnsupported,
    HeaderMissing,
    RecordTooLong,
    RowLimit,
    UnpackedSizeLimit,
    WorkbookUnreadable,
)
from domain.leads.tables.reading import Record, Table, TableFormat, open_table

__all__ = [
    "ColumnLimit",
    "EncodingUnreadable",
    "FileEmpty",
    "FileUnsupported",
    "HeaderMissing",
    "Record",
    "RecordTooLong",
    "RowLimit",
    "Table",
    "TableFormat",
    "UnpackedSizeLimit",
    "WorkbookUnreadable",
    "open_table",
]
