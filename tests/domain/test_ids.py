"""Ids tell when they were made, and sort by it."""

import time

import pytest

from domain import ids
from domain.ids import new_id

NOW_NS = 1_780_000_000_123_456_789


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time stands still, and nothing was made so far."""
    monkeypatch.setattr(time, "time_ns", lambda: NOW_NS)
    monkeypatch.setattr(ids, "_clock", ids._Clock())


def test_an_id_is_a_version_7_of_its_millisecond_and_fraction() -> None:
    made = new_id()
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == NOW_NS // 1_000_000
    assert made.int >> 64 & 0xFFF == 456_789 * 4096 // 1_000_000


def test_ids_sort_by_creation_whatever_the_clock_does(monkeypatch: pytest.MonkeyPatch) -> None:
    made = [new_id() for _ in range(5_000)]  # more than fit a millisecond
    monkeypatch.setattr(time, "time_ns", lambda: NOW_NS - 3_600_000_000_000)
    made += [new_id() for _ in range(3)]
    monkeypatch.setattr(time, "time_ns", lambda: NOW_NS + 1_000_000_000)
    made.append(new_id())
    assert made == sorted(made)
    assert made[-1].int >> 80 == NOW_NS // 1_000_000 + 1_000


def test_two_processes_make_different_ids_in_the_same_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    one = new_id()
    monkeypatch.setattr(ids, "_clock", ids._Clock())
    other = new_id()
    assert one.int >> 64 == other.int >> 64
    assert one != other
