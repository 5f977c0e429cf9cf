import tracemalloc
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from domain.leads.tables import (
    ColumnLimit,
    Table,
    UnpackedSizeLimit,
    WorkbookUnreadable,
    open_table,
    workbooks,
)

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "leads.csv"  # the name lies; the content decides


def rows_of(table: Table) -> list[tuple[int, list[str] | None]]:
    return [(index, cells) for index, cells, _ in table.records()]


def write_parts(path: Path, *, sheet: str, strings: str = "", method: int = zipfile.ZIP_DEFLATED) -> None:
    """Write the least a workbook needs, with whatever the test puts into it."""
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook {MAIN} xmlns:r="{RELATIONS}"><sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
        archive.writestr("xl/sharedStrings.xml", f"<sst {MAIN}>{strings}</sst>")


def test_a_workbook_reads_as_its_program_shows_it(path: Path) -> None:
    book = Workbook()
    book.active.title = "Hidden"
    book.active.sheet_state = "hidden"
    sheet = book.create_sheet("Contacts")
    sheet.append(["Exported leads"])
    sheet.append([])
    sheet.append(["Email", "First Name", "Employees", "Opted Out", "Since", "Seen", "Score", "Formula"])
    sheet.append(
        [
            "zoe@example.com",
            "Zoë\nM.",
            350,
            True,
            date(2026, 3, 1),
            datetime.fromisoformat("2026-03-01T09:30"),
            0.5,
            "=1+1",
        ]
    )
    sheet.append([])
    sheet.append(["b@example.com", None, 4915112345678, False, None, None, 1e3, "#N/A"])
    sheet.append(["Copyright (c) 2026 Example"])
    book.save(path)

    table = open_table(path)

    assert table.format.kind == "XLSX"
    assert (table.header_index, table.headers[:2]) == (3, ("Email", "First Name"))
    assert rows_of(table) == [
        (4, ["zoe@example.com", "Zoë\nM.", "350", "TRUE", "2026-03-01", "2026-03-01 09:30:00", "0.5", ""]),
        (6, ["b@example.com", "", "4915112345678", "FALSE", "", "", "1000", "#N/A"]),
    ]
    assert table.footer_rows == 1
    assert table.fraction_read == 1.0


def test_prefixed_names_inline_text_and_phonetics_are_understood(path: Path) -> None:
    write_parts(
        path,
        sheet=f'<x:worksheet xmlns:x="{MAIN[7:-1]}"><x:sheetData><x:row r="1"><x:c t="s"><x:v>0</x:v></x:c></x:row>'
        '<x:row r="2"><x:c t="inlineStr"><x:is><x:t>a@example.com</x:t></x:is></x:c><x:c r="C2"><x:v>4.9E+3</x:v></x:c></x:row>'
        "</x:sheetData></x:worksheet>",
        strings="<si><r><t>E</t></r><r><t>mail_x0020_</t></r><rPh><t>phonetic</t></rPh></si>",
    )
    table = open_table(path)
    assert table.headers == ("Email",)
    assert rows_of(table) == [(2, ["a@example.com", "", "4900"])]


def test_a_far_away_cell_costs_no_memory(path: Path) -> None:
    write_parts(
        path,
        sheet=f'<worksheet {MAIN}><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>Email</t></is></c></row>'
        '<row r="1000000"><c r="SF1000000"><v>1</v></c></row></sheetData></worksheet>',
    )
    tracemalloc.start()
    rows = rows_of(open_table(path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [(index, len(cells or [])) for index, cells in rows] == [(1_000_000, 500)]
    assert peak < 20_000_000


def test_a_text_that_every_cell_uses_is_not_copied(path: Path) -> None:
    cells = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>1</v></c></row>' for row in range(2, 5000))
    write_parts(
        path,
        sheet=f'<worksheet {MAIN}><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row>{cells}</sheetData></worksheet>',
        strings=f"<si><t>Email</t></si><si><t>{'x' * 32_000}</t></si>",
    )
    tracemalloc.start()
    count = sum(1 for _ in open_table(path).records())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 4998
    assert peak < 30_000_000


def test_a_column_beyond_the_limit_is_refused(path: Path) -> None:
    write_parts(
        path,
        sheet=f'<worksheet {MAIN}><sheetData><row r="1"><c r="XFD1"><v>1</v></c></row></sheetData></worksheet>',
    )
    with pytest.raises(ColumnLimit):
        open_table(path)


def test_a_bomb_is_refused_before_it_is_unpacked(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "UNPACKED_BYTES_MAX", 1_000_000)
    write_parts(path, sheet=f"<worksheet {MAIN}>" + " " * 5_000_000 + "<sheetData/></worksheet>")
    assert path.stat().st_size < 10_000
    with pytest.raises(UnpackedSizeLimit):
        open_table(path)


@pytest.mark.parametrize(
    "sheet",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><worksheet><sheetData><row><c><v>&b;</v></c></row></sheetData></worksheet>',
        "<worksheet><sheetData><row r='1'><c r='A1'><v>1</v></c>",
        "<worksheet><sheetData><row r='x'><c><v>1</v></c></row></sheetData></worksheet>",
        "<worksheet><sheetData><row><c r='?'><v>1</v></c></row></sheetData></worksheet>",
        "<worksheet><sheetData><row><c t='s'><v>x</v></c></row></sheetData></worksheet>",
        "<worksheet " + "a" * 5_000_000 + "='1'/>",
        "no xml",
        "",
    ],
)
def test_a_hostile_or_damaged_sheet_is_refused(path: Path, sheet: str) -> None:
    write_parts(path, sheet=sheet)
    with pytest.raises(WorkbookUnreadable):
        open_table(path)


def test_damaged_archives_are_refused(path: Path) -> None:
    book = Workbook()
    book.active.append(["Email"])
    book.active.append(["a@example.com"])
    book.save(path)
    whole = path.read_bytes()
    for content in (
        whole[:-30],
        whole[: len(whole) // 2],
        b"PK\x03\x04",
        whole.replace(b"xl/workbook.xml", b"xl/workbooq.xml"),
    ):
        path.write_bytes(content)
        with pytest.raises(WorkbookUnreadable):
            open_table(path)
    broken = bytearray(whole)
    for position in range(60, len(broken) - 400, 7):
        broken[position] ^= 0x55
    path.write_bytes(bytes(broken))
    with pytest.raises(WorkbookUnreadable):
        open_table(path)
