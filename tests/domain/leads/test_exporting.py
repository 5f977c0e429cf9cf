import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.leads.columns import ColumnChoice, validate_mapping
from domain.leads.exporting import BOM, escape_cell, render_rows
from domain.leads.normalising import clean_text
from domain.leads.outcomes import LeadRow
from domain.leads.tables import open_table
from domain.leads.vocabulary import LeadField
from tests.steps.rows import read_rows


@pytest.mark.parametrize("text", ["=1+1", "+49 30", "-1", "@SUM(A1)", "\tx", "\rx", '=cmd|"/c calc"!A1'])
def test_what_could_run_as_a_formula_is_prefixed(text: str) -> None:
    assert escape_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Ada", "a=b", " =1", "'=1", "1-2", "ada@example.com"])
def test_everything_else_is_left_alone(text: str) -> None:
    assert escape_cell(text) == text


def test_rows_are_rendered_as_rfc_4180() -> None:
    rows: list[list[object]] = [["a,b", 'say "hi"', None, True, 7], ["line\nbreak", "=1", "", False, -7]]
    assert list(render_rows(rows)) == ['"a,b","say ""hi""",,true,7\r\n', '"line\nbreak",\'=1,,false,-7\r\n']


def test_rows_are_rendered_only_as_they_are_taken() -> None:
    rows = iter([[1], [2], [3]])
    assert next(render_rows(rows)) == "1\r\n"
    assert list(rows) == [[2], [3]]


_VALUES = st.text(max_size=20).map(clean_text)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(st.tuples(_VALUES, _VALUES), min_size=1, max_size=5))
def test_what_is_exported_comes_back_on_import(tmp_path: Path, values: list[tuple[str, str]]) -> None:
    headers = ("Email", "Title", "Tag")
    rows = [[f"person{number}@example.com", title, tag] for number, (title, tag) in enumerate(values)]
    path = tmp_path / "export.csv"
    path.write_text(BOM + "".join(render_rows([headers, *rows])), encoding="utf-8", newline="")

    table = open_table(path)
    mapping = validate_mapping(
        headers, [ColumnChoice(0, LeadField.EMAIL), ColumnChoice(1, LeadField.TITLE), ColumnChoice(2)]
    )
    leads = [row for row in read_rows(table.records(), mapping) if isinstance(row, LeadRow)]

    assert [[row.email, row.title or "", row.custom.get("Tag", "")] for row in leads] == rows


@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=10), min_size=1, max_size=4
        ),
        max_size=4,
    )
)
def test_no_rendered_cell_starts_a_formula(rows: list[list[str]]) -> None:
    for cells in csv.reader(io.StringIO("".join(render_rows(rows)), newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)
