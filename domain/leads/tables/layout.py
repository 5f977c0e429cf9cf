"""Where the table begins and ends inside a file: titles above the header, totals and notices below."""

import re
from collections.abc import Sequence
from typing import Final

from domain.leads.tables.errors import COLUMNS_MAX, ColumnLimit, FileEmpty, HeaderMissing
from domain.leads.vocabulary import recognise_header

HEADER_SEARCH_ROWS: Final = 40

_FOOTER: Final = re.compile(
    r"""(?:grand\ |sub)?totals?\b
    | (?:total\ )?(?:record|row|lead|contact)s?(?:\ count)?\s*: | (?:report\ )?generated\ (?:by|on)\b
    | exported\ (?:by|on|from)\b | copyright\b | ©
    | \(c\)\ ?\d{4} | confidential\b | all\ rights\ reserved | as\ of\ \d
    | filtered\ by\b | filters?: | end\ of\ (?:report|file) | page\ \d+\ (?:of|/)\ \d+
    | \d+\ (?:records?|rows?|contacts?|leads?)\b.{0,20}$
    | gesamt(?:summe|ergebnis)\b | erstellt\ (?:von|am)\b | vertraulich\b | total\ général | totales?\b""",
    re.IGNORECASE | re.VERBOSE,
)
_DATA: Final = re.compile(
    r"[^@\s]+@[^@\s]+\.[a-z]{2,}|https?://|\+?[\d\s().-]{7,}$|linkedin\.com/", re.IGNORECASE
)


def find_header(records: Sequence[tuple[int, list[str]]]) -> int:
    """Return the position in ``records`` of the row that names the columns.

    It is the row with the most names known from real exports; without any known name, the first row
    of full width that looks like names and not like data.

    Raises:
        FileEmpty: no cell holds anything.
        HeaderMissing: the first full row is data already.
        ColumnLimit: the header is wider than 500 columns.
    """
    filled = [sum(1 for cell in cells if cell.strip()) for _, cells in records]
    if not any(filled):
        raise FileEmpty
    known = [sum(1 for cell in cells[:COLUMNS_MAX] if recognise_header(cell)) for _, cells in records]
    best = max(range(len(records)), key=lambda position: (known[position], -position))
    if known[best] == 0 or (known[best] == 1 and filled[best] > 3):
        width = max(filled)
        best = next(position for position, count in enumerate(filled) if count >= max(1, width / 2))
    header = records[best][1]
    if len(header) > COLUMNS_MAX:
        raise ColumnLimit
    if any(_DATA.match(cell.strip()) for cell in header):
        raise HeaderMissing
    return best


def is_footer(cells: Sequence[str]) -> bool:
    """Return whether a row below the table is a total or a notice of the program that made the report."""
    filled = [cell for cell in cells if cell and not cell.isspace()]
    return len(filled) <= 2 and bool(filled) and _FOOTER.match(filled[0].strip().lstrip("\ufeff")) is not None
