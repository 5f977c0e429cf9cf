"""Whole files in the manner of other programs, against the counts their generator knows."""

from collections import Counter
from pathlib import Path

import pytest

from domain.leads.outcomes import LeadRow, RowError
from domain.leads.tables import open_table
from simulators.lead_files import Expected, Style, make_lead_file
from tests.steps.rows import read_rows, suggested_mapping


def import_counts(path: Path) -> Expected:
    table = open_table(path)
    mapping = suggested_mapping(table.headers, table.samples)
    rows = list(read_rows(table.records(), mapping))
    leads = [row for row in rows if isinstance(row, LeadRow)]
    seen: set[str] = set()
    duplicates = 0
    for row in leads:
        keys = {key for key in (row.email_identity, row.linkedin_key, row.name_company_key) if key}
        duplicates += not keys.isdisjoint(seen)
        seen |= keys
    return Expected(
        records=len(rows),
        leads=len(leads),
        duplicates=duplicates,
        opted_out=sum(row.opt_out for row in leads),
        opted_out_phone=sum(row.opt_out_phone for row in leads),
        footer_rows=table.footer_rows,
        dropped=dict(Counter(row.code for row in rows if isinstance(row, RowError))),
        warned=dict(Counter(warning.code for row in leads for warning in row.warnings)),
    )


@pytest.mark.parametrize("style", Style)
@pytest.mark.parametrize(("rows", "seed"), [(200, 1), (200, 2), (3000, 3)])
def test_an_export_comes_to_exactly_the_counts_that_are_in_it(
    tmp_path: Path, style: Style, rows: int, seed: int
) -> None:
    file = make_lead_file(style=style, rows=rows, seed=seed)
    path = tmp_path / file.name
    path.write_bytes(file.content)

    assert import_counts(path) == file.expected
    assert file.expected.records == rows
    assert open_table(path).headers == file.headers


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    one = make_lead_file(style=Style.APOLLO, rows=200, seed=5)
    assert make_lead_file(style=Style.APOLLO, rows=200, seed=5) == one
    assert make_lead_file(style=Style.APOLLO, rows=200, seed=6).content != one.content


def test_a_large_file_holds_every_kind_of_trouble() -> None:
    expected = make_lead_file(style=Style.SALESFORCE, rows=3000, seed=3).expected
    assert expected.dropped.keys() == {"EMAIL_INVALID", "NO_IDENTITY", "ROW_MISALIGNED"}
    assert expected.warned.keys() == {"EMAIL_MULTIPLE", "PHONE_INVALID"}
    assert min(expected.duplicates, expected.opted_out, expected.opted_out_phone, expected.footer_rows) > 0
