import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.leads.normalising import clean_cells, clean_note, clean_text, has_control_characters


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Ada  Lovelace ", "Ada Lovelace"),
        ("Ada\u00a0Lovelace", "Ada Lovelace"),
        ("Ada\r\nLovelace", "Ada Lovelace"),
        ("Ada\u200b Lovelace\ufeff", "Ada Lovelace"),
        ("\u202eecalevoL", "ecalevoL"),
        ("ａｄａ＠ｅｘａｍｐｌｅ．ｃｏｍ", "ada@example.com"),
        ("Cafe\u0301", "Café"),
        ("AT&amp;T", "AT&T"),
        ("R&D", "R&D"),
        ("AT&amp;amp;T", "AT&T"),
        ("Ada\x00\x07", "Ada"),
        ("'+49 30 123", "+49 30 123"),
        ('="00123"', "00123"),
        ("=1+1", "=1+1"),
        ("'n Sync", "'n Sync"),
        ("\ud800x", "\ufffdx"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("a\u200db", "ab"),
    ],
)
def test_a_cell_is_cleaned(text: str, expected: str) -> None:
    assert clean_text(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "#N/A",
        "n/a",
        "N/A",
        "-",
        "null",
        "NULL",
        "None",
        "Unknown",
        "  -  ",
        "(blank)",
        "#REF!",
        "\u200b",
        "undefined",
    ],
)
def test_what_stands_for_nothing_is_empty(text: str) -> None:
    assert clean_text(text) == ""


def test_notes_keep_their_lines() -> None:
    assert clean_note(" met at fair \r\nlikes  tea\rcall \x07back ") == "met at fair\nlikes tea\ncall back"


def test_control_characters_are_told_from_line_ends() -> None:
    assert has_control_characters("a\x07b")
    assert has_control_characters("a\x00")
    assert not has_control_characters("a\tb\r\nc\u00a0d")


_CELLS = st.text(st.one_of(st.characters(), st.sampled_from("&;#amp'=\" \u00a0３ｱ\u0301")), max_size=20)


@given(_CELLS)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once
    assert not has_control_characters(once)
    assert "\x00" not in once
    once.encode()


@given(st.lists(_CELLS, max_size=6))
def test_a_row_is_cleaned_as_its_cells_are(cells: list[str]) -> None:
    assert clean_cells(cells, "".join(cells)) == [clean_text(cell) for cell in cells]
