"""Automatic persisted queries are bounded, and strangers have a shelf of their own."""

from domain.ids import new_id
from resolvers.automatic_queries import KEPT_MAX, STRANGERS_BYTES_MAX, STRANGERS_KEPT_MAX, AutomaticQueries


def test_a_text_is_found_by_whoever_kept_it_alone() -> None:
    kept, mine, other = AutomaticQueries(), new_id(), new_id()
    kept.keep(mine, "a", "{ a }")
    assert kept.find(mine, "a") == "{ a }"
    assert kept.find(other, "a") is None
    assert kept.find(None, "a") is None


def test_the_text_used_longest_ago_goes_first() -> None:
    kept, mine = AutomaticQueries(), new_id()
    for number in range(KEPT_MAX):
        kept.keep(mine, str(number), "{ a }")
    assert kept.find(mine, "0") == "{ a }"
    kept.keep(mine, "one more", "{ a }")
    assert kept.find(mine, "0") == "{ a }"
    assert kept.find(mine, "1") is None


def test_strangers_keep_little_and_push_nobody_else_s_texts_out() -> None:
    kept, mine = AutomaticQueries(), new_id()
    kept.keep(mine, "a", "{ a }")
    for number in range(STRANGERS_KEPT_MAX + 1):
        kept.keep(None, str(number), "{ a }")
    assert kept.find(None, "0") is None
    assert kept.find(None, "1") == "{ a }"
    kept.keep(None, "long", "x" * STRANGERS_BYTES_MAX)
    assert kept.find(None, "1") is None
    assert kept.find(None, "long") is not None
    assert kept.find(mine, "a") == "{ a }"


def test_a_text_that_is_kept_again_takes_no_more_room() -> None:
    kept = AutomaticQueries()
    for _ in range(5):
        kept.keep(None, "a", "x" * (STRANGERS_BYTES_MAX // 2))
    kept.keep(None, "b", "x" * (STRANGERS_BYTES_MAX // 2))
    assert kept.find(None, "a") is not None
    kept.keep(None, "c", "x")
    assert kept.find(None, "b") is None
