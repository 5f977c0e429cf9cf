"""The day of return in seven languages, counted from Monday, 23 November 2026."""

from datetime import date

import pytest

from domain.replies.return_dates import find_return_date
from domain.replies.text import fold
from tests.domain.replies.samples import RECEIVED_ON


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("I'll be back on December 5th, 2026.", date(2026, 12, 5)),
        ("Returning 2026-12-05", date(2026, 12, 5)),
        ("I will return to the office on Monday.", date(2026, 11, 30)),
        ("back tomorrow", date(2026, 11, 24)),
        ("I'm back next week", date(2026, 11, 30)),
        ("away until 3 Jan", date(2027, 1, 3)),
        ("out of office from 20 Nov to 4 Dec", date(2026, 12, 4)),
        ("out until 4 December and back on 7 December", date(2026, 12, 7)),
        ("I am out of the office until 12/05.", date(2026, 12, 5)),
        ("ich bin ab dem 1.12. wieder erreichbar", date(2026, 12, 1)),
        ("bis einschließlich 4. Dezember im Urlaub", date(2026, 12, 4)),
        ("vom 23.11. bis zum 27.11.2026 abwesend", date(2026, 11, 27)),
        ("am Montag, den 30. November wieder im Büro", date(2026, 11, 30)),
        ("de retour le lundi 7 décembre", date(2026, 12, 7)),
        ("absent du 23 au 27 novembre 2026", date(2026, 11, 27)),
        ("de vacaciones del 23 al 30 de noviembre", date(2026, 11, 30)),
        ("jusqu'au 02/12/2026", date(2026, 12, 2)),
        ("hasta el 4 de diciembre", date(2026, 12, 4)),
        ("Regreso el lunes", date(2026, 11, 30)),
        ("rientrerò il 9 dicembre", date(2026, 12, 9)),
        ("in ferie fino al 4/12", date(2026, 12, 4)),
        ("afwezig tot en met 4 december", date(2026, 12, 4)),
        ("vanaf 7 december weer aanwezig", date(2026, 12, 7)),
        ("volto no dia 7 de dezembro", date(2026, 12, 7)),
        ("ausente até 04/12/2026", date(2026, 12, 4)),
    ],
)
def test_the_named_day_is_found(text: str, day: date) -> None:
    found = find_return_date(fold(text).text, received_on=RECEIVED_ON)

    assert found is not None
    assert found.day == day


@pytest.mark.parametrize(
    "text",
    [
        "I am out of the office.",
        "I was away until 3 November 2026.",
        "back on 31 February",
        "back on 5 December 2031",
        "Our fair is on 5 December.",
        "call +49 30 12.12.12 back",
        "",
    ],
)
def test_no_day_is_found_where_none_is_named(text: str) -> None:
    assert find_return_date(fold(text).text, received_on=RECEIVED_ON) is None
