"""Writing leads to CSV so that every spreadsheet program shows them and none runs them."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

BOM: Final = "\ufeff"
"""To be written first: without it Excel takes UTF-8 for the machine's old code page."""

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def escape_cell(text: str) -> str:
    """Return ``text``, with an apostrophe before it if a spreadsheet program might run it as a formula.

    Reading a file with ``rows.py`` takes the apostrophe off again. Source: OWASP, CSV injection.
    """
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def render_rows(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield one CSV line (RFC 4180, CRLF) per row; ``None`` is an empty cell, booleans are true and false.

    Streams: each row is rendered when it is asked for.
    """
    line = _Line()
    writer = csv.writer(line, lineterminator="\r\n")
    for row in rows:
        writer.writerow([_cell_text(value) for value in row])
        yield line.text


class _Line:
    """The last line the writer wrote."""

    text = ""

    def write(self, text: str) -> None:
        self.text = text


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape_cell(value) if isinstance(value, str) else str(value)
