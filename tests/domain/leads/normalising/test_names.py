import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.leads.normalising import fold_name, split_full_name, tidy_person_name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ada", "Ada"),
        ("ADA", "ADA"),
        ("LOVELACE", "Lovelace"),
        ("ada", "Ada"),
        ("O'BRIEN", "O'Brien"),
        ("jean-luc", "Jean-Luc"),
        ("MCDONALD", "McDonald"),
        ("VAN DER BERG", "Van der Berg"),
        ("MacLeod", "MacLeod"),
        ("Dr. Ada", "Ada"),
        ("Prof. Dr. Ada", "Ada"),
        ("Lovelace, PhD, MBA", "Lovelace"),
        ("Ada 🚀", "Ada"),
        ("William (Bill)", "William"),
        ("Ada (She/Her)", "Ada"),
        ("李", "李"),
        ("ada@example.com", None),
        ("https://x.com", None),
        ("12345", None),
        ("🚀", None),
        ("", None),
        ("x" * 201, None),
    ],
)
def test_a_name_is_fit_for_a_greeting(text: str, expected: str | None) -> None:
    assert tidy_person_name(text) == expected


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("Ada Lovelace", "Ada", "Lovelace"),
        ("Lovelace, Ada", "Ada", "Lovelace"),
        ("Ada King Lovelace", "Ada King", "Lovelace"),
        ("Ada M. Lovelace", "Ada", "Lovelace"),
        ("Vincent van der Berg", "Vincent", "van der Berg"),
        ("Dr. Martin Luther King Jr.", "Martin Luther", "King Jr."),
        ("Ada", "Ada", None),
        ("Ada Lovelace, PhD", "Ada", "Lovelace"),
        ("ADA LOVELACE", "Ada", "Lovelace"),
        ("van Gogh", "van", "Gogh"),
        ("info@example.com", None, None),
    ],
)
def test_a_full_name_is_split(text: str, first: str | None, last: str | None) -> None:
    assert split_full_name(text) == (first, last)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("José García", "JOSE GARCIA"),
        ("Søren", "Soren"),
        ("Weiß", "Weiss"),
        ("O'Brien", "OBrien"),
        ("Łukasz", "lukasz"),
        ("Zoë ", "zoe"),
    ],
)
def test_folding_makes_spellings_equal(one: str, other: str) -> None:
    assert fold_name(one) == fold_name(other)


def test_folding_keeps_different_names_apart() -> None:
    assert fold_name("Anna Maria") != fold_name("Annamaria")
    assert fold_name("李娜") != fold_name("李明")


@given(st.text(max_size=40))
@example("{A}0")
def test_folding_and_tidying_twice_change_nothing(text: str) -> None:
    assert fold_name(fold_name(text)) == fold_name(text)
    tidy = tidy_person_name(text)
    if tidy is not None:
        assert tidy_person_name(tidy) == tidy
