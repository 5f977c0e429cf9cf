"""What a client may send and use up, and what a document is known by."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.api_clients.rules import (
    CLIENT_STATES,
    DOCUMENT_STATES,
    ClientState,
    DocumentState,
    check_expiry,
    check_limits,
    parse_document_id,
)
from domain.errors import Invalid

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
DIGITS = "0123456789abcdef" * 4
C, D = ClientState, DocumentState


@pytest.mark.parametrize("text", [DIGITS, f"sha256:{DIGITS}", DIGITS.upper(), f"SHA256:{DIGITS.upper()}"])
def test_an_id_is_stored_in_one_spelling(text: str) -> None:
    assert parse_document_id(text) == f"sha256:{DIGITS}"


@pytest.mark.parametrize(
    "text",
    [
        *("", "sha256:", DIGITS[:-1], f"{DIGITS}0", f"{DIGITS}\n", f" {DIGITS}", f"md5:{DIGITS}"),
        *(f"sha256:sha256:{DIGITS}", DIGITS.replace("f", "g"), DIGITS.replace("0", "٠"), "GetMessages"),
    ],
)
def test_other_forms_are_no_ids(text: str) -> None:
    assert parse_document_id(text) is None


@given(st.text())
def test_whatever_is_taken_for_an_id_is_taken_for_the_same_again(text: str) -> None:
    found = parse_document_id(text)
    assert found is None or parse_document_id(found) == found


@pytest.mark.parametrize(
    "limits",
    [
        {},
        {"points_max": 1, "points_per_s": 1_000_000},
        {"points_max": 1_000_000, "points_per_s": 1, "subscriptions_max": 0},
        {"subscriptions_max": 200},
    ],
)
def test_limits_that_make_sense(limits: dict[str, int]) -> None:
    check_limits(**(dict.fromkeys(("points_max", "points_per_s", "subscriptions_max")) | limits))


@pytest.mark.parametrize(
    ("limits", "field"),
    [
        ({"points_max": 1}, "pointsMax"),
        ({"points_per_s": 1}, "pointsMax"),
        ({"points_max": 0, "points_per_s": 1}, "pointsMax"),
        ({"points_max": 1, "points_per_s": 1_000_001}, "pointsPerS"),
        ({"subscriptions_max": 201}, "subscriptionsMax"),
        ({"subscriptions_max": -1}, "subscriptionsMax"),
    ],
)
def test_limits_that_make_none(limits: dict[str, int], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_limits(**(dict.fromkeys(("points_max", "points_per_s", "subscriptions_max")) | limits))
    assert refused.value.field == (field,)


def test_an_expiry_is_ahead_or_there_is_none() -> None:
    check_expiry(None, now=NOW)
    check_expiry(NOW + timedelta(microseconds=1), now=NOW)
    with pytest.raises(Invalid):
        check_expiry(NOW, now=NOW)


def test_the_moves_of_a_client_and_of_a_document() -> None:
    assert [CLIENT_STATES.after(state) for state in C] == [
        {C.SUSPENDED, C.REVOKED},
        {C.ACTIVE, C.REVOKED},
        set(),
    ]
    assert [DOCUMENT_STATES.after(state) for state in D] == [{D.ACTIVE, D.DISABLED}, {D.DISABLED}, {D.ACTIVE}]
