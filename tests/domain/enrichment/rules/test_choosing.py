from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.enrichment.rules.choosing import Candidate, agreed_confidence, choose_current, merge_confidence

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def candidate(
    value: str, confidence: float, *, origin: str = "a", days: int = 0, pinned: bool = False
) -> Candidate:
    observed = NOW - timedelta(days=days)
    return Candidate(value=value, origin=origin, confidence=confidence, observed_at=observed, pinned=pinned)


def test_independent_sources_add_up_but_never_to_certainty() -> None:
    assert merge_confidence([]) == 0
    assert merge_confidence([0.6]) == pytest.approx(0.6)
    assert merge_confidence([0.6, 0.5]) == pytest.approx(0.8)
    assert merge_confidence([0.99, 0.99, 1.0]) == 0.99


def test_one_origin_counts_once_at_its_best() -> None:
    twice = [candidate("CTO", 0.6), candidate("CTO", 0.5)]
    assert agreed_confidence(twice) == pytest.approx(0.6)
    assert agreed_confidence([*twice, candidate("CTO", 0.5, origin="b")]) == pytest.approx(0.8)


def test_an_edit_beats_every_source_and_the_later_edit_the_earlier() -> None:
    old, new = candidate("CEO", 0.1, days=9, pinned=True), candidate("COO", 0.1, days=3, pinned=True)
    assert choose_current([candidate("CTO", 0.99), new, old]) == new


def test_agreement_beats_one_louder_voice() -> None:
    loud = candidate("CEO", 0.7, origin="c")
    agreed = [candidate("CTO", 0.6, origin="a", days=5), candidate("cto ", 0.55, origin="b")]
    assert choose_current([loud, *agreed]) == agreed[1]


def test_of_equally_sure_values_the_freshest_wins() -> None:
    fresh = candidate("CTO", 0.6, days=1)
    assert choose_current([candidate("CEO", 0.6, days=40), fresh]) == fresh


def test_without_candidates_there_is_no_value() -> None:
    assert choose_current([]) is None


@settings(max_examples=100)
@given(
    st.lists(
        st.builds(
            candidate,
            st.sampled_from(["CTO", "cto", "CEO"]),
            st.sampled_from([0.3, 0.6, 0.9]),
            origin=st.sampled_from("ab"),
            days=st.integers(0, 3),
            pinned=st.booleans(),
        ),
        min_size=1,
        max_size=6,
    ),
    st.randoms(),
)
def test_the_choice_doesnt_depend_on_the_order(candidates: list[Candidate], chance: object) -> None:
    chosen = choose_current(candidates)
    shuffled = candidates[:]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    assert choose_current(shuffled) == chosen
    assert chosen is not None
    assert chosen.pinned == any(each.pinned for each in candidates)
