"""Deprecations: they say what to use and until when, and leave half a year."""

from datetime import date

import pytest

from operations.deprecations import deprecation_faults

TODAY = date(2026, 3, 1)
BEFORE = "type Query { lead: Int  person(id: ID, key: ID): Int }"


def _deprecating(reason: str) -> str:
    return BEFORE.replace("lead: Int", f'lead: Int @deprecated(reason: "{reason}")')


@pytest.mark.parametrize("removal", ["2026-08-30", "2027-01-01"])
def test_half_a_year_is_enough(removal: str) -> None:
    after = _deprecating(f"Use person. Removal {removal}")
    assert deprecation_faults(BEFORE, after, today=TODAY) == []


def test_less_is_too_late() -> None:
    after = _deprecating("Use person. Removal 2026-08-29")
    assert deprecation_faults(BEFORE, after, today=TODAY) == [
        "Query.lead: may go on 2026-08-30 at the earliest"
    ]


def test_one_that_stood_there_keeps_its_day() -> None:
    known = _deprecating("Use person. Removal 2026-03-02")
    assert deprecation_faults(known, known, today=TODAY) == []
    sooner = _deprecating("Use person. Removal 2026-03-01")
    assert len(deprecation_faults(known, sooner, today=TODAY)) == 1


@pytest.mark.parametrize(
    "reason", ["Old.", "Use person.", "Use person. Removal 2026-02-30", "Removal 2027-01-01"]
)
def test_a_reason_says_what_to_use_and_when_it_goes(reason: str) -> None:
    faults = deprecation_faults(BEFORE, _deprecating(reason), today=TODAY)
    assert faults == [f'Query.lead: the reason must read "Use X. Removal YYYY-MM-DD", not "{reason}"']


def test_arguments_input_fields_and_enum_values_are_looked_at_too() -> None:
    after = """
        type Query { lead: Int  person(id: ID, key: ID @deprecated(reason: "No.")): Int }
        input Where { name: Int @deprecated(reason: "No.") }
        enum Status { OLD @deprecated(reason: "No.") }
    """
    assert [fault.partition(": ")[0] for fault in deprecation_faults(BEFORE, after, today=TODAY)] == [
        "Query.person(key:)",
        "Where.name",
        "Status.OLD",
    ]
