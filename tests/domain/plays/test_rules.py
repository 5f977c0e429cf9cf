from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.plays.rules import (
    PLAY_STATES,
    Budget,
    PlayNotReady,
    PlayReadiness,
    PlayState,
    can_launch,
    require_ready,
)

S = PlayState
READY = {
    "has_active_profile": True,
    "has_approved_sequence": True,
    "has_usable_sender": True,
    "has_source": True,
    "has_postal_address": True,
}


def test_exactly_these_moves_are_allowed() -> None:
    assert {(a, b) for a in S for b in S if PLAY_STATES.allows(a, b)} == {
        *((S.DRAFT, b) for b in (S.READY, S.ARCHIVED)),
        *((S.READY, b) for b in (S.ACTIVE, S.DRAFT, S.ARCHIVED)),
        *((S.ACTIVE, b) for b in (S.PAUSED, S.ARCHIVED)),
        *((S.PAUSED, b) for b in (S.ACTIVE, S.ARCHIVED)),
    }


def test_only_ready_and_active_plays_are_launched() -> None:
    assert [state for state in S if can_launch(state)] == [S.READY, S.ACTIVE]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"max_credits": 0, "max_leads": 1}, "maxCredits"),
        ({"max_credits": -5, "max_leads": 1}, "maxCredits"),
        ({"max_credits": 2**53 + 1, "max_leads": 1}, "maxCredits"),
        ({"max_credits": 1, "max_leads": 0}, "maxLeads"),
        ({"max_credits": 1, "max_leads": 100_001}, "maxLeads"),
    ],
)
def test_a_budget_out_of_range_is_refused(values: dict[str, int], field: str) -> None:
    with pytest.raises(Invalid) as error:
        Budget(**values)

    assert error.value.field == ("budget", field)


def test_a_play_with_everything_is_ready() -> None:
    require_ready(PlayReadiness(**READY))


@settings(max_examples=40)
@given(missing=st.sets(st.sampled_from(sorted(READY)), min_size=1))
def test_a_play_says_everything_it_lacks_at_once(missing: set[str]) -> None:
    values: dict[str, Any] = {name: name not in missing for name in READY}

    with pytest.raises(PlayNotReady) as error:
        require_ready(PlayReadiness(**values))

    assert len(error.value.missing) == len(missing)
    assert all(sentence in error.value.message for sentence in error.value.missing)
